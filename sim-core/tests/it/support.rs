//! Builders and runs that the modules of this binary share.

#![allow(dead_code, reason = "each module uses some of them")]

use sim_core::check::Checker;
use sim_core::dist::{Dist, Probability};
use sim_core::rng::Seed;
use sim_core::scenario::Scenario;
use sim_core::summary::RunSummary;
use sim_core::time::SimDuration;
use sim_core::trace::{TraceLevel, TraceRecord, TraceSink};

/// Seed of every run that does not ask for another.
pub(crate) const SEED: Seed = Seed(42);

pub(crate) const fn secs(count: u64) -> SimDuration {
    SimDuration::from_secs(count)
}

pub(crate) const fn ms(count: u64) -> SimDuration {
    SimDuration::from_millis(count)
}

pub(crate) const fn constant(duration: SimDuration) -> Dist {
    Dist::Constant(duration)
}

/// The default scenario with every latency of the control plane and the network zero and every chance "never".
///
/// What remains is arithmetic: preStop, grace, probes, thresholds, and the latencies that a test sets itself.
/// There is no workload and no disruption.
pub(crate) fn instant() -> Scenario {
    let mut scenario = Scenario::default();
    scenario.api_server.write_latency = Dist::ZERO;
    scenario.api_server.watch_latency = Dist::ZERO;
    scenario.endpoint_slice_controller.sync_time = Dist::ZERO;
    let kubelet = &mut scenario.kubelet;
    for latency in [
        &mut kubelet.dispatch,
        &mut kubelet.pleg_wait,
        &mut kubelet.sigterm_delivery,
        &mut kubelet.exit_detect,
        &mut kubelet.sandbox_teardown,
        &mut kubelet.cni_del_retry,
        &mut kubelet.status_patch,
        &mut kubelet.object_delete,
        &mut kubelet.pod_start,
        &mut kubelet.start_detect,
        &mut kubelet.gate_to_ready,
    ] {
        *latency = Dist::ZERO;
    }
    kubelet.housekeeping = SimDuration::ZERO;
    kubelet.pleg_recent_sync = Probability::ZERO;
    kubelet.cni_del_failure = Probability::ZERO;
    let lbc = &mut scenario.load_balancer_controller;
    for latency in [
        &mut lbc.watch_latency,
        &mut lbc.reconcile_time,
        &mut lbc.describe_latency,
        &mut lbc.checkpoint_patch,
        &mut lbc.gate_patch,
    ] {
        *latency = Dist::ZERO;
    }
    let elbv2 = &mut scenario.elbv2;
    for latency in [
        &mut elbv2.deregister_latency,
        &mut elbv2.register_latency,
        &mut elbv2.deregister_propagation,
        &mut elbv2.register_propagation,
    ] {
        *latency = Dist::ZERO;
    }
    elbv2.call_failure = Probability::ZERO;
    scenario.kube_proxy.watch_latency = Dist::ZERO;
    scenario.kube_proxy.sync = Dist::ZERO;
    scenario.network.rtt_same_zone = Dist::ZERO;
    scenario.network.rtt_cross_zone = Dist::ZERO;
    scenario.network.keep_alive_race = Dist::ZERO;
    scenario.network.dead_ip_silent = Probability::ONE;
    let app = &mut scenario.app;
    app.service_time = Dist::ZERO;
    app.start_up = Dist::ZERO;
    app.reaction_delay = Dist::ZERO;
    app.restart_delay = Dist::ZERO;
    scenario
}

/// Runs replication 0 under [`SEED`], all requests traced. Panics if a checker finds anything.
pub(crate) fn run_traced(scenario: &Scenario) -> (RunSummary, Vec<TraceRecord>) {
    run_with(scenario, SEED, 0, TraceLevel::All)
}

/// Runs one replication with a trace at `level`. Panics if a checker finds anything.
pub(crate) fn run_with(
    scenario: &Scenario,
    seed: Seed,
    replication: u32,
    level: TraceLevel,
) -> (RunSummary, Vec<TraceRecord>) {
    let mut sink = Checked {
        trace: Vec::new(),
        checker: Checker::new(scenario, level),
    };
    let summary = sim_core::world::run(scenario, seed, replication, level, &mut sink);
    let violations = sink.checker.finish(&summary);
    assert!(
        violations.is_empty(),
        "{}",
        violations.iter().map(|found| format!("{found}\n")).collect::<String>()
    );
    (summary, sink.trace)
}

/// Runs replication 0 under [`SEED`] without a trace.
pub(crate) fn run_untraced(scenario: &Scenario) -> RunSummary {
    run_with(scenario, SEED, 0, TraceLevel::Off).0
}

/// Keeps the trace and checks it on the way.
struct Checked {
    trace: Vec<TraceRecord>,
    checker: Checker,
}

impl TraceSink for Checked {
    fn record(&mut self, record: TraceRecord) {
        self.trace.push(record.clone());
        self.checker.record(record);
    }
}
