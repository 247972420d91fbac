//! `sim sweep --sensitivity`: what drives the result, and what of it to measure.

use super::place;

#[test]
fn sensitivity_finds_what_drives_the_result() {
    let place = place();
    let run = place.sim(&[
        "sweep",
        "s.yaml",
        "--sensitivity",
        "--vary",
        "elbv2.deregister_propagation=3s..20s",
        "--vary",
        "network.dead_ip_icmp=1s..5s",
        "--points",
        "32",
        "--replications",
        "1",
        "--format",
        "ndjson",
    ]);
    assert_eq!(run.status, 0, "{}", run.stderr);
    let rows: Vec<serde_json::Value> = run
        .stdout
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    // The failures are those of the removal's time; when ICMP answers moves none of them.
    assert_eq!(rows[0]["factor"], "elbv2.deregister_propagation");
    assert!(rows[0]["total_share"].as_f64().unwrap() > 0.8, "{rows:?}");
    assert!(rows[1]["total_share"].as_f64().unwrap() < 0.2, "{rows:?}");
    assert_eq!(
        (&rows[1]["range"], &rows[1]["range_source"]),
        (&"1s..5s".into(), &"--vary".into())
    );
    assert_eq!(rows[0]["total_method"], "jansen_1999");
}

#[test]
fn sensitivity_says_where_its_ranges_come_from_and_what_to_measure() {
    let place = place();
    let arguments = [
        "sweep",
        "s.yaml",
        "--sensitivity",
        "--points",
        "4",
        "--replications",
        "1",
    ];
    let text = place.sim(&arguments).stdout;
    let json = place.sim(&[&arguments[..], &["--format", "ndjson"]].concat()).stdout;
    let rows: Vec<serde_json::Value> = json.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(rows.len(), 13);
    for row in &rows {
        let words = [
            "factor",
            "scenario_value",
            "varied",
            "range",
            "range_source",
            "how_to_measure",
        ]
        .map(|name| row[name].as_str().unwrap_or_default());
        assert!(words.iter().all(|word| !word.is_empty()), "{row}");
        assert!(text.contains(words[0]) && text.contains(words[4]), "{text}");
    }
    // The scenario has 12 s, and the fact sheet 3 s to 20 s; it is the strongest here, so it is to be measured.
    assert_eq!(rows[0]["factor"], "elbv2.deregister_propagation");
    assert_eq!(
        (&rows[0]["scenario_value"], &rows[0]["range"]),
        (&"12s".into(), &"3s..20s".into())
    );
    let measured = text.split("What to measure first").nth(1).expect("a list");
    assert!(
        measured.contains("1. elbv2.deregister_propagation: remove a pod"),
        "{measured}"
    );
}

#[test]
fn sensitivity_over_own_ranges_says_what_the_scenario_has() {
    let place = place();
    let arguments = [
        "sweep",
        "s.yaml",
        "--sensitivity",
        "--set",
        "pod.pre_stop.sleep=28s",
        "--set",
        "app.start_up={log_normal: {median: 3s, p99: 9s}}",
        "--vary",
        "pod.pre_stop.sleep=0s..30s",
        "--vary",
        "app.start_up=1s..5s",
        "--vary",
        "disruptions[0].scale.replicas=2..5",
        "--vary",
        "pod.termination_grace_period=30s..60s",
        "--vary",
        "network.dead_ip_silent=0..1",
        "--points",
        "2",
        "--replications",
        "1",
        "--format",
        "ndjson",
    ];
    let run = place.sim(&arguments);
    assert_eq!((run.status, run.stderr.as_str()), (0, ""));
    let rows = run.stdout.lines().map(|line| {
        let row: serde_json::Value = serde_json::from_str(line).unwrap();
        row["scenario_value"].as_str().unwrap_or_default().to_owned()
    });
    let own: Vec<String> = rows.collect();
    // The sleep and the start-up that were set, three pods of the file, the default of Kubernetes.
    assert_eq!(own[..4], ["28s", "3s", "3", "30s"]);
    assert!(own[4].parse::<f64>().is_ok(), "{own:?}");
    let text = place.sim(&arguments[..arguments.len() - 2]).stdout;
    assert!(text.contains("28s  0s to 30s  --vary"), "{text}");
    let without = [
        "sweep",
        "s.yaml",
        "--sensitivity",
        "--vary",
        "pod.pre_stop.sleep=0s..30s",
        "--points",
        "2",
    ];
    let text = place.sim(&[&without[..], &["--replications", "1"]].concat()).stdout;
    assert!(text.contains("not set  0s to 30s  --vary"), "{text}");
}

#[test]
fn sensitivity_of_what_never_fails_says_so() {
    let place = place();
    let arguments = [
        "sweep",
        "s.yaml",
        "--set",
        "disruptions=[]",
        "--sensitivity",
        "--vary",
        "elbv2.deregister_propagation=3s..20s",
        "--points",
        "4",
        "--replications",
        "1",
    ];
    let run = place.sim(&[&arguments[..], &["--output", "o.csv"]].concat());
    assert_eq!((run.status, run.stderr.as_str()), (0, ""));
    assert!(run.stdout.contains("none of the factors moves it"), "{}", run.stdout);
    assert_eq!(
        place.read("o.csv").lines().nth(1).unwrap().split(',').next(),
        Some("elbv2.deregister_propagation")
    );
}
