//! Open-loop arrivals: a rate, and the instant of the next request.

use alloc::string::String;

use super::Traffic;
use crate::scenario::Scenario;
use crate::scenario::workload::Arrivals;
use crate::time::SimDuration;

/// Open-loop arrivals.
#[derive(Debug)]
pub(crate) struct Arriving {
    /// Next arrival, ns; `u64::MAX` while the rate is 0.
    pub(crate) next: u64,
    /// Mean interarrival time at the present rate, ns; infinite while the rate is 0.
    pub(super) mean_ns: f64,
    pub(super) poisson: bool,
    pub(super) kind: u16,
    pub(super) client_timeout: u64,
}

impl Arriving {
    /// None yet: the rate is 0.
    pub(super) fn new(scenario: &Scenario, kind_of: &mut impl FnMut(&String) -> u16) -> Self {
        match &scenario.workload.open_loop {
            None => Self {
                next: u64::MAX,
                mean_ns: f64::INFINITY,
                poisson: true,
                kind: 0,
                client_timeout: u64::MAX,
            },
            Some(open_loop) => Self {
                next: u64::MAX,
                mean_ns: f64::INFINITY,
                poisson: open_loop.arrivals == Arrivals::Poisson,
                kind: kind_of(&open_loop.request),
                client_timeout: open_loop.client_timeout.map_or(u64::MAX, SimDuration::as_ns),
            },
        }
    }
}

impl Traffic<'_> {
    /// Applies the arrival rate from `now` on, in requests per second.
    #[allow(clippy::cast_precision_loss)]
    pub(crate) fn set_rate(&mut self, now: u64, per_second: u64) {
        let arriving = &mut self.arriving;
        if per_second == 0 {
            arriving.mean_ns = f64::INFINITY;
            arriving.next = u64::MAX;
            return;
        }
        arriving.mean_ns = 1e9 / per_second as f64;
        arriving.next = now;
        self.draw_next_arrival(now);
    }

    #[inline]
    pub(super) fn draw_next_arrival(&mut self, now: u64) {
        let arriving = &mut self.arriving;
        let gap = if arriving.poisson {
            arriving.mean_ns * crate::dist::standard_exponential(&mut self.draws.arrival)
        } else {
            arriving.mean_ns
        };
        arriving.next = now + whole_ns(gap);
    }
}

/// `ns` rounded down; saturates.
///
/// Adding 2^52 rounds a smaller number to the nearest integer, which then stands in the low bits: half the instructions
/// of a saturating cast.
#[inline]
fn whole_ns(ns: f64) -> u64 {
    const TWO_POW_52: f64 = 4_503_599_627_370_496.0;
    if ns < TWO_POW_52 {
        let rounded = ns + TWO_POW_52;
        let up = u64::from(rounded - TWO_POW_52 > ns);
        rounded.to_bits() - TWO_POW_52.to_bits() - up
    } else {
        long_ns(ns)
    }
}

#[cold]
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "saturates")]
fn long_ns(ns: f64) -> u64 {
    ns as u64
}
