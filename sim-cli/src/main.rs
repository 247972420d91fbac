//! The binary of [`sim_cli`].

use std::process::ExitCode;

fn main() -> ExitCode {
    sim_cli::main()
}
