//! Ways to break the rules on calls, target health and ALB nodes.

use sim_core::check::Rule;
use sim_core::outcome::{Cause, Hop, Status};
use sim_core::scenario::health::Switch;
use sim_core::trace::{Call, Fact, NodeTargetState, TargetHealthState, TargetOverride};

use super::Doctoring;
use super::case::Case;
use super::requests::change_status;

fn is_call(call: Call) -> impl Fn(&Fact) -> bool {
    move |fact| matches!(fact, Fact::CallAccepted { call: of, .. } if *of == call)
}

fn find_health(case: &Case, wanted: TargetHealthState) -> usize {
    case.find(|fact| matches!(fact, Fact::TargetHealth { state, .. } if *state == wanted))
}

fn find_view(case: &Case, target: u32, wanted: NodeTargetState) -> usize {
    case.find(|fact| matches!(fact, Fact::NodeTarget { target: of, state, .. } if *of == target && *state == wanted))
}

/// A request that its ALB node never answered: 0 in the trace and in the summary.
fn unanswered(case: &mut Case) {
    change_status(case, Status::Unanswered, Cause::AlbNodeUnreachable, Hop::None);
}

/// A target that stays healthy.
fn survivor(case: &Case) -> u32 {
    u32::from(case.victim() == 0)
}

pub(super) const DOCTORINGS: &[Doctoring] = &[
    (
        "an override that the load balancer does not allow",
        Rule::TargetOverride,
        |case| {
            let (target, state) = (survivor(case), TargetOverride::ZonalShiftActive);
            case.add_last(Fact::TargetOverridden { target, state });
        },
    ),
    (
        "an override of another cross-zone setting",
        Rule::TargetOverride,
        |case| {
            case.scenario.load_balancer.zonal_shift = true;
            let (target, state) = (survivor(case), TargetOverride::ZonalShiftDelegatedToDns);
            case.add_last(Fact::TargetOverridden { target, state });
        },
    ),
    ("no override after none", Rule::TargetOverride, |case| {
        let (target, state) = (survivor(case), TargetOverride::NoOverride);
        case.add_last(Fact::TargetOverridden { target, state });
    }),
    ("to a target that is shifted away", Rule::RoutedToShifted, |case| {
        case.scenario.load_balancer.zonal_shift = true;
        let (target, state) = (survivor(case), TargetOverride::ZonalShiftActive);
        let at = case.find_request(|request| request.issued_ns > 100_000_000_000);
        case.add_after(at, Fact::TargetOverridden { target, state });
    }),
    ("DNS without a zone", Rule::DnsAnswer, |case| {
        case.add_last(Fact::DnsAnswered { zones: Vec::new() });
    }),
    ("DNS with a zone too many", Rule::DnsAnswer, |case| {
        case.add_last(Fact::DnsAnswered { zones: vec![0, 2] });
    }),
    ("DNS with the same zones", Rule::DnsAnswer, |case| {
        case.add_last(Fact::DnsAnswered { zones: vec![0, 1] });
    }),
    ("an ALB node that left DNS over a minute ago", Rule::StaleDns, |case| {
        let at = case.find_request(|request| request.issued_ns > 2_000_000_000);
        case.add_after(at, Fact::DnsAnswered { zones: vec![1] });
    }),
    ("an ALB node that dies twice", Rule::DeadAlbNode, |case| {
        case.add_last(Fact::AlbNodeDied { alb_node: 1 });
        case.add_last(Fact::AlbNodeDied { alb_node: 1 });
    }),
    ("an ALB node that is not there dies", Rule::DeadAlbNode, |case| {
        case.add_last(Fact::AlbNodeDied { alb_node: 2 });
    }),
    ("no answer from an ALB node that lives", Rule::DeadAlbNode, unanswered),
    ("a weight cut although that is off", Rule::Mitigation, |case| {
        let (alb_node, target) = (0, survivor(case));
        let mitigated = true;
        case.add_last(Fact::TargetMitigated {
            alb_node,
            target,
            mitigated,
        });
    }),
    ("a weight cut of a target that is not known", Rule::Mitigation, |case| {
        case.scenario.target_group.anomaly_mitigation = Switch::On;
        let (alb_node, target) = (0, case.victim());
        let mitigated = true;
        case.add_last(Fact::TargetMitigated {
            alb_node,
            target,
            mitigated,
        });
    }),
    ("a weight restored that was not cut", Rule::Mitigation, |case| {
        case.scenario.target_group.anomaly_mitigation = Switch::On;
        let (alb_node, target) = (0, survivor(case));
        let mitigated = false;
        case.add_last(Fact::TargetMitigated {
            alb_node,
            target,
            mitigated,
        });
    }),
    ("registered twice", Rule::CallTargets, |case| {
        let at = case.find(is_call(Call::RegisterTargets));
        case.duplicate(at);
    }),
    ("a call for nobody", Rule::CallTargets, |case| {
        let (call, targets) = (Call::DeregisterTargets, Vec::new());
        case.add_last(Fact::CallAccepted { call, targets });
    }),
    ("a target twice in a call", Rule::CallTargets, |case| {
        let at = case.find(is_call(Call::RegisterTargets));
        if let Fact::CallAccepted { targets, .. } = &mut case.trace[at].fact {
            targets.push(targets[0]);
        }
    }),
    (
        "more targets than the controller puts into a call",
        Rule::CallTargets,
        |case| {
            case.scenario.load_balancer_controller.targets_per_call = 0;
        },
    ),
    ("healthy again", Rule::TargetTransition, |case| {
        let at = find_health(case, TargetHealthState::Healthy);
        case.duplicate(at);
    }),
    ("draining without a call", Rule::TargetTransition, |case| {
        let (target, state) = (u32::from(case.victim() == 0), TargetHealthState::Draining);
        case.add_last(Fact::TargetHealth { target, state });
    }),
    ("from unused to healthy", Rule::TargetTransition, |case| {
        let at = find_health(case, TargetHealthState::Initial);
        case.trace.remove(at);
    }),
    ("unused too early", Rule::DeregistrationDelay, |case| {
        let at = find_health(case, TargetHealthState::Unused);
        case.shift(at, -1);
    }),
    ("healthy to an ALB node again", Rule::NodeTransition, |case| {
        let at = find_view(case, case.newcomer(), NodeTargetState::Healthy);
        case.duplicate(at);
    }),
    ("never initial to an ALB node", Rule::NodeTransition, |case| {
        let at = find_view(case, case.newcomer(), NodeTargetState::Initial);
        case.trace.remove(at);
    }),
    ("initial again without a registration", Rule::NodeTransition, |case| {
        let (alb_node, target) = (0, case.newcomer());
        let state = NodeTargetState::Initial;
        case.add_last(Fact::NodeTarget {
            alb_node,
            target,
            state,
        });
    }),
    ("known before the call is accepted", Rule::NodeLearnsEarly, |case| {
        let at = find_view(case, case.newcomer(), NodeTargetState::Initial);
        case.shift(at, -1_001);
    }),
    ("forgotten without a call", Rule::NodeForgetsEarly, |case| {
        let (alb_node, target) = (0, u32::from(case.victim() == 0));
        let state = NodeTargetState::Unknown;
        case.add_last(Fact::NodeTarget {
            alb_node,
            target,
            state,
        });
    }),
];
