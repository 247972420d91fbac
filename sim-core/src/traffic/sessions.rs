//! Closed-loop sessions: when each issues its next request.

use alloc::string::String;
use alloc::vec;
use alloc::vec::Vec;

use super::Traffic;
use crate::dist::Sampler;
use crate::kernel::slots::SlotTimes;
use crate::scenario::Scenario;
use crate::scenario::workload::ClientConnection;
use crate::time::{SimDuration, SimTime};

/// One step of the loop, prepared.
#[derive(Debug, Clone)]
pub(crate) struct StepRules {
    /// Index of the request kind.
    pub(crate) kind: u16,
    /// Think time after the answer.
    pub(crate) think: Sampler,
}

/// State of one session besides its next instant.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Session {
    /// Next step.
    pub(crate) step: u16,
    /// ALB node of the kept connection.
    pub(crate) alb_node: u8,
    /// Target of the stickiness cookie.
    pub(crate) sticky: u32,
    /// End of the kept connection, ns.
    pub(crate) connection_until: u64,
    /// End of the cookie, ns.
    pub(crate) sticky_until: u64,
}

impl Session {
    pub(crate) const IDLE: Session = Session {
        step: 0,
        alb_node: 0,
        sticky: u32::MAX,
        connection_until: 0,
        sticky_until: 0,
    };
}

/// All sessions.
#[derive(Debug)]
pub(crate) struct Sessions {
    /// Next request of each session; never, if it is parked.
    pub(crate) times: SlotTimes,
    /// The rest of their state.
    pub(crate) states: Vec<Session>,
    /// Sessions with a lower index are active.
    pub(crate) active: u32,
    /// The loop.
    pub(crate) steps: Vec<StepRules>,
    /// Whether each session keeps its connection.
    pub(crate) keep_alive: bool,
    /// Client timeout, ns.
    pub(crate) client_timeout: u64,
    /// Mean think time of one loop, ns.
    pub(crate) mean_loop: u64,
}

impl Sessions {
    /// Those of a valid scenario, all parked; `kind_of` gives the index of a request kind.
    pub(crate) fn new(scenario: &Scenario, mut kind_of: impl FnMut(&String) -> u16) -> Self {
        let Some(sessions) = &scenario.workload.sessions else {
            return Self {
                times: SlotTimes::new(0),
                states: Vec::new(),
                active: 0,
                steps: Vec::new(),
                keep_alive: false,
                client_timeout: u64::MAX,
                mean_loop: 0,
            };
        };
        let most = sessions.count.max_before(SimTime::ZERO + scenario.horizon);
        let most = u32::try_from(most).expect("fewer than 2^32 sessions");
        let steps = sessions.steps.iter().map(|step| StepRules {
            kind: kind_of(&step.request),
            think: Sampler::new(&step.think),
        });
        Self {
            times: SlotTimes::new(most),
            states: vec![Session::IDLE; most as usize],
            active: 0,
            steps: steps.collect(),
            keep_alive: sessions.connection == ClientConnection::KeepAlive,
            client_timeout: sessions.client_timeout.map_or(u64::MAX, SimDuration::as_ns),
            mean_loop: sessions.steps.iter().map(|step| step.think.mean().as_ns()).sum(),
        }
    }

    /// Moves the next request of a session by the change of its current request's end.
    pub(crate) fn shift(&mut self, session: u32, old_end: u64, new_end: u64) {
        let next = self.times.get(session);
        if next != SimTime::MAX {
            let think = next.as_ns().saturating_sub(old_end);
            self.times.set(session, SimTime::from_ns(new_end + think));
        }
    }
}

impl Traffic<'_> {
    /// Applies the number of sessions wanted from `now` on.
    pub(crate) fn set_active_sessions(&mut self, now: u64, active: u32) {
        // New clients start spread over one second, as containers of a scaled-up client do; the first ones over one
        // loop, so that the run starts in its steady phase.
        let spread = if now == 0 {
            self.sessions.mean_loop
        } else {
            1_000_000_000
        };
        for index in self.sessions.active..active {
            let session = &mut self.sessions.states[index as usize];
            if self.sessions.times.get(index) == SimTime::MAX {
                session.step = 0;
                let offset = self.draws.start.next_u64() % spread.max(1);
                self.sessions.times.set(index, SimTime::from_ns(now + offset));
            }
        }
        self.sessions.active = active;
    }
}
