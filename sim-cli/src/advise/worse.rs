//! What becomes of the advised settings where the load balancer is slower than assumed.

use serde_json::Value as Json;
use sim_core::dist::Dist;
use sim_core::rng::Seed;
use sim_core::scenario::Scenario;
use sim_core::time::SimDuration;

use super::Target;
use super::bench::{Bench, Effort};
use super::candidate::{Candidate, Cover};
use super::levers::whole_seconds;
use super::measure::{Measured, Verdict};
use super::search::{USUAL_S, steps};

/// A worse world.
#[derive(Debug)]
pub(crate) struct Assumption {
    /// In words.
    pub(crate) name: String,
    scenario: Scenario,
    resolved: Json,
}

/// What it brings.
#[derive(Debug)]
pub(crate) struct Worse {
    /// In words.
    pub(crate) assumption: String,
    /// The advised settings there; nothing if the scenario is refused there.
    pub(crate) measured: Measured,
    /// The cover that would meet the target there, seconds; nothing if none does or the hook stays as it is.
    pub(crate) needed_s: Option<u64>,
    /// Longest cover tried there, seconds; 0 if the hook stays as it is.
    pub(crate) longest_s: u64,
}

impl Assumption {
    /// Propagation takes `tenths`/10 times as long.
    pub(crate) fn stretched(scenario: &Scenario, tenths: u64) -> Self {
        let mut scenario = scenario.clone();
        scenario.elbv2.deregister_propagation = stretched(&scenario.elbv2.deregister_propagation, tenths);
        let factor = match tenths % 10 {
            0 => (tenths / 10).to_string(),
            tenth => format!("{}.{tenth}", tenths / 10),
        };
        Self::new(format!("propagation × {factor}"), scenario)
    }

    /// Another scenario altogether.
    pub(crate) fn new(name: String, scenario: Scenario) -> Self {
        let resolved = serde_json::to_value(&scenario).expect("scenarios are JSON");
        Self {
            name,
            scenario,
            resolved,
        }
    }
}

/// Every duration `tenths`/10 times as long.
fn stretched(dist: &Dist, tenths: u64) -> Dist {
    let by = |duration: SimDuration| SimDuration::from_ns(duration.as_ns().saturating_mul(tenths) / 10);
    match dist {
        Dist::Constant(value) => Dist::Constant(by(*value)),
        Dist::Uniform { min, max } => Dist::Uniform {
            min: by(*min),
            max: by(*max),
        },
        Dist::Exponential { mean } => Dist::Exponential { mean: by(*mean) },
        Dist::LogNormal { median, p99 } => Dist::LogNormal {
            median: by(*median),
            p99: by(*p99),
        },
        Dist::Gamma { mean, shape } => Dist::Gamma {
            mean: by(*mean),
            shape: *shape,
        },
        Dist::Empirical { values } => Dist::Empirical {
            values: values.iter().map(|value| by(*value)).collect(),
        },
    }
}

/// The advised settings in a worse world, and the cover needed there; and how many runs that took.
///
/// # Errors
///
/// If the model breaks one of its invariants.
pub(crate) fn judge(
    assumption: Assumption,
    found: &Candidate,
    (seed, effort, target): (Seed, Effort, Target),
    done: &(dyn Fn() + Sync),
) -> anyhow::Result<(Option<Worse>, u64)> {
    let world = (&assumption.scenario, &assumption.resolved);
    let mut bench = Bench::new(world, seed, effort, target, done);
    let Some(measured) = bench.decide(found)? else {
        return Ok((None, bench.runs_count()));
    };
    let mut longest_s = match found.cover {
        Cover::AsIs => 0,
        Cover::Seconds(seconds) => seconds,
    };
    let needed_s = match found.cover {
        Cover::AsIs => None,
        Cover::Seconds(seconds) if measured.verdict == Verdict::Met => Some(seconds),
        Cover::Seconds(seconds) => {
            let ample = whole_seconds(measured.removal_max) + 5;
            let mut top = found.with_cover(ample.clamp(seconds + 1, USUAL_S.max(seconds + 1)));
            loop {
                (top, _) = steps::within_horizon(&mut bench, &top)?;
                if top.cover_s(bench.scenario) <= longest_s {
                    break None;
                }
                longest_s = top.cover_s(bench.scenario);
                if bench.meets(&top)? {
                    let meets = |seconds| bench.meets(&found.with_cover(seconds));
                    break Some(steps::shortest(meets, Some(seconds), longest_s)?);
                }
                let Some(longer) = steps::longer(&mut bench, &top, longest_s)? else {
                    break None;
                };
                top = found.with_cover(longer);
            }
        }
    };
    let runs = bench.runs_count();
    let worse = Worse {
        assumption: assumption.name,
        measured,
        needed_s,
        longest_s,
    };
    Ok((Some(worse), runs))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_duration_grows_and_the_shape_stays() {
        let secs = SimDuration::from_secs;
        let before = Dist::LogNormal {
            median: secs(10),
            p99: secs(20),
        };
        let after = Dist::LogNormal {
            median: secs(15),
            p99: secs(30),
        };
        assert_eq!(stretched(&before, 15), after);
        let assumption = Assumption::stretched(&Scenario::default(), 15);
        assert_eq!(assumption.name, "propagation × 1.5");
        assert_eq!(Assumption::stretched(&Scenario::default(), 20).name, "propagation × 2");
    }
}
