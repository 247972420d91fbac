//! The provisioner: nodes for pods that have none (nodes §2.5).

use super::KarpenterStep;
use crate::event::Event;
use crate::kernel::queue::EventKey;
use crate::time::SimTime;
use crate::world::World;

/// Pods without a node that are counted together.
#[derive(Debug)]
pub(super) struct Batch {
    since: SimTime,
    closes: EventKey,
}

impl World<'_> {
    /// A pod without a node came: the batch stays open until none came for a while, but not for ever.
    pub(crate) fn extend_batch(&mut self) {
        if !self.karpenter.is_running {
            return;
        }
        let since = match self.karpenter.batch.take() {
            Some(batch) => {
                self.cancel(batch.closes);
                batch.since
            }
            None => self.now,
        };
        let rules = &self.karpenter.rules;
        let at = (self.now + rules.batch_idle).min(since + rules.batch_max).max(self.now);
        let closes = self.schedule_at(at, Event::Karpenter(KarpenterStep::BatchClosed));
        self.karpenter.batch = Some(Batch { since, closes });
    }

    /// Launches what the pods need that neither nodes nor launches under way have room for.
    pub(super) fn batch_closed(&mut self) {
        self.karpenter.batch = None;
        let demand = self.pending_demand();
        if demand.total() == 0 {
            return;
        }
        let mut placement = self.placement();
        let homeless = placement.place(&demand);
        for (instance, zone) in placement.nodes_for(homeless, &self.karpenter.types, self.scenario) {
            self.launch_claim(instance, zone);
        }
    }
}
