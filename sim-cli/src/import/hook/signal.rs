//! Commands that tell a server to stop.

use super::super::shell::base_name;

/// Whether a program with these arguments tells the server to stop.
pub(super) fn stops(program: &str, arguments: &[String]) -> bool {
    let has = |words: &[&str]| arguments.iter().any(|argument| words.contains(&argument.as_str()));
    match program {
        "nginx" | "openresty" => follows(arguments, "-s", &["quit", "stop"]),
        "kill" => kill(arguments),
        "pkill" | "killall" | "killall5" => signal(arguments).0.is_none_or(stopping),
        "xargs" => {
            let inner = arguments
                .iter()
                .position(|word| matches!(base_name(word), "kill" | "pkill" | "killall"));
            inner.is_some_and(|at| signal(&arguments[at + 1..]).0.is_none_or(stopping))
        }
        "apachectl" | "apache2ctl" | "httpd" | "apache2" => has(&["graceful-stop", "stop"]),
        "supervisorctl" => has(&["stop", "shutdown"]),
        "catalina.sh" | "shutdown.sh" => program == "shutdown.sh" || has(&["stop"]),
        "service" | "systemctl" | "rc-service" | "sv" | "pumactl" | "caddy" | "passenger" => has(&["stop", "term"]),
        "pm2" => has(&["stop", "kill", "delete"]),
        "s6-svc" => has(&["-d", "-dx"]),
        "s6-svscanctl" => has(&["-t"]),
        _ => false,
    }
}

/// Whether one of `words` is the value of an option, as `-s quit` or `-squit`.
fn follows(arguments: &[String], option: &str, words: &[&str]) -> bool {
    arguments.iter().enumerate().any(|(at, argument)| {
        argument.strip_prefix(option).is_some_and(|value| match value {
            "" => arguments
                .get(at + 1)
                .is_some_and(|value| words.contains(&value.as_str())),
            value => words.contains(&value),
        })
    })
}

/// `kill`: a stopping signal to PID 1, to everybody, or to a process that is looked up.
fn kill(arguments: &[String]) -> bool {
    let (signal, used) = signal(arguments);
    let targets = arguments.get(used..).unwrap_or_default();
    signal.is_none_or(stopping)
        && targets
            .iter()
            .any(|target| matches!(target.as_str(), "1" | "-1") || target.contains(['$', '`']))
}

/// The signal that the arguments name, and how many of them it takes.
fn signal(arguments: &[String]) -> (Option<&str>, usize) {
    match arguments {
        [option, name, ..] if matches!(option.as_str(), "-s" | "--signal" | "-n") => (Some(name), 2),
        [dashes, ..] if dashes == "--" => (None, 1),
        [option, ..] => match option.strip_prefix("--signal=").or_else(|| option.strip_prefix('-')) {
            Some(name) if is_signal(name) => (Some(name), 1),
            _ => (None, 0),
        },
        [] => (None, 0),
    }
}

/// Whether the text behind a dash is a signal, as opposed to an option such as `-f`.
fn is_signal(name: &str) -> bool {
    name.len() > 1
        && name
            .chars()
            .all(|next| next.is_ascii_uppercase() || next.is_ascii_digit())
        || name.starts_with(|next: char| next.is_ascii_digit())
}

/// Whether a server stops on a signal; `WINCH` is Apache's graceful stop.
fn stopping(signal: &str) -> bool {
    matches!(
        signal.strip_prefix("SIG").unwrap_or(signal),
        "TERM" | "QUIT" | "INT" | "KILL" | "WINCH" | "15" | "3" | "2" | "9" | "28"
    )
}

/// The last part of a URL's path whose name asks a server to stop.
pub(super) fn stopping_url(url: &str) -> bool {
    let path = path_of(url);
    path.split('/')
        .any(|part| matches!(part, "quitquitquit" | "shutdown" | "quit" | "stop" | "terminate"))
}

/// Whether a URL asks a server to drain or to fail its health page.
pub(super) fn failing_url(url: &str) -> bool {
    let path = path_of(url).to_ascii_lowercase();
    let parts = [
        "drain",
        "fail",
        "unhealthy",
        "unready",
        "not-ready",
        "notready",
        "maintenance",
        "lameduck",
        "offline",
        "prestop",
        "pre-stop",
    ];
    parts.iter().any(|part| path.contains(part))
}

/// The path of a URL without its host, query and fragment.
fn path_of(url: &str) -> &str {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    let path = rest.split_once('/').map_or("", |(_, path)| path);
    path.split(['?', '#']).next().unwrap_or_default()
}
