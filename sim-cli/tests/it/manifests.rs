//! `sim import` of the manifests in `tests/manifests`.

mod autoscalers;
mod corpus;
