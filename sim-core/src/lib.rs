//! Deterministic discrete-event model of pod termination behind an AWS Application Load Balancer.

#![no_std]
#![forbid(unsafe_code)]

extern crate alloc;
#[cfg(test)]
extern crate std;

pub mod check;
pub mod dist;
pub mod kernel;
pub mod outcome;
pub mod rng;
pub mod scenario;
pub mod stats;
pub mod summary;
pub mod time;
pub mod token_bucket;
pub mod trace;
pub mod warnings;
pub mod world;

mod backoff;
mod elbv2;
mod event;
mod id;
mod k8s;
mod latencies;
mod lbc;
mod recorder;
mod traffic;
mod watch;
