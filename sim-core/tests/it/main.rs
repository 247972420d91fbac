//! Integration tests of the model: one binary, one module per kind of claim.

mod checkers;
mod closed_forms;
mod determinism;
mod regressions;
mod sensitivity;
mod support;
mod swarm;
mod tidy;
mod timelines;
