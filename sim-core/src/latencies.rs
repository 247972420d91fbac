//! Every random input of the control plane: a sampler with a stream of its own name.

use alloc::vec::Vec;

use crate::dist::{Dist, Probability, Sampler};
use crate::rng::{Stream, Streams};
use crate::scenario::Scenario;
use crate::scenario::cluster::OtherWorkload;
use crate::scenario::cluster_autoscaler::ClusterAutoscaler;
use crate::scenario::pod::Hook;
use crate::time::SimDuration;

/// One random duration.
#[derive(Debug)]
pub(crate) struct Latency {
    sampler: Sampler,
    stream: Stream,
}

impl Latency {
    fn new(streams: &Streams, name: &str, dist: &Dist) -> Self {
        Self::indexed(streams, name, 0, dist)
    }

    /// The same input of one of several equal parts of a scenario.
    pub(crate) fn indexed(streams: &Streams, name: &str, index: u64, dist: &Dist) -> Self {
        Self {
            sampler: Sampler::new(dist),
            stream: streams.stream_indexed(name, index),
        }
    }

    pub(crate) fn draw(&mut self) -> SimDuration {
        self.sampler.sample(&mut self.stream)
    }
}

/// One random decision.
#[derive(Debug)]
pub(crate) struct Chance {
    probability: Probability,
    stream: Stream,
}

impl Chance {
    fn new(streams: &Streams, name: &str, probability: Probability) -> Self {
        Self {
            probability,
            stream: streams.stream(name),
        }
    }

    pub(crate) fn draw(&mut self) -> bool {
        self.stream.chance(self.probability)
    }
}

macro_rules! inputs {
    (
        latencies { $( $latency:ident: $($dist:ident).+; )* }
        chances { $( $chance:ident: $($probability:ident).+; )* }
        streams { $( $stream:ident; )* }
    ) => {
        /// All random inputs of the control plane.
        #[derive(Debug)]
        pub(crate) struct Latencies {
            $( pub(crate) $latency: Latency, )*
            $( pub(crate) $chance: Chance, )*
            $( pub(crate) $stream: Stream, )*
            /// How long the application's preStop hook runs if nothing cuts it.
            pub(crate) hook_duration: Latency,
            /// Whether it fails at once.
            pub(crate) hook_failure: Chance,
            /// From SIGTERM to the exit of each sidecar.
            pub(crate) sidecar_stop: Vec<Latency>,
        }

        impl Latencies {
            pub(crate) fn new(scenario: &Scenario, streams: &Streams) -> Self {
                Self {
                    $( $latency: Latency::new(streams, stringify!($latency), &scenario.$($dist).+), )*
                    $( $chance: Chance::new(streams, stringify!($chance), scenario.$($probability).+), )*
                    $( $stream: streams.stream(stringify!($stream)), )*
                    hook_duration: Latency::new(streams, "hook_duration", hook(scenario).map_or(&NO_TIME, |hook| &hook.duration)),
                    hook_failure: Chance::new(
                        streams,
                        "hook_failure",
                        hook(scenario).map_or(Probability::ZERO, |hook| hook.failure),
                    ),
                    sidecar_stop: (0u64..)
                        .zip(&scenario.pod.sidecars)
                        .map(|(index, sidecar)| Latency {
                            sampler: Sampler::new(&sidecar.stop_time),
                            stream: streams.stream_indexed("sidecar_stop", index),
                        })
                        .collect(),
                }
            }
        }
    };
}

/// Random inputs of one other workload.
#[derive(Debug)]
pub(crate) struct OtherLatencies {
    pub(crate) stop_time: Latency,
    pub(crate) lifetime: Option<Latency>,
    /// Whether a pod listens on the application's port.
    pub(crate) listens: Chance,
}

impl OtherLatencies {
    pub(crate) fn new(workload: &OtherWorkload, streams: &Streams, index: u64) -> Self {
        let latency = |name, dist| Latency {
            sampler: Sampler::new(dist),
            stream: streams.stream_indexed(name, index),
        };
        Self {
            stop_time: latency("other_stop_time", &workload.stop_time),
            lifetime: workload.lifetime.as_ref().map(|dist| latency("other_lifetime", dist)),
            listens: Chance {
                probability: workload.listens,
                stream: streams.stream_indexed("other_listens", index),
            },
        }
    }
}

/// Random inputs of the Cluster Autoscaler.
#[derive(Debug)]
pub(crate) struct ClusterAutoscalerLatencies {
    pub(crate) node_ready: Latency,
    pub(crate) taint_failure: Chance,
    pub(crate) phase: Stream,
}

impl ClusterAutoscalerLatencies {
    pub(crate) fn new(rules: &ClusterAutoscaler, streams: &Streams) -> Self {
        Self {
            node_ready: Latency::new(streams, "autoscaler_node_ready", &rules.node_ready_time),
            taint_failure: Chance::new(streams, "autoscaler_taint_failure", rules.taint_failure),
            phase: streams.stream("autoscaler_phase"),
        }
    }
}

/// A hook that does not exist takes no time.
const NO_TIME: Dist = Dist::Constant(SimDuration::ZERO);

fn hook(scenario: &Scenario) -> Option<&Hook> {
    let pre_stop = &scenario.pod.pre_stop;
    pre_stop.exec.as_ref().or(pre_stop.http_get.as_ref())
}

inputs! {
    latencies {
        api_write: api_server.write_latency;
        api_watch: api_server.watch_latency;
        endpoint_sync: endpoint_slice_controller.sync_time;
        dispatch: kubelet.dispatch;
        pleg_wait: kubelet.pleg_wait;
        sigterm_delivery: kubelet.sigterm_delivery;
        exit_detect: kubelet.exit_detect;
        sandbox_teardown: kubelet.sandbox_teardown;
        cni_del_retry: kubelet.cni_del_retry;
        status_patch: kubelet.status_patch;
        object_delete: kubelet.object_delete;
        pod_start: kubelet.pod_start;
        start_detect: kubelet.start_detect;
        gate_to_ready: kubelet.gate_to_ready;
        lbc_watch: load_balancer_controller.watch_latency;
        reconcile: load_balancer_controller.reconcile_time;
        describe: load_balancer_controller.describe_latency;
        checkpoint_patch: load_balancer_controller.checkpoint_patch;
        gate_patch: load_balancer_controller.gate_patch;
        deregister_call: elbv2.deregister_latency;
        register_call: elbv2.register_latency;
        deregister_propagation: elbv2.deregister_propagation;
        register_propagation: elbv2.register_propagation;
        rtt_same_zone: network.rtt_same_zone;
        rtt_cross_zone: network.rtt_cross_zone;
        app_start_up: app.start_up;
        app_reaction: app.reaction_delay;
        app_restart: app.restart_delay;
        os_shutdown_notice: ec2.os_shutdown_notice;
        os_shutdown: ec2.os_shutdown;
        eni_attach: vpc_cni.eni_attach_time;
        leader_gap: load_balancer_controller.leader_gap;
        resync_jitter: load_balancer_controller.resync_jitter;
        other_register_propagation: elbv2.register_propagation;
        metrics_latency: metrics_server.latency;
        dns_failover: dns.failover_time;
        dns_dead_node: dns.dead_node_time;
        dns_shift: dns.shift_time;
        kube_proxy_watch: kube_proxy.watch_latency;
        kube_proxy_sync: kube_proxy.sync;
    }
    chances {
        pleg_recent_sync: kubelet.pleg_recent_sync;
        cni_del_failure: kubelet.cni_del_failure;
        dead_ip_silent: network.dead_ip_silent;
        call_failure: elbv2.call_failure;
        network_failure: load_balancer_controller.network_failure;
    }
    streams {
        housekeeping;
        sdk_backoff;
        pod_uid;
        crash_victims;
        health_check_phase;
        probe_phase;
        lease_phase;
        ip_choice;
        node_controllers_phase;
        other_victims;
        other_phase;
        describe_backoff;
        resync_phase;
        hpa_phase;
        metrics_phase;
        anomaly_phase;
    }
}
