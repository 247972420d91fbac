//! Whole-number settings in designs that draw from ranges, and sweeps of which nothing is left.

use super::place;

/// Values of a column of the summaries.
fn column(csv: &str, name: &str) -> Vec<f64> {
    let mut rows = csv.lines().map(|line| line.split(',').collect::<Vec<_>>());
    let heads = rows.next().expect("a head");
    let of = |name: &str| heads.iter().position(|head| *head == name).expect("a column");
    let (row, wanted) = (of("row"), of(name));
    let summaries = rows.filter(|cells| cells[row] == "summary");
    summaries
        .map(|cells| cells[wanted].parse().expect("a number"))
        .collect()
}

#[test]
fn a_hypercube_over_pods_and_grace_draws_whole_pods_and_seconds() {
    let place = place();
    for design in ["latin-hypercube", "sobol"] {
        let run = place.sim(&[
            "sweep",
            "s.yaml",
            "--vary",
            "deployment.replicas=4..11",
            "--vary",
            "pod.pre_stop.sleep=0s..20s",
            "--vary",
            "pod.termination_grace_period=30s..37s",
            "--design",
            design,
            "--points",
            "8",
            "--replications",
            "1",
            "--format",
            "csv",
        ]);
        assert_eq!((run.status, run.stderr.as_str()), (0, ""));
        // Eight numbers, eight points: each once in a design that spreads them evenly.
        for (name, first) in [("deployment.replicas", 4), ("pod.termination_grace_period_s", 30)] {
            let mut found = column(&run.stdout, name);
            found.sort_by(f64::total_cmp);
            let all: Vec<f64> = (first..first + 8).map(f64::from).collect();
            assert_eq!(found, all, "{name} of a {design}");
        }
        assert!(
            column(&run.stdout, "pod.pre_stop.sleep_s")
                .iter()
                .any(|sleep| sleep.fract() > 0.0)
        );
    }
}

#[test]
fn a_probability_from_0_to_1_stays_one() {
    let place = place();
    let run = place.sim(&[
        "sweep",
        "s.yaml",
        "--vary",
        "network.dead_ip_silent=0..1",
        "--design",
        "sobol",
        "--points",
        "4",
        "--replications",
        "1",
        "--format",
        "csv",
    ]);
    assert_eq!((run.status, run.stderr.as_str()), (0, ""));
    let shares = column(&run.stdout, "network.dead_ip_silent");
    assert!(shares.iter().any(|share| share.fract() > 0.0), "{shares:?}");
}

#[test]
fn sensitivity_to_a_number_of_pods_is_found() {
    let place = place();
    let run = place.sim(&[
        "sweep",
        "s.yaml",
        "--sensitivity",
        "--vary",
        "deployment.replicas=4..11",
        "--points",
        "4",
        "--replications",
        "1",
    ]);
    assert_eq!((run.status, run.stderr.as_str()), (0, ""));
    assert!(run.stdout.contains("4 to 11"), "{}", run.stdout);
}

#[test]
fn a_sweep_of_which_no_point_is_left_is_an_error_and_leaves_nothing() {
    let place = place();
    let run = place.sim(&[
        "sweep",
        "s.yaml",
        "--vary",
        "target_group.health_check.interval=3s,4s",
        "--skip-invalid",
        "--output",
        "o.csv",
        "--html",
        "page.html",
    ]);
    assert_eq!((run.status, run.stdout.as_str()), (2, ""));
    for part in ["no design point can be run", "found 3s, legal is 5s to 300s"] {
        assert!(run.stderr.contains(part), "{}", run.stderr);
    }
    assert_eq!(place.names(), ["s.yaml"]);
}
