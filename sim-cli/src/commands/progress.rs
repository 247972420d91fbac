//! A progress bar on stderr for runs that take more than a moment, at a terminal only.

use std::io::{self, IsTerminal as _};
use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::printer::Printer;

/// Shorter runs show nothing.
const PATIENCE: Duration = Duration::from_secs(1);

/// Counts what is done, and shows the count once the run has taken [`PATIENCE`].
pub(crate) struct Progress {
    bar: ProgressBar,
    shower: Option<(Sender<()>, JoinHandle<()>)>,
}

impl Progress {
    /// A bar of `count` of that kind, not yet shown.
    pub(crate) fn start(count: u64, kind: &str, printer: &Printer) -> Self {
        let bar = ProgressBar::with_draw_target(Some(count), ProgressDrawTarget::hidden());
        let template = format!("{{elapsed_precise}} {{bar:40}} {{pos}}/{{len}} {kind}, {{eta}} left");
        bar.set_style(ProgressStyle::with_template(&template).expect("the template is valid"));
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

    /// So many more are done.
    pub(crate) fn advance_by(&self, count: u64) {
        self.bar.inc(count);
    }

    /// Clears the line.
    pub(crate) fn finish(self) {
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
