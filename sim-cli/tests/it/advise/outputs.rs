//! Pictures, page and other files of an advice, and what is refused before the search.

use serde_json::Value as Json;

use super::{BUSY, FEW, advise, one_error, place};
use crate::command::{Outcome, Place};

const TARGET: [&str; 2] = ["--target-errors-per-event", "1"];

#[test]
fn the_page_has_it_all_and_needs_no_network() {
    let place = place();
    let grace = ["--set", "pod.termination_grace_period=15s"];
    let files = ["--html", "page.html"];
    let outcome = advise(&place, &[&TARGET[..], &grace, &files].concat());
    assert_eq!((outcome.status, outcome.stderr.as_str()), (0, ""));
    let page = place.read("page.html");
    let headings: Vec<&str> = page
        .split("<h2>")
        .skip(1)
        .map(|rest| rest.split_once("</h2>").expect("it ends").0)
        .collect();
    let expected = [
        "Target",
        "What to set",
        "What it changes (pod-seconds spent terminating per event, longest drain of a run)",
        "How sure",
        "What each second buys, with the other settings as advised",
        "Around it: nothing cheaper is shown to meet the target",
        "If removal is slower than assumed (not checked with other seeds)",
        "Patch (strategic merge, for `kubectl patch` or kustomize)",
        "Reproduce",
        "Notes",
    ];
    assert_eq!(headings, expected);
    assert_eq!(page.matches("<figure").count(), 2);
    for loads in ["src=", "<script", "<link", "url(http", "@import"] {
        assert!(!page.contains(loads), "the page has {loads}");
    }
    // Why, the sources of the advised scenario, and the command, as they are printed.
    assert!(page.contains("until the ALB has let go of it; with 10 s"));
    assert!(page.contains("sleep: 11s  # --set pod.pre_stop.sleep=11s"));
    assert!(page.contains("terminationGracePeriodSeconds: 26"));
    // A drain may well be longer than the grace period.
    assert!(page.contains("until the last pod that it took is gone"));
    let part = outcome.stdout.split_once("\nReproduce\n").expect("it is printed too").1;
    let command = part.lines().next().expect("a line").trim();
    assert!(page.contains(command), "{command}");
}

#[test]
fn the_trade_off_is_drawn_with_the_target_and_the_advised_setting() {
    let place = place();
    let dark = ["--plots", "dark", "--plot-format", "svg", "--plot-theme", "dark"];
    let outcome = advise(&place, &[&TARGET[..], &dark].concat());
    assert_eq!((outcome.status, outcome.stderr.as_str()), (0, ""));
    assert_eq!(place.names_in("dark"), ["race-window.svg", "trade-off.svg"]);
    let svg = place.read("dark/trade-off.svg");
    for text in [
        "target 1",
        "advised",
        "today",
        "sleep 11 s",
        "5xx responses per event",
        "pod-seconds per event",
    ] {
        assert!(svg.contains(text), "{text} is not in the picture");
    }
    let window = place.read("dark/race-window.svg");
    assert!(
        window.contains("preStop covers 11") && window.contains("advised settings"),
        "what the advised sleep covers"
    );
    let both = advise(&place, &[&TARGET[..], &["--plots", "both"]].concat());
    assert_eq!(both.status, 0);
    let expected = ["race-window.png", "race-window.svg", "trade-off.png", "trade-off.svg"];
    assert_eq!(place.names_in("both"), expected);
}

#[test]
fn what_meets_no_target_is_drawn_without_an_advised_setting() {
    let place = place();
    let broken = ["--set", "app.error_ratio=0.2", "--target-5xx-ratio", "1%"];
    let files = ["--plots", "out", "--plot-format", "svg", "--html", "page.html"];
    let outcome = advise(&place, &[&broken[..], &files].concat());
    assert_eq!((outcome.status, outcome.stderr.as_str()), (1, ""));
    let svg = place.read("out/trade-off.svg");
    assert!(
        svg.contains("\ntarget 1 %\n") && !svg.contains("\nadvised\n"),
        "nothing is advised"
    );
    assert!(place.read("page.html").contains("not reachable"));
}

#[test]
fn threads_change_no_file() {
    let place = place();
    let with = |threads: &str| {
        let page = format!("{threads}.html");
        let files = [
            "--html",
            &page,
            "--plots",
            threads,
            "--threads",
            threads,
            "--format",
            "json",
        ];
        advise(&place, &[&TARGET[..], &files].concat())
    };
    let (one, two) = (with("1"), with("2"));
    assert_eq!((one.status, one.stdout), (two.status, two.stdout));
    assert_eq!(place.read("1.html"), place.read("2.html"));
    for name in place.names_in("1") {
        let bytes = |threads: &str| std::fs::read(place.path().join(threads).join(&name)).expect("it was written");
        assert!(bytes("1") == bytes("2"), "{name} differs");
    }
}

/// A search of this scenario would take hours.
fn of_a_long_search(place: &Place, more: &[&str]) -> Outcome {
    let long = ["--set", "workload.open_loop.rate=500000", "--set", "horizon=2h"];
    place.sim(&[&["advise", "s.yaml"][..], &TARGET, &long, more].concat())
}

#[test]
fn what_cannot_be_written_is_refused_before_the_search() {
    let place = place().file("taken", "");
    let mut cases = vec![
        (&["--plots", "taken"][..], "cannot make taken"),
        (&["--plots", "taken/below"], "cannot make taken/below"),
        (&["--html", "missing/page.html"], "cannot write missing/page.html"),
        (&["--html", "."], "cannot write ."),
        (
            &["--html", "x", "--output", "x"],
            "--output and --html would both go to x",
        ),
        (&["--patch", "missing/patch.yaml"], "cannot write missing/patch.yaml"),
    ];
    // A directory that is there and takes no file, not even from root.
    if cfg!(target_os = "linux") {
        cases.push((&["--plots", "/proc"], "cannot write /proc/"));
    }
    for (arguments, expected) in cases {
        let outcome = of_a_long_search(&place, arguments);
        assert_eq!((outcome.status, outcome.stdout.as_str()), (2, ""), "{arguments:?}");
        assert!(outcome.stderr.contains(expected), "{arguments:?}: {}", outcome.stderr);
    }
    assert_eq!(place.names(), ["s.yaml", "taken"]);
}

#[test]
fn pages_of_runs_and_sweeps_are_opened_before_the_runs() {
    let place = place();
    let long = ["--set", "workload.open_loop.rate=500000", "--set", "horizon=2h"];
    for command in [
        &["run", "s.yaml"][..],
        &["sweep", "s.yaml", "--vary", "pod.pre_stop.sleep=0s,5s"],
    ] {
        let outcome = place.sim(&[command, &long, &["--html", "missing/page.html"]].concat());
        assert_eq!((outcome.status, outcome.stdout.as_str()), (2, ""));
        assert!(
            outcome.stderr.contains("cannot write missing/page.html"),
            "{}",
            outcome.stderr
        );
    }
    assert_eq!(place.names(), ["s.yaml"]);
}

/// The check is no more than a run of the advised scenario with a seed of its own.
#[test]
fn a_run_of_the_written_scenario_is_the_check() {
    let place = place();
    let spread = [
        "--set",
        "elbv2.deregister_propagation={ uniform: { min: 8s, max: 12s } }",
    ];
    let (status, document) = one_error(&place, &[&spread[..], &["--output-scenario", "advised.yaml"]].concat());
    assert_eq!(status, 0);
    let check = &document["independent_check"];
    let text = |value: &Json| value.to_string();
    let (seed, count) = (text(&check["seed"]), text(&check["measured"]["replications_count"]));
    assert_ne!(check["seed"], document["provenance"]["seed"]);
    let run = place.sim(&[
        "run",
        "advised.yaml",
        "--seed",
        &seed,
        "--replications",
        &count,
        "--format",
        "json",
    ]);
    assert_eq!(run.status, 0, "{}", run.stderr);
    let run: Json = serde_json::from_str(&run.stdout).expect("JSON");
    assert_eq!(
        run["provenance"]["scenario_digest"],
        document["provenance"]["advised_digest"]
    );
    assert_eq!(run["requests_count"], check["measured"]["requests_count"]);
    let counts = run["status_counts"].as_object().expect("counts by status");
    let failed: u64 = counts
        .iter()
        .filter(|(status, _)| status.starts_with('5'))
        .map(|(_, count)| count.as_u64().expect("a count"))
        .sum();
    assert_eq!(Some(failed), check["measured"]["five_xx_count"].as_u64());
}

#[test]
fn the_printed_command_gives_the_same_advice_again() {
    let place = place();
    let sets = ["--set", "app={ preset: go-shutdown }", "--confidence", "0.9"];
    let first = advise(&place, &[&TARGET[..], &sets, &["--seed", "7"]].concat());
    let part = first.stdout.split_once("\nReproduce\n").expect("it is printed").1;
    let command = part.lines().next().expect("a line").trim();
    let expected = format!(
        "sim advise s.yaml --set {} --set 'app={{ preset: go-shutdown }}' --target-errors-per-event 1 \
         --confidence 0.9 --seed 7 --replications {} --output-scenario advised.yaml",
        BUSY[1], FEW[1]
    );
    assert_eq!(command, expected);
}
