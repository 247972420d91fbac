//! The result of a run as one document: what `--format json` prints and the text is made of.
//!
//! Keys are stable within a [`SCHEMA_VERSION`], and their last word is the unit. Counts are sums over the replications
//! unless the field says "per replication"; quantiles are over all replications together.

mod build;
mod types;

pub(crate) use build::{report, six_digits};
pub(crate) use types::*;

/// Version of the document; it grows when a field changes its meaning or goes away.
pub(crate) const SCHEMA_VERSION: u32 = 1;

#[cfg(test)]
pub(crate) mod sample;
#[cfg(test)]
mod tests;
