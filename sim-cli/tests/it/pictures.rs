//! `--plots`, `--html` and `sim plot`.

use crate::command::{Place, test_name};

const SMALL: &str = "\
name: small
horizon: 60s
cluster: { nodes: 4 }
deployment: { replicas: 6 }
workload: { open_loop: { rate: 60 } }
disruptions: [{ at: 10s, scale: { replicas: 3 } }]
";

fn place() -> Place {
    Place::new(&test_name()).file("s.yaml", SMALL)
}

fn names_in(place: &Place, directory: &str) -> Vec<String> {
    let entries = std::fs::read_dir(place.path().join(directory)).expect("the directory was made");
    let mut names: Vec<String> = entries
        .map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned())
        .collect();
    names.sort();
    names
}

#[test]
fn a_run_is_drawn_in_both_formats_and_on_a_page_that_needs_no_network() {
    let place = place();
    let run = place.sim(&[
        "run",
        "s.yaml",
        "--replications",
        "2",
        "--plots",
        "out",
        "--html",
        "page.html",
    ]);
    assert_eq!((run.status, run.stderr.as_str()), (0, ""));
    assert_eq!(
        names_in(&place, "out"),
        [
            "latency.png",
            "latency.svg",
            "outcomes.png",
            "outcomes.svg",
            "race-timeline.png",
            "race-timeline.svg",
            "race-window.png",
            "race-window.svg"
        ]
    );
    let png = std::fs::read(place.path().join("out/outcomes.png")).expect("it was written");
    assert_eq!(png[..8], *b"\x89PNG\r\n\x1a\n");
    let page = place.read("page.html");
    assert_eq!(page.matches("<figure").count(), 4);
    for loads in ["src=", "<script", "<link", "url(http", "@import"] {
        assert!(!page.contains(loads), "the page has {loads}");
    }
    // The result as it is printed, and the scenario with its sources.
    assert!(page.contains("5xx ratio") && page.contains("rate: 60  # s.yaml:5"));
}

#[test]
fn one_factor_is_a_curve_and_two_are_a_heat_map() {
    let place = place();
    let drawn = |vary: &[&str], out: &str| {
        let mut arguments = vec![
            "sweep",
            "s.yaml",
            "--replications",
            "2",
            "--plot-format",
            "svg",
            "--plots",
            out,
        ];
        arguments.extend(vary.iter().flat_map(|factor| ["--vary", factor]));
        let run = place.sim(&arguments);
        assert_eq!((run.status, run.stderr.as_str()), (0, ""));
        names_in(&place, out)
    };
    let sleep = "pod.pre_stop.sleep=0s,10s,25s";
    assert_eq!(drawn(&[sleep], "one"), ["sweep.svg", "trade-off.svg"]);
    let interval = "target_group.health_check.interval=10s,15s";
    assert_eq!(
        drawn(&[sleep, interval], "two"),
        ["heat-map.svg", "sweep.svg", "trade-off.svg"]
    );
}

#[test]
fn a_table_is_drawn_again_as_the_sweep_drew_it() {
    let place = place();
    for table in ["s.csv", "s.ndjson"] {
        let sweep = place.sim(&[
            "sweep",
            "s.yaml",
            "--vary",
            "pod.pre_stop.sleep=0s,10s,25s",
            "--replications",
            "2",
            "--output",
            table,
            "--plots",
            "drawn",
            "--plot-format",
            "svg",
        ]);
        assert_eq!((sweep.status, sweep.stderr.as_str()), (0, ""));
        let plot = place.sim(&["plot", table, "--plots", "again", "--plot-format", "svg"]);
        assert_eq!((plot.status, plot.stderr.as_str()), (0, ""));
        // The table does not carry the scenario's name; the file's stands in its place.
        assert_eq!(
            place
                .read("again/sweep.svg")
                .replace(&format!("{table}, 3"), "small, 3"),
            place.read("drawn/sweep.svg")
        );
    }
}

#[test]
fn what_is_no_table_and_where_no_directory_can_be_is_refused_before_any_run() {
    let place = place().file("no.csv", "a,b\n1,2\n").file("taken", "");
    let plot = place.sim(&["plot", "no.csv", "--plots", "out"]);
    assert_eq!((plot.status, plot.stdout.as_str()), (2, ""));
    assert!(
        plot.stderr.contains("no.csv: no table of `sim sweep`"),
        "{}",
        plot.stderr
    );
    for command in [
        &["run", "s.yaml"][..],
        &["sweep", "s.yaml", "--vary", "pod.pre_stop.sleep=0s,5s"],
    ] {
        let run = place.sim(&[command, &["--plots", "taken"]].concat());
        assert_eq!((run.status, run.stdout.as_str()), (2, ""));
        assert!(run.stderr.contains("cannot make taken"), "{}", run.stderr);
    }
}
