use std::fmt::Write as _;

use super::wrapper::peel;
use super::*;

/// The commands of a script on one line each: separator, marks, words.
fn shown(script: &str) -> Vec<String> {
    split(&["sh", "-c", script])
        .commands
        .iter()
        .map(|command| {
            let mut text = match command.joined_by {
                Separator::Then => String::new(),
                Separator::And => "&& ".to_owned(),
                Separator::Or => "|| ".to_owned(),
                Separator::Pipe => "| ".to_owned(),
            };
            if command.exec {
                text.push_str("exec ");
            }
            for (name, value) in &command.assignments {
                let _ = write!(text, "{name}={value} ");
            }
            text.push_str(&command.words.join("·"));
            for file in &command.writes {
                let _ = write!(text, " >{file}");
            }
            if command.background {
                text.push_str(" &");
            }
            match command.reached {
                Reached::Always => {}
                Reached::Perhaps => text.push_str(" ?"),
                Reached::Rarely => text.push_str(" ??"),
            }
            if command.times != 1 {
                let _ = write!(text, " ×{}", command.times);
            }
            if let Some(number) = command.open_loop {
                let _ = write!(text, " loop{number}");
            }
            text
        })
        .collect()
}

#[test]
fn scripts_are_split_at_their_operators() {
    let cases: &[(&str, &[&str])] = &[
        ("sleep 30", &["sleep·30"]),
        ("a; b\nc", &["a", "b", "c"]),
        ("a && b || c | d", &["a", "&& b", "|| c ??", "| d"]),
        ("a & b", &["a &", "b"]),
        ("a && b & c", &["a &", "&& b &", "c"]),
        ("echo 'a; b' \"c && d\" e\\;f", &["echo·a; b·c && d·e;f"]),
        ("a # b; c\nd", &["a", "d"]),
        ("a#b", &["a#b"]),
        ("a \\\n  b", &["a·b"]),
        ("exec gunicorn app", &["exec gunicorn·app"]),
        ("(a; b) & c", &["a &", "b &", "c"]),
        ("{ a; b; } && c", &["a", "b", "&& c"]),
        ("x || { a; b; }; c", &["x", "|| a ??", "b ??", "c"]),
        (
            "kill -QUIT $(cat /run/nginx.pid); b",
            &["kill·-QUIT·$(cat /run/nginx.pid)", "b"],
        ),
        ("kill `pidof a b`", &["kill·`pidof a b`"]),
        ("a > /tmp/x 2>&1; b >> y < z &> w", &["a >/tmp/x", "b >y >w"]),
        ("a > /dev/null 2>/dev/null", &["a"]),
        ("> /tmp/drain", &[" >/tmp/drain"]),
        ("A=1 B='x y' run", &["A=1 B=x y run"]),
        ("D=15; sleep $D", &["D=15 ", "sleep·$D"]),
        (
            "if a; then b; elif c; then d; else e; fi; f",
            &["a", "b ?", "c ??", "d ??", "e ??", "f"],
        ),
        ("[ -f x ] && b; c", &["[·-f·x·]", "&& b ?", "c"]),
        ("[ -f x ] || b", &["[·-f·x·]", "|| b ?"]),
        (
            "case $1 in stop|x) a; b ;; *) c ;; esac; d",
            &["a ?", "b ?", "c ??", "d"],
        ),
        ("for i in $(seq 30); do sleep 1; done; b", &["sleep·1 ×30", "b"]),
        ("for i in {3..5}; do for j in a b; do c; done; done", &["c ×6"]),
        ("for i in 1 2 3\ndo\na\ndone", &["a ×3"]),
        ("for i in $(ls); do a; done", &["a loop0"]),
        ("for ((i=0; i<30; i++)); do a; done; b", &["a loop0", "b"]),
        (
            "for i in 1 2; do a && break; b; done",
            &["a loop0", "&& break loop0", "b loop0"],
        ),
        ("while true; do a; done & wait", &["true & loop0", "a & loop0", "wait"]),
        (
            "until a; do b; done; while c; do d; done",
            &["a loop0", "b loop0", "c loop1", "d loop1"],
        ),
        ("f() { a; }; f; b", &["a", "b"]),
        ("function f { a; }; f", &["a"]),
        ("cat <<EOF > /tmp/x\nnot; a && command\nEOF\nb", &["cat >/tmp/x", "b"]),
        ("! a", &["a"]),
        ("echo if then fi", &["echo·if·then·fi"]),
        ("'if' a", &["if·a"]),
        ("", &[]),
        (";;; & && ||", &[]),
        ("'open", &["open"]),
        ("a $(b", &["a·$(b"]),
        (") } fi done esac", &[]),
    ];
    for (script, expected) in cases {
        assert_eq!(shown(script), *expected, "{script}");
    }
}

#[test]
fn a_shell_is_seen_behind_its_options_and_wrappers() {
    let cases: &[(&[&str], Option<&str>)] = &[
        (&["sh", "-c", "a; b"], Some("sh")),
        (&["/bin/sh", "-c", "a; b"], Some("sh")),
        (&["bash", "-ec", "a; b"], Some("bash")),
        (&["/bin/bash", "-lc", "a; b"], Some("bash")),
        (&["ash", "-xec", "a; b"], Some("ash")),
        (&["bash", "-e", "-c", "a; b"], Some("bash")),
        (&["bash", "-o", "pipefail", "-c", "a; b"], Some("bash")),
        (&["bash", "-euo", "pipefail", "-c", "a; b"], Some("bash")),
        (&["bash", "--norc", "-c", "a; b"], Some("bash")),
        (&["busybox", "sh", "-c", "a; b"], Some("sh")),
        (&["/usr/bin/env", "bash", "-c", "a; b"], Some("bash")),
        (&["tini", "--", "sh", "-c", "a; b"], Some("sh")),
        (&["sh", "/scripts/stop.sh"], None),
        (&["sh"], None),
        (&["sh", "-c"], None),
        (&["a", "-c", "b"], None),
    ];
    for (words, expected) in cases {
        let script = split(words);
        assert_eq!(script.shell.as_deref(), *expected, "{words:?}");
        assert_eq!(script.by_shell(), expected.is_some());
        assert_eq!(
            script.commands.len(),
            if expected.is_some() { 2 } else { 1 },
            "{words:?}"
        );
    }
}

#[test]
fn words_without_a_shell_are_one_command() {
    let script = split(&["sleep", "30 && true"]);
    assert_eq!(script.commands.len(), 1);
    assert_eq!(script.commands[0].words, ["sleep", "30 && true"]);
    assert!(split::<&str>(&[]).commands.is_empty());
}

#[test]
fn control_flow_is_marked() {
    for script in [
        "if a; then b; fi",
        "while a; do b; done",
        "for i in 1; do a; done",
        "case x in *) a;; esac",
        "f() { a; }",
    ] {
        assert!(split(&["sh", "-c", script]).has_control_flow, "{script}");
    }
    for script in ["a; b", "(a; b)", "{ a; }", "echo if"] {
        assert!(!split(&["sh", "-c", script]).has_control_flow, "{script}");
    }
}

#[test]
fn wrappers_come_off_one_after_the_other() {
    // The words, what is left, the init, the limit.
    type Case<'a> = (&'a [&'a str], &'a [&'a str], Option<&'a str>, Option<&'a str>);
    let cases: &[Case] = &[
        (&["tini", "--", "a", "b"], &["a", "b"], Some("tini"), None),
        (
            &["/sbin/tini", "-g", "-e", "143", "--", "a"],
            &["a"],
            Some("tini"),
            None,
        ),
        (&["dumb-init", "a"], &["a"], Some("dumb-init"), None),
        (
            &["docker-init", "env", "X=1", "Y=2", "a", "b=c"],
            &["a", "b=c"],
            Some("docker-init"),
            None,
        ),
        (&["su-exec", "user", "a"], &["a"], None, None),
        (&["gosu", "1000", "nohup", "a"], &["a"], None, None),
        (&["timeout", "20", "a", "b"], &["a", "b"], None, Some("20")),
        (
            &["timeout", "-k", "5", "-s", "INT", "20s", "a"],
            &["a"],
            None,
            Some("20s"),
        ),
        (&["timeout", "--preserve-status", "20", "a"], &["a"], None, Some("20")),
        (&["timeout", "-t", "20", "a"], &["a"], None, Some("20")),
        (&["nice", "-n", "5", "a"], &["a"], None, None),
        (&["env"], &["env"], None, None),
        (&["timeout", "20"], &["timeout", "20"], None, Some("20")),
    ];
    for (words, rest, init, timeout) in cases {
        let wrapped = peel(words);
        assert_eq!(wrapped.rest, *rest, "{words:?}");
        assert_eq!((wrapped.init, wrapped.timeout), (*init, *timeout), "{words:?}");
    }
}
