//! The Kubernetes side: controllers, scheduler, kubelet.
//!
//! Handlers are methods of [`crate::world::World`], grouped in one file per component.

pub(crate) mod app_process;
pub(crate) mod cluster_autoscaler;
pub(crate) mod deployment;
pub(crate) mod endpoint_slice;
pub(crate) mod eviction;
pub(crate) mod hpa;
pub(crate) mod kube_proxy;
pub(crate) mod kubelet;
pub(crate) mod metrics_server;
pub(crate) mod node;
pub(crate) mod node_drain;
pub(crate) mod node_loss;
pub(crate) mod node_stop;
pub(crate) mod other_pods;
pub(crate) mod pod;
mod pre_stop;
pub(crate) mod probe;
pub(crate) mod replica_set;
pub(crate) mod resources;
pub(crate) mod scheduler;
pub(crate) mod termination;
pub(crate) mod vpc_cni;
