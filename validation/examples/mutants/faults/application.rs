//! Faults of connections and servers.

use super::Fault;

const APP_PROCESS: &str = "sim-core/src/k8s/app_process.rs";
const SERVE: &str = "sim-core/src/traffic/serve.rs";

pub(super) const FAULTS: &[Fault] = &[
    Fault {
        name: "accept_queue_reset_dropped",
        breaks: "what waits in the accept queue is served although the listener has closed",
        file: APP_PROCESS,
        old: "(open.fresh && open.start > now).then_some(Cause::ResetInAcceptQueue)",
        new: "None",
    },
    Fault {
        name: "drain_does_not_wait",
        breaks: "a draining server exits although requests are in flight",
        file: APP_PROCESS,
        old: "self.traffic.servers[pod.index()].latest_served_end()",
        new: "None",
    },
    Fault {
        name: "idle_connections_not_awaited",
        breaks: "a server that keeps idle connections exits without waiting for them",
        file: APP_PROCESS,
        old: "self.traffic.last_idle_timeout(pod.0)",
        new: "None",
    },
    Fault {
        name: "keep_alive_race_ignored",
        breaks: "a request never crosses the FIN of an idle connection",
        file: SERVE,
        old: "idle_for < closes_after + half_width",
        new: "false",
    },
    Fault {
        name: "connections_never_close",
        breaks: "an idle connection is used again whatever its age",
        file: "sim-core/src/traffic/pool.rs",
        old: "idle_for >= limit",
        new: "false",
    },
    Fault {
        name: "workers_never_busy",
        breaks: "a request never waits for a worker",
        file: SERVE,
        old: "free[0].max(arrives)",
        new: "arrives",
    },
];
