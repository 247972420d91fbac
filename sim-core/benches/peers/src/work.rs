//! What every contestant does with a request, whatever its kernel.

use sim_core::dist::{Dist, Sampler};
use sim_core::rng::{Seed, Stream, Streams};
use sim_core::stats::LatencyHistogram;
use sim_core::time::SimDuration;

pub const SESSIONS: u32 = 1000;
pub const SERVERS: usize = 600;
pub const HORIZON_NS: u64 = 3_600_000_000_000;
/// Every fifth server refuses from here on ...
pub const DEATH_NS: u64 = 60_000_000_000;
/// ... to here.
pub const REVIVAL_NS: u64 = 75_000_000_000;
pub const MEAN_THINK: SimDuration = SimDuration::from_secs(1);
pub const MEAN_SERVICE: SimDuration = SimDuration::from_millis(50);

/// What a run counted.
#[derive(Debug, Clone)]
pub struct Tally {
    pub requests: u64,
    pub failures: u64,
    pub latency: LatencyHistogram,
}

impl Tally {
    /// That it is the workload and not something cheaper.
    ///
    /// # Panics
    ///
    /// If a count is more than five standard deviations from its expectation.
    pub fn assert_plausible(&self, name: &str) {
        // A loop takes 1.05 s. Counts of renewals: variance below the mean.
        let requests = 3600.0 * 1000.0 / 1.05;
        let off = (self.requests as f64 - requests).abs();
        assert!(off < 5.0 * f64::sqrt(requests), "{name}: {} requests", self.requests);
        // A fifth of what 15 s bring; those that fail come back sooner. The whole model also loses what is in flight.
        let failures = 15.0 * 1000.0 / (1.0 + 0.8 * 0.05) * 0.2;
        let off = (self.failures as f64 - failures).abs();
        assert!(off < 5.0 * f64::sqrt(failures), "{name}: {} failures", self.failures);
        assert!(self.latency.count() == self.requests && self.latency.mean().as_ns().abs_diff(50_000_000) < 500_000);
    }
}

/// Servers, random numbers and counts.
#[derive(Debug, Clone)]
pub struct Work {
    think: Sampler,
    service: Sampler,
    think_draws: Stream,
    service_draws: Stream,
    turn: usize,
    refuses: Vec<bool>,
    in_flight: Vec<u32>,
    pub tally: Tally,
}

impl Work {
    pub fn new(seed: u64) -> Self {
        let streams = Streams::new(Seed(seed), 0);
        Self {
            think: Sampler::new(&Dist::Exponential { mean: MEAN_THINK }),
            service: Sampler::new(&Dist::Exponential { mean: MEAN_SERVICE }),
            think_draws: streams.stream("think"),
            service_draws: streams.stream("service"),
            turn: 0,
            refuses: vec![false; SERVERS],
            in_flight: vec![0; SERVERS],
            tally: Tally {
                requests: 0,
                failures: 0,
                latency: LatencyHistogram::new(),
            },
        }
    }

    /// Think time, ns.
    #[inline]
    pub fn think(&mut self) -> u64 {
        self.think.sample(&mut self.think_draws).as_ns()
    }

    /// Chooses a server; its service time in ns unless it refuses, which is counted at once.
    #[inline]
    pub fn send(&mut self) -> Option<(u32, u64)> {
        let server = self.turn;
        self.turn = if server + 1 == SERVERS { 0 } else { server + 1 };
        if self.refuses[server] {
            self.tally.failures += 1;
            self.count(0);
            return None;
        }
        self.in_flight[server] += 1;
        let service = self.service.sample(&mut self.service_draws).as_ns();
        Some((server as u32, service))
    }

    /// An answer of a server after `latency` ns.
    #[inline]
    pub fn answered(&mut self, server: u32, latency: u64) {
        self.in_flight[server as usize] -= 1;
        self.count(latency);
    }

    /// Sends and answers at once: the time until the session sends again, ns.
    #[inline]
    pub fn whole_loop(&mut self) -> u64 {
        let mut busy = 0;
        if let Some((server, service)) = self.send() {
            self.answered(server, service);
            busy = service;
        }
        busy + self.think()
    }

    #[inline]
    fn count(&mut self, latency: u64) {
        self.tally.requests += 1;
        self.tally.latency.record(SimDuration::from_ns(latency));
    }

    pub fn set_refusing(&mut self, refusing: bool) {
        for server in self.refuses.iter_mut().step_by(5) {
            *server = refusing;
        }
    }
}
