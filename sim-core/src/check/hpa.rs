//! The `HorizontalPodAutoscaler`: what it recommends, and how far it lets replicas go.

use alloc::format;
use alloc::vec::Vec;

use super::Log;
use super::rule::{Rule, Subject};
use crate::scenario::Scenario;
use crate::scenario::hpa::Hpa;
use crate::trace::Fact;

/// One look of the controller, as the trace tells it.
#[derive(Debug, Clone, Copy)]
struct Look {
    permille: Option<u32>,
    ready: u32,
    /// Pods that do not count.
    others: u32,
    current: u32,
    recommended: Option<u32>,
    replicas: u32,
}

/// What the trace has said of the autoscaler.
#[derive(Debug, Default)]
pub(super) struct Autoscaler {
    /// Recommendations and their instants.
    recommendations: Vec<(u64, u32)>,
    /// A change whose disruption has not begun.
    changes: bool,
}

impl Autoscaler {
    pub(super) fn check(&mut self, fact: &Fact, scenario: &Scenario, log: &mut Log) {
        match fact {
            Fact::DisruptionStarted { kind, .. } if kind == "hpa" => {
                log.check(
                    self.changes,
                    Rule::HpaChange,
                    || Subject::Run,
                    || "a disruption begins without a change".into(),
                );
                self.changes = false;
            }
            Fact::HpaSynced {
                cpu_utilization_permille,
                ready_count,
                unready_count,
                missing_count,
                current_count,
                recommended_count,
                replicas_count,
            } => {
                let look = Look {
                    permille: *cpu_utilization_permille,
                    ready: *ready_count,
                    others: unready_count + missing_count,
                    current: *current_count,
                    recommended: *recommended_count,
                    replicas: *replicas_count,
                };
                self.check_look(look, scenario, log);
            }
            _ => {}
        }
    }

    fn check_look(&mut self, look: Look, scenario: &Scenario, log: &mut Log) {
        let subject = || Subject::Run;
        log.check(!self.changes, Rule::HpaChange, subject, || {
            "a change began no disruption".into()
        });
        self.changes = look.replicas != look.current;
        let mut hpas = scenario.disruptions.iter().filter_map(|entry| entry.hpa.as_ref());
        let Some(hpa) = hpas.next() else {
            log.broken(Rule::HpaLimits, Subject::Run, || "the scenario has none".into());
            return;
        };
        let within = (hpa.min_replicas..=hpa.max_replicas).contains(&look.replicas);
        let switched_off = look.current == 0 && look.replicas == 0;
        log.check(within || switched_off, Rule::HpaLimits, subject, || {
            format!("{look:?}, limits {} and {}", hpa.min_replicas, hpa.max_replicas)
        });
        if self.recommendations.is_empty() {
            self.recommendations.push((log.now, look.current));
        }
        let Some(recommended) = look.recommended else {
            return;
        };
        check_recommendation(&look, recommended, hpa, scenario, log);
        self.check_stabilization(&look, recommended, hpa, log);
        self.recommendations.push((log.now, recommended));
    }

    fn check_stabilization(&self, look: &Look, recommended: u32, hpa: &Hpa, log: &mut Log) {
        let now = log.now;
        let within = |window_ns: u64| {
            let young = move |(at, _): &&(u64, u32)| now - *at < window_ns;
            let of_window = self.recommendations.iter().filter(young);
            of_window.map(|(_, replicas)| *replicas).chain([recommended])
        };
        let highest = within(hpa.behavior.scale_down.stabilization_window.as_ns()).max();
        let lowest = within(hpa.behavior.scale_up.stabilization_window.as_ns()).min();
        let fine = (look.replicas >= look.current || highest.is_none_or(|highest| look.replicas >= highest))
            && (look.replicas <= look.current || lowest.is_none_or(|lowest| look.replicas <= lowest));
        log.check(
            fine,
            Rule::HpaStabilization,
            || Subject::Run,
            || format!("{look:?}, recommendations of the windows down to {lowest:?} and up to {highest:?}"),
        );
    }
}

/// The closed form, where every pod counts.
fn check_recommendation(look: &Look, recommended: u32, hpa: &Hpa, scenario: &Scenario, log: &mut Log) {
    let (Some(permille), 0) = (look.permille, look.others) else {
        log.check(
            look.permille.is_some(),
            Rule::HpaRecommendation,
            || Subject::Run,
            || format!("{look:?}, without metrics"),
        );
        return;
    };
    let (percent, target) = (u64::from(permille / 10), u64::from(hpa.target_cpu_utilization));
    let tolerance = scenario.hpa_controller.tolerance.parts_per_million();
    let expected = if percent.abs_diff(target) * 1_000_000 <= tolerance * target {
        u64::from(look.current)
    } else {
        (percent * u64::from(look.ready)).div_ceil(target)
    };
    log.check(
        u64::from(recommended) == expected,
        Rule::HpaRecommendation,
        || Subject::Run,
        || format!("{look:?}, expected {expected}"),
    );
}
