//! Oracles: what theory or a sum on paper says a scenario must give, and what the model gives.
//!
//! ```text
//! queues        waits of one pod                        M/M/c, M/G/1, M/M/1//N, Little
//! routing       shares of healthy targets               turns, slow start
//! dead_targets  failures of a target that is gone       rate × window × share, by routing algorithm
//! connections   pooled connections                      reuse, keep-alive race
//! detection     health checks and propagation           uniform delay, maximum of n draws
//! pace          bursts of work                          token buckets, SDK retries, rolling updates
//! zones         ALB nodes, minimums, weights            DNS ageing, shares
//! forwarding    nodes as targets                        uniform choice of kube-proxy
//! timelines     constant latencies                      instants that are sums, compared to the nanosecond
//! ```
//!
//! What is random is compared through an interval of 99.9 %, from independent replications (Student-t) or one large
//! sample (Kolmogorov–Smirnov, Pearson), wide enough to be fair and narrow enough to tell a wrong model apart: where it
//! is not, the finding is undetermined. With so many oracles a right model fails one of them for one seed in twenty.
//! Every trace also passes the checker of `sim_core::check` on the way.

mod bench;
mod comparison;
mod connections;
mod dead_targets;
mod detection;
mod estimate;
mod forwarding;
mod pace;
mod queues;
mod routing;
mod sample;
mod timelines;
mod workload;
mod zones;

use sim_core::rng::Seed;

use self::bench::Bench;
use self::comparison::Comparison;
use crate::report::{Finding, Verdict};

/// One comparison of the model with theory.
#[derive(Debug, Clone, Copy)]
pub struct Oracle {
    /// Stable name.
    pub name: &'static str,
    /// What is claimed, one sentence.
    pub claim: &'static str,
    /// The formula, or where the terms of the sum come from.
    pub source: &'static str,
    compare: fn(&mut Bench) -> Comparison,
}

impl Oracle {
    /// Runs the oracle's scenarios and compares; equal seeds give equal findings.
    pub fn examine(&self, seed: Seed) -> Finding {
        let (mut finding, broken) = self.examine_apart(seed);
        if let Some(first) = broken.first() {
            finding.verdict = Verdict::Failed;
            finding.remark = format!("{} broken invariants, first: {first}", broken.len());
        }
        finding
    }

    /// The same, with the invariants that its runs broke apart from what its own comparison says.
    pub fn examine_apart(&self, seed: Seed) -> (Finding, Vec<String>) {
        let mut bench = Bench::new(seed);
        let Comparison {
            expected,
            found,
            verdict,
            remark,
        } = (self.compare)(&mut bench);
        let finding = Finding {
            name: self.name.to_owned(),
            claim: self.claim.to_owned(),
            expected,
            found,
            verdict,
            source: self.source.to_owned(),
            remark,
        };
        (finding, bench.into_violations())
    }
}

/// Every oracle, closed forms first.
pub fn all() -> impl Iterator<Item = &'static Oracle> {
    [
        queues::ORACLES,
        routing::ORACLES,
        dead_targets::ORACLES,
        connections::ORACLES,
        detection::ORACLES,
        pace::ORACLES,
        zones::ORACLES,
        forwarding::ORACLES,
    ]
    .into_iter()
    .flatten()
    .chain(timelines::all())
}

#[cfg(test)]
mod tests;
