//! A progress bar on stderr for runs that take more than a moment, at a terminal only.

use std::io::{self, IsTerminal as _};
use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::printer::Printer;

/// Shorter runs show nothing.
const PATIENCE: Duration = Duration::from_secs(1);

/// Counts replications, and shows the count once the run has taken [`PATIENCE`].
pub(super) struct Progress {
    bar: ProgressBar,
    shower: Option<(Sender<()>, JoinHandle<()>)>,
}

impl Progress {
    /// A bar of `count` replications, not yet shown.
    pub(super) fn start(count: u32, printer: &Printer) -> Self {
        let bar = ProgressBar::with_draw_target(Some(u64::from(count)), ProgressDrawTarget::hidden());
        bar.set_style(
            ProgressStyle::with_template("{elapsed_precise} {bar:40} {pos}/{len} replications")
                .expect("the template is valid"),
        );
        let shower = (printer.shows_progress() && io::stderr().is_terminal()).then(|| {
            let (done, wait) = mpsc::channel::<()>();
            let shown = bar.clone();
            let thread = thread::spawn(move || {
                if wait.recv_timeout(PATIENCE) == Err(RecvTimeoutError::Timeout) {
                    shown.set_draw_target(ProgressDrawTarget::stderr());
                    shown.enable_steady_tick(Duration::from_millis(200));
                }
            });
            (done, thread)
        });
        Self { bar, shower }
    }

    /// One replication more is done.
    pub(super) fn advance(&self) {
        self.bar.inc(1);
    }

    /// Clears the line.
    pub(super) fn finish(self) {
        drop(self);
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        if let Some((done, thread)) = self.shower.take() {
            drop(done);
            // The thread only waits and shows; if it panicked, its message is on stderr already.
            let _ = thread.join();
        }
        self.bar.finish_and_clear();
    }
}
