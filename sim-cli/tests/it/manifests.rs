//! What `sim import` makes of manifests as people have them.

mod autoscalers;
mod broken;
mod class;
mod corpus;
