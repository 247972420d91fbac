//! Deterministic discrete-event model of pod termination behind an AWS Application Load Balancer.
//!
//! ```text
//!   Scenario ──► run(scenario, seed, replication) ──► RunSummary, TraceRecord …
//!
//!                     DELETE committed
//!        ┌──────────────────┴──────────────────┐
//!   k8s::kubelet, termination            k8s::endpoint_slice ──► lbc ──► elbv2
//!        │  preStop, SIGTERM, SIGKILL          slice write   reconcile   propagation, health checks
//!        ▼                                                                   │
//!   traffic::server: serving ► refused ► silent      traffic::rotation: who is chosen
//!        └───────────────────────► traffic::issue ◄──────────────────────────┘
//! ```
//! A request fails when an ALB node still chooses a target that no longer serves it.
//!
//! # Contract
//!
//! 1. *Deterministic*: the result depends on scenario, seed and replication alone. Time is whole nanoseconds, every
//!    random input has a stream of its own, nothing iterates a hash map.
//! 2. *Order*: control-plane events leave by time, then by scheduling sequence, and come before a request issued at
//!    the same instant; sessions come before open-loop arrivals, in the order of their index.
//! 3. *Cost*: a request queues at most one event (a session's next request) and leaves nothing behind when it has
//!    ended; a healthy steady fleet costs no event per health check or probe.
//!
//! What is modelled, simplified and left out is in the crate's `README.md`.
//!
//! # One drain
//!
//! ```
//! use sim_core::rng::Seed;
//! use sim_core::scenario::{Scenario, disruption, workload};
//! use sim_core::time::SimDuration;
//! use sim_core::trace::{TraceLevel, TraceRecord};
//!
//! let mut scenario = Scenario::default();
//! scenario.workload.open_loop = Some(workload::OpenLoop::default());
//! scenario.disruptions.push(disruption::Disruption {
//!     at: SimDuration::from_secs(60),
//!     scale: Some(disruption::Scale { replicas: Some(8), schedule: None }),
//!     ..disruption::Disruption::default()
//! });
//!
//! let mut nothing: Vec<TraceRecord> = Vec::new();
//! let errors = |scenario: &Scenario, sink: &mut Vec<TraceRecord>| {
//!     sim_core::world::run(scenario, Seed(1), 0, TraceLevel::Off, sink).five_xx_count()
//! };
//! assert!(errors(&scenario, &mut nothing) > 0, "four pods of twelve die before the ALB knows");
//!
//! scenario.pod.pre_stop.sleep = Some(SimDuration::from_secs(28));
//! assert_eq!(errors(&scenario, &mut nothing), 0, "the preStop sleep covers the race window");
//! ```

#![no_std]
#![forbid(unsafe_code)]

extern crate alloc;
#[cfg(test)]
extern crate std;

pub mod bottleneck;
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
mod dns;
mod ec2;
mod elbv2;
mod event;
mod id;
mod k8s;
mod karpenter;
mod latencies;
mod lbc;
mod node_group;
mod recorder;
mod spot;
mod traffic;
mod watch;
