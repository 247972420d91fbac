//! Nodes as targets.

use sim_core::dist::Probability;
use sim_core::scenario::Scenario;
use sim_core::scenario::disruption::{AnnouncedBy, Announcement, Disruption, InstanceTermination, NodeFailure};
use sim_core::scenario::elbv2::TargetType;
use sim_core::scenario::kube_proxy::{ExternalTrafficPolicy, KubeProxy, NoEndpoint};

use super::chance::{Chance, IntoSeconds};
use crate::support::ms;

impl Chance {
    /// Nodes as targets, and how they go.
    pub(super) fn node_targets(&mut self, scenario: &mut Scenario) {
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
}
