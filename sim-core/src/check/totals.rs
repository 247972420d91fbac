//! What a run's summary must agree with: itself, and the trace.

use alloc::collections::BTreeMap;
use alloc::format;
use alloc::string::String;
use alloc::vec;
use alloc::vec::Vec;

use super::Log;
use super::lifecycle::Lifecycles;
use super::request::status_of;
use super::rule::{Rule, Subject};
use crate::outcome::{Cause, Hop, Status};
use crate::scenario::Scenario;
use crate::scenario::elbv2::TargetType;
use crate::summary::RunSummary;
use crate::time::SimDuration;
use crate::trace::{Call, Fact, RequestRecord, TraceLevel};

/// Counts over a trace, in the way the summary counts.
#[derive(Debug)]
pub(super) struct Totals {
    level: TraceLevel,
    warm_up: u64,
    horizon: u64,
    status_counts: [u64; Status::COUNT],
    series: Vec<[u32; Status::COUNT]>,
    causes: BTreeMap<(Cause, Hop), u64>,
    latency_ns: u128,
    in_flight_at_horizon: u64,
    sigkills: u64,
    /// A node that leaves is no pod whose deletion anything waits after.
    pods_are_targets: bool,
    deregistrations: u64,
    disruptions: Vec<(u64, String)>,
}

fn seconds(ns: u64) -> usize {
    usize::try_from(ns / 1_000_000_000).expect("seconds fit in memory")
}

impl Totals {
    pub(super) fn new(scenario: &Scenario, level: TraceLevel) -> Self {
        let horizon = scenario.horizon.as_ns();
        Self {
            level,
            warm_up: scenario.warm_up.as_ns(),
            horizon,
            status_counts: [0; Status::COUNT],
            series: vec![[0; Status::COUNT]; seconds(horizon.saturating_sub(1)) + 1],
            causes: BTreeMap::new(),
            latency_ns: 0,
            in_flight_at_horizon: 0,
            sigkills: 0,
            pods_are_targets: scenario.target_group.target_type == TargetType::Ip,
            deregistrations: 0,
            disruptions: Vec::new(),
        }
    }

    pub(super) fn add_request(&mut self, request: &RequestRecord) {
        let Some(status) = status_of(request.elb_status_code) else {
            return;
        };
        if request.issued_ns < self.warm_up {
            return;
        }
        self.status_counts[status as usize] += 1;
        if let Some(row) = self.series.get_mut(seconds(request.issued_ns)) {
            row[status as usize] += 1;
        }
        if let (Some(cause), Some(hop)) = (request.cause, request.hop) {
            *self.causes.entry((cause, hop)).or_default() += 1;
        }
        self.latency_ns += u128::from(request.finished_ns.saturating_sub(request.issued_ns));
        if request.finished_ns > self.horizon {
            self.in_flight_at_horizon += 1;
        }
    }

    pub(super) fn add_fact(&mut self, at_ns: u64, fact: &Fact) {
        match fact {
            Fact::SigkillSent { .. } => self.sigkills += 1,
            Fact::CallAccepted {
                call: Call::DeregisterTargets,
                targets,
            } if self.pods_are_targets => self.deregistrations += targets.len() as u64,
            Fact::DisruptionStarted { kind, .. } => self.disruptions.push((at_ns, kind.clone())),
            _ => {}
        }
    }

    /// Compares the whole trace with the summary; requests that a trace of failures leaves out are left out.
    pub(super) fn check_against(
        &self,
        summary: &RunSummary,
        requests_count: u64,
        lifecycles: &Lifecycles,
        log: &mut Log,
    ) {
        let check = |holds, rule, detail: &dyn Fn() -> String, log: &mut Log| {
            log.check(holds, rule, || Subject::Summary, detail);
        };
        let all = self.level == TraceLevel::All;
        let recorded = |status: &Status| all || *status != Status::Ok;
        for status in Status::ALL.into_iter().filter(recorded) {
            let (counted, traced) = (
                summary.status_counts[status as usize],
                self.status_counts[status as usize],
            );
            let rows = summary.series.iter().map(|row| row.status_counts[status as usize]);
            let different = rows
                .zip(self.series.iter().map(|row| row[status as usize]))
                .position(|(counted, traced)| counted != traced);
            check(
                counted == traced && different.is_none() && summary.series.len() == self.series.len(),
                Rule::TotalsRequests,
                &|| {
                    format!(
                        "{counted} of status {}, trace has {traced}; second {different:?} differs",
                        status.code()
                    )
                },
                log,
            );
        }
        let (counted, traced) = (summary.requests_count(), self.status_counts.iter().sum::<u64>());
        check(
            requests_count == counted && (!all || traced == counted),
            Rule::TotalsRequests,
            &|| format!("{counted} requests, run_ended says {requests_count}, trace has {traced}"),
            log,
        );
        let mean = self.latency_ns.checked_div(u128::from(traced)).unwrap_or(0);
        let mean = SimDuration::from_ns(u64::try_from(mean).unwrap_or(u64::MAX));
        check(
            !all || summary.latency.mean() == mean,
            Rule::TotalsRequests,
            &|| format!("mean latency {}, trace has {mean}", summary.latency.mean()),
            log,
        );
        let causes: BTreeMap<(Cause, Hop), u64> = summary
            .causes
            .iter()
            .map(|(cause, hop, count)| ((cause, hop), count))
            .collect();
        check(
            causes == self.causes,
            Rule::TotalsCauses,
            &|| format!("{causes:?}, trace has {:?}", self.causes),
            log,
        );
        let in_flight = summary.observations.in_flight_at_horizon;
        check(
            if all {
                in_flight == self.in_flight_at_horizon
            } else {
                in_flight >= self.in_flight_at_horizon
            },
            Rule::TotalsInFlight,
            &|| format!("{in_flight}, trace has {}", self.in_flight_at_horizon),
            log,
        );
        let termination = (
            summary.termination.pods_count,
            summary.termination.pod_time.as_ns(),
            summary.observations.sigkills,
        );
        let traced = (lifecycles.terminated_count, lifecycles.terminated_ns, self.sigkills);
        check(
            termination == traced,
            Rule::TotalsTermination,
            &|| format!("(pods, ns, SIGKILLs) are {termination:?}, trace has {traced:?}"),
            log,
        );
        check(
            summary.race.total.len() as u64 <= lifecycles.deletions_count,
            Rule::TotalsRace,
            &|| {
                format!(
                    "{} races of {} deletions",
                    summary.race.total.len(),
                    lifecycles.deletions_count
                )
            },
            log,
        );
        let deregistrations = summary.observations.deregistrations.count;
        check(
            deregistrations == self.deregistrations,
            Rule::TotalsControlPlane,
            &|| format!("{deregistrations} deregistrations, trace has {}", self.deregistrations),
            log,
        );
        let disruptions = summary.disruptions.iter().map(|entry| (entry.at.as_ns(), entry.kind));
        check(
            disruptions.eq(self.disruptions.iter().map(|(at, kind)| (*at, kind.as_str()))),
            Rule::TotalsDisruptions,
            &|| format!("{:?}, trace has {:?}", summary.disruptions, self.disruptions),
            log,
        );
    }
}

/// Compares the parts of a summary with one another.
pub(super) fn check_summary(summary: &RunSummary, log: &mut Log) {
    let requests = summary.requests_count();
    log.check(
        summary.latency.count() == requests,
        Rule::TotalsSummary,
        || Subject::Summary,
        || format!("{} latencies of {requests} requests", summary.latency.count()),
    );
    for status in Status::ALL {
        let count = summary.status_counts[status as usize];
        let rows = summary.series.iter();
        let series: u64 = rows.map(|row| u64::from(row.status_counts[status as usize])).sum();
        let causes: u64 = summary
            .causes
            .iter()
            .filter(|(cause, _, _)| cause.status() == status)
            .map(|(_, _, count)| count)
            .sum();
        let fine = series == count && (status == Status::Ok || causes == count);
        log.check(
            fine,
            Rule::TotalsSummary,
            || Subject::Summary,
            || {
                format!(
                    "status {}: {count}, in the series {series}, with causes {causes}",
                    status.code()
                )
            },
        );
    }
    check_race(summary, log);
    for (bottleneck, wait) in summary.observations.waits.iter() {
        let fine = wait.longest <= wait.total
            && u128::from(wait.total.as_ns()) <= u128::from(wait.longest.as_ns()) * u128::from(wait.count);
        log.check(
            fine,
            Rule::TotalsControlPlane,
            || Subject::Summary,
            || format!("{}: {wait:?}", bottleneck.name()),
        );
    }
}

fn check_race(summary: &RunSummary, log: &mut Log) {
    let race = &summary.race;
    let hops = [
        &race.endpoints,
        &race.kube_proxy,
        &race.controller,
        &race.api_throttle,
        &race.propagation,
    ];
    let others = [&race.served, &race.removal];
    let complete = hops
        .iter()
        .chain(&others)
        .all(|samples| samples.len() == race.total.len());
    log.check(
        complete,
        Rule::TotalsRace,
        || Subject::Summary,
        || format!("{} races, not all with every part", race.total.len()),
    );
    let mut hops = hops.map(crate::stats::Samples::iter);
    for ((total, served), removal) in race.total.iter().zip(race.served.iter()).zip(race.removal.iter()) {
        let sum: SimDuration = hops.iter_mut().filter_map(Iterator::next).sum();
        // A server that stopped before its deletion has served for no time and has a longer race.
        let window = removal.saturating_sub(served);
        let fine = sum == removal && (total == window || (served.is_zero() && total > window));
        log.check(
            fine,
            Rule::TotalsRace,
            || Subject::Summary,
            || format!("removal {removal}, hops {sum}, served {served}, race {total}"),
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::SimTime;

    #[test]
    fn the_last_second_of_a_run_has_a_row() {
        for (horizon_ns, rows) in [(1, 1), (1_000_000_000, 1), (1_000_000_001, 2)] {
            let scenario = Scenario {
                horizon: SimDuration::from_ns(horizon_ns),
                ..Scenario::default()
            };
            let totals = Totals::new(&scenario, TraceLevel::All);
            assert_eq!(totals.series.len(), rows, "{}", SimTime::from_ns(horizon_ns));
            assert_eq!(RunSummary::new(0, scenario.horizon).series.len(), rows);
        }
    }
}
