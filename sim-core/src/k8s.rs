//! The Kubernetes side: controllers, scheduler, kubelet.
//!
//! Handlers are methods of [`crate::world::World`], grouped in one file per component.

pub(crate) mod app_process;
pub(crate) mod deployment;
pub(crate) mod endpoint_slice;
pub(crate) mod hpa;
pub(crate) mod kubelet;
pub(crate) mod metrics_server;
pub(crate) mod node_drain;
pub(crate) mod pod;
pub(crate) mod probe;
pub(crate) mod replica_set;
pub(crate) mod termination;
