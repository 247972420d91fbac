//! The table of the mutation check as a file.

use crate::faults::Fault;
use crate::probe::{INVARIANT, Outcome, PANIC};

/// Where it is, from the root.
pub(crate) const PATH: &str = "validation/MUTANTS.md";

const HEAD: &str = "\
# Would the oracles notice?

Each row is a deliberate fault of the model, tried alone, and who notices it.
A fault that nobody notices is a hole in the oracles, and fails this check.
The faults are in `validation/examples/mutants/faults/`; this file is written by

```sh
cargo run --locked -p validation --example mutants
```

which copies the model and the oracles below the target folder, puts a switch at each fault, builds that once, and then runs, in a process per fault, every oracle and six scenarios with the latencies of the default profile.
`--check` compares with this file instead of writing it; names of faults try only those.
Exit status: 0 all were noticed, 1 some were not or this file is old, 2 could not run.

The faults lie along the path of a deletion, a registration and a request, where the oracles are.
Autoscalers, node disruptions and address reuse have hand-worked timelines in `sim-core/tests/it/timelines/`, but no oracle and no fault here.

* *oracles*: `sim validate oracles`. `*` its own comparison holds, but a checker of its traces does not (`sim_core::check`); `†` the model stopped at an assertion of its own.
* *behaviours and rules*: of the six traces, by their names in `validation::conformance` and `sim_core::check`.

| fault | what is wrong | oracles | behaviours and rules |
|---|---|---|---|
";

/// The whole file.
pub(crate) fn render(outcomes: &[(&Fault, Outcome)]) -> String {
    let rows = outcomes.iter().map(|(fault, outcome)| {
        let (by_checker, own): (Vec<_>, Vec<_>) = outcome
            .oracles
            .iter()
            .partition(|name| name.ends_with(INVARIANT) && own_count(outcome) > 0);
        let mut oracles: Vec<String> = own.into_iter().map(|name| quoted(name)).collect();
        if !by_checker.is_empty() {
            oracles.push(format!("{} more{INVARIANT}", by_checker.len()));
        }
        let mut traces: Vec<String> = outcome.traces.iter().map(|name| quoted(name)).collect();
        if outcome.is_endless {
            traces.push(String::from("the time limit: it does not end"));
        }
        if !outcome.is_caught() {
            traces.push(String::from(NOBODY));
        }
        let (oracles, traces) = (oracles.join(", "), traces.join(", "));
        format!("| `{}` | {} | {oracles} | {traces} |\n", fault.name, fault.breaks)
    });
    rows.fold(String::from(HEAD), |text, row| text + &row)
}

/// Oracles that notice by their own comparison.
fn own_count(outcome: &Outcome) -> usize {
    let own = outcome.oracles.iter().filter(|name| !name.ends_with(INVARIANT));
    own.count()
}

/// Stands in the row of a fault that survives.
pub(crate) const NOBODY: &str = "**nobody**";

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
