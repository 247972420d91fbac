//! A random valid scenario from one seed.
//!
//! Fleets and loads are small so that a case takes milliseconds; limits and latencies are extreme, because that is
//! where rules break.

mod capacity;
mod cluster_autoscaler;
mod nodes;

use sim_core::dist::{Dist, Probability, Rate};
use sim_core::rng::{Seed, Stream, Streams};
use sim_core::scenario::Scenario;
use sim_core::scenario::app::{IdleOnDrain, ListenerOnDrain, RequestKind, ResponseOnDrain, SigtermMode};
use sim_core::scenario::cluster::Strategy;
use sim_core::scenario::disruption::{
    AnnouncedBy, Announcement, ControllerRestart, Disruption, InstanceTermination, NodeDrain, NodeFailure,
    OutOfBandDeregistration, PodCrash, Rollout, Scale, ZonalShift, ZoneFailure,
};
use sim_core::scenario::elbv2::{Algorithm, TargetType};
use sim_core::scenario::health::{Minimum, Switch};
use sim_core::scenario::hops::{Consensus, FailurePolicy};
use sim_core::scenario::hpa::{Hpa, ScalingPolicy, SelectPolicy};
use sim_core::scenario::instance_type::InstanceType;
use sim_core::scenario::kube_proxy::{ExternalTrafficPolicy, KubeProxy, NoEndpoint};
use sim_core::scenario::pod::{HealthPath, Hook, PreStop, Probe, Sidecar, SidecarKind};
use sim_core::scenario::preset::Preset;
use sim_core::scenario::quantity::Cpu;
use sim_core::scenario::value::{IntOrPercent, Limit};
use sim_core::scenario::workload::{
    Arrivals, ClientConnection, OpenLoop, Profile, ProfileStep, Sessions, Sine, Step, Workload,
};
use sim_core::time::{SimDuration, SimTime};

use crate::support::{ms, secs};

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

struct Chance {
    stream: Stream,
}

impl Chance {
    /// A whole number from `low` to `high`, both included.
    fn between(&mut self, low: u64, high: u64) -> u64 {
        low + u64::from(self.stream.below(u32::try_from(high - low + 1).expect("small ranges")))
    }

    fn count(&mut self, low: u32, high: u32) -> u32 {
        low + self.stream.below(high - low + 1)
    }

    fn one_in(&mut self, n: u32) -> bool {
        self.stream.below(n) == 0
    }

    fn pick<T: Clone>(&mut self, values: &[T]) -> T {
        values[self.stream.below(u32::try_from(values.len()).expect("few values")) as usize].clone()
    }

    fn seconds(&mut self, low: u64, high: u64) -> SimDuration {
        secs(self.between(low, high))
    }

    fn probability(&mut self) -> Probability {
        let p = self.pick(&[0.0, 0.0, 0.02, 0.5, 1.0]);
        Probability::new(p).expect("a probability")
    }

    /// Any kind of distribution around `typical` milliseconds; often nothing at all.
    fn dist(&mut self, typical: u64) -> Dist {
        let mean = ms(self.between(1, 2 * typical));
        match self.stream.below(7) {
            0 => Dist::ZERO,
            1 => Dist::Constant(mean),
            2 => Dist::Uniform {
                min: SimDuration::ZERO,
                max: mean * 2,
            },
            3 => Dist::Exponential { mean },
            4 => Dist::LogNormal {
                median: mean,
                p99: mean * 6,
            },
            5 => Dist::Gamma { mean, shape: 0.7 },
            _ => Dist::Empirical {
                values: vec![SimDuration::ZERO, mean, mean, mean * 5],
            },
        }
    }

    /// A distribution with an upper bound.
    fn bounded(&mut self, typical: u64) -> Dist {
        Dist::Uniform {
            min: SimDuration::ZERO,
            max: SimDuration::from_micros(self.between(0, 1000 * typical)),
        }
    }

    fn int_or_percent(&mut self, most: u32) -> IntOrPercent {
        if self.one_in(2) {
            IntOrPercent::Int(self.count(0, most))
        } else {
            IntOrPercent::Percent(self.pick(&[0, 10, 25, 50, 100]))
        }
    }

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

    fn target_group(&mut self, scenario: &mut Scenario) {
        let group = &mut scenario.target_group;
        let interval = self.between(5, 12);
        group.health_check.interval = secs(interval);
        group.health_check.timeout = self.seconds(2, interval - 1);
        group.health_check.healthy_threshold = self.count(2, 3);
        group.health_check.unhealthy_threshold = self.count(2, 3);
        group.health_check.path = self.pick(&[HealthPath::Dedicated, HealthPath::Shared]);
        group.deregistration_delay = secs(self.pick(&[0, 1, 5, 20, 60, 300]));
        group.algorithm = self.pick(&[
            Algorithm::RoundRobin,
            Algorithm::LeastOutstandingRequests,
            Algorithm::WeightedRandom,
        ]);
        if group.algorithm == Algorithm::RoundRobin && self.one_in(2) {
            group.slow_start = self.seconds(30, 60);
        }
        group.cross_zone = !self.one_in(4);
        group.stickiness.enabled = group.algorithm != Algorithm::WeightedRandom && self.one_in(3);
        group.stickiness.duration = secs(self.pick(&[1, 20, 86_400]));
        let balancer = &mut scenario.load_balancer;
        balancer.idle_timeout = secs(self.pick(&[1, 3, 20, 60]));
        balancer.client_keep_alive = secs(self.pick(&[60, 3600]));
        balancer.nodes_per_zone = self.count(1, 2);
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

    fn elbv2_rules(&mut self, scenario: &mut Scenario) {
        let elbv2 = &mut scenario.elbv2;
        if self.one_in(3) {
            elbv2.call_failure = Probability::new(self.pick(&[0.1, 0.7])).expect("a probability");
            elbv2.registration_rate = Rate::new(1.0).expect("a rate");
            elbv2.registration_burst = self.count(1, 3);
            elbv2.other_callers_rate = Rate::new(self.pick(&[0.0, 0.5, 2.0])).expect("a rate");
        }
        elbv2.propagation_bounded_by_delay = self.one_in(3);
        elbv2.initial_pass_count = self.pick(&[1, 1, 3]);
        elbv2.initial_in_fail_open = self.one_in(2);
        elbv2.unhealthy_cuts_in_flight = self.one_in(2);
        elbv2.retry_on_connect_failure = self.count(0, 1);
        elbv2.described_healthy_by = self.pick(&[Consensus::All, Consensus::Any]);
        elbv2.connect_timeout = self.pick(&[1, 10]).into_seconds();
    }

    /// A number over time, at most `most`.
    fn profile(&mut self, most: u32) -> Profile {
        let most = u64::from(most);
        match self.stream.below(4) {
            0 => Profile::Steps(
                [0, 15, 40]
                    .map(|at| ProfileStep {
                        at: secs(at),
                        value: self.between(0, most),
                    })
                    .to_vec(),
            ),
            1 => Profile::Sine(Sine {
                amplitude: most,
                step_radians: self.pick(&[0.168, 1.0]),
                every: ms(self.between(2_000, 20_000)),
                divide_by: self.between(1, 2),
                add: self.between(0, 1),
            }),
            _ => Profile::Constant(self.between(1, most)),
        }
    }

    fn client_timeout(&mut self) -> Option<SimDuration> {
        self.one_in(3).then(|| ms(self.between(20, 5_000)))
    }

    fn workload(&mut self) -> Workload {
        let kind = self.stream.below(8);
        let sessions = (kind < 6).then(|| Sessions {
            count: self.profile(30),
            steps: (0..self.between(1, 3))
                .map(|index| Step {
                    request: self.pick(&["fast", "slow"]).into(),
                    think: if index == 0 {
                        Dist::Constant(ms(self.between(300, 2_000)))
                    } else {
                        self.dist(500)
                    },
                })
                .collect(),
            connection: self.pick(&[ClientConnection::New, ClientConnection::KeepAlive]),
            client_timeout: self.client_timeout(),
        });
        let open_loop = (kind > 2 && kind < 7).then(|| OpenLoop {
            rate: self.profile(60),
            arrivals: self.pick(&[Arrivals::Poisson, Arrivals::Even]),
            request: self.pick(&["fast", "slow"]).into(),
            client_timeout: self.client_timeout(),
        });
        Workload { sessions, open_loop }
    }

    /// An autoscaler in one scenario of three, with a load that may move it.
    fn autoscaler(&mut self, scenario: &mut Scenario) {
        if !self.one_in(3) {
            return;
        }
        scenario.pod.requests.cpu = Cpu::from_millicores(self.pick(&[10, 50, 250]));
        scenario.app.cpu_share = self.probability();
        scenario.app.idle_cpu = Cpu::from_millicores(self.pick(&[0, 5, 30, 200]));
        let flags = &mut scenario.hpa_controller;
        flags.sync_period = self.pick(&[1, 15]).into_seconds();
        flags.tolerance = Probability::from_permille(self.pick(&[0, 100, 500]));
        flags.cpu_initialization_period = self.pick(&[0, 10, 300]).into_seconds();
        flags.initial_readiness_delay = self.pick(&[0, 30]).into_seconds();
        scenario.metrics_server.resolution = self.seconds(10, 60);
        scenario.metrics_server.latency = self.dist(5_000);
        let mut hpa = Hpa::up_to(self.count(3, 45));
        hpa.min_replicas = self.count(1, hpa.max_replicas);
        hpa.target_cpu_utilization = self.count(1, 150);
        let (up, down) = (&mut hpa.behavior.scale_up, &mut hpa.behavior.scale_down);
        for (window, select_policy, policies) in [
            (&mut up.stabilization_window, &mut up.select_policy, &mut up.policies),
            (
                &mut down.stabilization_window,
                &mut down.select_policy,
                &mut down.policies,
            ),
        ] {
            *window = self.pick(&[0, 20, 300]).into_seconds();
            *select_policy = self.pick(&[
                SelectPolicy::Max,
                SelectPolicy::Max,
                SelectPolicy::Min,
                SelectPolicy::Disabled,
            ]);
            if self.one_in(2) {
                *policies = vec![
                    ScalingPolicy::pods(self.count(1, 5), self.seconds(1, 60)),
                    ScalingPolicy::percent(self.count(1, 150), self.seconds(1, 60)),
                ];
            }
        }
        scenario.disruptions.push(Disruption {
            at: self.seconds(0, 10),
            hpa: Some(hpa),
            ..Disruption::default()
        });
    }

    /// Nodes as targets, and how they go.
    fn node_targets(&mut self, scenario: &mut Scenario) {
        scenario.target_group.target_type = TargetType::Instance;
        scenario.pod.readiness_gate = false;
        scenario.pod.readiness_gate_since = None;
        scenario.service.external_traffic_policy =
            self.pick(&[ExternalTrafficPolicy::Cluster, ExternalTrafficPolicy::Local]);
        scenario.load_balancer_controller.network_failure =
            Probability::new(self.pick(&[0.0, 0.0, 0.5])).expect("a probability");
        let answers = [NoEndpoint::Reject, NoEndpoint::Drop];
        scenario.kube_proxy = KubeProxy {
            watch_latency: self.dist(50),
            sync: self.dist(1_000),
            min_sync_period: self.pick(&[0, 1, 1, 10]).into_seconds(),
            terminating_fallback: self.one_in(2),
            no_endpoint: self.pick(&answers),
            no_local_endpoint: self.pick(&answers),
        };
        let by = [
            AnnouncedBy::ToBeDeletedTaint,
            AnnouncedBy::DisruptedTaint,
            AnnouncedBy::ExcludeLabel,
            AnnouncedBy::Cordon,
        ];
        let horizon_ms = scenario.horizon.as_ns() / 1_000_000;
        let mut disruption = Disruption {
            at: ms(self.between(0, horizon_ms)),
            ..Disruption::default()
        };
        match self.stream.below(3) {
            0 => return,
            1 => {
                disruption.node_failure = Some(NodeFailure {
                    nodes: self.count(1, 2),
                    reported_terminated: true,
                });
            }
            _ => {
                disruption.instance_termination = Some(InstanceTermination {
                    nodes: self.count(1, 2),
                    announcement: self.one_in(2).then(|| Announcement {
                        by: self.pick(&by),
                        before: self.seconds(0, 20),
                    }),
                });
            }
        }
        scenario.disruptions.push(disruption);
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

/// The controller's leader, further target groups, quotas: drawn after everything else.
impl Chance {
    fn controller(&mut self, scenario: &mut Scenario) {
        let horizon_ms = scenario.horizon.as_ns() / 1_000_000;
        let lbc = &mut scenario.load_balancer_controller;
        if self.one_in(4) {
            lbc.other_target_group_bindings = self.count(1, 4);
            lbc.workers = self.count(1, 3);
        }
        lbc.leader_gap = self.dist(20_000);
        lbc.leader_node = self.one_in(6).then(|| self.count(0, scenario.cluster.nodes - 1));
        lbc.pod_webhook_failure_policy = self.pick(&[FailurePolicy::Ignore, FailurePolicy::Fail]);
        lbc.resync_after = self.seconds(1, 60);
        lbc.resync_jitter = self.dist(10_000);
        if scenario.pod.readiness_gate && self.one_in(4) {
            scenario.pod.readiness_gate_since = Some(self.seconds(0, 60));
        }
        let elbv2 = &mut scenario.elbv2;
        if self.one_in(6) {
            elbv2.describe_rate = Rate::new(0.5).expect("a rate");
            elbv2.describe_burst = self.count(1, 2);
            elbv2.other_describes_rate = Rate::new(self.pick(&[0.0, 0.5])).expect("a rate");
        }
        if self.one_in(6) {
            elbv2.enforce_targets_quota = true;
            elbv2.targets_per_target_group_quota = scenario.deployment.replicas + self.count(0, 5);
        }
        for _ in 0..self.count(0, 3).saturating_sub(1) {
            let at = ms(self.between(0, horizon_ms));
            let mut disruption = Disruption {
                at,
                ..Disruption::default()
            };
            if self.one_in(3) {
                let targets = self.count(0, 5);
                disruption.out_of_band_deregistration = Some(OutOfBandDeregistration { targets });
            } else {
                let all_replicas = self.one_in(2);
                disruption.controller_restart = Some(ControllerRestart { all_replicas });
            }
            scenario.disruptions.push(disruption);
        }
    }
}

impl Chance {
    fn minimum(&mut self, low: u32, high: u32) -> Minimum {
        if self.one_in(2) {
            Minimum::Off
        } else {
            Minimum::At(self.count(low, high))
        }
    }

    /// Thresholds, DNS, weights, zonal shifts, lost zones.
    fn health(&mut self, scenario: &mut Scenario) {
        if self.one_in(3) {
            let health = &mut scenario.target_group.health;
            let routing = &mut health.unhealthy_state_routing.minimum_healthy_targets;
            routing.count = self.count(1, 6);
            routing.percentage = self.minimum(1, 60);
            let dns = &mut health.dns_failover.minimum_healthy_targets;
            dns.count = self.minimum(routing.count, 12);
            dns.percentage = self.minimum(60, 100);
        }
        let group = &mut scenario.target_group;
        if group.algorithm == Algorithm::WeightedRandom && self.one_in(2) {
            group.anomaly_mitigation = Switch::On;
            let rules = &mut scenario.anomaly_detection;
            rules.period = ms(self.between(500, 6_000));
            rules.minimum_healthy_targets = self.count(2, 4);
            rules.minimum_requests = self.count(1, 5);
            rules.failure_share_above_peers = Probability::new(self.pick(&[0.05, 0.2, 0.9])).expect("a probability");
            rules.minimum_share = Probability::new(self.pick(&[0.001, 0.05, 1.0])).expect("a probability");
            rules.ramp = self.seconds(0, 30);
        }
        let dns = &mut scenario.dns;
        dns.ttl = self.pick(&[1, 10, 60]).into_seconds();
        dns.failover_time = self.dist(5_000);
        dns.dead_node_time = self.dist(20_000);
        dns.shift_time = self.dist(5_000);
        dns.client_silence_timeout = ms(self.between(1, 10_000));
        scenario.load_balancer.zonal_shift = self.one_in(3);
        let horizon_ms = scenario.horizon.as_ns() / 1_000_000;
        let zones = scenario.cluster.zones;
        let mut add = |chance: &mut Self, set: fn(&mut Disruption, u32, SimDuration)| {
            let mut disruption = Disruption {
                at: ms(chance.between(0, horizon_ms)),
                every: chance.one_in(4).then(|| chance.seconds(5, 40)),
                ..Disruption::default()
            };
            set(
                &mut disruption,
                chance.count(0, zones - 1),
                ms(chance.between(1, 60_000)),
            );
            scenario.disruptions.push(disruption);
        };
        if scenario.load_balancer.zonal_shift {
            add(self, |disruption, zone, duration| {
                disruption.zonal_shift = Some(ZonalShift { zone, duration });
            });
        }
        if self.one_in(6) {
            add(self, |disruption, zone, _| {
                disruption.zone_failure = Some(ZoneFailure {
                    zone,
                    ..ZoneFailure::default()
                });
            });
        }
    }
}

/// Whole seconds picked from a list.
trait IntoSeconds {
    fn into_seconds(self) -> SimDuration;
}

impl IntoSeconds for u64 {
    fn into_seconds(self) -> SimDuration {
        secs(self)
    }
}
