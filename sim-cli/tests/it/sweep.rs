//! `sim sweep`: designs, tables.

#[cfg(unix)]
mod interruptions;
mod sensitivity;
mod whole;

use std::io::Read as _;

use expect_test::expect;

use crate::command::{Place, test_name};

/// The propagation takes 12 s and the hops before it less than 3 s (a stale cache may cost one), so a sleep of 15 s
/// outlasts every removal and one of 5 s none.
const SMALL: &str = "\
name: small
horizon: 60s
cluster: { nodes: 4 }
deployment: { replicas: 6 }
elbv2: { deregister_propagation: 12s }
workload: { open_loop: { rate: 60 } }
disruptions: [{ at: 10s, scale: { replicas: 3 } }]
";

fn place() -> Place {
    Place::new(&test_name()).file("s.yaml", SMALL)
}

#[test]
fn a_sleep_that_outlasts_the_removal_fails_nobody() {
    let place = place();
    let run = place.sim(&[
        "sweep",
        "s.yaml",
        "--vary",
        "pod.pre_stop.sleep=5s,15s",
        "--replications",
        "3",
        "--format",
        "csv",
    ]);
    assert_eq!((run.status, run.stderr.as_str()), (0, ""));
    let rows: Vec<Vec<&str>> = run.stdout.lines().map(|line| line.split(',').collect()).collect();
    let column = |name: &str| rows[0].iter().position(|head| *head == name).expect(name);
    // Three replications and a summary for each of two points.
    assert_eq!(rows.len(), 1 + 2 * 4);
    let of = |row: usize, name: &str| rows[row][column(name)];
    for row in (1..).take(4) {
        assert_eq!(of(row, "pod.pre_stop.sleep_s"), "5");
        assert!(of(row, "five_xx_count").parse::<f64>().unwrap() > 0.0, "row {row}");
    }
    for row in (5..).take(4) {
        assert_eq!(of(row, "pod.pre_stop.sleep_s"), "15");
        assert_eq!(of(row, "five_xx_count"), "0");
    }
    assert_eq!((of(4, "row"), of(4, "replications_count")), ("summary", "3"));
    assert_eq!(
        (of(8, "row"), of(8, "ci95_method")),
        ("summary", "clopper_pearson_upper")
    );
    let counts: f64 = (1..=3)
        .map(|row| of(row, "requests_count").parse::<f64>().unwrap())
        .sum();
    assert!((of(4, "requests_count").parse::<f64>().unwrap() - counts / 3.0).abs() < 1e-9);
}

#[test]
fn threads_designs_and_formats_change_no_number() {
    let place = place();
    let csv = |threads: &str| {
        let run = place.sim(&[
            "sweep",
            "s.yaml",
            "--vary",
            "pod.pre_stop.sleep=0s..20s",
            "--design",
            "sobol",
            "--points",
            "8",
            "--replications",
            "2",
            "--format",
            "csv",
            "--threads",
            threads,
        ]);
        assert_eq!(run.status, 0, "{}", run.stderr);
        run.stdout
    };
    let one = csv("1");
    assert_eq!(one, csv("2"));
    let ndjson = place.sim(&[
        "sweep",
        "s.yaml",
        "--vary",
        "pod.pre_stop.sleep=0s..20s",
        "--design",
        "sobol",
        "--points",
        "8",
        "--replications",
        "2",
        "--output",
        "o.ndjson",
    ]);
    assert_eq!(ndjson.status, 0, "{}", ndjson.stderr);
    assert!(
        ndjson
            .stdout
            .starts_with("small  8 design points, 16 replications, seed 1"),
        "{}",
        ndjson.stdout
    );
    let lines: Vec<serde_json::Value> = place
        .read("o.ndjson")
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let heads: Vec<&str> = one.lines().next().unwrap().split(',').collect();
    assert_eq!(lines.len(), one.lines().count() - 1);
    for (json, line) in lines.iter().zip(one.lines().skip(1)) {
        for (head, cell) in heads.iter().zip(line.split(',')) {
            let value = &json[*head];
            let same = match value {
                serde_json::Value::Null => cell.is_empty(),
                serde_json::Value::String(text) => text == cell,
                // `serde_json` may read the last bit of a float differently.
                number => (number.as_f64().unwrap() - cell.parse::<f64>().unwrap()).abs() < 1e-12,
            };
            assert!(same, "{head}: {value} and {cell}");
        }
    }
    assert_eq!(place.names(), ["o.ndjson", "s.yaml"], "the journal is gone");
}

#[test]
fn more_replications_are_run_until_the_interval_is_narrow() {
    let place = place();
    let run = place.sim(&[
        "sweep",
        "s.yaml",
        "--vary",
        "pod.pre_stop.sleep=5s,15s",
        "--replications",
        "3",
        "--until-half-width",
        "0.2%",
        "--max-replications",
        "200",
        "--format",
        "ndjson",
    ]);
    assert_eq!(run.status, 0, "{}", run.stderr);
    let summaries: Vec<serde_json::Value> = run
        .stdout
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .filter(|row: &serde_json::Value| row["row"] == "summary")
        .collect();
    for summary in &summaries {
        let width =
            summary["five_xx_ratio_ci95_high"].as_f64().unwrap() - summary["five_xx_ratio_ci95_low"].as_f64().unwrap();
        assert!(width / 2.0 <= 0.002, "{summary}");
    }
    // Where nothing fails three replications tell enough, where chance is at work they do not.
    assert_eq!(summaries[1]["replications_count"], 3);
    assert!(summaries[0]["replications_count"].as_u64().unwrap() > 3);
}

#[test]
fn parquet_files_carry_the_magic_and_every_column() {
    let place = place();
    let run = place.sim(&[
        "sweep",
        "s.yaml",
        "--vary",
        "pod.pre_stop.sleep=5s,15s",
        "--replications",
        "2",
        "--output",
        "o.parquet",
    ]);
    assert_eq!(run.status, 0, "{}", run.stderr);
    let mut bytes = Vec::new();
    std::fs::File::open(place.path().join("o.parquet"))
        .unwrap()
        .read_to_end(&mut bytes)
        .unwrap();
    assert_eq!((&bytes[..4], &bytes[bytes.len() - 4..]), (&b"PAR1"[..], &b"PAR1"[..]));
    let reader = parquet::file::reader::SerializedFileReader::new(bytes::Bytes::from(bytes)).unwrap();
    let metadata = parquet::file::reader::FileReader::metadata(&reader);
    assert_eq!(metadata.file_metadata().num_rows(), 6);
    let names: Vec<String> = metadata
        .file_metadata()
        .schema_descr()
        .columns()
        .iter()
        .map(|column| column.name().to_owned())
        .collect();
    assert!(names.contains(&"pod.pre_stop.sleep_s".to_owned()), "{names:?}");
}

#[test]
fn wrong_sweeps_are_refused_before_the_first_run() {
    let place = place();
    let refused = |arguments: &[&str]| {
        let run = place.sim(&[&["sweep", "s.yaml"], arguments].concat());
        assert_eq!((run.status, run.stdout.as_str()), (2, ""), "{arguments:?}");
        run.stderr
    };
    expect![[r#"
        design point 1 cannot be run; --skip-invalid leaves such points out
        error: `target_group.health_check.interval`: found 4s, legal is 5s to 300s; ELBv2 would answer `ValidationError`: value '4' must be greater than or equal to 5, and keep the previous setting
        --> --set:1:36
         |
         | target_group.health_check.interval=4s
         |                                    ^^

        error: `target_group.health_check.timeout`: found 5s with an interval of 4s; ELBv2 would answer `ValidationError`: health check interval must be greater than the timeout
        --> --set:1:36
         |
         | target_group.health_check.interval=4s
         |                                    ^^ goes with `target_group.health_check.timeout`
         |
         = note: the value is the default (alb §1.1, lbc §3.3 (5 s))
    "#]]
    .assert_eq(&refused(&["--vary", "target_group.health_check.interval=15s,4s", "--output", "o.csv"]));
    assert!(refused(&["--vary", "pod.pre_stop.sleep=0s..5s"]).contains("needs a step in a grid"));
    assert!(refused(&["--vary", "a=1", "--vary", "a=2"]).contains("stands twice"));
    assert!(refused(&["--vary", "nothing=1,2"]).contains("unknown key `nothing`"));
    assert!(refused(&["--vary", "pod.pre_stop.sleep=1s", "--resume"]).contains("--resume needs the --output FILE"));
    assert!(refused(&[]).contains("--vary <PATH=LEVELS>"));
    assert_eq!(place.names(), ["s.yaml"], "nothing half-written");
    let skipped = place.sim(&[
        "sweep",
        "s.yaml",
        "--vary",
        "target_group.health_check.interval=15s,4s",
        "--skip-invalid",
        "--replications",
        "2",
    ]);
    assert_eq!(skipped.status, 0, "{}", skipped.stderr);
    assert!(
        skipped.stderr.contains("1 design points were left out"),
        "{}",
        skipped.stderr
    );
}
