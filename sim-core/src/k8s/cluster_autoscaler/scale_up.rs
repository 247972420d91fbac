//! Nodes for pods that found none (nodes §6).

use alloc::vec::Vec;
use core::cmp::Reverse;

use super::AutoscalerStep;
use super::packing::Packing;
use crate::id::KubeNodeId;
use crate::k8s::node::PodRef;
use crate::scenario::cluster_autoscaler::ClusterAutoscaler;
use crate::scenario::instance_type::InstanceType;
use crate::world::World;

impl World<'_> {
    /// Launches what the pods without room need beside the nodes that are on their way; `false` if that is nothing.
    pub(super) fn scale_up(&mut self) -> bool {
        let staying = self.unscheduled.iter().filter(|pod| self.is_staying(**pod));
        let mut pods: Vec<PodRef> = staying.copied().collect();
        self.autoscaler().pending = pods.iter().copied().collect();
        if pods.is_empty() {
            return false;
        }
        let instance = InstanceType::named(&self.scenario.cluster.instance_type).expect("a validated instance type");
        // The largest first; equal ones as they came.
        pods.sort_by_key(|pod| Reverse(self.requests_of(*pod).load_of(instance.allocatable())));
        let zones = self.nodes_needed(&pods, instance);
        if zones.is_empty() {
            return false;
        }
        self.autoscaler().last_add = Some(self.now);
        let limit = self.autoscaler_rules().max_node_provision_time;
        for zone in zones {
            let after = self.autoscaler().latencies.node_ready.draw();
            let node = self.launch_instance(instance, zone, after);
            if after > limit {
                self.autoscaler_after(limit, AutoscalerStep::ProvisioningOver { node });
            }
        }
        true
    }

    /// The zones of the nodes to launch: one for every node that a pod needs, in the zone with the fewest nodes that
    /// may still grow and where the pod may go.
    fn nodes_needed(&self, pods: &[PodRef], instance: InstanceType) -> Vec<u8> {
        let rules = self.autoscaler_rules();
        let count = self.scenario.cluster.zones;
        let mut groups: Vec<(u8, u32, u32)> = (0..count)
            .map(|zone| {
                let most = ClusterAutoscaler::share_of(rules.max_nodes, zone, count);
                let zone = u8::try_from(zone).expect("at most six zones");
                (zone, self.group_size(zone), most)
            })
            .collect();
        let mut packing = Packing::of(self, true);
        let mut zones = Vec::new();
        for pod in pods {
            if packing.place(self, *pod).is_some() {
                continue;
            }
            groups.sort_by_key(|(zone, size, _)| (*size, *zone));
            for (zone, size, most) in &mut groups {
                if *size < *most && self.helps(&mut packing, *pod, *zone, instance) {
                    *size += 1;
                    zones.push(*zone);
                    break;
                }
            }
        }
        zones
    }

    /// Adds a node of that zone to the plan if the pod can go there.
    fn helps(&self, packing: &mut Packing, pod: PodRef, zone: u8, instance: InstanceType) -> bool {
        let cluster = &self.scenario.cluster;
        let allocatable = instance.allocatable().less(cluster.system_requests);
        let slots = instance.max_pods().saturating_sub(cluster.system_pods_per_node);
        let node: KubeNodeId = packing.add_node(zone, allocatable, slots);
        let placed = packing.place(self, pod);
        if placed.is_none() {
            packing.drop_last();
        }
        debug_assert!(placed.is_none_or(|placed| placed == node), "it found no place before");
        placed.is_some()
    }
}
