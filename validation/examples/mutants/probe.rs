//! Every oracle under one fault, in a process of its own: a wrong model may panic, or never come to an end.

use std::collections::BTreeSet;
use std::fmt;
use std::io::Read as _;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::process::{Command, Stdio};
use std::thread::sleep;
use std::time::Duration;

use sim_core::rng::Seed;
use validation::oracle;
use validation::report::Verdict;

use crate::{switch, traces};

/// Between two looks at a running process.
const PAUSE: Duration = Duration::from_millis(20);
/// Looks before it is ended: two minutes, where a right model takes seconds.
const LOOKS: u32 = 6_000;
/// The seed of `sim validate oracles`.
const SEED: Seed = Seed(1);

/// Who noticed a fault.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Outcome {
    /// Names of the oracles that fail, with a mark where it is not their own comparison that does.
    pub(crate) oracles: Vec<String>,
    /// Names of the behaviours and rules that traces break.
    pub(crate) traces: BTreeSet<String>,
    /// The model did not come to an end.
    pub(crate) is_endless: bool,
}

impl Outcome {
    pub(crate) fn is_caught(&self) -> bool {
        self.is_endless || !self.oracles.is_empty() || !self.traces.is_empty()
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let endless = self.is_endless.then(|| String::from("does not end"));
        let all = self.oracles.iter().chain(&self.traces).chain(&endless);
        let all: Vec<&str> = all.map(String::as_str).collect();
        f.write_str(if all.is_empty() { "SURVIVES" } else { "noticed by " })?;
        f.write_str(&all.join(", "))
    }
}

/// Marks of an oracle in an [`Outcome`].
pub(crate) const INVARIANT: &str = "*";
pub(crate) const PANIC: &str = "†";

/// In the process of one fault: prints who notices it, one a line, each as soon as it is known.
pub(crate) fn examine(number: &str) -> Result<bool, String> {
    let number = number.parse().map_err(|_| format!("{number}: no number of a fault"))?;
    switch::turn_on(number);
    std::panic::set_hook(Box::new(|_| {}));
    for oracle in oracle::all() {
        match catch_unwind(AssertUnwindSafe(|| oracle.examine_apart(SEED))) {
            Err(_) => println!("{ORACLE}{}{PANIC}", oracle.name),
            Ok((finding, _)) if finding.verdict == Verdict::Failed => println!("{ORACLE}{}", oracle.name),
            Ok((_, broken)) if !broken.is_empty() => println!("{ORACLE}{}{INVARIANT}", oracle.name),
            Ok(_) => {}
        }
    }
    for index in 0..traces::COUNT {
        match catch_unwind(|| traces::broken(index, SEED)) {
            Err(_) => println!("an assertion of the model"),
            Ok(names) => names.into_iter().for_each(|name| println!("{name}")),
        }
    }
    Ok(true)
}

/// Before the name of an oracle, where those of behaviours and rules stand alone.
const ORACLE: &str = "oracle ";

/// Starts the process of one fault and waits for it.
pub(crate) fn run(program: &Path, number: u32) -> Result<Outcome, String> {
    let failed = |error: std::io::Error| format!("{}: {error}", program.display());
    let mut child = Command::new(program)
        .args(["probe", &number.to_string()])
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .map_err(failed)?;
    let mut status = None;
    for _ in 0..LOOKS {
        status = child.try_wait().map_err(failed)?;
        if status.is_some() {
            break;
        }
        sleep(PAUSE);
    }
    if status.is_none() {
        child.kill().map_err(failed)?;
        child.wait().map_err(failed)?;
    }
    let mut text = String::new();
    let stdout = child.stdout.as_mut().expect("it is piped");
    stdout.read_to_string(&mut text).map_err(failed)?;
    if status.is_some_and(|status| !status.success()) {
        return Err(format!("the process of fault {number} ended with an error"));
    }
    let mut outcome = Outcome {
        is_endless: status.is_none(),
        ..Outcome::default()
    };
    for line in text.lines() {
        match line.strip_prefix(ORACLE) {
            Some(name) => outcome.oracles.push(name.into()),
            None => _ = outcome.traces.insert(line.into()),
        }
    }
    Ok(outcome)
}
