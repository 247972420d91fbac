//! Same scenario, same seed, same bytes; and what a change of the scenario may not move.

use std::fmt::Write as _;
use std::path::Path;

use sim_core::dist::Dist;
use sim_core::rng::Seed;
use sim_core::scenario::Scenario;
use sim_core::scenario::disruption::{Disruption, Scale};
use sim_core::scenario::pod::Sidecar;
use sim_core::scenario::workload::{OpenLoop, Profile, Sessions, Step};
use sim_core::summary::RunSummary;
use sim_core::trace::{Fact, TraceLevel, TraceRecord};

use crate::support::{SEED, constant, ms, run_traced, run_untraced, run_with, secs};
use crate::swarm::generate;

/// The trace as `sim run --trace` writes it.
fn ndjson(trace: &[TraceRecord]) -> String {
    trace.iter().fold(String::new(), |mut text, record| {
        let line = serde_json::to_string(record).expect("a record is JSON");
        writeln!(text, "{line}").expect("memory takes it");
        text
    })
}

/// FNV-1a, 64 bit.
fn fnv(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3)
    })
}

fn assert_same(one: &RunSummary, other: &RunSummary, what: &str) {
    assert_eq!(one.status_counts, other.status_counts, "{what}");
    assert_eq!(one.causes, other.causes, "{what}");
    assert_eq!(one.latency, other.latency, "{what}");
    assert_eq!(one.series, other.series, "{what}");
    assert_eq!(format!("{:?}", one.race), format!("{:?}", other.race), "{what}");
    assert_eq!(one.termination, other.termination, "{what}");
    assert_eq!(one.disruptions, other.disruptions, "{what}");
    assert_eq!(one.observations, other.observations, "{what}");
    assert_eq!(one.events_count, other.events_count, "{what}");
}

/// A fleet that is scaled down at 30 s under an open loop and some sessions.
fn scaled_down() -> Scenario {
    let mut scenario = Scenario {
        horizon: secs(120),
        ..Scenario::default()
    };
    scenario.pod.pre_stop.sleep = Some(secs(5));
    scenario.workload.open_loop = Some(OpenLoop {
        rate: Profile::Constant(40),
        ..OpenLoop::default()
    });
    scenario.disruptions = vec![Disruption {
        at: secs(30),
        scale: Some(Scale {
            replicas: Some(6),
            schedule: None,
        }),
        ..Disruption::default()
    }];
    scenario
}

/// Some sessions with think times of their own.
fn sessions() -> Sessions {
    Sessions {
        count: Profile::Constant(20),
        steps: vec![Step {
            think: Dist::Exponential { mean: ms(700) },
            ..Step::default()
        }],
        ..Sessions::default()
    }
}

/// What the open loop's requests are, whatever becomes of them: instant, ALB node and kind.
fn arrivals(trace: &[TraceRecord]) -> Vec<(u64, u32, String)> {
    let mut arrivals: Vec<_> = trace
        .iter()
        .filter_map(|record| match &record.fact {
            Fact::Request(request) if request.session.is_none() => {
                Some((request.issued_ns, request.alb_node, request.kind.clone()))
            }
            _ => None,
        })
        .collect();
    arrivals.sort_unstable();
    arrivals
}

/// Instants alone: with sessions the ALB nodes are drawn in the order of all requests.
fn instants(trace: &[TraceRecord]) -> Vec<u64> {
    arrivals(trace).into_iter().map(|(at, _, _)| at).collect()
}

/// Pods in the order of their deletion.
fn victims(trace: &[TraceRecord]) -> Vec<u32> {
    let deleted = trace.iter().filter_map(|record| match record.fact {
        Fact::DeletionCommitted { pod, .. } => Some(pod),
        _ => None,
    });
    deleted.collect()
}

#[test]
fn the_same_seed_gives_the_same_bytes_twice() {
    for seed in 1..=20 {
        let scenario = generate::scenario(seed);
        let [one, other] = [(); 2].map(|()| run_with(&scenario, Seed(seed), 0, TraceLevel::All));
        assert!(ndjson(&one.1) == ndjson(&other.1), "seed {seed}");
        assert_same(&one.0, &other.0, &format!("seed {seed}"));
    }
}

#[test]
fn a_scenario_that_went_through_json_gives_the_same_bytes() {
    for seed in 1..=20 {
        let scenario = generate::scenario(seed);
        let json = serde_json::to_string(&scenario).expect("a scenario is JSON");
        let again: Scenario = serde_json::from_str(&json).expect("its own JSON");
        assert_eq!(scenario, again, "seed {seed}");
        let [one, other] = [scenario, again].map(|scenario| run_with(&scenario, Seed(seed), 0, TraceLevel::All));
        assert!(ndjson(&one.1) == ndjson(&other.1), "seed {seed}");
    }
}

#[test]
fn the_trace_level_does_not_change_the_summary() {
    for seed in 1..=40 {
        let scenario = generate::scenario(seed);
        let [all, failures, off] = [TraceLevel::All, TraceLevel::Failures, TraceLevel::Off]
            .map(|level| run_with(&scenario, Seed(seed), 0, level).0);
        assert_same(&all, &failures, &format!("seed {seed}, all and failures"));
        assert_same(&all, &off, &format!("seed {seed}, all and off"));
    }
}

#[test]
fn a_trace_of_failures_is_the_full_one_without_the_answered_requests() {
    for seed in 1..=20 {
        let scenario = generate::scenario(seed);
        let [mut all, failures] =
            [TraceLevel::All, TraceLevel::Failures].map(|level| run_with(&scenario, Seed(seed), 0, level).1);
        all.retain(|record| !matches!(&record.fact, Fact::Request(request) if request.elb_status_code == 200));
        // The end comes with the last record before it, which may be a request that was left out.
        let (all_end, end) = (all.pop().expect("an end"), all.len());
        assert_eq!(all_end.fact, failures[end].fact, "seed {seed}");
        assert!(all[..] == failures[..end], "seed {seed}");
    }
}

#[test]
fn another_replication_and_another_seed_are_other_runs() {
    let scenario = scaled_down();
    let of = |seed, replication| run_with(&scenario, seed, replication, TraceLevel::All).1;
    let base = of(SEED, 0);
    for (what, other) in [("replication", of(SEED, 1)), ("seed", of(Seed(43), 0))] {
        assert_ne!(instants(&base), instants(&other), "arrivals of another {what}");
        assert_ne!(victims(&base), victims(&other), "victims of another {what}");
    }
}

#[test]
fn two_lengths_of_pre_stop_share_arrivals_and_victims() {
    // Common random numbers: what is compared differs in nothing but the setting.
    let runs = [0, 5, 20].map(|sleep| {
        let mut scenario = scaled_down();
        scenario.pod.pre_stop.sleep = Some(secs(sleep));
        run_traced(&scenario)
    });
    for (_, trace) in &runs[1..] {
        assert_eq!(arrivals(trace), arrivals(&runs[0].1));
        assert_eq!(victims(trace), victims(&runs[0].1));
    }
    assert_ne!(
        runs[0].0.five_xx_count(),
        runs[2].0.five_xx_count(),
        "the setting does matter"
    );
}

#[test]
fn nothing_differs_before_the_first_difference() {
    let mut scenario = scaled_down();
    scenario.workload.sessions = Some(sessions());
    let (_, short) = run_traced(&scenario);
    scenario.pod.pre_stop.sleep = Some(secs(20));
    let (_, long) = run_traced(&scenario);
    // The hook of the first deleted pod ends 5 s after 30 s at the earliest.
    let before =
        |trace: &[TraceRecord]| ndjson(&trace[..trace.partition_point(|record| record.at_ns < 35_000_000_000)]);
    assert!(before(&short) == before(&long));
    assert!(ndjson(&short) != ndjson(&long), "and then they differ");
}

#[test]
fn a_sidecar_moves_neither_arrivals_nor_victims() {
    let (_, without) = run_traced(&scaled_down());
    let mut scenario = scaled_down();
    scenario.pod.sidecars = vec![Sidecar {
        stop_time: Dist::ZERO,
        ..Sidecar::default()
    }];
    let (_, with) = run_traced(&scenario);
    assert_eq!(arrivals(&with), arrivals(&without));
    assert_eq!(victims(&with), victims(&without));
    // Its draws come from the streams that all containers share, so that only the termination itself moves.
    assert_ne!(with.len(), without.len());
}

#[test]
fn sessions_move_neither_the_instants_of_the_open_loop_nor_the_victims() {
    let (_, without) = run_traced(&scaled_down());
    let mut scenario = scaled_down();
    scenario.workload.sessions = Some(sessions());
    let (_, with) = run_traced(&scenario);
    assert_eq!(instants(&with), instants(&without));
    assert_eq!(victims(&with), victims(&without));
}

#[test]
fn a_latency_that_nothing_waits_for_changes_nothing() {
    // No gate, no hook, no crash: the streams behind them exist and are never asked.
    let base = run_untraced(&scaled_down());
    let mut scenario = scaled_down();
    scenario.kubelet.gate_to_ready = constant(secs(9));
    scenario.load_balancer_controller.gate_patch = constant(secs(9));
    scenario.app.restart_delay = constant(secs(9));
    scenario.kubelet.cni_del_retry = Dist::Exponential { mean: secs(9) };
    scenario.kubelet.cni_del_failure = sim_core::dist::Probability::ZERO;
    assert_same(&base, &run_untraced(&scenario), "unused latencies");
}

/// Runs `tests/golden/NAME.json` and compares the digest of its full trace with `NAME.digest`.
///
/// The scenario is complete there, so that a changed default changes no golden trace. To update both after a meant
/// change, run with `UPDATE_GOLDEN=1`, read what differs between the traces it leaves in the target directory before
/// and after, and say in the commit why they changed. A digest that differs between `cargo test -p sim-core` and
/// `cargo test --workspace`, or between machines, is a bug.
fn check_golden(name: &str) {
    let file = |ending: &str| Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("tests/golden/{name}.{ending}"));
    let read =
        |path: &Path| std::fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let write = |path: &Path, text: String| {
        std::fs::write(path, text).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    };
    let update = std::env::var_os("UPDATE_GOLDEN").is_some();
    let json = read(&file("json"));
    let scenario: Scenario = serde_json::from_str(&json).expect("a golden scenario");
    let complete = serde_json::to_string_pretty(&scenario).expect("a scenario is JSON") + "\n";
    let trace = ndjson(&run_traced(&scenario).1);
    let digest = format!("{:016x}\n", fnv(trace.as_bytes()));
    let left = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("{name}.ndjson"));
    write(&left, trace);
    if update {
        write(&file("json"), complete);
        write(&file("digest"), digest);
        return;
    }
    assert_eq!(json, complete, "{name}: the scenario is not complete");
    assert_eq!(
        read(&file("digest")),
        digest,
        "{name}: the trace is in {}",
        left.display()
    );
}

/// Protects the order and the instants of a rollout: Deployment steps, victim ranking, start-up, gates, registration,
/// and a preStop sleep against propagation under an open loop and sessions.
#[test]
fn golden_rollout() {
    check_golden("rollout");
}

/// Protects the termination sequence: evictions under a budget, hooks of two containers, the sidecar's turn, the end
/// of grace, and what sticky keep-alive clients of a slow server meet meanwhile.
#[test]
fn golden_node_drain_with_sidecar() {
    check_golden("node-drain-with-sidecar");
}
