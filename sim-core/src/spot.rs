//! Spot interruptions (nodes §3.2).
//!
//! ```text
//! notice ─┬─ handler acts ─► cordon and drain, or Karpenter deletes the NodeClaim
//!         └─ 120 s ─► EC2 terminates the instance, whatever still runs on it ─► the group's replacement joins
//! ```

use alloc::vec::Vec;

use crate::dist::Rate;
use crate::event::Event;
use crate::id::KubeNodeId;
use crate::k8s::node::Machine;
use crate::k8s::node_drain::{DrainRules, Drainer};
use crate::latencies::Latency;
use crate::rng::Streams;
use crate::scenario::Scenario;
use crate::scenario::capacity::{InterruptionHandler, SpotInterruption};
use crate::time::SimTime;
use crate::token_bucket::TokenBucket;
use crate::trace::NodeChange;
use crate::world::World;

/// What happens to an interrupted instance.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum SpotStep {
    /// The handler acts on the notice.
    HandlerActs {
        entry: u32,
        node: KubeNodeId,
        disruption: u32,
    },
    /// EC2: the notice is over.
    Reclaimed {
        entry: u32,
        node: KubeNodeId,
        disruption: u32,
    },
}

/// Random inputs of one entry.
#[derive(Debug)]
struct SpotLatencies {
    metadata: Latency,
    queue: Latency,
    replacement: Option<Latency>,
    /// The Node Termination Handler that serves all nodes; one per node has a client of its own.
    queue_client: u32,
}

fn client_of(rules: &SpotInterruption) -> TokenBucket {
    let rate = Rate::from_qps(rules.kube_client_qps);
    TokenBucket::new(rate, rules.kube_client_burst)
}

fn count(clients: &[TokenBucket]) -> u32 {
    u32::try_from(clients.len()).expect("few clients")
}

/// State of spot interruptions.
#[derive(Debug)]
pub(crate) struct SpotState {
    /// By entry of the scenario's list.
    entries: Vec<Option<SpotLatencies>>,
    /// Nodes that have had their notice.
    noticed: Vec<KubeNodeId>,
    /// Clients of Node Termination Handlers.
    clients: Vec<TokenBucket>,
}

impl SpotState {
    pub(crate) fn new(scenario: &Scenario, streams: &Streams) -> Self {
        let mut clients = Vec::new();
        let prepared = (0u64..).zip(&scenario.disruptions).map(|(index, entry)| {
            let rules = entry.spot_interruption.as_ref()?;
            let latency = |name, dist| Latency::indexed(streams, name, index, dist);
            clients.push(client_of(rules));
            Some(SpotLatencies {
                metadata: latency("spot_metadata_latency", &rules.metadata_latency),
                queue: latency("spot_queue_latency", &rules.queue_latency),
                replacement: rules.replacement.as_ref().map(|dist| latency("spot_replacement", dist)),
                queue_client: count(&clients) - 1,
            })
        });
        let entries = prepared.collect();
        Self {
            entries,
            noticed: Vec::new(),
            clients,
        }
    }

    /// When a request of a client may be sent.
    pub(crate) fn reserve_client(&mut self, client: u32, now: SimTime) -> SimTime {
        self.clients[client as usize].reserve(now, 1)
    }

    fn latencies(&mut self, entry: u32) -> &mut SpotLatencies {
        self.entries[entry as usize].as_mut().expect("a spot interruption")
    }
}

impl World<'_> {
    fn spot_rules(&self, entry: u32) -> &SpotInterruption {
        let entry = &self.scenario.disruptions[entry as usize];
        entry.spot_interruption.as_ref().expect("a spot interruption")
    }

    /// EC2 gives notice to some instances.
    pub(crate) fn spot_interruption(&mut self, entry: u32) {
        let disruption = self.begin_disruption("spot_interruption");
        let SpotInterruption {
            nodes, notice, handler, ..
        } = *self.spot_rules(entry);
        if handler == InterruptionHandler::Karpenter {
            self.run_karpenter();
        }
        let mut hit = self.nodes_to_hit(u32::MAX);
        hit.retain(|node| !self.spot.noticed.contains(node));
        hit.truncate(nodes as usize);
        for node in hit {
            self.spot.noticed.push(node);
            self.node_changed(node, NodeChange::InterruptionNoticed);
            let latencies = self.spot.latencies(entry);
            let acts = match handler {
                InterruptionHandler::None => None,
                InterruptionHandler::NodeTerminationHandlerImds => Some(latencies.metadata.draw()),
                InterruptionHandler::NodeTerminationHandlerQueue | InterruptionHandler::Karpenter => {
                    Some(latencies.queue.draw())
                }
            };
            if let Some(after) = acts {
                self.schedule(
                    after,
                    Event::Spot(SpotStep::HandlerActs {
                        entry,
                        node,
                        disruption,
                    }),
                );
            }
            self.schedule(
                notice,
                Event::Spot(SpotStep::Reclaimed {
                    entry,
                    node,
                    disruption,
                }),
            );
        }
    }

    pub(crate) fn spot_step(&mut self, step: SpotStep) {
        match step {
            SpotStep::HandlerActs {
                entry,
                node,
                disruption,
            } => self.handler_acts(entry, node, disruption),
            SpotStep::Reclaimed {
                entry,
                node,
                disruption,
            } => self.reclaimed(entry, node, disruption),
        }
    }

    fn handler_acts(&mut self, entry: u32, node: KubeNodeId, disruption: u32) {
        let rules = self.spot_rules(entry);
        let (handler, label) = (rules.handler, rules.exclude_from_load_balancers);
        let drain = DrainRules::within(rules.drain_timeout, rules.retry);
        let own_client = client_of(rules);
        if !self.node(node).present {
            return;
        }
        if handler == InterruptionHandler::Karpenter {
            self.delete_claim(node, disruption);
            return;
        }
        if label {
            self.exclude_from_load_balancers(node);
        }
        let client = if handler == InterruptionHandler::NodeTerminationHandlerImds {
            self.spot.clients.push(own_client);
            count(&self.spot.clients) - 1
        } else {
            self.spot.latencies(entry).queue_client
        };
        self.start_drain(disruption, [node].into(), drain, Drainer::TerminationHandler { client });
    }

    fn reclaimed(&mut self, entry: u32, node: KubeNodeId, disruption: u32) {
        if self.node(node).machine == Machine::Running {
            self.charge_lost_pods(node, disruption);
            self.terminate_instance(node);
        }
        if self.spot_rules(entry).handler == InterruptionHandler::Karpenter {
            return;
        }
        let (instance, zone) = (self.node(node).instance, self.node(node).zone);
        if let Some(replacement) = &mut self.spot.latencies(entry).replacement {
            let after = replacement.draw();
            self.launch_instance(instance, zone, after);
        }
    }
}
