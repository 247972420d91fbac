//! Ways to break the rules on the `HorizontalPodAutoscaler`.

use sim_core::check::Rule;
use sim_core::scenario::disruption::Disruption;
use sim_core::scenario::hpa::Hpa;
use sim_core::scenario::quantity::Cpu;
use sim_core::trace::{Fact, TraceRecord};

use super::Doctoring;
use super::case::Case;
use crate::support::{instant, run_traced, secs};

impl Case {
    /// Ten idle pods at 40 % of a target of 80 %: the autoscaler takes five away when its window of 60 s is over.
    ///
    /// ```text
    /// look 1, 2, …  every 15 s, the first one or two without metrics; then each wants 5
    /// 60 s after the first look  10 to 5, one disruption
    /// ```
    fn autoscaled() -> Self {
        let mut case = Case::new();
        case.scenario = instant();
        case.scenario.horizon = secs(120);
        case.scenario.deployment.replicas = 10;
        case.scenario.pod.requests.cpu = Cpu::from_millicores(100);
        case.scenario.app.idle_cpu = Cpu::from_millicores(40);
        let mut hpa = Hpa::up_to(20);
        hpa.min_replicas = 2;
        hpa.behavior.scale_down.stabilization_window = secs(60);
        case.scenario.disruptions.push(Disruption {
            hpa: Some(hpa),
            ..Disruption::default()
        });
        (case.summary, case.trace) = run_traced(&case.scenario);
        case
    }

    /// Position of the last look: five pods at 40 %, of which it wants three.
    fn last_look(&self) -> usize {
        let is_look = |record: &TraceRecord| matches!(record.fact, Fact::HpaSynced { .. });
        self.trace.iter().rposition(is_look).expect("the run has looks")
    }

    /// Position of the look that changes replicas.
    fn change(&self) -> usize {
        self.find(
            |fact| matches!(fact, Fact::HpaSynced { current_count, replicas_count, .. } if current_count != replicas_count),
        )
    }

    /// Lets a look recommend another number.
    fn recommend(&mut self, at: usize, count: Option<u32>) {
        if let Fact::HpaSynced { recommended_count, .. } = &mut self.trace[at].fact {
            *recommended_count = count;
        }
    }
}

pub(super) const DOCTORINGS: &[Doctoring] = &[
    ("a look without an autoscaler", Rule::HpaLimits, |case| {
        case.add_last(Fact::HpaSynced {
            cpu_utilization_permille: None,
            ready_count: 0,
            unready_count: 0,
            missing_count: 3,
            current_count: 3,
            recommended_count: None,
            replicas_count: 3,
        });
    }),
    ("fewer replicas than the least", Rule::HpaLimits, |case| {
        *case = Case::autoscaled();
        case.scenario.disruptions[0]
            .hpa
            .as_mut()
            .expect("it has one")
            .min_replicas = 6;
    }),
    ("one more than usage asks for", Rule::HpaRecommendation, |case| {
        *case = Case::autoscaled();
        let at = case.last_look();
        case.recommend(at, Some(4));
    }),
    ("a recommendation without metrics", Rule::HpaRecommendation, |case| {
        *case = Case::autoscaled();
        let at = case.last_look();
        if let Fact::HpaSynced {
            cpu_utilization_permille,
            ..
        } = &mut case.trace[at].fact
        {
            *cpu_utilization_permille = None;
        }
    }),
    ("down before the window is over", Rule::HpaStabilization, |case| {
        *case = Case::autoscaled();
        let hpa = case.scenario.disruptions[0].hpa.as_mut().expect("it has one");
        hpa.behavior.scale_down.stabilization_window = secs(75);
    }),
    ("up before the window is over", Rule::HpaStabilization, |case| {
        *case = Case::autoscaled();
        let hpa = case.scenario.disruptions[0].hpa.as_mut().expect("it has one");
        hpa.behavior.scale_up.stabilization_window = secs(30);
        // A look at 10 pods that wanted 5, and one 15 s later that goes up from 10 to 14.
        let at = case.change();
        case.trace[at].fact = Fact::HpaSynced {
            cpu_utilization_permille: Some(1_120),
            ready_count: 10,
            unready_count: 0,
            missing_count: 0,
            current_count: 10,
            recommended_count: Some(14),
            replicas_count: 14,
        };
    }),
    ("a change without a disruption", Rule::HpaChange, |case| {
        *case = Case::autoscaled();
        let change = case.change();
        let later = case.trace[change..]
            .iter()
            .position(|record| matches!(record.fact, Fact::HpaSynced { current_count: 5, .. }));
        let at = change + later.expect("a look after the change");
        // It found six, it says, and leaves five.
        if let Fact::HpaSynced { current_count, .. } = &mut case.trace[at].fact {
            *current_count = 6;
        }
    }),
    ("a disruption without a change", Rule::HpaChange, |case| {
        *case = Case::autoscaled();
        let at = case.change();
        case.trace.remove(at);
    }),
];
