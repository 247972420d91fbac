//! What one command does, with all that stands in front of the program.

use sim_core::time::SimDuration;

use super::super::shell::{Command, base_name, is_shell, wrapper};
use super::expand::Variables;
use super::program::{BUILTINS, of_program};
use super::{GUESS, Hook, Sure, files, hook_of, sleep};

/// What a command of a script does.
pub(super) fn of_command(command: &Command, variables: &mut Variables, depth: u32) -> Hook {
    let words: Vec<&str> = command.words.iter().map(String::as_str).collect();
    let mut hook = Hook::nothing();
    for (name, value) in &command.assignments {
        variables.assign(name, value);
    }
    // `export NAME=value`, `local NAME=value`.
    if let [program, assignments @ ..] = &words[..]
        && matches!(*program, "export" | "local" | "readonly" | "declare")
    {
        for (name, value) in assignments.iter().filter_map(|word| word.split_once('=')) {
            variables.assign(name, value);
        }
    }
    if !words.is_empty() {
        hook = of_words(&words, true, variables, depth);
    }
    for file in &command.writes {
        files::note(&mut hook, "writes", file);
    }
    // What `$(…)` runs is needed as well.
    for substitution in words.iter().skip(1).filter_map(|word| word.split_once("$(")) {
        let inner = substitution
            .1
            .trim_start_matches('(')
            .split([' ', ')'])
            .next()
            .unwrap_or_default();
        if inner
            .chars()
            .all(|next| next.is_ascii_alphanumeric() || "-_./".contains(next))
            && inner.contains(|next: char| next.is_ascii_alphabetic())
            && !BUILTINS.contains(&inner)
        {
            hook.needs(base_name(inner));
        }
    }
    hook
}

/// What a list of words does when it is started, by a shell or as it stands.
pub(super) fn of_words(words: &[&str], by_shell: bool, variables: &mut Variables, depth: u32) -> Hook {
    let wrapped = wrapper::peel(words);
    let limit = wrapped.timeout.filter(|_| wrapped.wrappers.contains(&"timeout"));
    let mut hook = match wrapped.rest.split_first() {
        // Behind a wrapper stands a program of its own, perhaps a shell or another wrapper.
        Some((program, _)) if !wrapped.wrappers.is_empty() && (limit.is_some() || is_shell(base_name(program))) => {
            let mut inner = hook_of(&wrapped.rest, variables, depth + 1);
            if let Some(limit) = limit.and_then(sleep::one) {
                cap(&mut inner, limit, program);
            }
            inner
        }
        Some((program, arguments)) if is_shell(base_name(program)) => {
            of_shell(program, arguments, words, variables, depth)
        }
        Some((program, arguments)) => of_program(program, arguments, by_shell, variables),
        None => Hook {
            fails: Some("the command is empty".to_owned()),
            ..Hook::nothing()
        },
    };
    let inner = std::mem::take(&mut hook.programs);
    for program in wrapped.wrappers.iter().filter(|wrapper| **wrapper != "command") {
        hook.needs(program);
    }
    for program in &inner {
        hook.needs(program);
    }
    hook
}

/// Cuts a hook at the limit that `timeout` sets.
fn cap(hook: &mut Hook, limit: SimDuration, program: &str) {
    if hook.duration > limit {
        hook.duration = limit;
        if hook.stops_server {
            hook.stops_server = false;
            hook.stopped_by = None;
            hook.sleeps_after_stop = SimDuration::ZERO;
        }
    } else if matches!(hook.sure, Sure::Guess(_)) && hook.duration.is_zero() && !hook.stops_server {
        // Who sets a limit expects the program to take some time.
        hook.duration = GUESS.min(limit);
        hook.sure = Sure::Guess(format!(
            "`{program}` ends after {limit} at the latest; how much it takes is not known"
        ));
    }
}

/// A shell inside a shell, or one that reads a file.
fn of_shell(program: &str, arguments: &[&str], words: &[&str], variables: &mut Variables, depth: u32) -> Hook {
    if super::super::shell::split(words).by_shell() {
        return hook_of(words, variables, depth + 1);
    }
    let mut hook = match arguments.iter().find(|argument| !argument.starts_with('-')) {
        Some(file) if file.contains(' ') => Hook {
            fails: Some(format!(
                "`{program}` takes `{file}` for a file; `-c` is missing before it"
            )),
            ..Hook::nothing()
        },
        Some(file) => Hook::guessed(
            GUESS,
            format!("what the file `{file}` does is not in the manifest; 5 s are taken"),
        ),
        None => Hook::nothing(),
    };
    hook.needs(base_name(program));
    hook
}
