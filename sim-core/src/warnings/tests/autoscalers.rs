//! Warnings about autoscalers.

use super::{codes, found, of_run, secs};
use crate::scenario::Scenario;
use crate::scenario::cluster_autoscaler::ClusterAutoscaler;
use crate::scenario::disruption::Disruption;
use crate::scenario::hpa::Hpa;
use crate::scenario::quantity::Cpu;
use crate::scenario::value::Limit;
use crate::summary::Observations;

pub(super) fn with_hpa(change: impl FnOnce(&mut Scenario)) -> Scenario {
    let mut scenario = Scenario::default();
    scenario.disruptions.push(Disruption {
        hpa: Some(Hpa::up_to(40)),
        ..Disruption::default()
    });
    change(&mut scenario);
    scenario
}

#[test]
fn an_autoscaler_without_step_limit_is_named_when_it_took_most_pods() {
    assert_eq!(
        of_run(|totals| totals.hpa_large_steps = 1),
        ["hpa-removed-most-pods-in-one-step"]
    );
    assert_eq!(codes(&with_hpa(|_| {}), &Observations::default()), [""; 0]);
}

#[test]
fn an_autoscaler_that_wants_more_than_it_may_set_is_named() {
    let totals = Observations {
        hpa_at_max: 3,
        ..Observations::default()
    };
    let warning = &found(&with_hpa(|_| {}), &totals)[0];
    assert_eq!(warning.code, "hpa-wants-more-than-max-replicas");
    assert!(warning.message.contains("40 replicas"), "{}", warning.message);
}

#[test]
fn a_target_that_busy_workers_cannot_reach_is_named() {
    // One worker at a share of 0.8 and 5 m: 805 m. Of 1 core that is 80 %, not above 80 % and its tenth; of 800 m 100 %.
    let one_worker = |cpu| {
        let scenario = with_hpa(|scenario| {
            scenario.app.workers = Limit::At(1);
            scenario.pod.requests.cpu = Cpu::from_millicores(cpu);
        });
        codes(&scenario, &Observations::default())
    };
    assert_eq!(one_worker(1_000), ["hpa-target-out-of-reach"]);
    assert_eq!(one_worker(800), [""; 0]);
}

#[test]
fn a_grace_period_that_the_autoscaler_cuts_is_told() {
    let mut scenario = Scenario::default();
    scenario.disruptions.push(Disruption {
        cluster_autoscaler: Some(ClusterAutoscaler::default()),
        ..Disruption::default()
    });
    scenario.pod.termination_grace_period = secs(600);
    assert_eq!(codes(&scenario, &Observations::default()), [""; 0]);
    scenario.pod.termination_grace_period = secs(601);
    assert_eq!(
        codes(&scenario, &Observations::default()),
        ["autoscaler-cuts-grace-period"]
    );
}
