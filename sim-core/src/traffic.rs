//! The data plane: requests, from the client's issue to the answer.
//!
//! A request is decided when it is routed: the target's state, the connection, the queue and the service time give
//! its outcome and its end. What may still change that outcome is kept per server ([`open::Open`]) and settled when
//! the server's fate changes. So a request costs no event of its own: a session's next instant is the only thing
//! queued, and an open loop queues nothing.

#![allow(
    clippy::inline_always,
    reason = "the request path is one loop: measured, calls between its parts cost a fifth of the time"
)]

mod arrivals;
mod count;
mod decision;
mod dns;
mod forward;
mod issue;
mod meet;
mod mitigation;
pub(crate) mod open;
pub(crate) mod pool;
pub(crate) mod proxies;
pub(crate) mod rotation;
mod rules;
mod serve;
pub(crate) mod server;
pub(crate) mod sessions;
mod settle;
pub(crate) mod thresholds;
mod zones;

use alloc::collections::BTreeMap;
use alloc::string::String;
use alloc::vec::Vec;

use crate::dist::Sampler;
use crate::recorder::Recorder;
use crate::rng::{Stream, Streams};
use crate::scenario::Scenario;
use crate::summary::RunSummary;
use crate::time::SimTime;
use crate::trace::NodeTargetState;

use arrivals::Arriving;
use decision::Request;
use dns::ClientDns;
use mitigation::Mitigation;
use pool::Pool;
use proxies::Proxies;
use rotation::{Outstanding, Rotation};
use rules::Rules;
use server::{NO_SESSION, Reuse, Server};
use sessions::Sessions;
use thresholds::Minimums;

/// Least time between two requests of a session where the model gives the answer none: the client's own round trip to
/// the ALB, which is not modelled otherwise. Estimate.
const CLIENT_ROUND_TRIP_NS: u64 = 1_000_000;

/// Something the control plane must know of at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Signal {
    /// The queue of a server passed another waiting-time threshold of a shared health page.
    BusyRose(u32),
}

/// Random inputs of the request path, one stream each.
#[derive(Debug)]
pub(crate) struct Draws {
    service: Stream,
    think: Stream,
    alb_node: Stream,
    arrival: Stream,
    routing: Stream,
    keep_alive_race: Stream,
    errors: Stream,
    start: Stream,
}

/// A request kind, prepared.
#[derive(Debug)]
struct Kind {
    name: String,
    service: Sampler,
}

/// Everything a request touches.
#[derive(Debug)]
pub(crate) struct Traffic<'a> {
    pub(crate) rules: Rules,
    draws: Draws,
    race: Sampler,
    kinds: Vec<Kind>,
    pub(crate) servers: Vec<Server>,
    /// Next free instant of each worker, a heap of `rules.workers` entries per server.
    workers: Vec<u64>,
    /// Pools, by server and ALB node; none where targets are nodes.
    pools: Vec<Pool>,
    /// kube-proxy of every node, where targets are nodes.
    pub(crate) proxies: Option<Proxies>,
    /// Views, by target and ALB node.
    views: Vec<NodeTargetState>,
    pub(crate) rotations: Vec<Rotation>,
    outstanding: Vec<Outstanding>,
    dns: ClientDns,
    /// Zones whose targets a zonal shift leaves out, one bit each.
    shifted_zones: u8,
    /// Automatic target weights, if they are mitigated.
    mitigation: Option<Mitigation>,
    pub(crate) sessions: Sessions,
    pub(crate) arriving: Arriving,
    pub(crate) signals: Vec<Signal>,
    pub(crate) recorder: Recorder<'a>,
    pub(crate) summary: RunSummary,
    /// Gone pods whose address another pod has while some ALB node still knows them.
    pub(crate) reused: BTreeMap<u32, Reuse>,
    /// Targets that are deregistered and still draining, for the choice between the two 503 causes.
    pub(crate) draining_targets: u32,
    issued: u64,
    /// Targets in rotation that do not serve, and targets in rotation, over all ALB nodes.
    dead_in_rotation: u64,
    in_rotation: u64,
    integrated_until: u64,
}

impl<'a> Traffic<'a> {
    /// Prepares the request path of a valid scenario; no server and no session runs yet.
    pub(crate) fn new(scenario: &Scenario, streams: &Streams, replication: u32, recorder: Recorder<'a>) -> Self {
        let app = &scenario.app;
        let mut names: Vec<String> = Vec::new();
        let mut kind_of = |name: &String| {
            let index = names.iter().position(|known| known == name).unwrap_or_else(|| {
                names.push(name.clone());
                names.len() - 1
            });
            u16::try_from(index).expect("fewer than 2^16 request kinds")
        };
        let sessions = Sessions::new(scenario, &mut kind_of);
        let arriving = Arriving::new(scenario, &mut kind_of);
        let kinds = names
            .into_iter()
            .map(|name| {
                let service_time = app
                    .requests
                    .get(&name)
                    .map_or(&app.service_time, |kind| &kind.service_time);
                Kind {
                    service: Sampler::new(service_time),
                    name,
                }
            })
            .collect();
        let race = &scenario.network.keep_alive_race;
        let nodes = scenario.alb_nodes_count();
        let nodes_per_zone = scenario.load_balancer.nodes_per_zone;
        Self {
            rules: Rules::new(scenario),
            draws: Draws {
                service: streams.stream("app.service_time"),
                think: streams.stream("workload.think"),
                alb_node: streams.stream("workload.alb_node"),
                arrival: streams.stream("workload.arrival"),
                routing: streams.stream("target_group.routing"),
                keep_alive_race: streams.stream("network.keep_alive_race"),
                errors: streams.stream("app.error_ratio"),
                start: streams.stream("workload.start"),
            },
            race: Sampler::new(race),
            kinds,
            servers: Vec::new(),
            workers: Vec::new(),
            pools: Vec::new(),
            proxies: Proxies::new(scenario, streams),
            views: Vec::new(),
            rotations: (0..nodes)
                .map(|node| {
                    let zone = u8::try_from(node / nodes_per_zone).expect("few zones");
                    Rotation::new(zone, Minimums::of_routing(&scenario.target_group.health))
                })
                .collect(),
            outstanding: (0..nodes).map(|_| Outstanding::default()).collect(),
            dns: ClientDns::new(
                nodes,
                scenario.dns.ttl.as_ns(),
                streams.stream("workload.dns_cache_age"),
            ),
            shifted_zones: 0,
            mitigation: Mitigation::new(scenario),
            sessions,
            arriving,
            signals: Vec::new(),
            recorder,
            summary: RunSummary::new(replication, scenario.horizon),
            reused: BTreeMap::new(),
            draining_targets: 0,
            issued: 0,
            dead_in_rotation: 0,
            in_rotation: 0,
            integrated_until: 0,
        }
    }

    /// Adds the server of the next pod.
    pub(crate) fn add_server(&mut self, server: Server) {
        self.servers.push(server);
        self.workers.extend(core::iter::repeat_n(0, self.rules.workers));
        if self.proxies.is_none() {
            for _ in 0..self.rules.alb_nodes {
                self.pools.push(Pool::default());
            }
        }
    }

    /// Adds the next target: a pod's server, or a node.
    pub(crate) fn add_target(&mut self) {
        for _ in 0..self.rules.alb_nodes {
            self.views.push(NodeTargetState::Unknown);
        }
    }

    pub(crate) fn targets_count(&self) -> usize {
        self.views.len() / self.rules.alb_nodes as usize
    }

    fn pair(&self, target: u32, alb_node: usize) -> usize {
        target as usize * self.rules.alb_nodes as usize + alb_node
    }

    /// One ALB node's view of a target.
    pub(crate) fn view(&self, target: u32, alb_node: usize) -> NodeTargetState {
        self.views[self.pair(target, alb_node)]
    }

    /// Pools of one server.
    fn pools_of(&mut self, target: u32) -> &mut [Pool] {
        let nodes = self.rules.alb_nodes as usize;
        &mut self.pools[target as usize * nodes..][..nodes]
    }

    /// Workers of one server.
    fn workers_of(&mut self, target: u32) -> &mut [u64] {
        let workers = self.rules.workers;
        &mut self.workers[target as usize * workers..][..workers]
    }

    /// How long a request that arrives at `now` would wait for a worker.
    pub(crate) fn waiting_time(&self, target: u32, now: u64) -> u64 {
        if self.rules.workers == 0 {
            return 0;
        }
        self.workers[target as usize * self.rules.workers].saturating_sub(now)
    }

    /// Runs sessions and arrivals strictly before `until` (ns); stops early when the control plane must act.
    pub(crate) fn run_until(&mut self, until: u64) -> u64 {
        if self.proxies.is_some() {
            self.run::<true>(until)
        } else {
            self.run::<false>(until)
        }
    }

    /// The loop, once for targets that are nodes and once for pods, so that neither asks for each request which it is.
    #[inline(never)]
    fn run<const NODES: bool>(&mut self, until: u64) -> u64 {
        loop {
            let (at, session) = self.sessions.times.min();
            let at = at.as_ns();
            let arrival = self.arriving.next;
            if at <= arrival {
                if at >= until {
                    return until;
                }
                self.session_due::<NODES>(at, session);
            } else {
                if arrival >= until {
                    return until;
                }
                self.arrival_due::<NODES>(arrival);
            }
            if !self.signals.is_empty() {
                return at.min(arrival);
            }
        }
    }

    #[inline(always)]
    fn session_due<const NODES: bool>(&mut self, now: u64, session: u32) {
        let sessions = &mut self.sessions;
        let state = &mut sessions.states[session as usize];
        if session >= sessions.active && state.step == 0 {
            sessions.times.set(session, SimTime::MAX);
            return;
        }
        let alb_node = if sessions.keep_alive && state.connection_until > now {
            state.alb_node as usize
        } else {
            let alb_node = self.dns.pick(now, &mut self.draws.alb_node);
            if sessions.keep_alive {
                state.alb_node = u8::try_from(alb_node).expect("at most 100 ALB nodes");
                state.connection_until = now + self.rules.client_keep_alive;
            }
            alb_node as usize
        };
        let (step, steps) = (state.step as usize, sessions.steps.len());
        state.step = if step + 1 == steps { 0 } else { state.step + 1 };
        let request = Request {
            issued: now,
            alb_node,
            kind: sessions.steps[step].kind,
            session,
            client_timeout: sessions.client_timeout,
        };
        let end = self.issue::<NODES>(request);
        let think = self.sessions.steps[step].think.sample(&mut self.draws.think).as_ns();
        // An answer that took no time (a 503) would let a loop without think time spin at one instant.
        let next = (end + think).max(now + if end == now { CLIENT_ROUND_TRIP_NS } else { 0 });
        self.sessions.times.replace_min(SimTime::from_ns(next));
    }

    #[inline(always)]
    fn arrival_due<const NODES: bool>(&mut self, now: u64) {
        let request = Request {
            issued: now,
            alb_node: self.dns.pick(now, &mut self.draws.alb_node) as usize,
            kind: self.arriving.kind,
            session: NO_SESSION,
            client_timeout: self.arriving.client_timeout,
        };
        self.issue::<NODES>(request);
        self.draw_next_arrival(now);
    }
}
