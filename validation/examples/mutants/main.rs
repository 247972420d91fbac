//! The mutation check: would the oracles notice if the model were wrong?
//!
//! ```text
//! faults.rs ─► copy of sim-core and validation below the target folder, with a switch at each fault ─► one build
//!                           └─► one process per fault: every oracle, some traces ─► who notices ─► MUTANTS.md
//! ```
//!
//! The model itself knows nothing of this: the switches exist in the copy alone. `validation/MUTANTS.md` says how to run
//! it, and what it found.

#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a tool of the workspace: its table goes to stdout, its progress to stderr"
)]

mod copy;
mod faults;
mod probe;
mod report;
mod switch;
mod traces;

use std::io::IsTerminal as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Mutex;

use faults::Fault;
use probe::Outcome;

const USAGE: &str = "usage: cargo run -p validation --example mutants -- [--check | FAULT...]";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let done = match arguments[..] {
        ["probe", number] => probe::examine(number),
        [] => check_all(false),
        ["--check"] => check_all(true),
        ref names => check_some(names),
    };
    match done {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::from(2)
        }
    }
}

/// Every fault; writes the table, or compares it with the one that is there. Whether all is well.
fn check_all(compare: bool) -> Result<bool, String> {
    let faults: Vec<(u32, &Fault)> = (1..).zip(faults::all()).collect();
    let outcomes = outcomes(&faults)?;
    let all_caught = summarise(&outcomes);
    let path = root().join(report::PATH);
    let text = report::render(&outcomes);
    if !compare {
        std::fs::write(&path, text).map_err(|error| format!("{}: {error}", path.display()))?;
        return Ok(all_caught);
    }
    let is_current = std::fs::read_to_string(&path).is_ok_and(|there| there == text);
    if !is_current {
        eprintln!(
            "{} is not what was found: run this without `--check` and read the diff",
            report::PATH
        );
    }
    Ok(all_caught && is_current)
}

/// Only these faults; the table stays as it is.
fn check_some(names: &[&str]) -> Result<bool, String> {
    let known: Vec<(u32, &Fault)> = (1..).zip(faults::all()).collect();
    let chosen: Result<Vec<(u32, &Fault)>, String> = names
        .iter()
        .map(|name| {
            let found = known.iter().find(|(_, fault)| fault.name == *name).copied();
            found.ok_or_else(|| format!("no fault is called {name}\n{USAGE}"))
        })
        .collect();
    Ok(summarise(&outcomes(&chosen?)?))
}

/// Examines each fault in a process of its own, as many at a time as there are cores.
fn outcomes<'a>(chosen: &[(u32, &'a Fault)]) -> Result<Vec<(&'a Fault, Outcome)>, String> {
    let program = copy::build(&root())?;
    let unchanged = probe::run(&program, 0)?;
    if unchanged.is_caught() {
        return Err(format!("the oracles fail without any fault: {unchanged}"));
    }
    let queue = Mutex::new(chosen.iter().enumerate());
    let done: Mutex<Vec<(usize, Result<Outcome, String>)>> = Mutex::new(Vec::new());
    let work = || {
        loop {
            let next = queue.lock().expect("no worker panics").next();
            let Some((index, (number, fault))) = next else { return };
            let outcome = probe::run(&program, *number);
            if std::io::stderr().is_terminal() {
                eprintln!("{}", fault.name);
            }
            done.lock().expect("no worker panics").push((index, outcome));
        }
    };
    std::thread::scope(|scope| {
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        for _ in 0..cores {
            scope.spawn(work);
        }
    });
    let mut done = done.into_inner().expect("no worker panics");
    done.sort_by_key(|(index, _)| *index);
    let outcomes = chosen.iter().zip(done);
    outcomes
        .map(|((_, fault), (_, outcome))| Ok((*fault, outcome?)))
        .collect()
}

/// Prints who caught what; whether no fault survived.
fn summarise(outcomes: &[(&Fault, Outcome)]) -> bool {
    for (fault, outcome) in outcomes {
        println!("{}: {outcome}", fault.name);
    }
    let survivors = outcomes.iter().filter(|(_, outcome)| !outcome.is_caught()).count();
    println!("{} faults, {survivors} survive", outcomes.len());
    survivors == 0
}

/// The workspace's root.
fn root() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.parent().expect("a crate of the workspace").to_path_buf()
}

#[cfg(test)]
mod tests;
