//! Formats of `sim check` besides JSON.

pub(crate) mod github;
pub(crate) mod list;
pub(crate) mod sarif;
pub(crate) mod text;
