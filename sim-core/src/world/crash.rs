//! Crashes that the scenario asks for.

use alloc::vec::Vec;

use crate::id::PodId;
use crate::world::World;

impl World<'_> {
    /// The process of some running pods dies.
    pub(super) fn pod_crash(&mut self, pods: u32) {
        let disruption = self.begin_disruption("pod_crash");
        let mut running: Vec<PodId> = (0..self.pods.len())
            .map(PodId::at)
            .filter(|pod| self.pod(*pod).is_active() && self.traffic.servers[pod.index()].is_serving())
            .collect();
        for _ in 0..pods {
            let Some(count) = u32::try_from(running.len()).ok().filter(|count| *count > 0) else {
                break;
            };
            let victim = running.swap_remove(self.latencies.crash_victims.below(count) as usize);
            self.disruptions[disruption as usize].pods_count += 1;
            self.server_crashes(victim);
        }
    }
}
