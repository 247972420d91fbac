//! Kubernetes objects as users keep them: the fields that decide about failed requests, each with its place.
//!
//! The structs follow the API's own names; what they leave out has no say here. Every field may be absent, because
//! defaults are the importer's business: it has to say where a value comes from.

mod api_checks;
pub(crate) mod fields;
pub(crate) mod files;
mod json_text;
pub(crate) mod karpenter;
mod kinds;
mod likely;
pub(crate) mod meta;
mod misplaced;
pub(crate) mod network;
pub(crate) mod object;
mod octal;
#[cfg(test)]
mod official;
pub(crate) mod pod;
pub(crate) mod scaling;
mod shape;
pub(crate) mod workload;
mod yaml_mistakes;

pub(crate) use meta::Metadata;
pub(crate) use object::{Body, Manifests, Object};
