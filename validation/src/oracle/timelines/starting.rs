//! New pods: readiness gates, `minReadySeconds`, replacements (lbc §2, kubernetes §4).

use sim_core::scenario::Scenario;
use sim_core::scenario::disruption::{Disruption, NodeDrain};
use sim_core::trace::{Call, Fact, TargetHealthState};

use super::super::Oracle;
use super::super::bench::Bench;
use super::super::comparison::Comparison;
use super::super::workload::{hops, rollout, scale, secs};
use super::{Timeline, created, deleted, gone, ready};

pub(super) const ORACLES: &[Oracle] = &[
    Oracle {
        name: "readiness_gate_start",
        claim: "A gated pod is registered before it is Ready, and Ready at the first poll after its target is healthy.",
        source: "lbc §1.4, §2.2 (poll 15 s); alb §1.4, §1.6; kubernetes §3.2",
        compare: a_gate_waits_for_the_poll,
    },
    Oracle {
        name: "readiness_gate_rollout",
        claim: "A rolling update deletes the old pod only after the gate of the new one is True.",
        source: "lbc §2.2; kubernetes §4.3.4",
        compare: a_gate_holds_the_old_pod,
    },
    Oracle {
        name: "min_ready_seconds",
        claim: "Each step of a rolling update waits until a new pod has been Ready for minReadySeconds.",
        source: "kubernetes §4.3.4, §4.3.5",
        compare: min_ready_delays_each_step,
    },
    Oracle {
        name: "replacement_at_deletion",
        claim: "An evicted pod is replaced when its deletionTimestamp is set, not when it is gone.",
        source: "kubernetes §4.2.4, §5.1.1",
        compare: a_deletion_is_replaced_at_once,
    },
];

/// Created 1.043, status 4.583; its slice (not ready) is seen at 4.706, its pod event at 4.683. That reconcile finds
/// nothing to do until 4.733; the next registers: + 50 + 30 + 190 = 4.733 + 270 = 5.003. ALB nodes + 2 s: the first check
/// comes at once and one pass is enough: 7.003. Poll 15 s after 5.003: 20.003 + 50 + 70 describe + 25 PATCH + 80.
fn a_gate_waits_for_the_poll(bench: &mut Bench) -> Comparison {
    let mut scenario = hops();
    scenario.horizon = secs(30);
    scenario.deployment.replicas = 0;
    scenario.pod.readiness_gate = true;
    scenario.disruptions = vec![scale(secs(1), 1)];
    let health = |wanted| move |fact: &Fact| matches!(fact, Fact::TargetHealth { state, .. } if *state == wanted);
    let registered = |fact: &Fact| {
        matches!(
            fact,
            Fact::CallAccepted {
                call: Call::RegisterTargets,
                ..
            }
        )
    };
    Timeline::of(bench, &scenario)
        .at("created", &[1_043], created)
        .at("RegisterTargets", &[5_003], registered)
        .at("initial", &[5_003], health(TargetHealthState::Initial))
        .at("healthy", &[7_003], health(TargetHealthState::Healthy))
        .at("Ready", &[20_228], ready)
        .compare()
}

/// Everything as at a start from nothing, 9 s later: Ready 29.228; the old pod's DELETE + 43.
fn a_gate_holds_the_old_pod(bench: &mut Bench) -> Comparison {
    let mut scenario = hops();
    scenario.horizon = secs(45);
    scenario.pod.readiness_gate = true;
    scenario.pod.pre_stop.sleep = Some(secs(20));
    scenario.disruptions = vec![rollout(secs(10))];
    Timeline::of(bench, &scenario)
        .at("created", &[0, 10_043], created)
        .at("Ready", &[0, 29_228], ready)
        .at("DELETE", &[29_271], deleted)
        .compare()
}

/// 25 % of 2: +1, −0. Created 10.043, Ready 13.583, available 18.583; DELETE + 43 = 18.626; the Deployment's own write is
/// back at 18.619: the other new pod is created + 25 = 18.644. Ready 22.184, available 27.184, DELETE 27.227.
fn min_ready_delays_each_step(bench: &mut Bench) -> Comparison {
    let mut scenario = two_pods();
    scenario.deployment.min_ready = secs(5);
    scenario.disruptions = vec![rollout(secs(10))];
    Timeline::of(bench, &scenario)
        .at("created", &[0, 0, 10_043, 18_644], created)
        .at("Ready", &[0, 0, 13_583, 22_184], ready)
        .at("DELETE", &[18_626, 27_227], deleted)
        .compare()
}

/// On nodes with one pod each, so that no status waits for another.
fn two_pods() -> Scenario {
    let mut scenario = hops();
    scenario.deployment.replicas = 2;
    scenario.cluster.nodes = 6;
    scenario
}

/// A node is drained. After the DELETE: + 11 seen + 7 = 18 created, + 3540 = 3558 Ready. Hook to 13 + 20 000, + 3 + 1 +
/// 17 + 200 = 20 234 silent, object + 1000.
fn a_deletion_is_replaced_at_once(bench: &mut Bench) -> Comparison {
    let mut scenario = two_pods();
    scenario.pod.pre_stop.sleep = Some(secs(20));
    scenario.disruptions = vec![Disruption {
        at: secs(10),
        node_drain: Some(NodeDrain::default()),
        ..Disruption::default()
    }];
    Timeline::of(bench, &scenario)
        .since_delete()
        .at("created", &[18], created)
        .at("Ready", &[3_558], ready)
        .at("old pod gone", &[21_234], gone)
        .compare()
}
