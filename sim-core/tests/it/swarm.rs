//! Random valid scenarios, every checker on.
//!
//! A failing case prints its seed and its scenario first and ends with the line that reproduces it. By default the
//! cases are always the same ones; `SWARM_SEED` and `SWARM_COUNT` choose others.

pub(crate) mod generate;

use std::collections::BTreeSet;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc;
use std::time::Duration;

use sim_core::bottleneck::Bottleneck;
use sim_core::check::Checker;
use sim_core::outcome::{Cause, Status};
use sim_core::rng::Seed;
use sim_core::scenario::Scenario;
use sim_core::scenario::elbv2::TargetType;
use sim_core::scenario::kube_proxy::ExternalTrafficPolicy;
use sim_core::summary::RunSummary;
use sim_core::time::SimDuration;
use sim_core::trace::{TraceLevel, TraceRecord, TraceSink};

/// First seed and number of cases unless the environment says otherwise.
const FIRST: u64 = 1;
const COUNT: u64 = 600;

/// Records after which a case counts as running away: at most 20 000 requests and some thousand facts are expected.
const RECORDS_MAX: u64 = 3_000_000;

/// After which a case counts as hanging, however loaded the machine is.
const PATIENCE: Duration = Duration::from_secs(60);

/// How long a calm scenario has to settle: a few thousand API calls at one per second, and the longest drain.
const QUIET: SimDuration = SimDuration::from_secs(3600);

struct Budget {
    checker: Checker,
    records: u64,
}

impl TraceSink for Budget {
    fn record(&mut self, record: TraceRecord) {
        self.records += 1;
        assert!(
            self.records <= RECORDS_MAX,
            "the run goes on without end, at {record:?}"
        );
        self.checker.record(record);
    }
}

fn environment(name: &str, default: u64) -> u64 {
    std::env::var(name).map_or(default, |value| {
        value
            .parse()
            .unwrap_or_else(|_| panic!("{name}: found \"{value}\", expected a whole number"))
    })
}

/// Runs one case; `Err` says what was wrong.
fn run(scenario: &Scenario, seed: u64) -> Result<RunSummary, String> {
    scenario
        .validate()
        .map_err(|errors| format!("invalid: {}", errors[0]))?;
    let mut sink = Budget {
        checker: Checker::new(scenario, TraceLevel::All),
        records: 0,
    };
    let summary = catch_unwind(AssertUnwindSafe(|| {
        sim_core::world::run(scenario, Seed(seed), 0, TraceLevel::All, &mut sink)
    }))
    .map_err(|panic| {
        let text = panic.downcast_ref::<String>().map(String::as_str);
        let text = text.or(panic.downcast_ref::<&str>().copied());
        format!("panic: {}", text.unwrap_or("without a text"))
    })?;
    let violations = sink.checker.finish(&summary);
    if violations.is_empty() {
        return Ok(summary);
    }
    Err(violations.iter().map(|found| format!("{found}\n")).collect())
}

/// Runs one case in a thread of its own, so that one that hangs is reported too.
fn run_or_report(seed: u64, scenario: Scenario) -> RunSummary {
    let json = serde_json::to_string(&scenario).expect("a scenario is JSON");
    let (sender, receiver) = mpsc::channel();
    std::thread::spawn(move || sender.send(run(&scenario, seed)));
    let result = receiver
        .recv_timeout(PATIENCE)
        .unwrap_or_else(|_| Err(format!("no end after {PATIENCE:?}")));
    match result {
        Ok(summary) => summary,
        Err(problem) => panic!(
            "seed {seed}\nscenario {json}\n{problem}\n\
             SWARM_SEED={seed} SWARM_COUNT=1 cargo test -p sim-core --test it swarm::"
        ),
    }
}

/// What the cases reached together: a swarm that never meets a cause says nothing about it.
#[derive(Default)]
struct Reached {
    causes: BTreeSet<&'static str>,
    requests: u64,
    marks: BTreeSet<&'static str>,
}

impl Reached {
    fn add(&mut self, summary: &RunSummary) {
        self.requests += summary.requests_count();
        self.causes
            .extend(summary.causes.iter().map(|(cause, _, _)| cause.name()));
        let seen = &summary.observations;
        let marks = [
            ("hooks_cut", seen.hooks_cut),
            ("hooks_failed", seen.hooks_failed),
            ("sigkills", seen.sigkills),
            ("stale_syncs", seen.stale_syncs),
            ("throttled", seen.throttled.as_ns()),
            ("client_limited", seen.client_limited.as_ns()),
            ("fail_open_requests", seen.fail_open_requests),
            ("in_flight_at_horizon", seen.in_flight_at_horizon),
            ("evictions_refused", seen.evictions_refused),
            ("removals_given_up", seen.removals_given_up),
            ("unschedulable", seen.unschedulable),
            ("probe_restarts", seen.probe_restarts),
            ("quota_refusals", seen.quota_refusals),
            ("gates_not_injected", seen.gates_not_injected),
            ("creations_refused", seen.creations_refused),
            ("dns_failovers", seen.dns_failovers),
            ("mitigations", seen.mitigations),
            ("races", summary.race.total.len() as u64),
            ("hpa_large_steps", seen.hpa_large_steps),
            ("hpa_at_max", seen.hpa_at_max),
            ("ok", summary.status_counts[Status::Ok as usize]),
        ];
        self.marks
            .extend(seen.waits.iter().map(|(bottleneck, _)| bottleneck.name()));
        self.marks
            .extend(marks.iter().filter(|(_, count)| *count > 0).map(|(mark, _)| *mark));
    }

    fn assert_broad(&self) {
        let missing: Vec<&str> = Cause::ALL
            .iter()
            .filter(|cause| !self.causes.contains(cause.name()))
            .map(|cause| cause.name())
            .collect();
        assert!(missing.is_empty(), "no case ended a request with {missing:?}");
        let all = 21 + Bottleneck::COUNT;
        assert_eq!(self.marks.len(), all, "only {:?} were reached", self.marks);
        assert!(self.requests > 100_000, "only {} requests", self.requests);
    }
}

#[test]
fn random_valid_scenarios_break_no_rule_and_reach_every_cause() {
    let (first, count) = (environment("SWARM_SEED", FIRST), environment("SWARM_COUNT", COUNT));
    let mut reached = Reached::default();
    for seed in first..first + count {
        reached.add(&run_or_report(seed, generate::scenario(seed)));
    }
    if count >= COUNT {
        reached.assert_broad();
    }
}

/// Liveness: when the last disruption is long over, the fleet is what its Deployment says, and the target group knows.
#[test]
fn calm_scenarios_settle() {
    let (first, count) = (environment("SWARM_SEED", FIRST), environment("SWARM_COUNT", COUNT));
    for seed in first..first + count {
        let scenario = generate::calm(seed, QUIET);
        let nodes = scenario.target_group.target_type == TargetType::Instance;
        let local = scenario.service.external_traffic_policy == ExternalTrafficPolicy::Local;
        let json = serde_json::to_string(&scenario).expect("a scenario is JSON");
        let summary = run_or_report(seed, scenario);
        let last = summary.series.last().expect("an hour has rows");
        let replicas = last.replicas;
        // A node is healthy if it has a pod to forward to.
        let with_pods = if local {
            last.targets[1].clamp(replicas.min(1), replicas)
        } else {
            replicas.min(1) * last.nodes
        };
        let targets = if nodes {
            [0, with_pods, last.nodes - with_pods, 0]
        } else {
            [0, replicas, 0, 0]
        };
        assert_eq!(
            (last.targets, last.pods),
            (targets, [0, replicas, 0]),
            "seed {seed}\nscenario {json}\n(initial, healthy, unhealthy, draining), (not ready, ready, terminating)\n\
             SWARM_SEED={seed} SWARM_COUNT=1 cargo test -p sim-core --test it swarm::"
        );
    }
}
