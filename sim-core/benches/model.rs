//! The whole model: nanoseconds per request, and a digest of each result.
//!
//! `cargo bench -p sim-core --bench model` takes seconds. With `-- --long` the open loop runs for 600 simulated seconds,
//! 30 million requests, and says how much memory that took at most.

#![allow(clippy::print_stdout, reason = "a benchmark reports")]

#[path = "shared/report.rs"]
mod report;
#[path = "shared/workloads.rs"]
mod workloads;

use divan::Bencher;
use sim_core::rng::Seed;
use sim_core::scenario::Scenario;
use sim_core::summary::RunSummary;
use sim_core::time::SimDuration;
use sim_core::trace::{TraceLevel, TraceRecord};
use sim_core::world::run;

fn main() {
    if std::env::args().any(|argument| argument == "--long") {
        let scenario = workloads::open_loop(SimDuration::from_secs(600));
        report::timed("open_loop, 600 s", "requests", || once(&scenario));
        report::print();
        println!("peak memory: {}", peak_memory());
        return;
    }
    divan::main();
    report::print();
}

fn replication(scenario: &Scenario) -> RunSummary {
    let mut nobody: Vec<TraceRecord> = Vec::new();
    run(scenario, Seed(1), 0, TraceLevel::Off, &mut nobody)
}

/// Runs one replication and returns its requests and a digest.
fn once(scenario: &Scenario) -> (u64, u64) {
    let summary = replication(scenario);
    (summary.requests_count(), digest(&summary))
}

/// Of the counts, the latencies, and the events: whatever a change of the model would move.
fn digest(summary: &RunSummary) -> u64 {
    let latency = &summary.latency;
    let quantiles = (0..=1000).map(|permille| latency.quantile(f64::from(permille) / 1000.0));
    let durations = quantiles.chain([latency.mean(), latency.max(), summary.termination.pod_time]);
    let causes = summary
        .causes
        .iter()
        .map(|(cause, hop, count)| report::fnv([cause as u64, hop as u64, count]));
    report::fnv(
        [summary.events_count, summary.termination.pods_count]
            .into_iter()
            .chain(summary.status_counts)
            .chain(causes)
            .chain(durations.map(SimDuration::as_ns)),
    )
}

/// `seconds` when this is a measurement, else a moment.
fn horizon(seconds: u64) -> SimDuration {
    SimDuration::from_secs(if report::measures() { seconds } else { 1 })
}

fn measure(bencher: Bencher, name: &str, scenario: &Scenario) {
    bencher.bench_local(|| report::timed(name, "requests", || once(scenario)));
}

#[divan::bench(sample_count = 5, sample_size = 1)]
fn closed_loop(bencher: Bencher) {
    measure(bencher, "closed_loop", &workloads::closed_loop(horizon(3600)));
}

#[divan::bench(sample_count = 5, sample_size = 1)]
fn open_loop(bencher: Bencher) {
    measure(bencher, "open_loop", &workloads::open_loop(horizon(60)));
}

/// The control plane alone.
#[divan::bench(sample_count = 5, sample_size = 1)]
fn rollout(bencher: Bencher) {
    let mut scenario = workloads::rollout();
    scenario.horizon = horizon(3600);
    // The rollout begins after one second.
    scenario.horizon = scenario.horizon.max(SimDuration::from_secs(5));
    bencher.bench_local(|| {
        report::timed("rollout", "pods", || {
            let summary = replication(&scenario);
            (summary.termination.pods_count, digest(&summary))
        });
    });
}

#[divan::bench(sample_count = 3, sample_size = 1)]
fn karpenter(bencher: Bencher) {
    measure(bencher, "karpenter", &workloads::karpenter(horizon(1800)));
}

/// Karpenter alone: nobody sends requests.
#[divan::bench(sample_count = 3, sample_size = 1)]
fn karpenter_alone(bencher: Bencher) {
    let mut scenario = workloads::karpenter(horizon(1800));
    scenario.workload.open_loop = None;
    bencher.bench_local(|| {
        report::timed("karpenter_alone", "pods", || {
            let summary = replication(&scenario);
            (summary.termination.pods_count, digest(&summary))
        });
    });
}

#[divan::bench(sample_count = 9, sample_size = 1)]
fn headline_before(bencher: Bencher) {
    let mut scenario = workloads::headline_before();
    if !report::measures() {
        scenario.horizon = SimDuration::from_secs(70);
    }
    measure(bencher, "headline-before", &scenario);
}

/// The most memory this process ever held, where the system tells.
fn peak_memory() -> String {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.map_or("unknown", str::trim).to_owned()
}
