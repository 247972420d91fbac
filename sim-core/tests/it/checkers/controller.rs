//! Ways to break the rules on the AWS Load Balancer Controller.

use sim_core::bottleneck::Bottleneck;
use sim_core::check::Rule;
use sim_core::trace::{Call, Fact};

use super::Doctoring;
use super::case::Case;
use crate::support::secs;

/// A call for one pod in a further target group.
fn other_call(binding: u32, targets: Vec<u32>) -> Fact {
    Fact::OtherCallAccepted {
        binding,
        call: Call::DeregisterTargets,
        targets,
    }
}

fn gate(binding: u32, passes: bool) -> Fact {
    Fact::ReadinessGate {
        pod: 1,
        binding,
        passes,
    }
}

/// Lets the scenario have one further target group and readiness gates.
fn with_gates(case: &mut Case) {
    case.scenario.pod.readiness_gate = true;
    case.scenario.load_balancer_controller.other_target_group_bindings = 1;
}

/// Nobody leads from the first reconcile on, and the last record comes after the election.
fn leaderless_at(case: &mut Case, at: usize) {
    case.add_after(at, Fact::LeaderElected);
    case.add_after(at - 1, Fact::LeaderLost);
}

pub(super) const DOCTORINGS: &[Doctoring] = &[
    ("elected twice", Rule::LeaderOrder, |case| {
        case.add_last(Fact::LeaderElected);
    }),
    ("lost twice", Rule::LeaderOrder, |case| {
        case.add_last(Fact::LeaderLost);
        case.add_last(Fact::LeaderLost);
    }),
    ("a reconcile without a leader", Rule::Leaderless, |case| {
        let at = case.find(|fact| *fact == Fact::ReconcileStarted);
        leaderless_at(case, at);
    }),
    ("a call without a leader", Rule::Leaderless, |case| {
        let at = case.find(|fact| matches!(fact, Fact::CallAccepted { .. }));
        leaderless_at(case, at);
    }),
    ("no gate although the webhook answers", Rule::GateNotInjected, |case| {
        let pod = case.newcomer();
        case.add_last(Fact::GateNotInjected { pod });
    }),
    ("a gate of no binding", Rule::ReadinessGate, |case| {
        with_gates(case);
        case.add_last(gate(2, true));
    }),
    ("a gate that does not change", Rule::ReadinessGate, |case| {
        with_gates(case);
        case.add_last(gate(1, true));
        case.add_last(gate(1, true));
    }),
    ("a further group that is none", Rule::OtherCall, |case| {
        case.add_last(Fact::OtherReconcileStarted { binding: 1 });
    }),
    ("a further group's target deregistered twice", Rule::OtherCall, |case| {
        with_gates(case);
        case.add_last(other_call(1, vec![1]));
        case.add_last(other_call(1, vec![1]));
    }),
    ("a further group's call for nobody", Rule::OtherCall, |case| {
        with_gates(case);
        case.add_last(other_call(1, vec![]));
    }),
    ("more targets than the quota", Rule::TargetsQuota, |case| {
        case.scenario.elbv2.enforce_targets_quota = true;
        case.scenario.elbv2.targets_per_target_group_quota = 2;
    }),
    ("out of band, but not registered", Rule::CallTargets, |case| {
        let targets = vec![case.victim()];
        case.add_last(Fact::DeregisteredOutOfBand { targets });
    }),
    ("a deregistration not counted", Rule::TotalsControlPlane, |case| {
        case.summary.observations.deregistrations.count += 1;
    }),
];

#[test]
fn waits_of_a_run_are_shorter_together_than_their_count_times_the_longest() {
    let mut case = Case::new();
    case.summary.observations.waits.add(Bottleneck::Workers, secs(3));
    case.summary.observations.waits.add(Bottleneck::Workers, secs(1));
    assert_eq!(case.violations(), []);
}
