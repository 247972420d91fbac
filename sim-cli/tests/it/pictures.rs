//! `--plots` and `sim plot`.

mod costs;
mod levels;

use crate::command::{Place, test_name};

/// A scale-down.
pub(crate) const SMALL: &str = "\
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

/// What an SVG says.
fn texts(svg: &str) -> Vec<String> {
    let document = roxmltree::Document::parse(svg).expect("well-formed");
    let texts = document.descendants().filter(|node| node.has_tag_name("text"));
    texts
        .filter_map(|node| node.text().map(|text| text.trim().to_owned()))
        .collect()
}

#[test]
fn a_run_is_drawn_in_both_formats() {
    let place = place();
    let run = place.sim(&["run", "s.yaml", "--replications", "2", "--plots", "out"]);
    assert_eq!((run.status, run.stderr.as_str()), (0, ""));
    assert_eq!(
        place.names_in("out"),
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
}

#[test]
fn one_replication_is_no_mean() {
    let place = place();
    let subtitle = |replications: &str| {
        let run = place.sim(&[
            "run",
            "s.yaml",
            "--replications",
            replications,
            "--plots",
            "out",
            "--plot-format",
            "svg",
        ]);
        assert_eq!((run.status, run.stderr.as_str()), (0, ""));
        ["outcomes", "latency", "race-window"].map(|name| texts(&place.read(&format!("out/{name}.svg")))[1].clone())
    };
    let one = "small, 1 replication, seed 1";
    assert_eq!(subtitle("1"), [one; 3]);
    let (mean, two) = ("small, mean of 2 replications, seed 1", "small, 2 replications, seed 1");
    assert_eq!(subtitle("2"), [mean, two, two]);
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
        place.names_in(out)
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
    for table in ["s.csv", "s.ndjson", "s.parquet"] {
        let sweep = place.sim(&[
            "sweep",
            "s.yaml",
            "--vary",
            "pod.pre_stop.sleep=0s,10s,25s",
            "--vary",
            "elbv2.registration_rate=5/s,10/s",
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
        for figure in ["sweep", "heat-map", "trade-off"] {
            // The table does not carry the scenario's name; the file's stands in its place.
            assert_eq!(
                place
                    .read(&format!("again/{figure}.svg"))
                    .replace(&format!("{table}, 6"), "small, 6"),
                place.read(&format!("drawn/{figure}.svg")),
                "{table}"
            );
        }
    }
    let parquet = std::fs::read(place.path().join("s.parquet")).expect("it was written");
    let place = place.file("cut.parquet", &parquet[..parquet.len() / 2]);
    let plot = place.sim(&["plot", "cut.parquet", "--plots", "again"]);
    assert_eq!((plot.status, plot.stdout.as_str()), (2, ""));
    assert!(
        plot.stderr.contains("cut.parquet: not a whole Parquet file"),
        "{}",
        plot.stderr
    );
}

#[test]
fn the_longer_factor_lies_along_the_axis() {
    let place = place();
    let replicas = "deployment.replicas=6,8";
    // Nine levels are too many for lines, and two are not.
    let sleep = "pod.pre_stop.sleep=0s..16s/2s";
    let run = place.sim(&[
        "sweep",
        "s.yaml",
        "--vary",
        replicas,
        "--vary",
        sleep,
        "--replications",
        "1",
        "--plots",
        "out",
        "--plot-format",
        "svg",
    ]);
    assert_eq!((run.status, run.stderr.as_str()), (0, ""));
    let svg = place.read("out/sweep.svg");
    assert!(svg.contains("pod.pre_stop.sleep (s)") && svg.contains("small, 18 design points of 1 replication\n"));
    assert!(svg.contains("\ndeployment.replicas\n"), "what tells the lines apart");
}

#[test]
fn sensitivities_are_drawn_again_and_without_any_nothing_is() {
    let place = place();
    let sweep = |set: &str, table: &str| {
        place.sim(&[
            "sweep",
            "s.yaml",
            "--sensitivity",
            "--set",
            set,
            "--vary",
            "elbv2.deregister_propagation=3s..20s",
            "--points",
            "4",
            "--replications",
            "1",
            "--output",
            table,
            "--plots",
            "drawn",
            "--plot-format",
            "svg",
        ])
    };
    let run = sweep("horizon=60s", "s.csv");
    assert_eq!((run.status, run.stderr.as_str()), (0, ""));
    let plot = place.sim(&["plot", "s.csv", "--plots", "again", "--plot-format", "svg"]);
    assert_eq!((plot.status, plot.stderr.as_str()), (0, ""));
    let drawn = |directory: &str| place.read(&format!("{directory}/sensitivity.svg"));
    assert!(
        drawn("drawn").contains("\n3s to 20s\n"),
        "the range stands below the name"
    );
    assert_eq!(
        drawn("again")
            .replace("s.csv: ", "small: ")
            .replace("3s..20s", "3s to 20s"),
        drawn("drawn")
    );

    let run = sweep("disruptions=[]", "none.csv");
    assert_eq!((run.status, run.stderr.as_str()), (0, ""));
    let plot = place.sim(&["plot", "none.csv", "--plots", "again"]);
    assert_eq!(plot.status, 2);
    assert!(plot.stderr.contains("there is nothing to draw"), "{}", plot.stderr);
}

#[test]
fn pods_of_a_lost_zone_have_a_timeline_though_none_is_removed() {
    let place = place();
    let lost = "disruptions=[{at: 10s, zone_failure: {zone: 0}}]";
    let run = place.sim(&[
        "run",
        "s.yaml",
        "--set",
        lost,
        "--replications",
        "1",
        "--plots",
        "out",
        "--plot-format",
        "svg",
        "--trace",
        "t.ndjson",
    ]);
    assert_eq!((run.status, run.stderr.as_str()), (0, ""));
    let svg = place.read("out/race-timeline.svg");
    assert!(
        svg.contains("or the loss of its node (s)"),
        "the axis does not start at a deletion"
    );
    let plot = place.sim(&["plot", "t.ndjson", "--plots", "again", "--plot-format", "svg"]);
    assert_eq!((plot.status, plot.stderr.as_str()), (0, ""));
    let quiet = place.sim(&[
        "run",
        "s.yaml",
        "--set",
        "disruptions=[]",
        "--replications",
        "1",
        "--trace",
        "q.ndjson",
    ]);
    assert_eq!(quiet.status, 0, "{}", quiet.stderr);
    let plot = place.sim(&["plot", "q.ndjson", "--plots", "again"]);
    assert_eq!(plot.status, 2);
    assert!(
        plot.stderr.contains("no pod goes away in this trace"),
        "{}",
        plot.stderr
    );
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
        let run = place.sim(&[command, &["--html", "nowhere/page.html"]].concat());
        assert_eq!((run.status, run.stdout.as_str()), (2, ""));
        assert!(run.stderr.contains("cannot write nowhere/page.html"), "{}", run.stderr);
    }
}
