//! The search: levers first, then the shortest cover, then every cheaper neighbour.
//!
//! ```text
//! ample cover ── not met → levers that measurably lower the failures
//!      │ met
//! bisection → shortest cover → other seeds: one second more until they agree
//!      │
//! neighbours: shorter covers, fewer levers, other levers ── one meets → go there, look again
//! ```

use schemars::JsonSchema;
use serde::Serialize;
use sim_core::scenario::Scenario;

use super::bench::Bench;
use super::candidate::{Candidate, Cover};
use super::levers::{Lever, Scope, whole_seconds};
use super::measure::{self, Measured, Verdict};

/// Longest cover tried, seconds.
pub(crate) const MOST_S: u64 = 120;

/// Seconds below the advised cover that are all looked at.
pub(crate) const NEAR_S: u64 = 3;

/// How often a better neighbour is followed.
const ROUNDS: usize = 12;

/// Pod-seconds that are no saving, relative.
const SAME_COST: f64 = 0.02;

/// How the search ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Status {
    /// Today's settings meet the target, and none does so cheaper.
    AlreadyMet,
    /// The advised settings meet it.
    Met,
    /// No setting tried meets it, for certain.
    NotReachable,
    /// There were too few replications to say so of any setting.
    Undecided,
}

/// The same scenario under two seeds: one to search with, one to check with.
pub(crate) struct Search<'a> {
    /// To search with.
    pub(crate) bench: Bench<'a>,
    /// What is found must hold here too.
    pub(crate) check: Bench<'a>,
    /// Settings without cost that there are.
    pub(crate) levers: Vec<Lever>,
}

impl<'a> Search<'a> {
    fn scenario(&self) -> &'a Scenario {
        self.bench.scenario
    }

    /// Whether the target is met under both seeds.
    pub(crate) fn confirmed(&mut self, candidate: &Candidate) -> anyhow::Result<bool> {
        Ok(self.bench.meets(candidate)? && self.check.meets(candidate)?)
    }

    /// The cheapest candidate that meets the target, or the best one that does not.
    ///
    /// # Errors
    ///
    /// If the model breaks one of its invariants.
    pub(crate) fn find(&mut self) -> anyhow::Result<(Candidate, Status)> {
        let as_is = Candidate::as_is();
        let today = self.bench.decide(&as_is)?.expect("today's settings are valid");
        let ample = whole_seconds(today.removal_max) + 5;
        let mut top = Candidate::new(Cover::Seconds(ample.clamp(10, MOST_S)), &[]);
        if !self.bench.meets(&top)? {
            top = self.pulled(top)?;
        }
        if !self.bench.meets(&top)? {
            top = top.with_cover(MOST_S);
        }
        if !self.bench.meets(&top)? {
            return self.best_effort(&top);
        }
        let Cover::Seconds(most) = top.cover else {
            unreachable!("the search goes over covers");
        };
        let shortest = shortest(&mut self.bench, &top, None, most)?;
        let Some(found) = self.climbed(top.with_cover(shortest))? else {
            return self.best_effort(&top.with_cover(MOST_S));
        };
        let found = self.improved(found)?;
        self.or_own_hook(found, &today)
    }

    /// With the levers that measurably lower the failures, until the target is met.
    fn pulled(&mut self, mut top: Candidate) -> anyhow::Result<Candidate> {
        let levers = self.levers.clone();
        let each: Vec<Candidate> = levers.iter().map(|lever| with(&top, lever)).collect();
        self.bench.prepare(&each)?;
        for lever in levers {
            let candidate = with(&top, &lever);
            // The way a server is covered must not change under the comparison.
            let confidence = self.bench.target.confidence;
            let (before, after) = self.bench.pair(&top, &candidate)?;
            if !after.is_empty() && measure::lowers(before, after, confidence) {
                top = candidate;
                if self.bench.meets(&top)? {
                    break;
                }
            }
        }
        Ok(top)
    }

    /// One second more until the other seeds agree; nothing if they never do.
    fn climbed(&mut self, mut found: Candidate) -> anyhow::Result<Option<Candidate>> {
        while !self.confirmed(&found)? {
            match found.cover {
                Cover::Seconds(seconds) if seconds < MOST_S => found = found.with_cover(seconds + 1),
                _ => return Ok(None),
            }
        }
        Ok(Some(found))
    }

    /// Follows cheaper neighbours that meet the target too.
    fn improved(&mut self, mut found: Candidate) -> anyhow::Result<Candidate> {
        for _ in 0..ROUNDS {
            let Some(better) = self.better(&found)? else { break };
            found = better;
        }
        Ok(found)
    }

    fn better(&mut self, found: &Candidate) -> anyhow::Result<Option<Candidate>> {
        for fewer in without_one(found) {
            if self.confirmed(&fewer)? {
                return Ok(Some(fewer));
            }
        }
        let shorter = shorter(found);
        self.bench.prepare(&shorter)?;
        for shorter in &shorter {
            if self.confirmed(shorter)? {
                return Ok(Some(shorter.clone()));
            }
        }
        let Some(shorter) = shorter.first() else {
            return Ok(None);
        };
        for lever in self.spare(found) {
            let candidate = with(shorter, &lever);
            if self.confirmed(&candidate)? {
                let confidence = self.bench.target.confidence;
                let (before, after) = self.bench.pair(shorter, &candidate)?;
                if measure::lowers(before, after, confidence) {
                    let Cover::Seconds(most) = candidate.cover else {
                        unreachable!("shorter covers are seconds");
                    };
                    let shortest = shortest(&mut self.bench, &candidate, None, most)?;
                    return self.climbed(candidate.with_cover(shortest));
                }
            }
        }
        Ok(None)
    }

    /// Levers that are not pulled and cost nothing: no change of the application, no longer rollout.
    pub(crate) fn spare(&self, found: &Candidate) -> Vec<Lever> {
        let free = |lever: &&Lever| {
            lever.scope == Scope::Manifest && !lever.slows_rollouts && !found.levers.iter().any(|it| it == *lever)
        };
        self.levers.iter().filter(free).cloned().collect()
    }

    /// The scenario's own hook, where it meets the target and costs no more.
    fn or_own_hook(&mut self, found: Candidate, today: &Measured) -> anyhow::Result<(Candidate, Status)> {
        let cost = |measured: Option<Measured>| measured.map_or(f64::INFINITY, |it| it.pod_seconds_per_event);
        let limit = cost(self.bench.measure(&found)?) * (1.0 + SAME_COST);
        let as_is = Candidate::as_is();
        if today.verdict == Verdict::Met && today.pod_seconds_per_event <= limit && self.confirmed(&as_is)? {
            return Ok((as_is, Status::AlreadyMet));
        }
        let hook = &self.scenario().pod.pre_stop;
        let runs = hook.exec.is_some() || hook.http_get.is_some();
        if runs && hook.restarts_server_for.is_none() {
            let own = Candidate::new(Cover::AsIs, &found.levers);
            if self.confirmed(&own)? && cost(self.bench.measure(&own)?) <= limit {
                return Ok((own, Status::Met));
            }
        }
        Ok((found, Status::Met))
    }

    /// The candidate that fails least: the shortest cover that fails measurably no more than the longest.
    fn best_effort(&mut self, top: &Candidate) -> anyhow::Result<(Candidate, Status)> {
        let covers = [0, 5, 10, 15, 20, 25, 30, 40, 60, 90];
        let mut candidates = vec![Candidate::as_is()];
        candidates.extend(covers.map(|cover| top.with_cover(cover)));
        self.bench.prepare(&candidates)?;
        let confidence = self.bench.target.confidence;
        let mut best = top.clone();
        for candidate in candidates {
            let (other, most) = self.bench.pair(&candidate, top)?;
            if !other.is_empty() && !measure::lowers(other, most, confidence) {
                best = candidate;
                break;
            }
        }
        let measured = self.bench.decide(&best)?;
        let undecided = measured.is_some_and(|measured| measured.verdict != Verdict::Missed);
        let status = if undecided {
            Status::Undecided
        } else {
            Status::NotReachable
        };
        Ok((best, status))
    }
}

/// With one more lever.
pub(crate) fn with(candidate: &Candidate, lever: &Lever) -> Candidate {
    let mut levers = candidate.levers.clone();
    levers.push(lever.clone());
    candidate.with_levers(levers)
}

/// Without each of its levers, the last first.
pub(crate) fn without_one(candidate: &Candidate) -> Vec<Candidate> {
    (0..candidate.levers.len())
        .rev()
        .map(|index| {
            let mut levers = candidate.levers.clone();
            levers.remove(index);
            candidate.with_levers(levers)
        })
        .collect()
}

/// The next shorter covers, the longest first.
pub(crate) fn shorter(candidate: &Candidate) -> Vec<Candidate> {
    let Cover::Seconds(seconds) = candidate.cover else {
        return Vec::new();
    };
    (1..=NEAR_S)
        .filter_map(|less| Some(candidate.with_cover(seconds.checked_sub(less)?)))
        .collect()
}

/// The shortest cover up to `meets`, which meets the target; `fails` is known to be too short.
///
/// # Errors
///
/// If the model breaks one of its invariants.
pub(crate) fn shortest(
    bench: &mut Bench<'_>,
    candidate: &Candidate,
    fails: Option<u64>,
    meets: u64,
) -> anyhow::Result<u64> {
    let mut low = match fails {
        Some(fails) => fails,
        None if bench.meets(&candidate.with_cover(0))? => return Ok(0),
        None => 0,
    };
    let mut high = meets;
    while high.saturating_sub(low) > 1 {
        let middle = low + (high - low) / 2;
        if bench.meets(&candidate.with_cover(middle))? {
            high = middle;
        } else {
            low = middle;
        }
    }
    Ok(high)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::advise::bench::Effort;
    use crate::advise::levers;
    use crate::advise::{Measure, Target};
    use proptest::prelude::*;
    use sim_core::dist::Dist;
    use sim_core::rng::Seed;
    use sim_core::scenario::preset::Preset;
    use sim_core::time::SimDuration;

    /// Four pods, of which two go; how long the ALB keeps choosing them is uncertain.
    fn small(preset: Preset, median_ms: u64, spread_ms: u64, grace_s: u64) -> Scenario {
        let mut scenario = Scenario {
            app: preset.app(),
            horizon: SimDuration::from_secs(80),
            ..Scenario::default()
        };
        scenario.deployment.replicas = 4;
        scenario.pod.termination_grace_period = SimDuration::from_secs(grace_s);
        scenario.workload.open_loop = serde_json::from_str(r#"{ "rate": 20 }"#).unwrap();
        scenario.elbv2.deregister_propagation = Dist::Uniform {
            min: SimDuration::from_millis(median_ms - spread_ms),
            max: SimDuration::from_millis(median_ms + spread_ms),
        };
        let disruption = r#"[{ "at": "5s", "scale": { "replicas": 2 } }]"#;
        scenario.disruptions = serde_json::from_str(disruption).unwrap();
        scenario.validate().unwrap();
        scenario
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 12, failure_persistence: None, ..ProptestConfig::default() })]

        /// The whole grid below, not only the neighbours that the search looks at.
        #[test]
        fn no_shorter_cover_meets_the_target(
            preset in prop::sample::select(vec![Preset::GoShutdown, Preset::GoDefault, Preset::NodeHttp]),
            median_ms in 2_000_u64..12_000,
            spread_ms in 0_u64..1_500,
            grace_s in 5_u64..40,
            errors in 1_u32..5,
            seed in 0_u64..1_000,
        ) {
            let scenario = small(preset, median_ms, spread_ms, grace_s);
            let resolved = serde_json::to_value(&scenario).unwrap();
            let target = Target { measure: Measure::ErrorsPerEvent, value: f64::from(errors), confidence: 0.95 };
            let effort = Effort { first: 4, most: 8 };
            let bench = |seed| Bench::new((&scenario, &resolved), Seed(seed), effort, target, &|| {});
            let mut search = Search {
                bench: bench(seed),
                check: bench(seed + 1),
                levers: levers::of(&scenario, true),
            };
            let (found, status) = search.find().unwrap();
            prop_assert!(matches!(status, Status::Met | Status::AlreadyMet), "{:?}", status);
            prop_assert!(search.confirmed(&found).unwrap());
            let seconds = match found.cover {
                Cover::Seconds(seconds) => seconds,
                // The grace period of today is the cover already.
                Cover::AsIs => grace_s,
            };
            prop_assert!(seconds * 1000 + 1000 >= median_ms - spread_ms, "{} s cannot do", seconds);
            for less in 0..seconds {
                prop_assert!(!search.confirmed(&found.with_cover(less)).unwrap(), "{} s would do, not {}", less, seconds);
            }
        }
    }
}
