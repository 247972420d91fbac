//! The Deployment's part: how many pods there are while one takes another's place.

use std::collections::{BTreeMap, BTreeSet};

use sim_core::scenario::Scenario;
use sim_core::scenario::cluster::Strategy;
use sim_core::scenario::disruption::Disruption;
use sim_core::time::SimDuration;
use sim_core::trace::Fact;

use super::Watched;
use super::behaviour::Behaviour;

/// From a pod's deletion to the creation of its replacement: two watches and one write (kubernetes §8).
const AT_ONCE: u64 = SimDuration::from_secs(5).as_ns();

/// What alone takes pods away in the scenario, where that decides what must be seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Only {
    Rollouts,
    Drains,
    Other,
}

/// Pods of the Deployment.
#[derive(Debug)]
pub(super) struct Rollout {
    only: Only,
    /// Pods without a deletion timestamp.
    live: BTreeSet<u32>,
    ready: BTreeSet<u32>,
    deleted_at: BTreeMap<u32, u64>,
    disrupted: bool,
    /// Since when there are too many.
    excess_since: Option<u64>,
}

impl Rollout {
    pub(super) fn new(scenario: &Scenario) -> Self {
        let all = |names: &[&str]| {
            let kinds = scenario.disruptions.iter().flat_map(Disruption::kinds);
            let mut given = kinds.filter(|(_, given)| *given).map(|(name, _)| name).peekable();
            given.peek().is_some() && given.all(|name| names.contains(&name))
        };
        let rolls = scenario.deployment.strategy == Strategy::RollingUpdate;
        let only = if rolls && all(&["rollout"]) {
            Only::Rollouts
        } else if all(&["node_drain"]) {
            Only::Drains
        } else {
            Only::Other
        };
        Self {
            only,
            live: BTreeSet::new(),
            ready: BTreeSet::new(),
            deleted_at: BTreeMap::new(),
            disrupted: false,
            excess_since: None,
        }
    }

    pub(super) fn see(&mut self, fact: &Fact, watched: &mut Watched<'_>) {
        let deployment = &watched.scenario.deployment;
        let replicas = deployment.replicas as usize;
        match fact {
            Fact::DisruptionStarted { .. } => self.disrupted = true,
            Fact::PodCreated { pod } => {
                self.live.insert(*pod);
                if self.only == Only::Rollouts && self.disrupted {
                    self.surge(watched);
                }
            }
            Fact::PodReady { pod, ready: true } => {
                self.ready.insert(*pod);
            }
            Fact::DeletionCommitted { pod, .. } => {
                self.live.remove(pod);
                if self.only == Only::Rollouts {
                    self.surge(watched);
                }
                self.ready.remove(pod);
                self.deleted_at.insert(*pod, watched.now);
                if self.only == Only::Rollouts {
                    let surge = deployment.max_surge.round_up(deployment.replicas);
                    // Both resolving to none means one unavailable (kubernetes §4.3.2).
                    let unavailable = match deployment.max_unavailable.round_down(deployment.replicas) {
                        0 if surge == 0 => 1,
                        unavailable => unavailable as usize,
                    };
                    let least = replicas.saturating_sub(unavailable);
                    let found = self.ready.len();
                    watched.saw(Behaviour::RolloutKeepsAvailable, found >= least, || {
                        format!("{found} pods that have become Ready are left, at least {least}")
                    });
                }
            }
            Fact::PodDeleted { pod } => {
                let Some(deleted_at) = self.deleted_at.remove(pod) else {
                    return;
                };
                let lasted = watched.now.saturating_sub(deleted_at);
                if self.only == Only::Drains && lasted > AT_ONCE + watched.slack {
                    let since = watched.now - AT_ONCE - watched.slack;
                    // Those deleted a moment ago may still wait for theirs.
                    let late = self.deleted_at.values().filter(|at| **at > since).count();
                    let found = self.live.len();
                    watched.saw(Behaviour::ReplacedAtDeletion, found + late >= replicas, || {
                        format!(
                            "pod {pod} is gone after {}, and {found} of {replicas} are left",
                            SimDuration::from_ns(lasted)
                        )
                    });
                }
            }
            _ => {}
        }
    }

    /// The Deployment counts what its `ReplicaSet`s are told to have, so that a pod may be created while the deletion
    /// that makes room for it is still on its way.
    fn surge(&mut self, watched: &mut Watched<'_>) {
        let deployment = &watched.scenario.deployment;
        let most = (deployment.replicas + deployment.max_surge.round_up(deployment.replicas)) as usize;
        let (now, found) = (watched.now, self.live.len());
        let excess_since = self.excess_since.take();
        let holds = excess_since.is_none_or(|since| watched.within(now - since, 0, AT_ONCE));
        watched.saw(Behaviour::RolloutKeepsSurge, holds, || {
            format!(
                "more than {most} pods for longer than {}",
                SimDuration::from_ns(AT_ONCE)
            )
        });
        if found > most {
            self.excess_since = Some(excess_since.unwrap_or(now));
        }
    }
}
