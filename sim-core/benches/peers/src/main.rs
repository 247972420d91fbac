//! One workload on our kernel, on our whole model, and on two published kernels: nanoseconds per request.
//!
//! `cargo run --release --locked --manifest-path sim-core/benches/peers/Cargo.toml`
//!
//! **The workload.** 1000 sessions send a request, wait for the answer, and think for an exponential time of mean 1 s;
//! 600 servers are chosen in turn and answer after an exponential time of mean 50 ms, any number at once. From 60 s to
//! 75 s every fifth server refuses at once. One simulated hour: about 3.43 million requests, about 2880 failures.
//!
//! **The same for all**: routing, counting, the histogram of latencies, and the random numbers are one piece of code
//! (`work.rs`), so that only the kernels differ. **Not the same**: our kernel is used as our model uses it, one event
//! per request in a list of sessions, because a request's answer is known when it is sent. Whoever knows that can do
//! so with any kernel, so the peers are measured that way too, and the usual way: one event when a request is sent, one
//! when it is answered. Likewise our own general event list.

mod ours;
mod whole_model;
mod with_nexosim;
mod with_simcore;
mod work;

use cpu_time::ThreadTime;
use work::Tally;

/// Rounds; each runs every contestant once, so that disturbances meet all.
const ROUNDS: usize = 5;

/// A name and a run; the run takes a seed.
type Contestant = (&'static str, fn(u64) -> Tally);

const CONTESTANTS: [Contestant; 7] = [
    ("our session list, one event", ours::one_event),
    ("our event list, two events", ours::two_events),
    ("our whole model", whole_model::run),
    ("NexoSim 1.0, one event", with_nexosim::one_event),
    ("NexoSim 1.0, two events", with_nexosim::two_events),
    ("SimCore 0.1, one event", with_simcore::one_event),
    ("SimCore 0.1, two events", with_simcore::two_events),
];

fn main() {
    let mut costs = [(); CONTESTANTS.len()].map(|()| Vec::new());
    for round in 0..ROUNDS {
        for ((name, run), costs) in CONTESTANTS.iter().zip(&mut costs) {
            let start = ThreadTime::now();
            let tally = run(round as u64);
            let elapsed = start.elapsed();
            tally.assert_plausible(name);
            costs.push(elapsed.as_nanos() as f64 / tally.requests as f64);
        }
    }
    let medians = costs.map(|mut costs| {
        costs.sort_by(f64::total_cmp);
        costs[ROUNDS / 2]
    });
    println!("{:<30} ns per request   × our list   × our model", "contestant");
    for ((name, _), median) in CONTESTANTS.iter().zip(&medians) {
        println!(
            "{name:<30} {median:14.1} {:12.1} {:13.1}",
            median / medians[0],
            median / medians[2]
        );
    }
}
