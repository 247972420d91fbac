//! The AWS Load Balancer Controller: who leads, gates, and the calls for further target groups.

use alloc::collections::{BTreeMap, BTreeSet};
use alloc::format;

use super::Log;
use super::rule::{Rule, Subject};
use crate::scenario::Scenario;
use crate::trace::{Call, Fact};

/// What the trace has said of the controller.
#[derive(Debug, Default)]
pub(super) struct Controller {
    /// Nobody leads.
    leaderless: bool,
    /// The last value of each gate that was patched: by pod and binding.
    gates: BTreeMap<(u32, u32), bool>,
    /// The last call for each target of a further group: by binding and target.
    calls: BTreeMap<(u32, u32), Call>,
}

impl Controller {
    pub(super) fn check(&mut self, fact: &Fact, scenario: &Scenario, log: &mut Log) {
        match fact {
            Fact::LeaderLost | Fact::LeaderElected => {
                let lost = *fact == Fact::LeaderLost;
                log.check(
                    lost != self.leaderless,
                    Rule::LeaderOrder,
                    || Subject::Run,
                    || format!("{fact:?}"),
                );
                self.leaderless = lost;
            }
            Fact::ReconcileStarted
            | Fact::OtherReconcileStarted { .. }
            | Fact::CallAccepted { .. }
            | Fact::OtherCallAccepted { .. }
            | Fact::ReadinessGate { .. } => {
                log.check(
                    !self.leaderless,
                    Rule::Leaderless,
                    || Subject::Run,
                    || format!("{fact:?}"),
                );
            }
            Fact::GateNotInjected { pod } => {
                let restarts = scenario.disruptions.iter();
                let mut restarts = restarts.filter_map(|disruption| disruption.controller_restart.as_ref());
                let webhook_may_be_gone = restarts.any(|restart| restart.all_replicas);
                let fine = self.leaderless && webhook_may_be_gone && scenario.pod.readiness_gate;
                log.check(
                    fine,
                    Rule::GateNotInjected,
                    || Subject::Pod(*pod),
                    || format!("leaderless {}", self.leaderless),
                );
            }
            _ => {}
        }
        let others = scenario.load_balancer_controller.other_target_group_bindings;
        match fact {
            Fact::OtherReconcileStarted { binding } => {
                log.check(
                    (1..=others).contains(binding),
                    Rule::OtherCall,
                    || Subject::Run,
                    || format!("binding {binding} of {others} further ones"),
                );
            }
            Fact::OtherCallAccepted { binding, call, targets } => {
                let most = scenario.load_balancer_controller.targets_per_call as usize;
                let different: BTreeSet<u32> = targets.iter().copied().collect();
                let changes = |target: &u32| self.calls.get(&(*binding, *target)) != Some(call);
                let fine = (1..=others).contains(binding)
                    && (1..=most).contains(&targets.len())
                    && different.len() == targets.len()
                    && targets.iter().all(changes);
                log.check(
                    fine,
                    Rule::OtherCall,
                    || Subject::Run,
                    || format!("binding {binding} of {others} further ones: {call:?} of {targets:?}"),
                );
                self.calls
                    .extend(targets.iter().map(|target| ((*binding, *target), *call)));
            }
            Fact::ReadinessGate { pod, binding, passes } => {
                let before = self.gates.insert((*pod, *binding), *passes);
                // That the first gate turns True is not told.
                let changes = *binding == 0 || before != Some(*passes);
                let told = *binding > 0 || !*passes;
                let fine = scenario.pod.readiness_gate && *binding <= others && changes && told;
                log.check(
                    fine,
                    Rule::ReadinessGate,
                    || Subject::Pod(*pod),
                    || format!("gate {binding} of {others} further ones is {passes}, before {before:?}"),
                );
            }
            _ => {}
        }
    }
}
