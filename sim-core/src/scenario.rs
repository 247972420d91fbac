//! The scenario: everything one run depends on, validated once and complete.
//!
//! The same types are the scenario file: `sim` layers built-in defaults, a profile, a file and `--set` values and
//! decodes the result into [`Scenario`]. Keys are the field names; durations and rates carry units.
//!
//! Every default names its source in the field's documentation after the word `Source:`. `alb`, `kubernetes`, `lbc`
//! and `nodes` with a section number are the fact sheets that the model card (`README.md` of this crate) summarises;
//! *estimate* marks a number that nobody published.

pub mod app;
pub mod capacity;
pub mod cluster;
pub mod cluster_autoscaler;
pub mod disruption;
pub mod elbv2;
pub mod health;
pub mod hops;
pub mod hpa;
pub mod instance_type;
pub mod karpenter;
pub mod kube_proxy;
pub mod node;
pub mod pod;
pub mod preset;
pub mod quantity;
pub mod value;
pub mod vpc_cni;
pub mod workload;

mod instantaneous;
mod validate;

use alloc::string::String;
use alloc::vec::Vec;

use serde::{Deserialize, Serialize};

use crate::time::SimDuration;
pub use validate::ScenarioError;

/// One complete scenario.
///
/// Built by [`Scenario::default`] and changed field by field, or decoded from a file.
/// [`Scenario::validate`] must hold before a run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Scenario {
    /// Name shown in every output. Source: none needed.
    pub name: String,
    /// One or two sentences on what the scenario teaches. Source: none needed.
    pub description: String,
    /// Name of the profile whose hop latencies are in force; a label, the values are in the sections below.
    /// Source: design choice.
    pub profile: String,
    /// End of the observed period, counted from the run's start. Source: design choice.
    pub horizon: SimDuration,
    /// Prefix of the run whose requests are simulated but not counted. Source: design choice.
    pub warm_up: SimDuration,
    /// Nodes and zones.
    pub cluster: cluster::Cluster,
    /// The Deployment whose pods are the targets.
    pub deployment: cluster::Deployment,
    /// The budget that evictions respect.
    pub pod_disruption_budget: cluster::PodDisruptionBudget,
    /// The Service in front of the pods.
    pub service: cluster::Service,
    /// The pod template.
    pub pod: pod::Pod,
    /// The application server inside the pod.
    pub app: app::App,
    /// The target group and its health check.
    pub target_group: elbv2::TargetGroup,
    /// Attributes of the load balancer.
    pub load_balancer: elbv2::LoadBalancer,
    /// The load balancer's name in DNS and its clients' copies of it.
    pub dns: health::Dns,
    /// Automatic target weights, in force with `target_group.anomaly_mitigation`.
    pub anomaly_detection: health::AnomalyDetection,
    /// Latencies of the API server.
    pub api_server: hops::ApiServer,
    /// Limits of the controller manager's API clients.
    pub controller_manager: hops::ControllerManager,
    /// The `EndpointSlice` controller.
    pub endpoint_slice_controller: hops::EndpointSliceController,
    /// kube-proxy of every node.
    pub kube_proxy: kube_proxy::KubeProxy,
    /// The kubelet and the container runtime below it.
    pub kubelet: hops::Kubelet,
    /// The AWS Load Balancer Controller.
    pub load_balancer_controller: hops::LoadBalancerController,
    /// The ELBv2 control plane and how its changes reach the ALB nodes.
    pub elbv2: hops::Elbv2,
    /// The controllers that notice lost nodes.
    pub node_lifecycle: node::NodeLifecycle,
    /// How EC2 instances end.
    pub ec2: node::Ec2,
    /// Addresses of pods.
    pub vpc_cni: vpc_cni::VpcCni,
    /// Round trips and what packets to a dead pod IP meet.
    pub network: hops::Network,
    /// The controller of the `HorizontalPodAutoscaler`.
    pub hpa_controller: hpa::HpaController,
    /// What the autoscaler knows of the pods' CPU use.
    pub metrics_server: hpa::MetricsServer,
    /// Who sends requests.
    pub workload: workload::Workload,
    /// What takes pods away, in any order. Source: the scenario's author (nothing).
    pub disruptions: Vec<disruption::Disruption>,
}

impl Default for Scenario {
    fn default() -> Self {
        Self {
            name: String::from("unnamed"),
            description: String::new(),
            profile: String::from("eks"),
            horizon: SimDuration::from_secs(600),
            warm_up: SimDuration::ZERO,
            cluster: cluster::Cluster::default(),
            deployment: cluster::Deployment::default(),
            pod_disruption_budget: cluster::PodDisruptionBudget::default(),
            service: cluster::Service::default(),
            pod: pod::Pod::default(),
            app: app::App::default(),
            target_group: elbv2::TargetGroup::default(),
            load_balancer: elbv2::LoadBalancer::default(),
            dns: health::Dns::default(),
            anomaly_detection: health::AnomalyDetection::default(),
            api_server: hops::ApiServer::default(),
            controller_manager: hops::ControllerManager::default(),
            endpoint_slice_controller: hops::EndpointSliceController::default(),
            kube_proxy: kube_proxy::KubeProxy::default(),
            kubelet: hops::Kubelet::default(),
            load_balancer_controller: hops::LoadBalancerController::default(),
            elbv2: hops::Elbv2::default(),
            node_lifecycle: node::NodeLifecycle::default(),
            ec2: node::Ec2::default(),
            vpc_cni: vpc_cni::VpcCni::default(),
            network: hops::Network::default(),
            hpa_controller: hpa::HpaController::default(),
            metrics_server: hpa::MetricsServer::default(),
            workload: workload::Workload::default(),
            disruptions: Vec::new(),
        }
    }
}

impl Scenario {
    /// Number of ALB nodes: zones × nodes per zone.
    pub fn alb_nodes_count(&self) -> u32 {
        self.cluster.zones * self.load_balancer.nodes_per_zone
    }
}
