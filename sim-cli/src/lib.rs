//! `sim`: predicts the 502, 503 and 504 responses that users see while pods go away behind an AWS Application Load
//! Balancer.
//!
//! This crate alone reads files, spawns threads and prints. A command returns an `ExitStatus` or an error;
//! what it prints on stdout is data, everything else goes to stderr.
//!
//! A library only so that the fuzzer and the benches reach the importer: [`main`] is the one thing to call.

mod advise;
mod aggregate;
mod args;
mod check;
mod commands;
mod explain;
#[doc(hidden)]
pub mod fuzzing;
mod import;
mod manifest;
mod output;
mod pictures;
mod printer;
mod provenance;
mod report;
mod scenario_file;
mod simulate;
mod sweep;
mod text;

use std::process::ExitCode;

use clap::Parser;

use args::{Cli, Command};
use commands::ExitStatus;
use printer::Printer;

/// The `sim` command: reads the arguments of the process, prints, and returns the exit code.
pub fn main() -> ExitCode {
    let cli = Cli::parse();
    let printer = Printer::new(&cli.global);
    let result = match &cli.command {
        Command::Run(args) => commands::run::run(args, &printer),
        Command::Plot(args) => commands::plot::run(args, &printer),
        Command::Sweep(args) => commands::sweep::run(args, &printer),
        Command::Advise(args) => commands::advise::run(args, &printer),
        Command::Import(args) => commands::import::run(args, &printer),
        Command::Check(args) => commands::check::run(args, &printer),
        Command::Explain(args) => commands::explain::run(args, &printer),
        Command::Validate(args) => commands::validate::run(args, &printer),
        Command::Scenario(args) => commands::scenario::run(args, &printer),
    };
    let status = result.unwrap_or_else(|error| {
        if printer::is_broken_pipe(&error) {
            return ExitStatus::Success;
        }
        printer.error(&error);
        ExitStatus::Error
    });
    ExitCode::from(status)
}
