//! The data plane: requests, from the client's issue to the answer.
//!
//! A request is decided when it is routed: the target's state, the connection, the queue and the service time give
//! its outcome and its end. What may still change that outcome is kept per server ([`server::Open`]) and settled when
//! the server's fate changes. So a request costs no event of its own: a session's next instant is the only thing
//! queued, and an open loop queues nothing.

mod count;
mod issue;
pub(crate) mod pool;
pub(crate) mod rotation;
pub(crate) mod server;
pub(crate) mod sessions;
mod settle;

use alloc::string::String;
use alloc::vec;
use alloc::vec::Vec;

use crate::dist::{Probability, Sampler};
use crate::recorder::Recorder;
use crate::rng::{Stream, Streams};
use crate::scenario::Scenario;
use crate::scenario::elbv2::Algorithm;
use crate::scenario::value::Limit;
use crate::summary::RunSummary;
use crate::time::{SimDuration, SimTime};
use crate::trace::NodeTargetState;

use pool::Pool;
use rotation::{Outstanding, Rotation};
use server::{NO_SESSION, Server};
use sessions::Sessions;

/// Least time between two requests of a session where the model gives the answer none: the client's own round trip to
/// the ALB, which is not modelled otherwise. Estimate.
const CLIENT_ROUND_TRIP_NS: u64 = 1_000_000;

/// Something the control plane must know of at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Signal {
    /// The queue of a server passed another waiting-time threshold of a shared health page.
    BusyRose(u32),
}

/// Settings of the request path, prepared as plain numbers; times in ns, `u64::MAX` for "never".
#[derive(Debug)]
pub(crate) struct Rules {
    pub(crate) alb_nodes: u32,
    pub(crate) workers: usize,
    pub(crate) backlog: usize,
    pub(crate) app_keep_alive: u64,
    pub(crate) idle_timeout: u64,
    pub(crate) connect_timeout: u64,
    pub(crate) client_keep_alive: u64,
    pub(crate) icmp_delay: u64,
    pub(crate) race_half_width_max: u64,
    pub(crate) retries: u32,
    pub(crate) algorithm: Algorithm,
    pub(crate) sticky_for: u64,
    pub(crate) slow_start: u64,
    pub(crate) error_ratio: Probability,
    /// Waiting times at which a shared health page starts to fail, increasing.
    pub(crate) busy_thresholds: Vec<u64>,
    pub(crate) warm_up: u64,
    pub(crate) horizon: u64,
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

/// Open-loop arrivals.
#[derive(Debug)]
pub(crate) struct Arriving {
    /// Next arrival, ns; `u64::MAX` while the rate is 0.
    pub(crate) next: u64,
    /// Mean interarrival time at the present rate, ns; infinite while the rate is 0.
    mean_ns: f64,
    poisson: bool,
    kind: u16,
    client_timeout: u64,
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
    /// Pools, by server and ALB node.
    pools: Vec<Pool>,
    /// Views, by server and ALB node.
    views: Vec<NodeTargetState>,
    pub(crate) rotations: Vec<Rotation>,
    outstanding: Vec<Outstanding>,
    pub(crate) sessions: Sessions,
    pub(crate) arriving: Arriving,
    pub(crate) signals: Vec<Signal>,
    pub(crate) recorder: Recorder<'a>,
    pub(crate) summary: RunSummary,
    /// Targets that are deregistered and still draining, for the choice between the two 503 causes.
    pub(crate) draining_targets: u32,
    issued: u64,
    /// Targets in rotation that do not serve, and targets in rotation, over all ALB nodes.
    dead_in_rotation: u64,
    in_rotation: u64,
    integrated_until: u64,
}

fn ns_or_never(limit: Limit<SimDuration>) -> u64 {
    limit.get().map_or(u64::MAX, SimDuration::as_ns)
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
        let sessions = match &scenario.workload.sessions {
            None => Sessions {
                times: crate::kernel::slots::SlotTimes::new(0),
                states: Vec::new(),
                active: 0,
                steps: Vec::new(),
                keep_alive: false,
                client_timeout: u64::MAX,
                mean_loop: 0,
            },
            Some(sessions) => {
                let most = sessions.count.max_before(SimTime::ZERO + scenario.horizon);
                let most = u32::try_from(most).expect("fewer than 2^32 sessions");
                Sessions {
                    times: crate::kernel::slots::SlotTimes::new(most),
                    states: vec![sessions::Session::IDLE; most as usize],
                    active: 0,
                    steps: sessions
                        .steps
                        .iter()
                        .map(|step| sessions::StepRules {
                            kind: kind_of(&step.request),
                            think: Sampler::new(&step.think),
                        })
                        .collect(),
                    keep_alive: sessions.connection == crate::scenario::workload::ClientConnection::KeepAlive,
                    client_timeout: sessions.client_timeout.map_or(u64::MAX, SimDuration::as_ns),
                    mean_loop: sessions.steps.iter().map(|step| step.think.mean().as_ns()).sum(),
                }
            }
        };
        let arriving = match &scenario.workload.open_loop {
            None => Arriving {
                next: u64::MAX,
                mean_ns: f64::INFINITY,
                poisson: true,
                kind: 0,
                client_timeout: u64::MAX,
            },
            Some(open_loop) => Arriving {
                next: u64::MAX,
                mean_ns: f64::INFINITY,
                poisson: open_loop.arrivals == crate::scenario::workload::Arrivals::Poisson,
                kind: kind_of(&open_loop.request),
                client_timeout: open_loop.client_timeout.map_or(u64::MAX, SimDuration::as_ns),
            },
        };
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
            rules: Rules {
                alb_nodes: nodes,
                workers: app.workers.get().map_or(0, |workers| workers as usize),
                backlog: app.backlog as usize,
                app_keep_alive: ns_or_never(app.keep_alive_timeout),
                idle_timeout: scenario.load_balancer.idle_timeout.as_ns(),
                connect_timeout: scenario.elbv2.connect_timeout.as_ns(),
                client_keep_alive: scenario.load_balancer.client_keep_alive.as_ns(),
                icmp_delay: scenario.network.dead_ip_icmp.as_ns(),
                race_half_width_max: race.max().map_or(0, SimDuration::as_ns) / 2,
                retries: scenario.elbv2.retry_on_connect_failure,
                algorithm: scenario.target_group.algorithm,
                sticky_for: if scenario.target_group.stickiness.enabled {
                    scenario.target_group.stickiness.duration.as_ns()
                } else {
                    0
                },
                slow_start: scenario.target_group.slow_start.as_ns(),
                error_ratio: app.error_ratio,
                busy_thresholds: busy_thresholds(scenario),
                warm_up: scenario.warm_up.as_ns(),
                horizon: scenario.horizon.as_ns(),
            },
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
            views: Vec::new(),
            rotations: (0..nodes)
                .map(|node| Rotation {
                    zone: u8::try_from(node / nodes_per_zone).expect("few zones"),
                    ..Rotation::default()
                })
                .collect(),
            outstanding: (0..nodes).map(|_| Outstanding::default()).collect(),
            sessions,
            arriving,
            signals: Vec::new(),
            recorder,
            summary: RunSummary::new(replication, scenario.horizon),
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
        for _ in 0..self.rules.alb_nodes {
            self.pools.push(Pool::default());
            self.views.push(NodeTargetState::Unknown);
        }
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

    /// Applies the number of sessions wanted from `now` on.
    pub(crate) fn set_active_sessions(&mut self, now: u64, active: u32) {
        // New clients start spread over one second, as containers of a scaled-up client do; the first ones over one
        // loop, so that the run starts in its steady phase.
        let spread = if now == 0 {
            self.sessions.mean_loop
        } else {
            1_000_000_000
        };
        for index in self.sessions.active..active {
            let session = &mut self.sessions.states[index as usize];
            if self.sessions.times.get(index) == SimTime::MAX {
                session.step = 0;
                let offset = self.draws.start.next_u64() % spread.max(1);
                self.sessions.times.set(index, SimTime::from_ns(now + offset));
            }
        }
        self.sessions.active = active;
    }

    /// Applies the arrival rate from `now` on, in requests per second.
    #[allow(clippy::cast_precision_loss)]
    pub(crate) fn set_rate(&mut self, now: u64, per_second: u64) {
        let arriving = &mut self.arriving;
        if per_second == 0 {
            arriving.mean_ns = f64::INFINITY;
            arriving.next = u64::MAX;
            return;
        }
        arriving.mean_ns = 1e9 / per_second as f64;
        arriving.next = now;
        self.draw_next_arrival(now);
    }

    #[inline]
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
    fn draw_next_arrival(&mut self, now: u64) {
        let arriving = &mut self.arriving;
        let gap = if arriving.poisson {
            arriving.mean_ns * crate::dist::standard_exponential(&mut self.draws.arrival)
        } else {
            arriving.mean_ns
        };
        arriving.next = now + gap as u64;
    }

    /// Runs sessions and arrivals strictly before `until` (ns); stops early when the control plane must act.
    pub(crate) fn run_until(&mut self, until: u64) -> u64 {
        loop {
            let (at, session) = self.sessions.times.min();
            let at = at.as_ns();
            let arrival = self.arriving.next;
            if at <= arrival {
                if at >= until {
                    return until;
                }
                self.session_due(at, session);
            } else {
                if arrival >= until {
                    return until;
                }
                self.arrival_due(arrival);
            }
            if !self.signals.is_empty() {
                return at.min(arrival);
            }
        }
    }

    #[inline]
    fn session_due(&mut self, now: u64, session: u32) {
        let state = self.sessions.states[session as usize];
        if session >= self.sessions.active && state.step == 0 {
            self.sessions.times.set(session, SimTime::MAX);
            return;
        }
        let alb_node = if self.sessions.keep_alive && state.connection_until > now {
            state.alb_node as usize
        } else {
            let alb_node = self.draws.alb_node.below(self.rules.alb_nodes) as usize;
            if self.sessions.keep_alive {
                let state = &mut self.sessions.states[session as usize];
                state.alb_node = u8::try_from(alb_node).expect("at most 100 ALB nodes");
                state.connection_until = now + self.rules.client_keep_alive;
            }
            alb_node
        };
        let steps = self.sessions.steps.len();
        let (kind, timeout) = (
            self.sessions.steps[state.step as usize].kind,
            self.sessions.client_timeout,
        );
        let end = self.issue(now, alb_node, kind, session, timeout);
        let think = self.sessions.steps[state.step as usize]
            .think
            .sample(&mut self.draws.think)
            .as_ns();
        let next = state.step + 1;
        self.sessions.states[session as usize].step = if usize::from(next) == steps { 0 } else { next };
        // An answer that took no time (a 503) would let a loop without think time spin at one instant.
        let next = (end + think).max(now + if end == now { CLIENT_ROUND_TRIP_NS } else { 0 });
        self.sessions.times.replace_min(SimTime::from_ns(next));
    }

    #[inline]
    fn arrival_due(&mut self, now: u64) {
        let alb_node = self.draws.alb_node.below(self.rules.alb_nodes) as usize;
        let (kind, timeout) = (self.arriving.kind, self.arriving.client_timeout);
        self.issue(now, alb_node, kind, NO_SESSION, timeout);
        self.draw_next_arrival(now);
    }
}

/// Waiting times at which one of the shared health pages would fail, increasing.
fn busy_thresholds(scenario: &Scenario) -> Vec<u64> {
    use crate::scenario::pod::HealthPath;
    let check = &scenario.target_group.health_check;
    let pod = &scenario.pod;
    let probes = [&pod.readiness_probe, &pod.liveness_probe, &pod.startup_probe];
    let mut thresholds: Vec<u64> = probes
        .into_iter()
        .flatten()
        .map(|probe| (probe.path, probe.timeout))
        .chain([(check.path, check.timeout)])
        .filter(|(path, _)| *path == HealthPath::Shared)
        .map(|(_, timeout)| timeout.as_ns())
        .collect();
    thresholds.sort_unstable();
    thresholds.dedup();
    thresholds
}
