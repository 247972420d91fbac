use std::fmt::Write as _;

use proptest::prelude::*;

use super::*;

/// A hook on one line: time, `guess`, `stop` with the useless sleep behind it, what it changes.
fn shown(hook: &Hook) -> String {
    let mut text = hook.duration.to_string();
    let marks = [
        (matches!(hook.sure, Sure::Guess(_)), " guess"),
        (hook.stops_server, " stop"),
        (hook.changes_source, " source"),
        (hook.changes_files && !hook.changes_source, " files"),
        (hook.fails_health.is_some(), " unhealthy"),
        (hook.fails.is_some(), " fails"),
    ];
    for (is, mark) in marks {
        if is {
            text.push_str(mark);
        }
    }
    if !hook.sleeps_after_stop.is_zero() {
        let _ = write!(text, " then {}", hook.sleeps_after_stop);
    }
    text
}

fn check(cases: &[(&[&str], &str)]) {
    for (words, expected) in cases {
        assert_eq!(shown(&read(words)), *expected, "{words:?}: {:#?}", read(words));
    }
}

/// The same for scripts of `sh -c`.
fn check_scripts(cases: &[(&str, &str)]) {
    for (script, expected) in cases {
        check(&[(&["/bin/sh", "-c", script], expected)]);
    }
}

#[test]
fn sleeps_are_read_in_every_spelling() {
    check(&[
        (&["sleep", "30"], "30s"),
        (&["/bin/sleep", "30s"], "30s"),
        (&["sleep", "10", "20"], "30s"),
        (&["sleep", "infinity"], "24h"),
        (&["/bin/sh", "-c", "sleep 30"], "30s"),
        (&["bash", "-ec", "sleep 1m"], "1m"),
        (&["busybox", "sh", "-c", "sleep 30"], "30s"),
        (&["busybox", "sleep", "30"], "30s"),
        (&["tini", "--", "sleep", "7"], "7s"),
        (&["timeout", "20", "sleep", "30"], "20s"),
        (&["timeout", "40s", "sleep", "30"], "30s"),
        (
            &["timeout", "20", "sh", "-c", "while true; do sleep 1; done"],
            "5s guess",
        ),
        (
            &["timeout", "2", "sh", "-c", "while true; do sleep 1; done"],
            "2s guess",
        ),
        (&["timeout", "20", "/app/drain-it"], "5s guess"),
        (&["timeout", "3", "cmd"], "3s guess"),
        (&["python", "-c", "import time; time.sleep(30)"], "30s"),
        (&["python3", "-c", "from time import sleep; sleep(2.5)"], "2.5s"),
        (&["perl", "-e", "sleep 12"], "12s"),
        (&["ruby", "-e", "sleep(8)"], "8s"),
        (&["php", "-r", "sleep(9);"], "9s"),
        (&["node", "-e", "setTimeout(() => {}, 15000)"], "15s"),
        (
            &["node", "-e", "setTimeout(function () { process.exit(0); }, 15_000);"],
            "15s",
        ),
        (
            &["python", "-c", "import time, os; time.sleep(int(os.environ['X']))"],
            "5s guess",
        ),
        (&["node", "-e", "new Promise(r => setTimeout(r, 20000))"], "20s"),
        (&["bash", "-c", "--", "sleep 30"], "30s"),
        (&["tail", "-f", "/dev/null"], "24h"),
        (&["echo", "bye"], "0s"),
        (&["true"], "0s"),
    ]);
    check_scripts(&[
        ("sleep 0.5", "500ms"),
        ("sleep .25", "250ms"),
        ("sleep 1d", "24h"),
        ("sleep 99999999999", "24h"),
        ("sleep 10; sleep 20", "30s"),
        ("true && sleep 25", "25s"),
        ("exec sleep 30; sleep 5", "30s"),
        ("sleep 5; exit 0; sleep 9", "5s"),
        ("{ sleep 1; sleep 2; }", "3s"),
        ("(sleep 3)", "3s"),
        ("sleep 4 | sleep 6", "6s"),
        ("sleep 30 || true", "30s"),
        ("true || sleep 30", "0s guess"),
        ("sh -c 'sleep 5' && bash -c \"sleep 6\"", "11s"),
        ("echo stopping > /proc/1/fd/1; sleep 15", "15s"),
        ("app-tool && sleep 25", "25s guess"),
        ("exec > /tmp/hook.log 2>&1; sleep 30", "30s files"),
        ("set -euo pipefail\n# wait for the ALB\necho \"bye\"\nsleep 20\n", "20s"),
        ("trap '' TERM; sleep 30", "30s"),
        ("i=0; while [ $i -lt 30 ]; do sleep 1; i=$((i+1)); done", "5s guess"),
        (
            "timeout 30 bash -c 'until [ $(ss -t | wc -l) -eq 0 ]; do sleep 1; done'",
            "5s guess",
        ),
    ]);
}

#[test]
fn the_background_does_not_count_until_it_is_waited_for() {
    check_scripts(&[
        ("sleep 30 &", "0s"),
        ("sleep 30 & sleep 5", "5s"),
        ("sleep 30 & wait", "30s"),
        ("sleep 30 & sleep 5; wait", "30s"),
        ("(sleep 10; sleep 20) & wait", "30s"),
        ("(sleep 5; kill 1) & sleep 30", "5s stop then 30s"),
        ("while true; do sleep 1; done & sleep 3", "3s"),
    ]);
}

#[test]
fn a_loop_of_known_length_is_computed_and_another_is_guessed() {
    check_scripts(&[
        ("for i in $(seq 30); do sleep 1; done", "30s"),
        ("for i in {1..5}; do sleep 2; done", "10s"),
        ("for i in 1 2 3; do sleep 1; sleep 2; done; sleep 1", "10s"),
        ("while true; do sleep 1; done", "5s guess"),
        ("until ! pgrep nginx; do sleep 1; done; sleep 4", "9s guess"),
        (
            "while pgrep app; do sleep 1; done; while pgrep b; do sleep 1; done",
            "10s guess",
        ),
        (
            "for i in $(seq 30); do curl -f localhost/busy || break; sleep 1; done",
            "5s guess",
        ),
        ("for i in $(cat /list); do sleep 1; done", "5s guess"),
    ]);
}

#[test]
fn what_stands_behind_a_test_is_a_guess() {
    check_scripts(&[
        ("if [ -f /tmp/x ]; then sleep 20; else sleep 5; fi", "20s guess"),
        ("[ -f /tmp/x ] && sleep 20", "20s guess"),
        ("[ -z \"$A\" ] && echo none; sleep 20", "20s"),
        ("case $A in x) sleep 20;; *) sleep 5;; esac", "20s guess"),
        ("if [ -f x ]; then exit 0; fi; sleep 20", "20s"),
    ]);
}

#[test]
fn variables_are_read_where_the_manifest_gives_them() {
    check_scripts(&[
        ("sleep ${DELAY}", "5s guess"),
        ("sleep $DELAY", "5s guess"),
        ("sleep \"${DELAY:-15}\"", "15s guess"),
        ("sleep ${DELAY-15}s", "15s guess"),
        ("DELAY=15; sleep $DELAY", "15s"),
        ("export DELAY=15 && sleep ${DELAY}", "15s"),
        ("sleep $((5+10))", "15s"),
        ("DELAY=5; sleep $(( DELAY * 3 ))", "15s"),
        ("n=1; for i in 1 2 3; do n=$((n * 2)); sleep $n; done", "15s guess"),
        ("sleep $(cat /delay)", "5s guess"),
    ]);
    let env = [("DELAY", "12")];
    assert_eq!(shown(&read_in(&["sh", "-c", "sleep ${DELAY:-15}"], &env)), "12s");
    assert_eq!(shown(&read_in(&["sh", "-c", "DELAY=3; sleep $DELAY"], &env)), "3s");
    // The kubelet expands nothing in hooks.
    assert_eq!(shown(&read_in(&["sleep", "$(DELAY)"], &env)), "0s fails");
}

#[test]
fn a_sleep_after_the_stop_is_useless() {
    check_scripts(&[
        ("nginx -s quit", "0s stop"),
        ("sleep 5 && /usr/sbin/nginx -s quit", "5s stop"),
        ("nginx -s quit; sleep 25", "0s stop then 25s"),
        ("sleep 5; nginx -s stop; sleep 10; sleep 15", "5s stop then 25s"),
        ("nginx -s quit; while pgrep -x nginx; do sleep 1; done", "0s stop"),
        (
            "/bin/sleep 20; /usr/sbin/nginx -s quit; while killall -0 nginx; do sleep 1; done",
            "20s stop",
        ),
        ("sleep 15 && kill -SIGTERM $(pgrep -f gunicorn)", "15s stop"),
        ("kill -TERM -- -1", "0s stop"),
        ("killall -q nginx || true; sleep 2", "0s stop then 2s"),
        ("nginx -s reload; sleep 5", "5s"),
        ("sleep 10; kill 1", "10s stop"),
        ("kill -TERM 1 && sleep 20", "0s stop then 20s"),
        ("kill -SIGQUIT 1", "0s stop"),
        ("kill -s QUIT $(cat /run/nginx.pid)", "0s stop"),
        ("kill -15 `pidof app`", "0s stop"),
        ("kill -0 1; sleep 5", "5s"),
        ("kill -HUP 1; sleep 5", "5s"),
        ("pkill -f gunicorn; sleep 30", "0s stop then 30s"),
        ("killall -INT node", "0s stop"),
        ("pgrep node | xargs kill -TERM; sleep 3", "0s stop then 3s"),
        (
            "curl -X POST http://localhost:15020/quitquitquit; sleep 5",
            "0s stop then 5s",
        ),
        (
            "sleep 3; wget -q -O- --post-data= localhost:8080/actuator/shutdown",
            "3s stop",
        ),
        ("curl localhost:8080/quit?now=1", "0s stop"),
        ("apachectl -k graceful-stop", "0s stop"),
        ("apachectl graceful; sleep 2", "2s guess"),
        ("supervisorctl stop all; sleep 9", "0s stop then 9s"),
        ("sleep 5; timeout 20 nginx -s quit; sleep 6", "5s stop then 6s"),
        ("sh -c 'sleep 4; kill 1; sleep 3'; sleep 2", "4s stop then 5s"),
        ("if nginx -t; then nginx -s quit; else kill 1; fi", "0s guess stop"),
    ]);
    check(&[
        (&["nginx", "-s", "quit"], "0s stop"),
        (&["/usr/bin/kill", "-TERM", "1"], "0s stop"),
        (
            &["python", "-c", "import os, signal; os.kill(1, signal.SIGTERM)"],
            "0s guess",
        ),
    ]);
    let hook = read(&["sh", "-c", "sleep 5; nginx -s quit; sleep 10"]);
    assert_eq!(hook.stopped_by.as_deref(), Some("nginx -s quit"));
}

#[test]
fn file_names_tell_what_fails_and_what_restarts() {
    check_scripts(&[
        ("sed -i 's/200/503/' /app/health.py && sleep 120", "2m source unhealthy"),
        ("sed -i -e 's/200/503/' /app/views.py; sleep 20", "20s source"),
        ("rm /tmp/healthy; sleep 15", "15s files unhealthy"),
        (
            "rm -f /usr/share/nginx/html/ready.html && sleep 15",
            "15s files unhealthy",
        ),
        ("touch /tmp/drain; sleep 15", "15s files unhealthy"),
        ("echo 1 > /tmp/maintenance; sleep 15", "15s files unhealthy"),
        ("echo draining >> /var/log/drain.log; sleep 15", "15s files"),
        ("mv server.js server.js.bak; sleep 5", "5s source"),
        ("cat /tmp/healthy > /dev/null; sleep 5", "5s"),
        ("sed 's/a/b/' /app/health.py; sleep 5", "5s"),
        (
            "curl -XPOST localhost:9901/healthcheck/fail; sleep 30",
            "30s guess unhealthy",
        ),
        (
            "curl -XPOST 'http://localhost:9901/drain_listeners?graceful'; sleep 30",
            "30s guess unhealthy",
        ),
    ]);
    check(&[(&["touch", "/tmp/shutdown"], "0s files unhealthy")]);
}

#[test]
fn words_that_need_a_shell_fail_without_one() {
    check(&[
        (&["sleep 30"], "0s fails"),
        (&["sleep", "30", "&&", "nginx", "-s", "quit"], "0s fails"),
        (&["sleep", "30;"], "0s fails"),
        (&["sleep", "$DELAY"], "0s fails"),
        (&["sleep"], "0s fails"),
        (&["sleep", "abc"], "0s fails"),
        (&["sh", "-c", "sleep abc"], "0s fails"),
        (&["/bin/sh", "sleep 30"], "0s fails"),
        (&["wait"], "0s fails"),
        (&["exit", "0"], "0s fails"),
        (&[], "0s fails"),
        (&["/scripts/stop.sh"], "5s guess"),
        (&["/bin/sh", "/scripts/stop"], "5s guess"),
        (&["python", "/app/prestop.py"], "5s guess"),
        // The rest of the words are `$0` and so on, not part of the script.
        (&["sh", "-c", "sleep", "30"], "0s fails"),
    ]);
}

#[test]
fn a_hook_names_the_programs_it_needs() {
    let cases: &[(&[&str], &[&str])] = &[
        (&["sleep", "30"], &["sleep"]),
        (&["/bin/sh", "-c", "sleep 30"], &["sh", "sleep"]),
        (
            &["sh", "-c", "echo a; cd /; curl x && sleep 1"],
            &["sh", "curl", "sleep"],
        ),
        (&["sh", "-c", "kill $(pidof nginx)"], &["sh", "pidof"]),
        (&["kill", "1"], &["kill"]),
        (
            &["bash", "-c", "timeout 5 sh -c 'sleep 9'"],
            &["bash", "timeout", "sh", "sleep"],
        ),
        (&["sh", "-c", "pgrep a | xargs kill"], &["sh", "pgrep", "xargs", "kill"]),
        (&["sh", "-c", "curl x || wget x"], &["sh", "curl"]),
        (&["/usr/bin/env", "bash", "-c", "sleep 1"], &["env", "bash", "sleep"]),
        (&["busybox", "sleep", "1"], &["busybox", "sleep"]),
        (
            &["sh", "-c", "while pgrep x; do sleep 1; done"],
            &["sh", "pgrep", "sleep"],
        ),
    ];
    for (words, programs) in cases {
        assert_eq!(read(words).programs, *programs, "{words:?}");
    }
}

#[test]
fn reasons_are_one_plain_sentence() {
    for script in [
        "sleep $DELAY",
        "while true; do sleep 1; done",
        "curl x",
        "app",
        "a.sh",
        "[ -f x ] && sleep 1",
        "timeout 9 x",
    ] {
        let Sure::Guess(reason) = read(&["sh", "-c", script]).sure else {
            panic!("{script} is no guess");
        };
        assert!(
            !reason.is_empty() && !reason.ends_with('.') && !reason.contains('\n'),
            "{reason}"
        );
    }
}

#[test]
fn deep_nesting_ends() {
    let words: Vec<&str> = std::iter::repeat_n(["timeout", "9"], 5_000)
        .flatten()
        .chain(["sleep", "30"])
        .collect();
    assert!(matches!(read(&words).sure, Sure::Guess(_)));
    let script = format!("{}sleep 3{}", "(".repeat(5_000), ")".repeat(5_000));
    assert_eq!(shown(&read(&["sh", "-c", &script])), "3s");
    let loops = format!(
        "{}sleep 9{}",
        "for i in $(seq 999999); do ".repeat(50),
        "; done".repeat(50)
    );
    assert_eq!(shown(&read(&["sh", "-c", &loops])), "24h");
}

/// Parts that hooks are made of.
#[rustfmt::skip]
const KNOWN: [&str; 62] = [
    "sleep", "30", "1m", "infinity", "&&", "||", ";", "|", "&", "(", ")", "{", "}", "if", "then", "else", "fi", "for",
    "i", "in", "$(seq 3)", "do", "done", "while", "case", "esac", ";;", "$A", "${A:-2}", "'", "\"", "\\", "\n",
    "kill", "1", "-s", "timeout", "sh -c", "wait", "exec", "exit", "nginx -s quit", "curl", "/quit", ">", "<<EOF",
    "EOF", "rm", "health", "#", "`", "[", "env", "A=1", "f()", "é", "$", "${", "xargs", "python -c", "sleep(1",
    "setTimeout(,",
];

/// One of them, or anything at all.
fn part() -> impl Strategy<Value = String> {
    prop_oneof![9 => proptest::sample::select(&KNOWN[..]).prop_map(str::to_owned), 1 => any::<String>()]
}

proptest! {
    #[test]
    fn no_list_of_words_panics(words in proptest::collection::vec(part(), 0..12)) {
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        let hook = read(&words);
        prop_assert!(hook.duration <= FOREVER && hook.sleeps_after_stop <= FOREVER);
        prop_assert!(hook.stops_server == hook.stopped_by.is_some());
    }

    #[test]
    fn no_script_panics(parts in proptest::collection::vec(part(), 0..40), space in "[ ;\n]?") {
        let script = parts.join(&space);
        let hook = read(&["sh", "-c", &script]);
        prop_assert!(hook.duration <= FOREVER && hook.sleeps_after_stop <= FOREVER);
        prop_assert!(hook.stops_server == hook.stopped_by.is_some());
        prop_assert!(hook.programs.first().is_some_and(|program| program == "sh"));
    }
}
