//! Who leads: hand-over, restart, and what lies idle meanwhile (lbc §1.9).
//!
//! ```text
//! leads ─► lost: reconciles are cut, timers forgotten ─ leader_gap ─► elected: empty caches, full buckets,
//!                watches go on in the other replica                    every item queued with low priority
//! ```

use super::{LbcState, Reconcile};
use crate::backoff;
use crate::bottleneck::Bottleneck;
use crate::event::Event;
use crate::id::KubeNodeId;
use crate::kernel::queue::EventKey;
use crate::time::{SimDuration, SimTime};
use crate::token_bucket::TokenBucket;
use crate::trace::Fact;
use crate::world::World;

/// First retry of a `ReplicaSet` whose creation was refused; it doubles up to 1000 s, as in every queue of the
/// controller manager (kubernetes §4.2).
const CREATION_RETRY: SimDuration = SimDuration::from_millis(5);
const CREATION_RETRY_MAX: SimDuration = SimDuration::from_secs(1000);

/// The controller's leader.
#[derive(Debug)]
pub(super) struct Leader {
    /// The Kubernetes node it runs on, if that matters.
    node: Option<KubeNodeId>,
    /// The election to come while nobody leads.
    election: Option<Election>,
}

#[derive(Debug, Clone, Copy)]
struct Election {
    key: EventKey,
    lost_at: SimTime,
    at: SimTime,
    /// No replica answers the pod webhook either.
    all_replicas: bool,
}

impl Leader {
    pub(super) fn new(node: Option<u32>) -> Self {
        Self {
            node: node.map(KubeNodeId),
            election: None,
        }
    }

    pub(super) fn leads(&self) -> bool {
        self.election.is_none()
    }

    pub(super) fn answers_webhook(&self) -> bool {
        !self.election.is_some_and(|election| election.all_replicas)
    }

    /// When a creation refused at `now` meets the webhook again: the first step of the retry ladder after its return.
    pub(super) fn webhook_retry(&self, now: SimTime) -> Option<SimTime> {
        let election = self.election.filter(|election| election.all_replicas)?;
        let mut at = now;
        let mut failures = 0;
        while at <= election.at {
            at += backoff::exponential(CREATION_RETRY, failures, CREATION_RETRY_MAX);
            failures += 1;
        }
        Some(at)
    }
}

impl LbcState {
    /// A new process: full buckets, nobody at work.
    fn start_afresh(&mut self, rules: &crate::scenario::hops::LoadBalancerController) {
        self.registration_bucket = TokenBucket::new(rules.registration_rate, rules.registration_burst);
        self.describe_bucket = TokenBucket::new(rules.describe_rate, rules.describe_burst);
        self.describing_until = SimTime::ZERO;
        self.busy = 0;
        self.waiting.clear();
        self.waiting_low.clear();
    }
}

impl World<'_> {
    /// The disruption: the leader goes away.
    pub(crate) fn controller_restart(&mut self, all_replicas: bool) {
        self.begin_disruption("controller_restart");
        self.lose_leader(all_replicas);
    }

    /// A Kubernetes node's pods are evicted, or it is lost: the leader may have been one of them.
    pub(crate) fn node_vacated(&mut self, node: KubeNodeId) {
        if self.lbc.leader.node == Some(node) {
            // Where the next leader runs is not modelled: it stays.
            self.lbc.leader.node = None;
            self.lose_leader(false);
        }
    }

    /// Nobody leads until another replica is elected; a second loss before that starts the wait again.
    fn lose_leader(&mut self, all_replicas: bool) {
        let mut lost_at = self.now;
        let mut all_replicas = all_replicas;
        if let Some(earlier) = self.lbc.leader.election.take() {
            self.cancel(earlier.key);
            lost_at = earlier.lost_at;
            all_replicas |= earlier.all_replicas;
        } else {
            self.fact(|| Fact::LeaderLost);
        }
        for id in self.lbc.ids() {
            match self.lbc.binding(id).reconcile {
                Reconcile::Queued { key } => {
                    self.cancel(key);
                }
                Reconcile::Running => self.cut_reconcile(id),
                Reconcile::Idle | Reconcile::Waiting { .. } => {}
            }
            let now = self.now;
            let binding = self.lbc.binding_mut(id);
            binding.waits.cut(now);
            binding.reconcile = Reconcile::Idle;
            binding.again = false;
            binding.failures = 0;
            binding.listed_at = None;
            binding.resync = false;
            let resync_due = binding.resync_due.take();
            if let Some(key) = resync_due {
                self.cancel(key);
            }
        }
        self.lbc.start_afresh(&self.scenario.load_balancer_controller);
        let gap = self.latencies.leader_gap.draw();
        let key = self.schedule(gap, Event::LeaderElected);
        self.lbc.leader.election = Some(Election {
            key,
            lost_at,
            at: self.now + gap,
            all_replicas,
        });
    }

    /// Another replica leads: all items are in its start-up list.
    pub(crate) fn leader_elected(&mut self) {
        let election = self.lbc.leader.election.take().expect("an election was due");
        self.fact(|| Fact::LeaderElected);
        let now = self.now;
        for id in self.lbc.ids() {
            let binding = self.lbc.binding_mut(id);
            binding.reconcile = Reconcile::Waiting { since: now };
            if !binding.dirty.is_empty() {
                self.waits_for(id, Bottleneck::LeaderGap, election.lost_at, now - election.lost_at);
            }
            self.lbc.waiting_low.push_back(id);
        }
        self.employ_workers();
    }
}
