//! A scenario whose latencies are all zero, for those who compare the model with arithmetic.

use super::Scenario;
use crate::dist::{Dist, Probability};
use crate::time::SimDuration;

impl Scenario {
    /// The default scenario with every latency of the control plane and the network zero and every chance "never".
    ///
    /// What remains is arithmetic: preStop, grace, probes, thresholds, and the latencies that the caller sets.
    /// There is no workload and no disruption.
    pub fn instantaneous() -> Self {
        let mut scenario = Self::default();
        scenario.api_server.write_latency = Dist::ZERO;
        scenario.api_server.watch_latency = Dist::ZERO;
        scenario.endpoint_slice_controller.sync_time = Dist::ZERO;
        let kubelet = &mut scenario.kubelet;
        for latency in [
            &mut kubelet.dispatch,
            &mut kubelet.pleg_wait,
            &mut kubelet.sigterm_delivery,
            &mut kubelet.exit_detect,
            &mut kubelet.sandbox_teardown,
            &mut kubelet.cni_del_retry,
            &mut kubelet.status_patch,
            &mut kubelet.object_delete,
            &mut kubelet.pod_start,
            &mut kubelet.start_detect,
            &mut kubelet.gate_to_ready,
        ] {
            *latency = Dist::ZERO;
        }
        kubelet.housekeeping = SimDuration::ZERO;
        kubelet.pleg_recent_sync = Probability::ZERO;
        kubelet.cni_del_failure = Probability::ZERO;
        let lbc = &mut scenario.load_balancer_controller;
        for latency in [
            &mut lbc.watch_latency,
            &mut lbc.reconcile_time,
            &mut lbc.describe_latency,
            &mut lbc.checkpoint_patch,
            &mut lbc.gate_patch,
        ] {
            *latency = Dist::ZERO;
        }
        let elbv2 = &mut scenario.elbv2;
        for latency in [
            &mut elbv2.deregister_latency,
            &mut elbv2.register_latency,
            &mut elbv2.deregister_propagation,
            &mut elbv2.register_propagation,
        ] {
            *latency = Dist::ZERO;
        }
        elbv2.call_failure = Probability::ZERO;
        scenario.kube_proxy.watch_latency = Dist::ZERO;
        scenario.kube_proxy.sync = Dist::ZERO;
        scenario.network.rtt_same_zone = Dist::ZERO;
        scenario.network.rtt_cross_zone = Dist::ZERO;
        scenario.network.keep_alive_race = Dist::ZERO;
        scenario.network.dead_ip_silent = Probability::ONE;
        let app = &mut scenario.app;
        app.service_time = Dist::ZERO;
        app.start_up = Dist::ZERO;
        app.reaction_delay = Dist::ZERO;
        app.restart_delay = Dist::ZERO;
        scenario
    }
}
