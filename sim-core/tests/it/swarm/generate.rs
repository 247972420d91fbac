//! A random valid scenario from one seed.
//!
//! Fleets and loads are small so that a case takes milliseconds; limits and latencies are extreme, because that is
//! where rules break.

mod capacity;
mod chance;
mod cluster_autoscaler;
mod load;
mod load_balancer;
mod node_targets;
mod nodes;

use sim_core::dist::{Probability, Rate};
use sim_core::rng::{Seed, Streams};
use sim_core::scenario::Scenario;
use sim_core::scenario::app::{IdleOnDrain, ListenerOnDrain, RequestKind, ResponseOnDrain, SigtermMode};
use sim_core::scenario::cluster::Strategy;
use sim_core::scenario::disruption::{Disruption, NodeDrain, PodCrash, Rollout, Scale};
use sim_core::scenario::instance_type::InstanceType;
use sim_core::scenario::pod::{HealthPath, Hook, PreStop, Probe, Sidecar, SidecarKind};
use sim_core::scenario::preset::Preset;
use sim_core::scenario::value::{IntOrPercent, Limit};
use sim_core::scenario::workload::Workload;
use sim_core::time::{SimDuration, SimTime};

use crate::support::{ms, secs};
use chance::{Chance, IntoSeconds as _};

/// The scenario of a seed.
pub(crate) fn scenario(seed: u64) -> Scenario {
    let mut chance = Chance {
        stream: Streams::new(Seed(seed), 0).stream("swarm"),
    };
    let mut scenario = Scenario {
        name: format!("swarm {seed}"),
        horizon: ms(chance.between(20_000, 180_000)),
        ..Scenario::default()
    };
    if chance.one_in(3) {
        scenario.warm_up = ms(chance.between(0, 15_000));
    }
    chance.cluster(&mut scenario);
    chance.pod(&mut scenario);
    chance.app(&mut scenario);
    chance.target_group(&mut scenario);
    chance.hops(&mut scenario);
    scenario.workload = chance.workload();
    for _ in 0..chance.between(0, 4) {
        let disruption = chance.disruption(&scenario);
        scenario.disruptions.push(disruption);
    }
    // Drawn last, so that the scenarios above stay what they were.
    chance.controller(&mut scenario);
    chance.autoscaler(&mut scenario);
    nodes::add(&mut chance, &mut scenario);
    chance.health(&mut scenario);
    cluster_autoscaler::add(&mut chance, &mut scenario);
    capacity::add(&mut chance, &mut scenario);
    if chance.one_in(4) {
        chance.node_targets(&mut scenario);
    }
    scenario
}

/// The same scenario without whatever may rightly keep a fleet from settling: crash loops, full nodes, endless
/// schedules, waits of many minutes. Nobody sends requests, and everything is over `quiet` before the horizon.
pub(crate) fn calm(seed: u64, quiet: SimDuration) -> Scenario {
    let mut calm = scenario(seed);
    // Pods of a lost zone whose instances nobody reports stay in the API.
    calm.disruptions.retain(|disruption| disruption.zone_failure.is_none());
    for disruption in &mut calm.disruptions {
        disruption.every = None;
        if let Some(scale) = &mut disruption.scale {
            let last = scale.schedule.take().map(|schedule| schedule.value_at(SimTime::ZERO));
            scale.replicas = scale.replicas.or(last.and_then(|last| last.try_into().ok()));
        }
        if let Some(drain) = &mut disruption.node_drain {
            drain.nodes = drain.nodes.min(1);
        }
    }
    nodes::calm_down(&mut calm);
    cluster_autoscaler::calm_down(&mut calm);
    capacity::calm_down(&mut calm);
    calm.horizon += quiet;
    calm.workload = Workload::default();
    calm.cluster.instance_type = "m5.large".into();
    calm.cluster.nodes += 6;
    let pod = &mut calm.pod;
    pod.liveness_probe = None;
    pod.startup_probe = None;
    if let Some(probe) = &mut pod.readiness_probe {
        probe.path = HealthPath::Dedicated;
    }
    calm.target_group.health_check.path = HealthPath::Dedicated;
    calm.endpoint_slice_controller.stale_backoff_max = secs(1);
    calm.load_balancer_controller.queue_backoff_max = secs(1);
    calm.load_balancer_controller.network_failure = Probability::ZERO;
    calm.elbv2.call_failure = Probability::ZERO;
    calm.elbv2.other_callers_rate = Rate::new(0.0).expect("a rate");
    calm.elbv2.other_describes_rate = Rate::new(0.0).expect("a rate");
    calm.elbv2.enforce_targets_quota = false;
    calm
}

impl Chance {
    fn cluster(&mut self, scenario: &mut Scenario) {
        let cluster = &mut scenario.cluster;
        cluster.zones = self.count(2, 4);
        cluster.nodes = self.count(1, 8);
        cluster.instance_type = self.pick(&["m6g.medium", "t3.small", "m5.large"]).into();
        let instance = InstanceType::named(&cluster.instance_type).expect("a known type");
        let room = cluster.nodes * (instance.max_pods() - cluster.system_pods_per_node);
        let deployment = &mut scenario.deployment;
        deployment.replicas = self.count(1, 40).min(room);
        deployment.strategy = self.pick(&[Strategy::RollingUpdate, Strategy::RollingUpdate, Strategy::Recreate]);
        deployment.max_surge = self.int_or_percent(4);
        deployment.max_unavailable = self.int_or_percent(4);
        if deployment.max_surge.round_up(100) == 0 {
            deployment.max_unavailable = IntOrPercent::Int(self.count(1, 3));
        }
        deployment.min_ready = self.pick(&[0, 0, 1, 5]).into_seconds();
        match self.stream.below(4) {
            0 => scenario.pod_disruption_budget.min_available = Some(self.int_or_percent(10)),
            1 => scenario.pod_disruption_budget.max_unavailable = Some(self.int_or_percent(3)),
            _ => {}
        }
        scenario.service.publish_not_ready_addresses = self.one_in(8);
    }

    fn probe(&mut self, only_one_success: bool) -> Probe {
        Probe {
            period: self.seconds(1, 5),
            timeout: self.seconds(1, 3),
            initial_delay: self.pick(&[0, 0, 1, 5]).into_seconds(),
            success_threshold: if only_one_success { 1 } else { self.count(1, 2) },
            failure_threshold: self.count(1, 4),
            path: self.pick(&[HealthPath::Dedicated, HealthPath::Shared]),
        }
    }

    fn pod(&mut self, scenario: &mut Scenario) {
        let pod = &mut scenario.pod;
        pod.termination_grace_period = match self.stream.below(4) {
            0 => self.seconds(0, 2),
            _ => self.seconds(1, 60),
        };
        pod.pre_stop = self.pre_stop();
        pod.readiness_probe = (!self.one_in(6)).then(|| self.probe(false));
        pod.liveness_probe = self.one_in(3).then(|| self.probe(true));
        pod.startup_probe = self.one_in(4).then(|| self.probe(true));
        pod.readiness_gate = self.one_in(4);
        for index in 0..self.count(0, 4).saturating_sub(1) {
            let sidecar = Sidecar {
                name: format!("sidecar-{index}"),
                kind: self.pick(&[SidecarKind::RestartableInit, SidecarKind::Container]),
                pre_stop_sleep: ms(self.pick(&[0, 0, 700, 3_000, 40_000])),
                stop_time: self.dist(2_000),
            };
            pod.sidecars.push(sidecar);
        }
    }

    fn pre_stop(&mut self) -> PreStop {
        let mut pre_stop = PreStop::default();
        let hook = Hook {
            duration: self.dist(5_000),
            failure: self.probability(),
        };
        match self.stream.below(4) {
            0 => return pre_stop,
            1 => {
                pre_stop.sleep = Some(ms(self.between(0, 40_000)));
                return pre_stop;
            }
            2 => pre_stop.exec = Some(hook),
            _ => pre_stop.http_get = Some(hook),
        }
        pre_stop.fails_health = self.one_in(2);
        pre_stop.restarts_server_for = self.one_in(3).then(|| ms(self.between(0, 5_000)));
        pre_stop
    }

    fn app(&mut self, scenario: &mut Scenario) {
        let mut app = self.pick(&Preset::ALL).app();
        if self.one_in(2) {
            app.workers = Limit::At(self.count(1, 4));
            app.backlog = self.count(1, 8);
        }
        app.service_time = self.dist(40);
        app.requests.insert(
            "slow".into(),
            RequestKind {
                service_time: self.dist(1_500),
            },
        );
        app.error_ratio = Probability::new(self.pick(&[0.0, 0.0, 0.01])).expect("a probability");
        app.start_up = self.dist(1_500);
        app.restart_delay = self.dist(1_000);
        if self.one_in(2) {
            app.keep_alive_timeout = self.pick(&[Limit::Unlimited, Limit::At(SimDuration::ZERO), Limit::At(secs(2))]);
        }
        if self.one_in(2) {
            app.sigterm = self.pick(&[
                SigtermMode::Drain,
                SigtermMode::Drain,
                SigtermMode::DieNow,
                SigtermMode::Ignored,
                SigtermMode::NoHandler,
            ]);
            app.pid_1 = self.one_in(2);
            app.listener_on_drain = self.pick(&[
                ListenerOnDrain::CloseNow,
                ListenerOnDrain::OpenUnacceptedUntilExit,
                ListenerOnDrain::OpenServed,
            ]);
            app.idle_on_drain = self.pick(&[
                IdleOnDrain::FinNow,
                IdleOnDrain::ServedThenClose,
                IdleOnDrain::ServedKeep,
                IdleOnDrain::UnservedUntilExit,
            ]);
            app.response_on_drain = self.pick(&[ResponseOnDrain::CloseHeader, ResponseOnDrain::KeepAlive]);
            app.waits_for_idle = self.one_in(2);
            app.drain_timeout = self.pick(&[Limit::Unlimited, Limit::At(ms(200)), Limit::At(secs(3))]);
            app.reaction_delay = self.dist(200);
        }
        scenario.app = app;
    }

    fn hops(&mut self, scenario: &mut Scenario) {
        match self.stream.below(4) {
            // The defaults, or no latency at all: everything then happens at the same instants.
            0 => {}
            1 => {
                let instant = crate::support::instant();
                scenario.api_server = instant.api_server;
                scenario.endpoint_slice_controller = instant.endpoint_slice_controller;
                scenario.kubelet = instant.kubelet;
                scenario.load_balancer_controller = instant.load_balancer_controller;
                scenario.elbv2 = instant.elbv2;
                scenario.network = instant.network;
            }
            _ => self.random_latencies(scenario),
        }
        let manager = &mut scenario.controller_manager;
        manager.client_qps = self.pick(&[1, 5, 20]);
        manager.client_burst = self.pick(&[2, 30]);
        manager.events_share_bucket = self.one_in(2);
        let slices = &mut scenario.endpoint_slice_controller;
        slices.batch_period = ms(self.pick(&[0, 0, 500]));
        slices.max_endpoints_per_slice = self.pick(&[1, 5, 100]);
        slices.stale_backoff_max = self.pick(&[1, 1000]).into_seconds();
        let lbc = &mut scenario.load_balancer_controller;
        if self.one_in(3) {
            lbc.registration_rate = Rate::new(self.pick(&[0.2, 1.0, 4.0])).expect("a rate");
            lbc.registration_burst = self.count(1, 3);
            lbc.describe_rate = Rate::new(0.5).expect("a rate");
            lbc.describe_burst = 1;
        }
        lbc.targets_per_call = self.pick(&[1, 3, 200]);
        lbc.gate_poll = self.seconds(1, 15);
        lbc.pod_watch = self.one_in(2);
        lbc.targets_cache_ttl = self.pick(&[0, 10, 300]).into_seconds();
        lbc.queue_backoff_max = self.pick(&[1, 1000]).into_seconds();
        lbc.sdk_max_attempts = self.pick(&[1, 2, 10]);
        self.elbv2_rules(scenario);
    }

    fn random_latencies(&mut self, scenario: &mut Scenario) {
        scenario.api_server.write_latency = self.dist(20);
        scenario.api_server.watch_latency = self.dist(200);
        scenario.endpoint_slice_controller.sync_time = self.dist(20);
        let kubelet = &mut scenario.kubelet;
        kubelet.dispatch = self.dist(100);
        kubelet.housekeeping = ms(self.between(0, 2_000));
        kubelet.pleg_recent_sync = self.probability();
        kubelet.pleg_wait = self.dist(1_000);
        kubelet.sigterm_delivery = self.dist(100);
        kubelet.exit_detect = self.dist(500);
        kubelet.sandbox_teardown = self.dist(1_000);
        kubelet.cni_del_failure = Probability::new(self.pick(&[0.0, 0.3])).expect("a probability");
        kubelet.cni_del_retry = self.dist(3_000);
        kubelet.status_patch = self.dist(100);
        kubelet.object_delete = self.dist(2_000);
        kubelet.pod_start = self.dist(2_000);
        kubelet.start_detect = self.dist(500);
        kubelet.gate_to_ready = self.dist(500);
        let lbc = &mut scenario.load_balancer_controller;
        lbc.watch_latency = self.dist(200);
        lbc.reconcile_time = self.dist(100);
        lbc.describe_latency = self.dist(100);
        lbc.checkpoint_patch = self.dist(50);
        lbc.gate_patch = self.dist(50);
        let elbv2 = &mut scenario.elbv2;
        elbv2.deregister_latency = self.dist(100);
        elbv2.register_latency = self.dist(300);
        elbv2.deregister_propagation = self.dist(10_000);
        elbv2.register_propagation = self.dist(3_000);
        let network = &mut scenario.network;
        network.rtt_same_zone = self.dist(2);
        network.rtt_cross_zone = self.dist(4);
        network.keep_alive_race = self.bounded(20);
        network.dead_ip_silent = self.probability();
        network.dead_ip_icmp = self.seconds(0, 5);
    }

    fn disruption(&mut self, scenario: &Scenario) -> Disruption {
        let horizon_ms = scenario.horizon.as_ns() / 1_000_000;
        let mut disruption = Disruption {
            at: ms(self.between(0, horizon_ms)),
            every: self.one_in(4).then(|| self.seconds(5, 40)),
            ..Disruption::default()
        };
        match self.stream.below(6) {
            0 => {
                let replicas = Some(self.count(0, 45));
                disruption.scale = Some(Scale {
                    replicas,
                    schedule: None,
                });
            }
            1 => {
                let schedule = Some(self.profile(40));
                disruption.scale = Some(Scale {
                    replicas: None,
                    schedule,
                });
            }
            2 | 3 => disruption.rollout = Some(Rollout {}),
            4 => {
                disruption.node_drain = Some(NodeDrain {
                    nodes: self.count(0, 3),
                    retry: self.seconds(1, 5),
                    poll: self.seconds(1, 2),
                });
            }
            _ => disruption.pod_crash = Some(PodCrash { pods: self.count(0, 5) }),
        }
        disruption
    }
}
