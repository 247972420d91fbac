//! Limits and exit codes, what is simulated, where results go, and flags that make no sense.

use std::fmt::Write as _;

use expect_test::expect;

use super::{GOOD, SLEEP, edited, report, rules, sim};
use crate::command::{Place, test_name};

/// Enough for findings.
const FAST: [&str; 4] = ["--replications", "1", "--disruption", "rollout"];

#[test]
fn limits_decide_the_exit_code() {
    assert_eq!(sim(GOOD, &FAST).status, 0);
    let without_hook = edited(&[(SLEEP, "")]);
    let mut verdicts = String::new();
    for limits in [
        "",
        "--max-5xx-ratio 10%",
        "--max-5xx-ratio 0.0001",
        // Given alone, the limit by event replaces that of the ratio.
        "--max-5xx-per-event 100000",
        "--max-5xx-per-event 0.5",
        "--max-5xx-per-event 0.5 --max-5xx-ratio 10%",
    ] {
        let more: Vec<&str> = FAST.into_iter().chain(limits.split_whitespace()).collect();
        let outcome = sim(&without_hook, &more);
        let last = outcome.stdout.lines().last().unwrap_or_default();
        let _ = writeln!(verdicts, "{limits}\n  {} {last}", outcome.status);
    }
    expect![[r#"

          1 failed: above the limit of 0.100 % of the requests: rollout; 0 errors, 1 warning, 0 notes
        --max-5xx-ratio 10%
          0 passed: every disruption stays within the limit of 10.0 % of the requests; 0 errors, 1 warning, 0 notes
        --max-5xx-ratio 0.0001
          1 failed: above the limit of 0.0100 % of the requests: rollout; 0 errors, 1 warning, 0 notes
        --max-5xx-per-event 100000
          0 passed: every disruption stays within the limit of 100,000 per event; 0 errors, 1 warning, 0 notes
        --max-5xx-per-event 0.5
          1 failed: above the limit of 0.5 per event: rollout; 0 errors, 1 warning, 0 notes
        --max-5xx-per-event 0.5 --max-5xx-ratio 10%
          1 failed: above the limit of 10.0 % of the requests or 0.5 per event: rollout; 0 errors, 1 warning, 0 notes
    "#]]
    .assert_eq(&verdicts);
}

#[test]
fn flags_that_make_no_sense_are_refused() {
    let place = Place::new(&test_name()).file("m.yaml", GOOD);
    let mut said = String::new();
    for arguments in [
        "",
        "missing.yaml",
        "m.yaml --max-5xx-ratio 2",
        "m.yaml --max-5xx-per-event=-1",
        "m.yaml --max-5xx-per-event nan",
        "m.yaml --disruption earthquake",
        "m.yaml --spot-handler me",
        "m.yaml --format xml",
        "m.yaml --replications 0",
        "m.yaml --threads 0",
        "m.yaml --app gunicorn",
        "m.yaml --set pod.grace=3",
        "m.yaml --list-rules",
        "--list-rules --format sarif",
        "m.yaml --replicas 1 --disruption scale-down",
    ] {
        let words: Vec<&str> = ["check"].into_iter().chain(arguments.split_whitespace()).collect();
        let outcome = place.sim(&words);
        assert_eq!((outcome.status, outcome.stdout.as_str()), (2, ""), "{arguments}");
        let first = outcome.stderr.lines().next().unwrap_or_default();
        let _ = writeln!(said, "{arguments}\n  {first}");
    }
    expect![[r#"

          error: the following required arguments were not provided:
        missing.yaml
          error: cannot read missing.yaml: No such file or directory
        m.yaml --max-5xx-ratio 2
          error: invalid value '2' for '--max-5xx-ratio <RATIO>': expected a share from 0 to 1 such as "0.001", or a percentage such as "0.1%"
        m.yaml --max-5xx-per-event=-1
          error: invalid value '-1' for '--max-5xx-per-event <N>': expected a number of requests, such as "1" or "0.5"
        m.yaml --max-5xx-per-event nan
          error: invalid value 'nan' for '--max-5xx-per-event <N>': expected a number of requests, such as "1" or "0.5"
        m.yaml --disruption earthquake
          error: invalid value 'earthquake' for '--disruption <KIND>'
        m.yaml --spot-handler me
          error: invalid value 'me' for '--spot-handler <WHO>'
        m.yaml --format xml
          error: invalid value 'xml' for '--format <FORMAT>'
        m.yaml --replications 0
          error: invalid value '0' for '--replications <N>': number would be zero for non-zero type
        m.yaml --threads 0
          error: invalid value '0' for '--threads <N>': number would be zero for non-zero type
        m.yaml --app gunicorn
          error: invalid value 'gunicorn' for '--app <PRESET>': expected one of django-runserver, gunicorn-sync, gunicorn-gthread, uvicorn, node-http, node-close, nginx-term, nginx-quit, spring-boot-graceful, spring-boot-immediate, go-default, go-shutdown, axum-default, axum-graceful, puma; did you mean `gunicorn-sync`?
        m.yaml --set pod.grace=3
          error: unknown key `grace` in `pod`
        m.yaml --list-rules
          error: the argument '[FILE]...' cannot be used with '--list-rules'
        --list-rules --format sarif
          error: --list-rules has the formats text and json
        m.yaml --replicas 1 --disruption scale-down
          error: nothing to simulate: a single pod cannot be scaled down; choose another --disruption
    "#]].assert_eq(&said);
}

#[test]
fn only_the_disruptions_asked_for_are_simulated() {
    let of = |more: &[&str]| -> Vec<String> {
        let report = report(GOOD, &[&["--replications", "1"], more].concat());
        let all = report["predictions"].as_array().expect("an array").iter();
        all.map(|prediction| prediction["disruption"].as_str().expect("a name").to_owned())
            .collect()
    };
    assert_eq!(of(&[]), ["scale-down", "rollout", "node-drain", "spot-reclaim"]);
    assert_eq!(
        of(&["--disruption", "node-drain", "--disruption", "scale-down"]),
        ["scale-down", "node-drain"]
    );
}

#[test]
fn who_acts_on_the_notice_decides_what_a_reclaim_costs() {
    let five_xx = |handler| {
        let report = report(
            GOOD,
            &[
                "--replications",
                "2",
                "--disruption",
                "spot-reclaim",
                "--spot-handler",
                handler,
            ],
        );
        report["predictions"][0]["five_xx_per_event"].as_f64().expect("a mean")
    };
    assert!(five_xx("drain") < f64::EPSILON);
    assert!(five_xx("none") > 0.0);
}

#[test]
fn results_and_patches_go_where_they_should() {
    let place = Place::new(&test_name()).file("m.yaml", edited(&[(SLEEP, "")]));
    let flags = [
        "check",
        "m.yaml",
        "--format",
        "json",
        "--output",
        "r.json",
        "--patches",
        "p.yaml",
    ];
    let outcome = place.sim(&[&flags[..], &FAST].concat());
    assert_eq!(
        (outcome.status, outcome.stdout.as_str(), outcome.stderr.as_str()),
        (1, "", "")
    );
    assert_eq!(place.names(), ["m.yaml", "p.yaml", "r.json"]);
    assert!(place.read("r.json").starts_with("{\n  \"schema_version\": 1,"));
    expect![[r#"
        apiVersion: apps/v1
        kind: Deployment
        metadata:
          name: web
          namespace: shop
        spec:
          template:
            spec:
              containers:
                - name: nginx
                  lifecycle:
                    preStop:
                      sleep:
                        seconds: 24
    "#]]
    .assert_eq(&place.read("p.yaml"));
    // A check that finds nothing writes an empty file, and a dash is stdout.
    let place = place.file("m.yaml", GOOD);
    let outcome = place.sim(&[&["check", "m.yaml", "--output", "-", "--patches", "p.yaml"], &FAST[..]].concat());
    assert_eq!((outcome.status, place.read("p.yaml").as_str()), (0, ""));
    assert!(!outcome.stdout.is_empty());
}

#[test]
fn outputs_that_cannot_be_written_cost_no_simulation() {
    let place = Place::new(&test_name())
        .file("m.yaml", edited(&[(SLEEP, "")]))
        .file("d/x", "");
    // Ten million replications would take days.
    let endless = ["--replications", "10000000"];
    for (flags, said) in [
        (&["--output", "none/r.json"][..], "none/r.json"),
        (&["--output", "d"], "it is a directory"),
        (&["--patches", "none/p.yaml"], "none/p.yaml"),
        (&["--patches", "d"], "it is a directory"),
        (&["--output", "same", "--patches", "same"], "same file"),
    ] {
        let outcome = place.sim(&[&["check", "m.yaml"], &endless[..], flags].concat());
        assert_eq!((outcome.status, outcome.stdout.as_str()), (2, ""), "{flags:?}");
        assert!(outcome.stderr.contains(said), "{}", outcome.stderr);
    }
    assert_eq!(place.names(), ["d", "m.yaml"], "nothing is left behind");
}

#[test]
fn the_list_of_rules_needs_no_manifest() {
    let place = Place::new(&test_name());
    let outcome = place.sim(&["check", "--list-rules"]);
    assert_eq!((outcome.status, outcome.stderr.as_str()), (0, ""));
    let first: Vec<&str> = outcome.stdout.lines().take(3).collect();
    expect![[r#"
        DRN001  preStop longer than the grace period
                The grace period includes preStop. A hook that outlasts it is cut, and the server gets
                SIGTERM with 2 s to live, whatever it still serves. (kubernetes §1.3.1, §1.3.2)"#]]
    .assert_eq(&first.join("\n"));
    assert!(outcome.stdout.lines().all(|line| line.chars().count() <= 96));
    let outcome = place.sim(&["check", "--list-rules", "--format", "json", "--output", "rules.json"]);
    assert_eq!((outcome.status, outcome.stdout.as_str()), (0, ""));
    let rules: serde_json::Value = serde_json::from_str(&place.read("rules.json")).expect("JSON");
    let rules = rules.as_array().expect("an array");
    assert!(rules.len() >= 35);
    for (index, rule) in rules.iter().enumerate() {
        assert_eq!(rule["id"], format!("DRN{:03}", index + 1));
        for key in ["name", "reason", "source"] {
            assert!(rule[key].as_str().is_some_and(|text| !text.is_empty()), "{rule}");
        }
    }
}

#[test]
fn manifests_may_come_from_standard_input() {
    let place = Place::new(&test_name());
    let flags = [
        "check",
        "-",
        "--format",
        "json",
        "--replications",
        "1",
        "--disruption",
        "rollout",
    ];
    let outcome = place.sim_reading(&edited(&[(SLEEP, "")]), &flags);
    let report: serde_json::Value = serde_json::from_str(&outcome.stdout).expect("JSON");
    assert_eq!(rules(&report), ["DRN010"]);
    assert_eq!(report["findings"][0]["location"]["file"], "<stdin>");
}
