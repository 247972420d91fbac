//! The `EndpointSlice` controller (kubernetes §2.3).

use alloc::vec::Vec;

use super::pod::{Endpoint, Pod, PodView};
use crate::backoff;
use crate::bottleneck::Bottleneck;
use crate::dist::Rate;
use crate::event::Event;
use crate::id::PodId;
use crate::kernel::queue::EventKey;
use crate::scenario::Scenario;
use crate::time::{SimDuration, SimTime};
use crate::token_bucket::TokenBucket;
use crate::trace::Fact;
use crate::world::World;

/// One slice write: the endpoints it changes, `None` where the endpoint leaves.
type Write = Vec<(PodId, Option<Endpoint>)>;

/// State of the controller for the one Service.
#[derive(Debug)]
pub(crate) struct EndpointsState {
    bucket: TokenBucket,
    dirty: Vec<PodId>,
    /// The queued sync and its instant.
    queued: Option<(EventKey, SimTime)>,
    /// A retry of a stale sync is due then; a sync that a pod event brings about does not wait for it.
    retry_at: Option<SimTime>,
    /// A sync writes until then.
    busy_until: SimTime,
    /// The last own write is back on the watch at this instant; before it the cache is stale.
    echo_at: SimTime,
    /// The load balancer controller has seen all writes at this instant.
    seen_at: SimTime,
    /// Stale syncs in a row.
    stale_row: u32,
    /// Endpoints in each slice.
    slices: Vec<u32>,
    per_slice: u32,
    writes: Vec<Write>,
}

impl EndpointsState {
    pub(crate) fn new(scenario: &Scenario) -> Self {
        let limits = &scenario.controller_manager;
        let qps = Rate::from_qps(limits.client_qps);
        Self {
            bucket: TokenBucket::new(qps, limits.client_burst),
            dirty: Vec::new(),
            queued: None,
            retry_at: None,
            busy_until: SimTime::ZERO,
            echo_at: SimTime::ZERO,
            seen_at: SimTime::ZERO,
            stale_row: 0,
            slices: Vec::new(),
            per_slice: scenario.endpoint_slice_controller.max_endpoints_per_slice,
            writes: Vec::new(),
        }
    }

    /// Puts a new endpoint into the first slice with room.
    pub(crate) fn assign_slice(&mut self, pod: &mut Pod) {
        let slice = self
            .slices
            .iter()
            .position(|used| *used < self.per_slice)
            .unwrap_or_else(|| {
                self.slices.push(0);
                self.slices.len() - 1
            });
        self.slices[slice] += 1;
        pod.slice = Some(u32::try_from(slice).expect("few slices"));
    }
}

impl World<'_> {
    /// A pod change is on its way to the controller.
    pub(crate) fn notify_endpoints(&mut self, pod: PodId) {
        let after = self.latencies.api_watch.draw();
        let now = self.now;
        let object = self.pod_mut(pod);
        // Watch events of one object arrive in order.
        object.endpoints_see_at = object.endpoints_see_at.max(now + after);
        let (at, view) = (object.endpoints_see_at, object.view);
        self.schedule_at(at, Event::EndpointsSawPod { pod, view });
    }

    pub(crate) fn endpoints_saw_pod(&mut self, pod: PodId, view: PodView) {
        let object = self.pod_mut(pod);
        object.endpoints_view = view;
        if !object.endpoints_dirty {
            object.endpoints_dirty = true;
            self.endpoints.dirty.push(pod);
        }
        self.queue_endpoint_sync();
    }

    /// `AddAfter(batchPeriod)`: without a batch period at once, whatever back-off is running (kubernetes §2.3.4).
    fn queue_endpoint_sync(&mut self) {
        self.sync_endpoints_at(self.now + self.scenario.endpoint_slice_controller.batch_period);
    }

    /// Queues a sync; of two the earlier one wins.
    fn sync_endpoints_at(&mut self, at: SimTime) {
        // One Service is never synced concurrently with itself (kubernetes §2.3.5).
        let at = at.max(self.endpoints.busy_until);
        match self.endpoints.queued {
            Some((_, queued_at)) if queued_at <= at => return,
            Some((key, _)) => self.cancel(key),
            None => {}
        }
        let key = self.schedule_at(at, Event::EndpointSync);
        self.endpoints.queued = Some((key, at));
    }

    pub(crate) fn endpoint_sync(&mut self) {
        self.endpoints.queued = None;
        let rules = &self.scenario.endpoint_slice_controller;
        if self.now < self.endpoints.echo_at {
            // Its cache has not shown its own last write yet (kubernetes §2.3.6).
            let after = backoff::exponential(rules.stale_backoff, self.endpoints.stale_row, rules.stale_backoff_max);
            self.endpoints.stale_row += 1;
            self.traffic.summary.observations.stale_syncs += 1;
            let earlier = self.endpoints.retry_at.filter(|retry_at| *retry_at > self.now);
            let retry_at = earlier.unwrap_or(SimTime::MAX).min(self.now + after);
            self.endpoints.retry_at = Some(retry_at);
            self.sync_endpoints_at(retry_at);
            return;
        }
        self.endpoints.retry_at = None;
        self.endpoints.stale_row = 0;
        let publish_not_ready = self.scenario.service.publish_not_ready_addresses;
        let mut by_slice: Vec<(u32, Write)> = Vec::new();
        for pod in core::mem::take(&mut self.endpoints.dirty) {
            let object = &mut self.pods[pod.index()];
            object.endpoints_dirty = false;
            let view = object.endpoints_view;
            let wanted = (view.has_ip && !view.terminal).then_some(Endpoint {
                ready: publish_not_ready || (view.ready && !view.deleting),
                serving: view.ready,
                terminating: view.deleting,
            });
            if wanted == object.written {
                continue;
            }
            object.written = wanted;
            if object.slice.is_none() {
                self.endpoints.assign_slice(object);
            }
            let slice = object.slice.expect("just assigned");
            if wanted.is_none() {
                self.endpoints.slices[slice as usize] -= 1;
                object.slice = None;
            }
            match by_slice.iter_mut().find(|(known, _)| *known == slice) {
                Some((_, write)) => write.push((pod, wanted)),
                None => by_slice.push((slice, alloc::vec![(pod, wanted)])),
            }
        }
        if by_slice.is_empty() {
            return;
        }
        by_slice.sort_unstable_by_key(|(slice, _)| *slice);
        let mut at = self.now + self.latencies.endpoint_sync.draw();
        let mut held = SimDuration::ZERO;
        for (_, write) in by_slice {
            // One PUT after another, each through the client's bucket (kubernetes §2.3.9, §2.3.10).
            let sent = self.endpoints.bucket.reserve(at, 1);
            let bottleneck = Bottleneck::EndpointSliceClient;
            self.traffic.summary.observations.waits.add(bottleneck, sent - at);
            held += sent - at;
            for (pod, _) in &write {
                self.pods[pod.index()].slice_wait = held;
            }
            at = sent + self.latencies.api_write.draw();
            let index = u32::try_from(self.endpoints.writes.len()).expect("fewer than 2^32 writes");
            self.endpoints.writes.push(write);
            self.schedule_at(at, Event::SliceWritten { write: index });
        }
        self.endpoints.busy_until = at;
        self.endpoints.echo_at = at + self.latencies.api_watch.draw();
    }

    pub(crate) fn slice_written(&mut self, write: u32) {
        if self.traffic.recorder.is_on() {
            for (pod, endpoint) in self.endpoints.writes[write as usize].clone() {
                let Endpoint {
                    ready,
                    serving,
                    terminating,
                } = endpoint.unwrap_or_default();
                let present = endpoint.is_some();
                self.fact(|| Fact::EndpointWritten {
                    pod: pod.0,
                    present,
                    ready,
                    serving,
                    terminating,
                });
            }
        }
        if self.has_node_targets() {
            // Slices are none of the controller's business then (lbc §1.2).
            self.proxies_get_write(write);
            return;
        }
        // One watch carries all slices, in the order of their writes.
        let seen = self.now + self.latencies.lbc_watch.draw();
        self.endpoints.seen_at = self.endpoints.seen_at.max(seen);
        self.schedule_at(self.endpoints.seen_at, Event::SliceSeen { write });
    }

    /// Takes the endpoints of a write that the controller sees now.
    pub(crate) fn take_write(&mut self, write: u32) -> Vec<(PodId, Option<Endpoint>)> {
        core::mem::take(&mut self.endpoints.writes[write as usize])
    }
}
