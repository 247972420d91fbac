//! Integration tests of the model: one binary, one module per kind of claim.

#![allow(
    clippy::disallowed_types,
    clippy::duration_suboptimal_units,
    clippy::result_large_err,
    reason = "the swarm watches the wall clock, so that a run without end fails"
)]
#![allow(
    clippy::doc_markdown,
    clippy::format_collect,
    clippy::unnecessary_wraps,
    reason = "tests: formulas and brevity"
)]

mod checkers;
mod determinism;
mod regressions;
mod sensitivity;
mod support;
mod swarm;
mod tidy;
mod timelines;
