//! What `sim import` makes of manifests as people have them.

mod broken;
mod class;
