//! The table of the mutation check as a file.

use crate::faults::Fault;
use crate::probe::{INVARIANT, Outcome, PANIC};

/// Where it is, from the root.
pub(crate) const PATH: &str = "validation/MUTANTS.md";

const HEAD: &str = "\
# Would the oracles notice?

Each row is a deliberate fault of the model, tried alone, and the oracles of `sim validate oracles` that fail because of it.
A fault that none notices is a hole in the oracles, and fails this check.
The faults are in `validation/examples/mutants/faults/`; this file is written by

```sh
cargo run --locked -p validation --example mutants
```

which copies the model and the oracles below the target folder, puts a switch at each fault, builds that once, and runs every oracle once per fault.
`--check` compares with this file instead of writing it; names of faults try only those.
Exit status: 0 all were noticed, 1 some were not or this file is old, 2 could not run.

";

/// The whole file.
pub(crate) fn render(outcomes: &[(&Fault, Outcome)]) -> String {
    let mut out = format!(
        "{HEAD}`{INVARIANT}` a checker of the trace noticed in its runs (`sim_core::check`), its own comparison did not; `{PANIC}` the model \
         stopped at an assertion of its own.\n\n| fault | what is wrong | noticed by |\n|---|---|---|\n"
    );
    for (fault, outcome) in outcomes {
        let mut names: Vec<String> = outcome.caught_by.iter().map(|name| quoted(name)).collect();
        if outcome.is_endless {
            names.push(String::from("the time limit: it does not end"));
        }
        if names.is_empty() {
            names.push(String::from("**nobody**"));
        }
        out += &format!("| `{}` | {} | {} |\n", fault.name, fault.breaks, names.join(", "));
    }
    out
}

/// A mark stays outside of the quotes.
fn quoted(name: &str) -> String {
    let bare = name.trim_end_matches([INVARIANT, PANIC].map(|mark| mark.chars().next().expect("a mark")));
    format!("`{bare}`{}", &name[bare.len()..])
}

/// Names of the faults in such a file, in order.
#[cfg(test)]
pub(crate) fn names(text: &str) -> Vec<&str> {
    let rows = text.lines().filter_map(|line| line.strip_prefix("| `"));
    rows.filter_map(|row| row.split_once('`'))
        .map(|(name, _)| name)
        .collect()
}
