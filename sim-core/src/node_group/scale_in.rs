//! Groups that get smaller, and groups that move nodes between zones (nodes §3.3, §3.4).

use alloc::vec::Vec;

use super::{GroupStep, Task};
use crate::event::Event;
use crate::id::KubeNodeId;
use crate::scenario::capacity::{AzRebalance, NodeGroupScaleIn};
use crate::time::SimDuration;
use crate::world::World;

impl World<'_> {
    /// The desired size of the group is lowered.
    pub(crate) fn node_group_scale_in(&mut self, entry: u32, rules: &NodeGroupScaleIn) {
        let disruption = self.begin_disruption("node_group_scale_in");
        let nodes = self.fullest_zone_first(rules.nodes);
        let count = nodes.len();
        let change = self.add_change(entry, disruption, Task::ScalingIn(rules.clone()), nodes.clone().into());
        if rules.drain {
            for _ in 0..count {
                self.next_in_group(change);
            }
        } else {
            for node in nodes {
                self.group_node_terminates(change, node);
            }
        }
    }

    /// The group moves instances from one zone to another.
    pub(crate) fn az_rebalance(&mut self, entry: u32, rules: &AzRebalance) {
        let disruption = self.begin_disruption("az_rebalance");
        let from_zone = |node: &KubeNodeId| u32::from(self.node(*node).zone) == rules.from_zone;
        let nodes = self.nodes_to_hit(u32::MAX).into_iter().filter(from_zone);
        let nodes = nodes.take(rules.nodes as usize).collect();
        let change = self.add_change(entry, disruption, Task::Rebalancing(rules.clone()), nodes);
        self.rebalance_batch(change);
    }

    /// Launches the next instances: a group may exceed its size by a tenth, and by one in any case.
    pub(super) fn rebalance_batch(&mut self, change: u32) {
        let batch = (self.nodes_count() / 10).max(1);
        let state = self.change(change);
        if state.busy > 0 || state.nodes.is_empty() {
            return;
        }
        let Task::Rebalancing(rules) = &state.task else { return };
        let zone = u8::try_from(rules.to_zone).expect("a validated zone");
        let batch = batch.min(u32::try_from(state.nodes.len()).expect("few nodes"));
        let entry = state.entry;
        state.busy = batch;
        let mut in_service = SimDuration::ZERO;
        for _ in 0..batch {
            self.launch_for_group(entry, zone);
            let latencies = self.node_groups.entries[entry as usize].as_mut();
            let latency = latencies.and_then(|latencies| latencies.in_service.as_mut());
            in_service = in_service.max(latency.expect("a rebalance").draw());
        }
        self.schedule(in_service, Event::NodeGroup(GroupStep::InService { change }));
    }

    pub(super) fn rebalanced_in_service(&mut self, change: u32) {
        let state = self.change(change);
        let batch = core::mem::take(&mut state.busy);
        let Task::Rebalancing(rules) = &state.task else { return };
        let drain = rules.drain;
        if drain {
            for _ in 0..batch {
                self.next_in_group(change);
            }
            return;
        }
        let nodes: Vec<KubeNodeId> = state.nodes.drain(..batch as usize).collect();
        state.busy = batch;
        for node in nodes {
            self.group_node_terminates(change, node);
        }
    }
}
