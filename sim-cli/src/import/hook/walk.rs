//! The way through a script: what runs when, what runs at the same time, and what is left out.

use std::collections::BTreeSet;

use sim_core::time::SimDuration;

use super::super::shell::{Command, Reached, Script, Separator};
use super::expand::Variables;
use super::{FOREVER, GUESS, Hook, Sure, effect};

/// A walk through the commands of a script.
pub(super) struct Walk<'a, 'v> {
    script: &'a Script,
    variables: &'a mut Variables<'v>,
    depth: u32,
    hook: Hook,
    /// How long what runs in the background has kept busy since the last command in the foreground.
    background: SimDuration,
    /// When everything in the background has ended.
    background_end: SimDuration,
    open_loops: BTreeSet<usize>,
}

impl<'a, 'v> Walk<'a, 'v> {
    /// At the start of the script.
    pub(super) fn new(script: &'a Script, variables: &'a mut Variables<'v>, depth: u32) -> Self {
        Self {
            script,
            variables,
            depth,
            hook: Hook::nothing(),
            background: SimDuration::ZERO,
            background_end: SimDuration::ZERO,
            open_loops: BTreeSet::new(),
        }
    }

    /// Goes through it to its end.
    pub(super) fn run(mut self) -> Hook {
        // Commands joined by `|` run together.
        let pipelines = self
            .script
            .commands
            .chunk_by(|_, next| next.joined_by == Separator::Pipe);
        for pipeline in pipelines {
            let Some(first) = pipeline.first() else { continue };
            let effect = self.pipeline(pipeline);
            if first.reached == Reached::Rarely {
                if effect.matters() {
                    self.hook
                        .doubt(|| "what stands behind `||` or in another branch is taken not to run".to_owned());
                }
                continue;
            }
            self.add(first, &effect);
            // Among several commands the last one decides about success, and the time has passed by then.
            if self.script.commands.len() == 1 {
                self.hook.fails.clone_from(&effect.fails);
            }
            // `exec > file` without a program only redirects.
            let ends = (first.exec && !first.words.is_empty())
                || matches!(first.words.first().map(String::as_str), Some("exit" | "return"));
            if ends && first.reached == Reached::Always && first.open_loop.is_none() && !first.background {
                break;
            }
        }
        self.hook.duration = self.hook.duration.min(FOREVER);
        self.hook
    }

    /// What the commands of a pipeline do together.
    fn pipeline(&mut self, commands: &[Command]) -> Hook {
        let mut together = Hook::nothing();
        for command in commands {
            let one = effect::of_command(command, self.variables, self.depth);
            together.fails = together.fails.or_else(|| one.fails.clone());
            together.absorb(&one);
            if let Sure::Guess(reason) = &one.sure {
                together.doubt(|| reason.clone());
            }
            if one.stops_server && !together.stops_server {
                together.stops_server = true;
                together.stopped_by.clone_from(&one.stopped_by);
                together.duration = one.duration;
                together.sleeps_after_stop = one.sleeps_after_stop;
            } else if !together.stops_server {
                together.duration = together.duration.max(one.duration);
            }
        }
        together
    }

    /// Adds what a pipeline does at this point of the script.
    fn add(&mut self, command: &Command, effect: &Hook) {
        self.hook.absorb(effect);
        if effect.matters() && command.reached == Reached::Perhaps && !self.hook.stops_server {
            self.hook
                .doubt(|| "part of the script depends on a test, which is taken to succeed".to_owned());
        }
        if command.words.first().is_some_and(|word| word == "wait") && !self.hook.stops_server {
            self.hook.duration = self.hook.duration.max(self.background_end);
        }
        let rounds = match command.open_loop {
            // Once for the whole loop.
            Some(number) => {
                let first = self.open_loops.insert(number);
                if first {
                    self.loop_of_unknown_length(command.background);
                }
                0
            }
            None => command.times,
        };
        let time = SimDuration::from_ns(effect.duration.as_ns().saturating_mul(rounds)).min(FOREVER);
        if self.hook.stops_server {
            if !command.background {
                let after = time.saturating_add(effect.sleeps_after_stop);
                self.hook.sleeps_after_stop = self.hook.sleeps_after_stop.saturating_add(after).min(FOREVER);
            }
            return;
        }
        let counts = rounds > 0 && !command.background;
        if let Sure::Guess(reason) = &effect.sure
            && (counts || effect.stops_server)
        {
            self.hook.doubt(|| reason.clone());
        }
        let time = if effect.stops_server { effect.duration } else { time };
        if command.background {
            self.background = self.background.saturating_add(time).min(FOREVER);
            let end = self.hook.duration.saturating_add(self.background);
            self.background_end = self.background_end.max(end).min(FOREVER);
            if effect.stops_server {
                self.hook.duration = end.min(FOREVER);
            }
        } else {
            self.background = SimDuration::ZERO;
            self.hook.duration = self.hook.duration.saturating_add(time).min(FOREVER);
        }
        if effect.stops_server {
            self.hook.stops_server = true;
            self.hook.stopped_by.clone_from(&effect.stopped_by);
            self.hook.sleeps_after_stop = effect.sleeps_after_stop;
        }
    }

    fn loop_of_unknown_length(&mut self, background: bool) {
        if self.hook.stops_server {
            return;
        }
        if background {
            self.background = self.background.saturating_add(GUESS);
            let end = self.hook.duration.saturating_add(self.background);
            self.background_end = self.background_end.max(end).min(FOREVER);
            return;
        }
        self.hook.duration = self.hook.duration.saturating_add(GUESS);
        self.hook
            .doubt(|| "how long a loop polls cannot be read; 5 s are taken".to_owned());
    }
}
