//! What Kubernetes manifests leave to be read between the lines: commands, images and hooks.

pub(crate) mod hook;
pub(crate) mod server;
pub(crate) mod shell;
