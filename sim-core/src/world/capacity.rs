//! Disruptions by those who manage capacity.

use crate::world::World;

impl World<'_> {
    /// Karpenter, the spot market and node groups.
    pub(super) fn capacity_disruption(&mut self, index: u32) {
        let disruption = &self.scenario.disruptions[index as usize];
        if disruption.karpenter.is_some() {
            self.start_karpenter();
        } else if disruption.spot_interruption.is_some() {
            self.spot_interruption(index);
        } else if let Some(rules) = &disruption.node_group_update {
            self.node_group_update(index, rules);
        } else if let Some(rules) = &disruption.node_group_scale_in {
            self.node_group_scale_in(index, rules);
        } else if let Some(rules) = &disruption.az_rebalance {
            self.az_rebalance(index, rules);
        }
    }
}
