//! Managed node groups and Auto Scaling groups that take nodes away (nodes §3.3, §3.4).
//!
//! ```text
//! update    launch max(2 × zones, max unavailable) ─► Ready ─► old nodes cordoned and labelled
//!           ─► each: drain ≤ 15 min ─ 60 s ─► terminated, replaced by the group ─► the extra nodes go one by one
//! scale-in  drain ≤ 15 min without asking budgets ─► terminated      or: terminated at once
//! rebalance launch in the other zone ─► in service ─► an old instance is terminated, with a drain only if hooked
//! ```

mod scale_in;

use alloc::collections::VecDeque;
use alloc::vec::Vec;

use crate::event::Event;
use crate::id::KubeNodeId;
use crate::k8s::node::Machine;
use crate::k8s::node_drain::{DrainRules, Drainer};
use crate::latencies::Latency;
use crate::rng::Streams;
use crate::scenario::Scenario;
use crate::scenario::capacity::{AzRebalance, NodeGroupScaleIn, NodeGroupUpdate};
use crate::scenario::instance_type::InstanceType;
use crate::time::SimDuration;
use crate::world::World;

/// The zone that has the fewest of something.
pub(crate) fn emptiest(counts: &[u32]) -> u8 {
    let (zone, _) = counts
        .iter()
        .enumerate()
        .min_by_key(|(_, count)| **count)
        .expect("zones");
    u8::try_from(zone).expect("at most six zones")
}

/// What happens in a change of a group.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum GroupStep {
    /// The extra nodes of an update are Ready.
    ExtraReady { change: u32 },
    /// API server: the nodes to replace are cordoned and labelled.
    OldMarked { change: u32 },
    /// The wait after a node's drain is over.
    NodeTerminates { change: u32, node: KubeNodeId },
    /// The instances that a rebalance launched are in service.
    InService { change: u32 },
}

/// What a group is doing.
#[derive(Debug)]
enum Task {
    /// Old nodes are replaced, beside so many extra ones.
    Replacing { rules: NodeGroupUpdate, extra: u32 },
    /// The extra nodes of an update go, so many are left.
    Shrinking { rules: NodeGroupUpdate, extra: u32 },
    /// Some nodes go.
    ScalingIn(NodeGroupScaleIn),
    /// Nodes move to another zone.
    Rebalancing(AzRebalance),
    /// An update that failed: `PodEvictionFailure`.
    Failed,
}

/// One change of a group.
#[derive(Debug)]
struct GroupChange {
    entry: u32,
    disruption: u32,
    task: Task,
    /// Nodes whose turn has not come.
    nodes: VecDeque<KubeNodeId>,
    /// Nodes that are being drained, or wait for their termination.
    busy: u32,
}

/// Random inputs of one entry.
#[derive(Debug)]
struct GroupLatencies {
    node_ready: Latency,
    in_service: Option<Latency>,
}

/// State of all groups.
#[derive(Debug)]
pub(crate) struct NodeGroups {
    /// By entry of the scenario's list.
    entries: Vec<Option<GroupLatencies>>,
    changes: Vec<GroupChange>,
}

impl NodeGroups {
    pub(crate) fn new(scenario: &Scenario, streams: &Streams) -> Self {
        let entries = (0u64..).zip(&scenario.disruptions).map(|(index, entry)| {
            let latency = |name, dist| Latency::indexed(streams, name, index, dist);
            if let Some(rules) = &entry.node_group_update {
                return Some(GroupLatencies {
                    node_ready: latency("group_node_ready", &rules.node_ready),
                    in_service: None,
                });
            }
            let rules = entry.az_rebalance.as_ref()?;
            Some(GroupLatencies {
                node_ready: latency("group_node_ready", &rules.node_ready),
                in_service: Some(latency("group_in_service", &rules.in_service)),
            })
        });
        Self {
            entries: entries.collect(),
            changes: Vec::new(),
        }
    }
}

impl World<'_> {
    pub(crate) fn group_step(&mut self, step: GroupStep) {
        match step {
            GroupStep::ExtraReady { change } => {
                let marked = self.latencies.api_write.draw();
                self.schedule(marked, Event::NodeGroup(GroupStep::OldMarked { change }));
            }
            GroupStep::OldMarked { change } => self.old_marked(change),
            GroupStep::NodeTerminates { change, node } => self.group_node_terminates(change, node),
            GroupStep::InService { change } => self.rebalanced_in_service(change),
        }
    }

    fn change(&mut self, change: u32) -> &mut GroupChange {
        &mut self.node_groups.changes[change as usize]
    }

    fn add_change(&mut self, entry: u32, disruption: u32, task: Task, nodes: VecDeque<KubeNodeId>) -> u32 {
        self.node_groups.changes.push(GroupChange {
            entry,
            disruption,
            task,
            nodes,
            busy: 0,
        });
        u32::try_from(self.node_groups.changes.len() - 1).expect("few changes")
    }

    /// A version update of the group that every node belongs to.
    pub(crate) fn node_group_update(&mut self, entry: u32, rules: &NodeGroupUpdate) {
        let disruption = self.begin_disruption("node_group_update");
        let old: VecDeque<KubeNodeId> = self.nodes_to_hit(u32::MAX).into();
        let all = u32::try_from(old.len()).expect("few nodes");
        let extra = (2 * self.scenario.cluster.zones).max(rules.max_unavailable.round_up(all));
        let task = Task::Replacing {
            rules: rules.clone(),
            extra,
        };
        let change = self.add_change(entry, disruption, task, old);
        let mut ready = SimDuration::ZERO;
        for _ in 0..extra {
            let zone = emptiest(&self.nodes_by_zone());
            ready = ready.max(self.launch_for_group(entry, zone));
        }
        self.schedule(ready, Event::NodeGroup(GroupStep::ExtraReady { change }));
    }

    /// Launches an instance of the group and returns when its node is Ready.
    fn launch_for_group(&mut self, entry: u32, zone: u8) -> SimDuration {
        let instance = InstanceType::named(&self.scenario.cluster.instance_type).expect("a validated instance type");
        let latencies = self.node_groups.entries[entry as usize].as_mut();
        let after = latencies.expect("an entry that launches").node_ready.draw();
        self.launch_instance(instance, zone, after);
        after
    }

    fn old_marked(&mut self, change: u32) {
        let nodes = self.change(change).nodes.clone();
        let all = u32::try_from(nodes.len()).expect("few nodes");
        for node in nodes {
            if self.node(node).present {
                self.cordon(node);
                self.exclude_from_load_balancers(node);
            }
        }
        let Task::Replacing { rules, .. } = &self.change(change).task else {
            unreachable!("only an update marks old nodes")
        };
        for _ in 0..rules.max_unavailable.round_up(all).max(1) {
            self.next_in_group(change);
        }
    }

    /// The next node of a change has its turn, if there is one.
    fn next_in_group(&mut self, change: u32) {
        if let Task::Shrinking { extra, .. } = &mut self.change(change).task {
            let Some(left) = extra.checked_sub(1) else { return };
            *extra = left;
            let Some(victim) = self.fullest_zone_first(1).pop() else {
                return;
            };
            self.change(change).nodes.push_back(victim);
        }
        let state = self.change(change);
        let Some(node) = state.nodes.pop_front() else {
            self.shrink_if_replaced(change);
            return;
        };
        let rules = match &state.task {
            Task::Replacing { rules, .. } => DrainRules::within(rules.drain_timeout, rules.retry),
            Task::Shrinking { rules, .. } => DrainRules {
                asks_budget: false,
                ..DrainRules::within(rules.drain_timeout, rules.retry)
            },
            Task::ScalingIn(rules) => DrainRules {
                asks_budget: rules.respects_budget,
                ..DrainRules::within(rules.drain_timeout, rules.retry)
            },
            Task::Rebalancing(rules) => DrainRules {
                asks_budget: false,
                ..DrainRules::within(rules.drain_timeout, rules.drain_timeout)
            },
            Task::Failed => return,
        };
        state.busy += 1;
        let disruption = state.disruption;
        self.start_drain(disruption, [node].into(), rules, Drainer::NodeGroup { change });
    }

    /// The drain of a node is over, one way or the other.
    pub(crate) fn group_node_drained(&mut self, change: u32, node: KubeNodeId, is_emptied: bool) {
        let wait = match &self.change(change).task {
            Task::Replacing { rules, .. } if is_emptied || rules.force => rules.wait,
            Task::Replacing { .. } => {
                // PodEvictionFailure: the update stops, and its nodes stay as they are.
                self.traffic.summary.observations.node_group_updates_failed += 1;
                self.change(change).task = Task::Failed;
                return;
            }
            Task::Failed => return,
            Task::Shrinking { .. } | Task::ScalingIn(_) | Task::Rebalancing(_) => SimDuration::ZERO,
        };
        self.schedule(wait, Event::NodeGroup(GroupStep::NodeTerminates { change, node }));
    }

    fn group_node_terminates(&mut self, change: u32, node: KubeNodeId) {
        let state = self.change(change);
        let (entry, disruption) = (state.entry, state.disruption);
        let is_replaced = matches!(state.task, Task::Replacing { .. });
        state.busy = state.busy.saturating_sub(1);
        if self.node(node).machine == Machine::Running {
            self.charge_lost_pods(node, disruption);
            self.terminate_instance(node);
        }
        if is_replaced {
            let zone = self.node(node).zone;
            self.launch_for_group(entry, zone);
        }
        match &self.change(change).task {
            Task::Replacing { .. } | Task::Shrinking { .. } => self.next_in_group(change),
            Task::Rebalancing(_) => self.rebalance_batch(change),
            Task::ScalingIn(_) | Task::Failed => {}
        }
    }

    /// When the last old node is gone, the group gets its old size back, one node at a time.
    fn shrink_if_replaced(&mut self, change: u32) {
        let state = self.change(change);
        if let (0, Task::Replacing { rules, extra }) = (state.busy, &state.task) {
            let (rules, extra) = (rules.clone(), *extra);
            state.task = Task::Shrinking { rules, extra };
            self.next_in_group(change);
        }
    }

    fn nodes_by_zone(&self) -> Vec<u32> {
        let mut counts = alloc::vec![0; self.scenario.cluster.zones as usize];
        for node in &self.nodes {
            let stays = match node.machine {
                Machine::Pending => true,
                Machine::Running => !node.cordoned,
                Machine::ShuttingDown | Machine::Terminated => false,
            };
            if stays {
                counts[usize::from(node.zone)] += 1;
            }
        }
        counts
    }

    /// The nodes that a group gives up: each the oldest of the zone that has the most; nodes §3.4 says no more
    /// than "termination policy".
    fn fullest_zone_first(&self, count: u32) -> Vec<KubeNodeId> {
        let mut counts = self.nodes_by_zone();
        let mut left = self.nodes_to_hit(u32::MAX);
        let mut victims = Vec::new();
        while victims.len() < count as usize && !left.is_empty() {
            let most = |node: &KubeNodeId| core::cmp::Reverse(counts[usize::from(self.node(*node).zone)]);
            let place = (0..left.len())
                .min_by_key(|place| most(&left[*place]))
                .expect("not empty");
            let victim = left.remove(place);
            counts[usize::from(self.node(victim).zone)] -= 1;
            victims.push(victim);
        }
        victims
    }
}
