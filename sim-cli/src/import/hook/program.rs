//! What one program does with its arguments.

use sim_core::time::SimDuration;

use super::super::shell::base_name;
use super::expand::{Expanded, Variables};
use super::{FOREVER, GUESS, Hook, Sure, files, signal, sleep};

/// Programs that the shell itself contains.
pub(super) const BUILTINS: [&str; 34] = [
    ":", ".", "[", "[[", "alias", "break", "cd", "command", "continue", "echo", "eval", "exec", "exit", "export",
    "false", "kill", "let", "local", "printf", "pwd", "read", "return", "set", "shift", "shopt", "source", "test",
    "trap", "true", "type", "ulimit", "umask", "unset", "wait",
];

/// Programs that return at once, as far as a drain is concerned.
const QUICK: [&str; 42] = [
    "awk",
    "cat",
    "chmod",
    "chown",
    "cp",
    "cut",
    "date",
    "dirname",
    "env",
    "find",
    "grep",
    "egrep",
    "head",
    "hostname",
    "id",
    "install",
    "ln",
    "ls",
    "mkdir",
    "mv",
    "nginx",
    "openresty",
    "pgrep",
    "pidof",
    "ps",
    "rm",
    "rmdir",
    "sed",
    "seq",
    "sort",
    "sync",
    "tail",
    "tee",
    "touch",
    "tr",
    "truncate",
    "uniq",
    "unlink",
    "wc",
    "which",
    "xargs",
    "logger",
];

/// A program that is no wrapper and no shell.
pub(super) fn of_program(program: &str, arguments: &[&str], by_shell: bool, variables: &mut Variables) -> Hook {
    let name = base_name(program);
    if !by_shell && let Some(reason) = mistake(program, arguments) {
        let mut hook = Hook {
            fails: Some(reason),
            ..Hook::nothing()
        };
        hook.needs(name);
        return hook;
    }
    let arguments: Vec<String> = arguments.iter().map(|&argument| argument.to_owned()).collect();
    let mut hook = time_of(program, name, &arguments, by_shell, variables);
    if signal::stops(name, &arguments) {
        hook.stops_server = true;
    }
    for file in files::changed(name, &arguments) {
        files::note(&mut hook, files::verb(name), file);
    }
    if matches!(name, "curl" | "wget" | "http" | "https" | "nc" | "ncat")
        || sleep::inline_code(name, &arguments).is_some()
    {
        ask(&mut hook, &arguments);
    }
    if hook.stops_server {
        hook.stopped_by = Some(
            std::iter::once(program)
                .chain(arguments.iter().map(String::as_str))
                .collect::<Vec<_>>()
                .join(" "),
        );
        hook.duration = SimDuration::ZERO;
        hook.sure = Sure::Read;
    }
    if !(by_shell && BUILTINS.contains(&name)) {
        hook.needs(name);
    }
    if name == "xargs"
        && let Some(inner) = arguments
            .iter()
            .find(|argument| !argument.starts_with('-') && !argument.chars().all(|next| next.is_ascii_digit()))
    {
        hook.needs(base_name(inner));
    }
    hook
}

/// Why words that no shell reads cannot be started, if they cannot.
fn mistake(program: &str, arguments: &[&str]) -> Option<String> {
    if program.contains(' ') {
        return Some(format!(
            "`{program}` is one word and so taken for the name of a program; there is no shell to split it"
        ));
    }
    if BUILTINS.contains(&program)
        && !matches!(
            program,
            "[" | "echo" | "false" | "kill" | "printf" | "pwd" | "test" | "true"
        )
    {
        return Some(format!("`{program}` is part of a shell, and there is no shell"));
    }
    let operators = ["&&", "||", ";", "|", "&"];
    let operator = arguments
        .iter()
        .find(|argument| operators.contains(argument) || argument.ends_with(';'));
    if let Some(operator) = operator
        && program.rsplit('/').next() == Some("sleep")
    {
        return Some(format!("`sleep` refuses `{operator}`: there is no shell to read it"));
    }
    None
}

/// How long a program takes.
fn time_of(program: &str, name: &str, arguments: &[String], by_shell: bool, variables: &Variables) -> Hook {
    if name == "sleep" || name == "usleep" {
        return slept(name, arguments, by_shell, variables);
    }
    if let Some(code) = sleep::inline_code(name, arguments) {
        return match sleep::of_code(code) {
            Some(time) if time.is_zero() => {
                Hook::guessed(time, format!("how long the code of `{name}` takes is not known"))
            }
            Some(time) if !code.contains("for ") && !code.contains("while ") => Hook::takes(time),
            Some(_) => Hook::guessed(GUESS, format!("the code of `{name}` has a loop; 5 s are taken")),
            None => Hook::guessed(
                GUESS,
                format!("how long the code of `{name}` sleeps cannot be read; 5 s are taken"),
            ),
        };
    }
    match name {
        "tail"
            if arguments
                .iter()
                .any(|argument| matches!(argument.as_str(), "-f" | "-F")) =>
        {
            Hook::takes(FOREVER)
        }
        _ if QUICK.contains(&name) || BUILTINS.contains(&name) => Hook::nothing(),
        _ if signal::stops(name, arguments) => Hook::nothing(),
        "curl" | "wget" => Hook::guessed(
            SimDuration::ZERO,
            format!("`{name}` is taken to get its answer at once"),
        ),
        _ if [".sh", ".py", ".pl", ".rb", ".js"]
            .iter()
            .any(|ending| name.ends_with(ending))
            || ["prestop", "pre-stop", "pre_stop", "drain"]
                .iter()
                .any(|part| name.to_ascii_lowercase().contains(part)) =>
        {
            Hook::guessed(
                GUESS,
                format!("what `{program}` does is not in the manifest; 5 s are taken"),
            )
        }
        _ => match arguments.iter().find(|argument| {
            [".sh", ".py", ".js", ".rb", ".pl"]
                .iter()
                .any(|ending| argument.ends_with(ending))
        }) {
            Some(file) if name.starts_with("python") || matches!(name, "node" | "ruby" | "perl") => Hook::guessed(
                GUESS,
                format!("what the file `{file}` does is not in the manifest; 5 s are taken"),
            ),
            _ => Hook::guessed(SimDuration::ZERO, format!("`{program}` is taken to return at once")),
        },
    }
}

/// `sleep`, with its variables.
fn slept(name: &str, arguments: &[String], by_shell: bool, variables: &Variables) -> Hook {
    let mut words = Vec::new();
    let mut defaulted = None;
    for argument in arguments {
        // Without a shell nothing is replaced, and `sleep` refuses the dollar sign.
        match if by_shell {
            variables.expand(argument)
        } else {
            Expanded::Known(argument.clone())
        } {
            Expanded::Known(word) => words.extend(word.split_whitespace().map(str::to_owned)),
            Expanded::Default(word, variable) => {
                words.push(word);
                defaulted = Some(variable);
            }
            Expanded::Unknown(variable) => {
                return Hook::guessed(GUESS, format!("`{variable}` is not known here; 5 s are taken"));
            }
        }
    }
    let time = match name {
        "usleep" => words
            .first()
            .and_then(|word| word.parse::<u64>().ok())
            .map(|us| SimDuration::from_ns(us.saturating_mul(1_000))),
        _ => sleep::sum(&words),
    };
    match (time, defaulted) {
        (Some(time), None) => Hook::takes(time),
        (Some(time), Some(variable)) => Hook::guessed(
            time,
            format!("`{variable}` is not set in the manifest; its default is taken"),
        ),
        (None, _) => Hook {
            fails: Some(format!("`{name}` refuses `{}`", arguments.join(" "))),
            ..Hook::nothing()
        },
    }
}

/// A request that asks a server to stop or to fail its health page.
fn ask(hook: &mut Hook, arguments: &[String]) {
    let urls = || {
        arguments
            .iter()
            .flat_map(|argument| argument.split(['\'', '"', ' ', ')']))
            .filter(|word| word.contains('/') && !word.starts_with('-'))
    };
    if urls().any(signal::stopping_url) {
        hook.stops_server = true;
    }
    if let Some(url) = urls().find(|url| signal::failing_url(url))
        && hook.fails_health.is_none()
    {
        hook.fails_health = Some(format!("it asks for `{url}`"));
    }
}
