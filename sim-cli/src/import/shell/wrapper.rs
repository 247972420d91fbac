//! Programs that start another program: `tini`, `env`, `timeout`, `gosu` and the like.

use super::base_name;

/// What stands in front of the program that does the work.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Wrapped<'a> {
    /// The program and its arguments.
    pub(crate) rest: Vec<&'a str>,
    /// The small init in front that stays PID 1 and forwards signals (kubernetes §6.1.3).
    pub(crate) init: Option<&'a str>,
    /// The limit that `timeout` sets, as written.
    pub(crate) timeout: Option<&'a str>,
    /// The programs in front, without their directories.
    pub(crate) wrappers: Vec<&'a str>,
}

/// Takes off every wrapper, `timeout` too.
pub(crate) fn peel<'a>(words: &[&'a str]) -> Wrapped<'a> {
    peel_while(words, |_| true)
}

/// Takes off every wrapper that does not change how long the rest takes.
pub(crate) fn peel_for_shell<'a>(words: &[&'a str]) -> Wrapped<'a> {
    peel_while(words, |name| name != "timeout")
}

fn peel_while<'a>(words: &[&'a str], wanted: impl Fn(&str) -> bool) -> Wrapped<'a> {
    let mut wrapped = Wrapped::default();
    let mut rest = words;
    while let Some((&program, arguments)) = rest.split_first() {
        let name = base_name(program);
        let skipped = match name {
            _ if !wanted(name) => None,
            "tini" | "tini-static" | "dumb-init" | "docker-init" | "catatonit" => {
                wrapped.init.get_or_insert(name);
                Some(skip_options(arguments, &["-e", "-p", "-r", "--rewrite"], 0))
            }
            "env" => Some(skip_environment(arguments)),
            "nohup" | "setsid" | "command" | "busybox" => Some(skip_options(arguments, &[], 0)),
            "nice" | "ionice" | "chrt" => Some(skip_options(arguments, &["-n", "-c", "-p"], 0)),
            "stdbuf" => Some(skip_options(arguments, &["-i", "-o", "-e"], 0)),
            "sudo" => Some(skip_options(arguments, &["-u", "-g"], 0)),
            // The user comes first.
            "gosu" | "su-exec" | "setpriv" | "chpst" => Some(skip_options(
                arguments,
                &["-u"],
                usize::from(name == "gosu" || name == "su-exec"),
            )),
            "timeout" => {
                let skipped = skip_options(arguments, &["-k", "-s", "--kill-after", "--signal"], 1);
                // busybox of old wrote `timeout -t 20 command`.
                wrapped.timeout = match arguments.first() {
                    Some(&"-t") => arguments.get(1).copied(),
                    _ => skipped.checked_sub(1).and_then(|last| arguments.get(last)).copied(),
                };
                Some(if arguments.first() == Some(&"-t") { 2 } else { skipped })
            }
            _ => None,
        };
        // A wrapper around nothing is the program itself: `busybox`, `env`.
        let Some(inner) = skipped
            .and_then(|skipped| arguments.get(skipped..))
            .filter(|inner| !inner.is_empty())
        else {
            break;
        };
        wrapped.wrappers.push(name);
        rest = inner;
        // One limit at a time: the caller reads the rest again.
        if name == "timeout" {
            break;
        }
    }
    wrapped.rest = rest.to_vec();
    wrapped
}

/// How many words are options, or the values of those in `with_value`, plus `more` ordinary words.
fn skip_options(arguments: &[&str], with_value: &[&str], more: usize) -> usize {
    let mut at = 0;
    while let Some(&argument) = arguments.get(at) {
        if argument == "--" {
            at += 1;
            break;
        }
        if !argument.starts_with('-') || argument == "-" {
            break;
        }
        at += 1 + usize::from(with_value.contains(&argument));
    }
    at + more
}

/// How many words belong to `env`: its options and assignments.
fn skip_environment(arguments: &[&str]) -> usize {
    let options = skip_options(arguments, &["-u", "-C"], 0);
    let assignments = arguments.get(options..).unwrap_or_default();
    options + assignments.iter().take_while(|word| word.contains('=')).count()
}
