//! What each subcommand does, one file per command.

use std::process::ExitCode;

use anyhow::Context as _;

pub(crate) mod advise;
pub(crate) mod check;
pub(crate) mod explain;
pub(crate) mod import;
pub(crate) mod plot;
mod progress;
pub(crate) mod run;
pub(crate) mod scenario;
pub(crate) mod sweep;
pub(crate) mod validate;

/// How a command ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ExitStatus {
    /// Done, and everything that was asked to hold held.
    Success,
    /// Done, but a check or a threshold failed.
    Failure,
    /// Could not run: bad usage, bad file, internal error.
    Error,
}

impl From<ExitStatus> for ExitCode {
    fn from(status: ExitStatus) -> Self {
        match status {
            ExitStatus::Success => ExitCode::SUCCESS,
            ExitStatus::Failure => ExitCode::from(1),
            ExitStatus::Error => ExitCode::from(2),
        }
    }
}

/// A pool of that many threads, or of one per core.
fn thread_pool(threads: Option<std::num::NonZeroUsize>) -> anyhow::Result<rayon::ThreadPool> {
    let threads = threads.map_or(0, std::num::NonZeroUsize::get);
    rayon::ThreadPoolBuilder::new()
        .num_threads(threads)
        .build()
        .context("cannot start the threads")
}
