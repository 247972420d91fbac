//! From the load balancer to the pods: Services, Ingresses and the controller's own kinds.

use serde::{Deserialize, Serialize};

use super::meta::{Scalar, Words};
use crate::text::decode::Spanned;

/// `spec` of a Service.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct ServiceSpec {
    /// Labels of its pods; it selects none without any.
    #[serde(deserialize_with = "super::meta::words_with_place")]
    pub(crate) selector: Option<Spanned<Words>>,
    /// What it offers.
    pub(crate) ports: Option<Vec<ServicePort>>,
    /// `ClusterIP`, `NodePort`, `LoadBalancer` or `ExternalName`.
    #[serde(rename = "type")]
    pub(crate) kind: Option<Spanned<String>>,
    /// `None` for a headless one.
    #[serde(rename = "clusterIP")]
    pub(crate) cluster_ip: Option<Spanned<String>>,
    /// Whether pods that are not Ready take part.
    pub(crate) publish_not_ready_addresses: Option<Spanned<bool>>,
    /// `Cluster` or `Local`.
    pub(crate) external_traffic_policy: Option<Spanned<String>>,
    /// Which load balancer a `LoadBalancer` is given.
    pub(crate) load_balancer_class: Option<Spanned<String>>,
}

/// One of a Service's `ports`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct ServicePort {
    /// Its name.
    pub(crate) name: Option<Spanned<String>>,
    /// Its number.
    pub(crate) port: Option<Spanned<i64>>,
    /// The pods' port, a number or a name.
    pub(crate) target_port: Option<Scalar>,
    /// The nodes' port.
    pub(crate) node_port: Option<Spanned<i64>>,
}

/// `spec` of an Ingress, in the spelling of `networking.k8s.io/v1` or of the APIs before it.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct IngressSpec {
    /// Its class.
    pub(crate) ingress_class_name: Option<Spanned<String>>,
    /// Where everything else goes.
    pub(crate) default_backend: Option<IngressBackend>,
    /// The same in the APIs before v1.
    pub(crate) backend: Option<IngressBackend>,
    /// What goes where.
    pub(crate) rules: Option<Vec<IngressRule>>,
}

/// One of an Ingress's `rules`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct IngressRule {
    /// For this host.
    pub(crate) host: Option<Spanned<String>>,
    /// By path.
    pub(crate) http: Option<IngressPaths>,
}

/// `http` of a rule.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct IngressPaths {
    /// The paths.
    pub(crate) paths: Option<Vec<IngressPath>>,
}

/// One path.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct IngressPath {
    /// The path.
    pub(crate) path: Option<Spanned<String>>,
    /// Where it goes.
    pub(crate) backend: Option<IngressBackend>,
}

/// A backend in either spelling.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct IngressBackend {
    /// As in v1.
    pub(crate) service: Option<IngressService>,
    /// As before v1.
    pub(crate) service_name: Option<Spanned<String>>,
    /// As before v1, a number or a name.
    pub(crate) service_port: Option<Scalar>,
}

/// `service` of a backend.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct IngressService {
    /// Name of the Service, or of an action in an annotation.
    pub(crate) name: Option<Spanned<String>>,
    /// Which of its ports.
    pub(crate) port: Option<IngressServicePort>,
}

/// `port` of a backend's Service: one of the two.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct IngressServicePort {
    /// By name.
    pub(crate) name: Option<Spanned<String>>,
    /// By number.
    pub(crate) number: Option<Spanned<i64>>,
}

/// `spec` of an `IngressClass`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct IngressClassSpec {
    /// Who serves it.
    pub(crate) controller: Option<Spanned<String>>,
    /// Its parameters.
    pub(crate) parameters: Option<IngressClassParameters>,
}

/// `parameters` of an `IngressClass`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct IngressClassParameters {
    /// Kind.
    pub(crate) kind: Option<Spanned<String>>,
    /// Name.
    pub(crate) name: Option<Spanned<String>>,
}

/// `spec` of the controller's `IngressClassParams`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct IngressClassParamsSpec {
    /// `instance` or `ip`.
    pub(crate) target_type: Option<Spanned<String>>,
    /// Attributes of the load balancer.
    pub(crate) load_balancer_attributes: Option<Vec<Attribute>>,
    /// The group of all its Ingresses.
    pub(crate) group: Option<IngressGroup>,
}

/// `group`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct IngressGroup {
    /// Its name.
    pub(crate) name: Option<Spanned<String>>,
}

/// One attribute.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct Attribute {
    /// Its AWS name.
    pub(crate) key: Option<Spanned<String>>,
    /// Its value.
    pub(crate) value: Option<Spanned<String>>,
}

/// `spec` of the controller's `TargetGroupBinding`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct TargetGroupBindingSpec {
    /// The target group.
    #[serde(rename = "targetGroupARN")]
    pub(crate) target_group_arn: Option<Spanned<String>>,
    /// Or its name.
    pub(crate) target_group_name: Option<Spanned<String>>,
    /// `instance` or `ip`; the controller asks AWS where it is absent.
    pub(crate) target_type: Option<Spanned<String>>,
    /// The Service.
    pub(crate) service_ref: Option<ServiceReference>,
}

/// `serviceRef`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct ServiceReference {
    /// Its name.
    pub(crate) name: Option<Spanned<String>>,
    /// Its port, a number or a name.
    pub(crate) port: Option<Scalar>,
}
