//! Faults of the kubelet and of the controllers of Kubernetes.

use super::Fault;

const TERMINATION: &str = "sim-core/src/k8s/termination.rs";
const REPLICA_SET: &str = "sim-core/src/k8s/replica_set.rs";
const DEPLOYMENT: &str = "sim-core/src/k8s/deployment.rs";
const ENDPOINT_SLICE: &str = "sim-core/src/k8s/endpoint_slice.rs";

/// Where the hook's time is taken off the grace period.
const AFTER_HOOK: &str = "stop.grace_s.saturating_sub(elapsed.whole_secs())";

pub(super) const FAULTS: &[Fault] = &[
    Fault {
        name: "grace_floor_skipped",
        breaks: "no 2 s between SIGTERM and SIGKILL when preStop has used up the grace period",
        file: TERMINATION,
        old: "stop.grace_s.max(GRACE_FLOOR_S)",
        new: "stop.grace_s",
    },
    Fault {
        name: "hook_outside_of_grace",
        breaks: "the grace period begins after preStop",
        file: TERMINATION,
        old: AFTER_HOOK,
        new: "stop.grace_s",
    },
    Fault {
        name: "hook_rounded_up",
        breaks: "a hook costs each second it has begun, not each it has completed",
        file: TERMINATION,
        old: AFTER_HOOK,
        new: "stop.grace_s.saturating_sub(elapsed.as_ns().div_ceil(1_000_000_000))",
    },
    Fault {
        name: "pre_stop_not_awaited",
        breaks: "SIGTERM does not wait for preStop",
        file: "sim-core/src/k8s/pre_stop.rs",
        old: "(lasts, PreStopResult::Completed)",
        new: "(SimDuration::ZERO, PreStopResult::Completed)",
    },
    Fault {
        name: "sandbox_before_last_container",
        breaks: "the pod's network goes with its first container, not with its last",
        file: TERMINATION,
        old: "stopping.containers.iter().all(|stop| stop.step == StopStep::Exited)",
        new: "stopping.containers.iter().any(|stop| stop.step == StopStep::Exited)",
    },
    Fault {
        name: "sidecars_in_declared_order",
        breaks: "sidecars stop in the order of their declaration, not in reverse",
        file: TERMINATION,
        old: "other > usize::from(container)",
        new: "other < usize::from(container)",
    },
    Fault {
        name: "endpoint_until_the_end",
        breaks: "an endpoint does not turn `terminating` with the DELETE, only leaves with the terminal status",
        file: REPLICA_SET,
        old: "self.traffic.servers[pod.index()].stage = crate::outcome::Hop::Endpoints;\n        self.notify_endpoints(pod);",
        new: "self.traffic.servers[pod.index()].stage = crate::outcome::Hop::Endpoints;",
    },
    Fault {
        name: "stale_cache_ignored",
        breaks: "the EndpointSlice controller writes although its cache is older than its last write",
        file: ENDPOINT_SLICE,
        old: "self.now < self.endpoints.echo_at",
        new: "false",
    },
    Fault {
        name: "slices_without_limit",
        breaks: "one slice holds all endpoints",
        file: ENDPOINT_SLICE,
        old: "scenario.endpoint_slice_controller.max_endpoints_per_slice",
        new: "u32::MAX",
    },
    Fault {
        name: "replacement_late",
        breaks: "a deleted pod is replaced 30 s after its deletionTimestamp",
        file: REPLICA_SET,
        old: "self.queue_replica_set_sync(self.pod(pod).revision, watch)",
        new: "self.queue_replica_set_sync(self.pod(pod).revision, watch + SimDuration::from_secs(30))",
    },
    Fault {
        name: "min_ready_ignored",
        breaks: "a pod is available as soon as it is Ready, whatever minReadySeconds says",
        file: DEPLOYMENT,
        old: "min_ready == SimDuration::ZERO",
        new: "true",
    },
    Fault {
        name: "surge_rounded_down",
        breaks: "a maxSurge in percent is rounded down",
        file: DEPLOYMENT,
        old: "self.scenario.deployment.max_surge.round_up(replicas)",
        new: "self.scenario.deployment.max_surge.round_down(replicas)",
    },
    Fault {
        name: "events_free_of_charge",
        breaks: "the Event of a deletion takes no token of the client's bucket",
        file: DEPLOYMENT,
        old: "if limits.events_share_bucket { 2 } else { 1 }",
        new: "1",
    },
    Fault {
        name: "readiness_gate_ignored",
        breaks: "a pod is Ready without its readiness gate",
        file: "sim-core/src/k8s/pod.rs",
        old: "self.containers_ready && (!self.gated || (self.gate && self.other_gates_missing == 0))",
        new: "self.containers_ready",
    },
];
