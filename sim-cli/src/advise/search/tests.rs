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
        let effort = Effort { first: 10, most: 500, insists: false };
        let bench = Bench::new((&scenario, &resolved), Seed(seed), effort, target, &|| {});
        let mut search = Search::new(bench, levers::of(&scenario, true));
        let Found { candidate: found, status, confirmation } = search.find().unwrap();
        prop_assert!(matches!(status, Status::Met | Status::AlreadyMet), "{:?}", status);
        prop_assert!(search.meets(&found).unwrap());
        prop_assert_eq!(confirmation.measured.verdict, Verdict::Met);
        prop_assert!(confirmation.seed != Seed(seed) && confirmation.candidate == found);
        let seconds = match found.cover {
            Cover::Seconds(seconds) => seconds,
            // The grace period of today is the cover already.
            Cover::AsIs => grace_s,
        };
        prop_assert!(seconds * 1000 + 1000 >= median_ms - spread_ms, "{} s cannot do", seconds);
        for less in 0..seconds {
            prop_assert!(!search.meets(&found.with_cover(less)).unwrap(), "{} s would do, not {}", less, seconds);
        }
    }
}

/// One second less has bad luck in ten runs, and is let go; in the sample that says whether levers help it is good.
#[test]
fn a_larger_sample_is_looked_at_again() {
    let scenario = small(Preset::GoShutdown, 7414, 1264, 5);
    let resolved = serde_json::to_value(&scenario).unwrap();
    let target = Target {
        measure: Measure::ErrorsPerEvent,
        value: 2.0,
        confidence: 0.95,
    };
    let effort = Effort {
        first: 10,
        most: 500,
        insists: false,
    };
    let bench = Bench::new((&scenario, &resolved), Seed(840), effort, target, &|| {});
    let mut search = Search::new(bench, levers::of(&scenario, true));
    let found = search.find().unwrap().candidate;
    let shorter = found.with_cover(found.cover_s(&scenario) - 1);
    assert!(!search.meets(&shorter).unwrap(), "{found:?}");
}
