//! From the aggregate of all replications to the document.

use std::collections::BTreeMap;

use sim_core::bottleneck::Bottleneck;
use sim_core::outcome::{Cause, Hop, Status};
use sim_core::scenario::Scenario;
use sim_core::stats::{self, LatencyHistogram, Samples};
use sim_core::time::SimDuration;
use sim_core::warnings::{self, Totals, Warning};
use validation::interval;

use super::SCHEMA_VERSION;
use super::types::{
    CauseReport, DisruptionReport, FiveXxRatio, Latency, Method, PeakFiveXxRatio, Quantiles, RaceWindow,
    ReplicationReport, Report, SlowestDeregistration, StatusCounts, TerminationReport, WaitReport, WarningReport,
};
use crate::aggregate::{Aggregate, PooledDisruption, five_xx_of};
use crate::provenance::Provenance;

/// The document of a run.
pub(crate) fn report(
    scenario: &Scenario,
    provenance: Provenance,
    aggregate: &Aggregate,
    peak_window: SimDuration,
) -> Report {
    let status_counts = aggregate.status_counts();
    let peak = aggregate.peak(peak_window, scenario.warm_up);
    Report {
        schema_version: SCHEMA_VERSION,
        provenance,
        requests_count: status_counts.iter().sum(),
        status_counts: StatusCounts::from(status_counts),
        five_xx_ratio: five_xx_ratio(aggregate),
        peak_five_xx_ratio: PeakFiveXxRatio {
            value: peak.map(|peak| stats::ratio(peak.sums.five_xx_count, peak.sums.requests_count)),
            window_s: stats::seconds(peak_window),
            start_s: peak.map(|peak| whole(peak.start_second as u64)),
        },
        peak_dead_target_share: peak.and_then(|peak| peak.dead_target_share()),
        causes: causes(aggregate),
        race_window_s: race_window(aggregate),
        latency_s: latency(&aggregate.latency),
        termination: termination(aggregate),
        disruptions: aggregate.disruptions.iter().map(disruption).collect(),
        waits: waits(aggregate),
        slowest_deregistration: slowest_deregistration(aggregate),
        warnings: all_warnings(scenario, aggregate),
        replications: replications(aggregate),
    }
}

fn five_xx_ratio(aggregate: &Aggregate) -> FiveXxRatio {
    let (mean, interval, method) = aggregate.five_xx_ratio();
    FiveXxRatio {
        mean,
        ci95_low: six_digits(interval.low),
        ci95_high: six_digits(interval.high),
        method: Method::from(method),
    }
}

/// Rounded to six significant digits. The quantiles behind an interval come from the system's logarithm and
/// exponential, whose last bits differ between machines; a result must not.
pub(crate) fn six_digits(value: f64) -> f64 {
    format!("{value:.5e}").parse().expect("a formatted float is a float")
}

/// One entry per cause, most frequent first and in the order of the enum where equal.
fn causes(aggregate: &Aggregate) -> Vec<CauseReport> {
    let mut by_cause: BTreeMap<Cause, BTreeMap<Hop, u64>> = BTreeMap::new();
    for (cause, hop, count) in aggregate.causes.iter() {
        *by_cause.entry(cause).or_default().entry(hop).or_default() += count;
    }
    let five_xx_count = five_xx_of(&aggregate.status_counts());
    let mut causes: Vec<CauseReport> = by_cause
        .into_iter()
        .map(|(cause, hops)| {
            let count = hops.values().sum();
            let counted = if cause.status().is_five_xx() { count } else { 0 };
            CauseReport {
                cause,
                elb_status_code: cause.status().code(),
                count,
                share: stats::ratio(counted, five_xx_count),
                hop: dominant(&hops),
                hops,
                explanation: String::from(cause.explanation()),
            }
        })
        .collect();
    causes.sort_by(|a, b| b.count.cmp(&a.count).then(a.cause.cmp(&b.cause)));
    causes
}

/// The hop with the highest count, the earliest of the pipeline where equal.
fn dominant(hops: &BTreeMap<Hop, u64>) -> Hop {
    let most = hops.values().max().copied().unwrap_or(0);
    hops.iter()
        .find(|(_, count)| **count == most)
        .map_or(Hop::None, |(hop, _)| *hop)
}

fn race_window(aggregate: &Aggregate) -> RaceWindow {
    let race = &aggregate.race;
    RaceWindow {
        pods_count: race.total.len() as u64,
        total: quantiles(&race.total),
        endpoints: quantiles(&race.endpoints),
        kube_proxy: quantiles(&race.kube_proxy),
        controller: quantiles(&race.controller),
        api_throttle: quantiles(&race.api_throttle),
        propagation: quantiles(&race.propagation),
        removal: quantiles(&race.removal),
        served_after_deletion: quantiles(&race.served),
    }
}

fn quantiles(samples: &Samples) -> Quantiles {
    let at = |p| stats::seconds(samples.quantile(p));
    Quantiles {
        p50: at(0.5),
        p95: at(0.95),
        p99: at(0.99),
        max: stats::seconds(samples.max()),
    }
}

fn latency(histogram: &LatencyHistogram) -> Latency {
    let at = |p| stats::seconds(histogram.quantile(p));
    Latency {
        p50: at(0.5),
        p90: at(0.9),
        p95: at(0.95),
        p99: at(0.99),
        max: stats::seconds(histogram.max()),
    }
}

fn termination(aggregate: &Aggregate) -> TerminationReport {
    let n = aggregate.replications_count();
    let termination = &aggregate.termination;
    TerminationReport {
        pods_count: stats::ratio(termination.pods_count, n),
        pod_seconds: mean_seconds(termination.pod_time, n),
        drain_s: mean_seconds(termination.drain, n),
    }
}

fn disruption(pooled: &PooledDisruption) -> DisruptionReport {
    let requests_count = pooled.status_counts.iter().sum();
    DisruptionReport {
        at_s: stats::seconds_at(pooled.at),
        kind: String::from(pooled.kind),
        pods_count: stats::ratio(pooled.pods_count, pooled.replications_count),
        requests_count,
        status_counts: StatusCounts::from(pooled.status_counts),
        five_xx_ratio: stats::ratio(five_xx_of(&pooled.status_counts), requests_count),
        drain_s: mean_seconds(pooled.drain, pooled.replications_count),
    }
}

fn waits(aggregate: &Aggregate) -> Vec<WaitReport> {
    let waits = aggregate.observations.waits.iter();
    waits
        .map(|(bottleneck, wait)| WaitReport {
            bottleneck: String::from(bottleneck.name()),
            waits_count: wait.count,
            longest_s: stats::seconds(wait.longest),
            total_s: stats::seconds(wait.total),
            label: String::from(bottleneck.label()),
        })
        .collect()
}

fn slowest_deregistration(aggregate: &Aggregate) -> Option<SlowestDeregistration> {
    let deregistrations = &aggregate.observations.deregistrations;
    let slowest = &deregistrations.slowest;
    slowest.largest()?;
    let shares = Bottleneck::ALL
        .iter()
        .map(|bottleneck| (bottleneck.name(), slowest.of(*bottleneck)));
    Some(SlowestDeregistration {
        deregistrations_count: deregistrations.count,
        waited_s: stats::seconds(slowest.total()),
        shares_s: shares
            .filter(|(_, share)| !share.is_zero())
            .map(|(name, share)| (String::from(name), stats::seconds(share)))
            .collect(),
    })
}

fn mean_seconds(sum: SimDuration, count: u64) -> f64 {
    if count == 0 { 0.0 } else { stats::seconds(sum / count) }
}

fn whole(count: u64) -> f64 {
    stats::seconds(SimDuration::from_secs(count))
}

/// Those of the model, then those of the statistics.
fn all_warnings(scenario: &Scenario, aggregate: &Aggregate) -> Vec<WarningReport> {
    let totals = Totals {
        observations: aggregate.observations,
        requests_count: aggregate.status_counts().iter().sum(),
        replications_count: u32::try_from(aggregate.replications_count()).expect("they were counted in 32 bits"),
    };
    let mut all: Vec<WarningReport> = warnings::warnings(scenario, &totals)
        .into_iter()
        .map(WarningReport::from)
        .collect();
    let (_, _, method) = aggregate.five_xx_ratio();
    if method == interval::Method::NoRequests {
        all.push(WarningReport::new(
            "no-requests",
            "No request was issued between the warm-up and the horizon, so there is nothing to report.",
            "Give the scenario a workload (`workload.sessions` or `workload.open_loop`) and a longer horizon.",
        ));
    } else if totals.replications_count == 1 {
        all.push(WarningReport::new(
            "one-replication",
            "One replication only: the interval takes requests as independent, but one late deletion fails many of \
             them together, so it is too narrow.",
            "Use `--replications 10` or more.",
        ));
    }
    all
}

fn replications(aggregate: &Aggregate) -> Vec<ReplicationReport> {
    (0..)
        .zip(&aggregate.replications)
        .map(|(replication, counts)| {
            let requests_count = counts.iter().sum();
            ReplicationReport {
                replication,
                requests_count,
                status_counts: StatusCounts::from(*counts),
                five_xx_ratio: stats::ratio(five_xx_of(counts), requests_count),
            }
        })
        .collect()
}

impl From<[u64; Status::COUNT]> for StatusCounts {
    fn from(counts: [u64; Status::COUNT]) -> Self {
        let of = |status: Status| counts[status as usize];
        Self {
            ok: of(Status::Ok),
            client_closed: of(Status::ClientClosed),
            target_error: of(Status::TargetError),
            bad_gateway: of(Status::BadGateway),
            service_unavailable: of(Status::ServiceUnavailable),
            gateway_timeout: of(Status::GatewayTimeout),
            wrong_target: of(Status::WrongTarget),
            unanswered: of(Status::Unanswered),
        }
    }
}

impl From<interval::Method> for Method {
    fn from(method: interval::Method) -> Self {
        match method {
            interval::Method::StudentTRatio => Method::StudentTRatio,
            interval::Method::ClopperPearson => Method::ClopperPearson,
            interval::Method::ClopperPearsonUpper => Method::ClopperPearsonUpper,
            interval::Method::NoRequests => Method::NoRequests,
        }
    }
}

impl WarningReport {
    fn new(code: &str, message: &str, hint: &str) -> Self {
        Self {
            code: String::from(code),
            message: String::from(message),
            hint: String::from(hint),
        }
    }
}

impl From<Warning> for WarningReport {
    fn from(warning: Warning) -> Self {
        Self {
            code: String::from(warning.code),
            message: warning.message,
            hint: warning.hint,
        }
    }
}
