//! The Cluster Autoscaler: which nodes go, when, in which steps (nodes §1), and which ones come (nodes §6).
//!
//! One loop every second and no phase to speak of: with `scan_interval` 1 s a loop comes at some instant of each second,
//! so the tests count from the first taint.

use sim_core::scenario::Scenario;
use sim_core::scenario::cluster::OtherWorkload;
use sim_core::scenario::cluster_autoscaler::ClusterAutoscaler;
use sim_core::scenario::disruption::Disruption;
use sim_core::scenario::pod::Resources;
use sim_core::scenario::quantity::{Cpu, Memory};
use sim_core::scenario::value::IntOrPercent;
use sim_core::scenario::workload::{Profile, ProfileStep};
use sim_core::time::{SimDuration, SimTime};
use sim_core::trace::{Fact, NodeChange};

use super::Topic::{Nodes, Objects, Removals};
use super::{Timeline, constants, scale};
use crate::support::{constant, ms, secs};

/// Two zones with three m5.large each; pods of 400m, of which four fit on a node (1930m less 150m of the system) and two
/// leave it at half: 150 + 2 x 400 of 1930 is 49 %, three are 70 %.
///
/// The operating system takes 3 s to hear of its end and 20 s to shut down; leases and controllers stay out of it.
fn nodes(replicas: u32, rules: ClusterAutoscaler) -> Scenario {
    let mut scenario = constants();
    scenario.horizon = secs(400);
    scenario.cluster.nodes = 6;
    scenario.deployment.replicas = replicas;
    scenario.pod.requests.cpu = Cpu::from_millicores(400);
    scenario.kubelet.shutdown_grace_period = secs(150);
    scenario.kubelet.shutdown_grace_period_critical_pods = secs(30);
    scenario.ec2.os_shutdown_notice = constant(secs(3));
    scenario.ec2.os_shutdown = constant(secs(20));
    scenario.disruptions = vec![Disruption {
        cluster_autoscaler: Some(rules),
        ..Disruption::default()
    }];
    scenario
}

/// One minute instead of ten until a node may go.
fn quick(min_nodes: u32) -> ClusterAutoscaler {
    ClusterAutoscaler {
        min_nodes,
        max_nodes: 12,
        scale_down_unneeded_time: secs(60),
        scale_down_delay_after_add: secs(120),
        node_ready_time: constant(secs(90)),
        ..ClusterAutoscaler::default()
    }
}

impl Timeline {
    /// Counts from the first taint.
    fn since_taint(self) -> Self {
        let first = self.first(|fact| {
            matches!(
                fact,
                Fact::NodeChanged {
                    change: NodeChange::Tainted,
                    ..
                }
            )
        });
        self.counted_from(first)
    }

    /// Instants of one change, and its nodes.
    fn changes(&self, wanted: NodeChange) -> Vec<(SimTime, u32)> {
        self.all(|fact| matches!(fact, Fact::NodeChanged { change, .. } if *change == wanted))
            .map(|(at, fact)| match fact {
                Fact::NodeChanged { node, .. } => (at, *node),
                _ => unreachable!("selected above"),
            })
            .collect()
    }
}

#[test]
fn an_empty_node_is_tainted_and_five_seconds_later_terminated() {
    // Five pods: the sixth node is empty. The others have one pod each, 550 of 1930: little used, but min_nodes is five.
    // §1.3: taint and cordon at once, written 10 ms later; 5 s delay; no evictions. Then EC2: 3 s + 20 s.
    // The kubelet says NotReady with the shutdown, written 10 ms later.
    let timeline = Timeline::of(&nodes(5, quick(5))).since_taint();
    timeline.check(
        &[Nodes, Removals, Objects],
        "
        0s node 5 tainted
        0s node 5 cordoned
        5.01s node 5 termination_requested
        8.01s node 5 shutting_down
        8.02s node 5 not_ready
        28.01s node 5 terminated
        ",
    );
}
