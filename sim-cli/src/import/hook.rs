//! What a preStop hook of the kind `exec` does, read from its words.
//!
//! The kubelet starts the words as they stand, without a shell and without expanding `$(NAME)` (kubernetes §1.3.3);
//! if that fails, SIGTERM follows at once (§1.3.4). A hook that tells the server to stop ends the time in which the
//! server still serves, whatever it does afterwards. What cannot be known is guessed, and says so.

mod effect;
mod expand;
mod files;
pub(crate) mod image;
mod program;
mod signal;
mod sleep;
#[cfg(test)]
mod tests;
mod walk;

pub(crate) use image::image_lacks_programs;

use sim_core::time::SimDuration;

use super::shell;
use expand::Variables;
use walk::Walk;

/// How long a poll or a script of unknown content takes. A guess: nothing in the manifest tells.
const GUESS: SimDuration = SimDuration::from_secs(5);

/// Stands for ever: longer than any grace period, and short enough to add up.
const FOREVER: SimDuration = SimDuration::from_secs(24 * 3_600);

/// How deep shells inside shells are followed.
const MAX_DEPTH: u32 = 8;

/// How many programs of a hook are kept: more are no hook that people write, and each is compared with all others.
const MOST_PROGRAMS: usize = 64;

/// Whether a value stands in the manifest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Sure {
    /// It is read from the words.
    Read,
    /// It is a guess, with the reason in one plain sentence without a full stop.
    Guess(String),
}

/// What a hook does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Hook {
    /// From its start until it returns, or until it tells the server to stop if that comes first. At most a day,
    /// which stands for ever.
    pub(crate) duration: SimDuration,
    /// How sure the duration is.
    pub(crate) sure: Sure,
    /// Whether it tells the server to stop, after `duration`.
    pub(crate) stops_server: bool,
    /// The command that does so.
    pub(crate) stopped_by: Option<String>,
    /// Sleeps that come after the stop and so protect nobody.
    pub(crate) sleeps_after_stop: SimDuration,
    /// Whether it writes, moves or removes files.
    pub(crate) changes_files: bool,
    /// Whether one of them is a source file: an autoreloading server restarts then (published run, mechanism 3).
    pub(crate) changes_source: bool,
    /// Why the health page presumably fails from here on, if it does. Always a guess from names.
    pub(crate) fails_health: Option<String>,
    /// Why the hook fails at once, if it does: SIGTERM follows immediately (kubernetes §1.3.4).
    pub(crate) fails: Option<String>,
    /// The programs that the image must contain, without their directories; the first [`MOST_PROGRAMS`] of them.
    pub(crate) programs: Vec<String>,
}

impl Hook {
    /// A hook that returns at once.
    fn nothing() -> Self {
        Self {
            duration: SimDuration::ZERO,
            sure: Sure::Read,
            stops_server: false,
            stopped_by: None,
            sleeps_after_stop: SimDuration::ZERO,
            changes_files: false,
            changes_source: false,
            fails_health: None,
            fails: None,
            programs: Vec::new(),
        }
    }

    fn takes(duration: SimDuration) -> Self {
        Self {
            duration: duration.min(FOREVER),
            ..Self::nothing()
        }
    }

    fn guessed(duration: SimDuration, reason: String) -> Self {
        Self {
            sure: Sure::Guess(reason),
            ..Self::takes(duration)
        }
    }

    /// Whether anyone would notice if it did not run.
    fn matters(&self) -> bool {
        !self.duration.is_zero() || self.stops_server || self.changes_files || self.fails_health.is_some()
    }

    /// Keeps the first reason: it is the nearest to the start of the hook.
    fn doubt(&mut self, reason: impl FnOnce() -> String) {
        if self.sure == Sure::Read {
            self.sure = Sure::Guess(reason());
        }
    }

    /// Takes over everything but times and the stop.
    fn absorb(&mut self, other: &Hook) {
        self.changes_files |= other.changes_files;
        self.changes_source |= other.changes_source;
        if self.fails_health.is_none() {
            self.fails_health.clone_from(&other.fails_health);
        }
        for program in &other.programs {
            self.needs(program);
        }
    }

    fn needs(&mut self, program: &str) {
        // `$(which nginx) -s quit`: whatever that is.
        let is_known = !program.is_empty() && !program.contains(['$', '`']);
        if is_known && self.programs.len() < MOST_PROGRAMS && !self.programs.iter().any(|known| known == program) {
            self.programs.push(program.to_owned());
        }
    }
}

/// What a preStop `exec` with these words does.
pub(crate) fn read(words: &[&str]) -> Hook {
    read_in(words, &[])
}

/// Like [`read`], with the container's `env` as far as the manifest gives plain values.
pub(crate) fn read_in(words: &[&str], env: &[(&str, &str)]) -> Hook {
    let mut variables = Variables::new(env);
    hook_of(words, &mut variables, 0)
}

/// The hook that a list of words makes, at a depth of shells inside shells.
fn hook_of(words: &[&str], variables: &mut Variables, depth: u32) -> Hook {
    if depth > MAX_DEPTH {
        return Hook::guessed(GUESS, "shells inside shells are followed only so far".to_owned());
    }
    let script = shell::split(words);
    if !script.by_shell() {
        return effect::of_words(words, false, variables, depth);
    }
    let mut hook = Walk::new(&script, variables, depth).run();
    // The shell and what stands before it come first.
    let mut programs = Hook::nothing();
    for program in shell::wrapper::peel_for_shell(words).wrappers {
        programs.needs(program);
    }
    programs.needs(script.shell.as_deref().unwrap_or_default());
    programs.absorb(&hook);
    hook.programs = programs.programs;
    hook
}
