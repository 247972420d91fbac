//! Ways to break the rules on calls, target health and ALB nodes.

use sim_core::check::Rule;
use sim_core::trace::{Call, Fact, NodeTargetState, TargetHealthState};

use super::Doctoring;
use super::case::Case;

fn is_call(call: Call) -> impl Fn(&Fact) -> bool {
    move |fact| matches!(fact, Fact::CallAccepted { call: of, .. } if *of == call)
}

fn find_health(case: &Case, wanted: TargetHealthState) -> usize {
    case.find(|fact| matches!(fact, Fact::TargetHealth { state, .. } if *state == wanted))
}

fn find_view(case: &Case, target: u32, wanted: NodeTargetState) -> usize {
    case.find(|fact| matches!(fact, Fact::NodeTarget { target: of, state, .. } if *of == target && *state == wanted))
}

pub(super) const DOCTORINGS: &[Doctoring] = &[
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
