//! The race of a pod: its way out of rotation against the end of its server.

use crate::id::PodId;
use crate::time::SimDuration;
use crate::trace::ServerState;
use crate::world::World;

impl World<'_> {
    /// Adds a pod's race to the summary once both of its ends are known.
    pub(crate) fn close_race(&mut self, pod: PodId) {
        let object = self.pod(pod);
        let race = object.race;
        let server_gone = matches!(
            self.traffic.servers[pod.index()].state,
            ServerState::DrainingClosed
                | ServerState::DrainingUnaccepted
                | ServerState::Exited
                | ServerState::Removed
                | ServerState::Reused
                | ServerState::Unreachable
        );
        let (Some(deletion), Some(seen), Some(accepted), Some(learned)) =
            (object.deletion, race.seen, race.accepted, race.learned)
        else {
            return;
        };
        let Some(stopped) = race.stopped_serving.filter(|_| server_gone && seen <= accepted) else {
            return;
        };
        let by_kube_proxy = self.has_node_targets();
        let samples = &mut self.traffic.summary.race;
        samples.total.push(learned.saturating_since(stopped));
        samples.served.push(stopped.saturating_since(deletion.at));
        // A pod that failed its checks may be on its way out before it is deleted: hops count from the deletion on.
        let [seen, accepted, learned] = [seen, accepted, learned].map(|at| at.max(deletion.at));
        let throttled = race.throttled.min(accepted - seen);
        samples.removal.push(learned - deletion.at);
        samples.endpoints.push(seen - deletion.at);
        samples.controller.push(accepted - seen - throttled);
        samples.api_throttle.push(throttled);
        let last = learned - accepted;
        let none = SimDuration::ZERO;
        let (kube_proxy, propagation) = if by_kube_proxy { (last, none) } else { (none, last) };
        samples.kube_proxy.push(kube_proxy);
        samples.propagation.push(propagation);
        self.pod_mut(pod).race.learned = None;
    }
}
