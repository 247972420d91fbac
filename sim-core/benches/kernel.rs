//! The kernel's two lists alone, in the hold model: take the earliest, put it back an exponential time later.
//!
//! `cargo bench -p sim-core --bench kernel`. The exponential draw is part of each operation; `draws_alone` says how much.

#![allow(clippy::print_stdout, reason = "a benchmark reports")]

#[path = "shared/report.rs"]
mod report;

use divan::Bencher;
use sim_core::dist::{Dist, Sampler};
use sim_core::kernel::{EventQueue, SlotTimes};
use sim_core::rng::{Seed, Stream, Streams};
use sim_core::time::{SimDuration, SimTime};

fn main() {
    divan::main();
    report::print();
}

fn operations() -> u64 {
    if report::measures() { 1_000_000 } else { 100 }
}

/// Exponential with mean 1 s, and its stream.
fn draws() -> (Sampler, Stream) {
    let second = SimDuration::from_secs(1);
    let sampler = Sampler::new(&Dist::Exponential { mean: second });
    (sampler, Streams::new(Seed(1), 0).stream("bench"))
}

#[divan::bench]
fn draws_alone(bencher: Bencher) {
    bencher.with_inputs(draws).bench_local_values(|(sampler, mut stream)| {
        report::timed("draws_alone", "draws", || {
            let sum = (0..operations()).fold(0_u64, |sum, _| sum.wrapping_add(sampler.sample(&mut stream).as_ns()));
            (operations(), sum)
        });
    });
}

/// The list of control-plane events.
#[divan::bench(args = [100, 10_000])]
fn event_list(bencher: Bencher, pending: u32) {
    let filled = || {
        let (sampler, mut stream) = draws();
        let mut list = EventQueue::new();
        for event in 0..pending {
            list.push(SimTime::ZERO + sampler.sample(&mut stream), event);
        }
        (list, sampler, stream)
    };
    bencher
        .with_inputs(filled)
        .bench_local_values(|(mut list, sampler, mut stream)| {
            report::timed(&format!("event_list {pending}"), "operations", || {
                let mut digest = 0;
                for _ in 0..operations() {
                    let (at, event) = list.pop().expect("as many are pushed as popped");
                    digest = report::fnv([digest, at.as_ns(), u64::from(event)]);
                    list.push(at + sampler.sample(&mut stream), event);
                }
                (operations(), digest)
            });
        });
}

/// The list of sessions.
#[divan::bench(args = [1_000, 100_000])]
fn session_list(bencher: Bencher, sessions: u32) {
    let filled = || {
        let (sampler, mut stream) = draws();
        let mut list = SlotTimes::new(sessions);
        for session in 0..sessions {
            list.set(session, SimTime::ZERO + sampler.sample(&mut stream));
        }
        (list, sampler, stream)
    };
    bencher
        .with_inputs(filled)
        .bench_local_values(|(mut list, sampler, mut stream)| {
            report::timed(&format!("session_list {sessions}"), "operations", || {
                let mut digest = 0;
                for _ in 0..operations() {
                    let (at, session) = list.min();
                    digest = report::fnv([digest, at.as_ns(), u64::from(session)]);
                    list.replace_min(at + sampler.sample(&mut stream));
                }
                (operations(), digest)
            });
        });
}
