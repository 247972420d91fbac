//! Which stream may speak, and in colour or not.
//!
//! Data goes to stdout, all else to stderr. A reader that closes the pipe early is no error.

use std::io::{self, IsTerminal, Write};

use crate::args::{Color, GlobalArgs};
use crate::scenario_file::LoadError;

/// Writes to the two streams as the global flags ask.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Printer {
    color: Color,
    quiet: bool,
    verbose: bool,
}

impl Printer {
    /// As the flags ask.
    pub(crate) fn new(global: &GlobalArgs) -> Self {
        Self {
            color: global.color,
            quiet: global.quiet,
            verbose: global.verbose,
        }
    }

    /// The same, which speaks of errors only.
    pub(crate) fn quieted(self) -> Self {
        Self { quiet: true, ..self }
    }

    /// Writes data to stdout as it is and flushes it.
    ///
    /// # Errors
    ///
    /// The stream's own; [`is_broken_pipe`] tells the harmless one apart.
    #[expect(clippy::unused_self, reason = "whatever is printed goes through a printer")]
    pub(crate) fn data(&self, text: &str) -> io::Result<()> {
        let mut stdout = io::stdout().lock();
        stdout.write_all(text.as_bytes())?;
        stdout.flush()
    }

    /// Writes one line for people to stderr, unless `--quiet`.
    pub(crate) fn note(&self, text: &str) {
        if !self.quiet {
            stderr_line(text);
        }
    }

    /// Writes one line for people to stderr with `--verbose`.
    pub(crate) fn detail(&self, text: &str) {
        if self.verbose {
            stderr_line(text);
        }
    }

    /// Writes an error to stderr, with the offending lines where it has some.
    pub(crate) fn error(&self, error: &anyhow::Error) {
        let color = self.color_stderr();
        match error.downcast_ref::<LoadError>() {
            Some(load_error) => stderr_line(&load_error.render(color)),
            None if color => stderr_line(&format!("\x1b[1m\x1b[91merror\x1b[0m: {error:#}")),
            None => stderr_line(&format!("error: {error:#}")),
        }
    }

    /// Whether a progress bar is welcome where there is a terminal.
    pub(crate) fn shows_progress(&self) -> bool {
        !self.quiet
    }

    /// Whether stderr takes colour.
    pub(crate) fn color_stderr(&self) -> bool {
        self.color_on(io::stderr().is_terminal())
    }

    /// Whether stdout takes colour.
    pub(crate) fn color_stdout(&self) -> bool {
        self.color_on(io::stdout().is_terminal())
    }

    fn color_on(&self, is_terminal: bool) -> bool {
        match self.color {
            Color::Always => true,
            Color::Never => false,
            // https://no-color.org: any value that is not empty.
            Color::Auto => is_terminal && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty()),
        }
    }
}

/// Whether the error is a reader that went away.
pub(crate) fn is_broken_pipe(error: &anyhow::Error) -> bool {
    error.chain().any(|cause| {
        cause
            .downcast_ref::<io::Error>()
            .is_some_and(|error| error.kind() == io::ErrorKind::BrokenPipe)
    })
}

/// A line on stderr; nobody is left to tell when that fails.
fn stderr_line(text: &str) {
    let mut stderr = io::stderr().lock();
    let _ = writeln!(stderr, "{text}");
}
