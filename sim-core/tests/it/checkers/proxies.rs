//! Ways to break the rules on kube-proxy, in a run whose targets are nodes.

use sim_core::check::Rule;
use sim_core::scenario::elbv2::TargetType;
use sim_core::scenario::value::Limit;
use sim_core::time::SimDuration;
use sim_core::trace::Fact;

use super::Doctoring;
use super::case::Case;

/// The same story with nodes as targets, and a new connection for each request.
fn behind_nodes(case: &mut Case) {
    let mut scenario = Case::scenario();
    scenario.target_group.target_type = TargetType::Instance;
    scenario.app.keep_alive_timeout = Limit::At(SimDuration::ZERO);
    *case = Case::of(scenario);
}

fn is_update(fact: &Fact) -> bool {
    matches!(fact, Fact::ProxiesUpdated { .. })
}

pub(super) const DOCTORINGS: &[Doctoring] = &[
    ("kube-proxy acts twice on a write", Rule::ProxiesUpdated, |case| {
        behind_nodes(case);
        let last = case.trace.iter().rposition(|record| is_update(&record.fact));
        case.duplicate(last.expect("updates"));
    }),
    ("kube-proxy acts before the write", Rule::ProxiesUpdated, |case| {
        behind_nodes(case);
        let at = case.find(is_update);
        case.shift(at, -1_000);
    }),
    (
        "a new connection to a pod that has left",
        Rule::ForwardedAfterRemoval,
        |case| {
            behind_nodes(case);
            let victim = case.victim();
            let at = case.find_request(|request| request.issued_ns > 50_000_000_000 && request.elb_status_code == 200);
            case.request(at).pod = Some(victim);
        },
    ),
    ("a pod behind a pod", Rule::RequestFields, |case| {
        let at = case.find_request(|request| request.target.is_some());
        case.request(at).pod = Some(0);
    }),
    ("an answer by nobody", Rule::RequestFields, |case| {
        behind_nodes(case);
        let at = case.find_request(|request| request.elb_status_code == 200);
        case.request(at).pod = None;
    }),
];
