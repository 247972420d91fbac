//! `SimCore`, the kernel of `DSLab`: one component that sends events to itself.

use std::cell::RefCell;
use std::rc::Rc;

use serde::Serialize;
use simcore::{Event, EventHandler, Simulation, SimulationContext, cast};

use crate::work::{DEATH_NS, HORIZON_NS, REVIVAL_NS, SESSIONS, Tally, Work};

#[derive(Clone, Serialize)]
struct Refusing {
    refusing: bool,
}

#[derive(Clone, Serialize)]
struct WholeLoop {}

#[derive(Clone, Serialize)]
struct Send {
    session: u32,
}

#[derive(Clone, Serialize)]
struct Answered {
    session: u32,
    server: u32,
    sent: f64,
}

struct Flat {
    work: Work,
    context: SimulationContext,
}

/// Its time is a float of seconds.
fn seconds(ns: u64) -> f64 {
    ns as f64 / 1e9
}

impl Flat {
    fn think(&mut self, session: u32) {
        let think = seconds(self.work.think());
        self.context.emit_self(Send { session }, think);
    }
}

impl EventHandler for Flat {
    fn on(&mut self, event: Event) {
        cast!(match event.data {
            WholeLoop {} => {
                let busy = seconds(self.work.whole_loop());
                self.context.emit_self(WholeLoop {}, busy);
            }
            Send { session } => {
                match self.work.send() {
                    Some((server, service)) => {
                        let sent = event.time;
                        self.context
                            .emit_self(Answered { session, server, sent }, seconds(service));
                    }
                    None => self.think(session),
                }
            }
            Answered { session, server, sent } => {
                self.work.answered(server, ((event.time - sent) * 1e9) as u64);
                self.think(session);
            }
            Refusing { refusing } => {
                self.work.set_refusing(refusing);
            }
        });
    }
}

fn run(seed: u64, start: impl Fn(&mut Flat, u32)) -> Tally {
    let mut simulation = Simulation::new(seed);
    let context = simulation.create_context("flat");
    let flat = Rc::new(RefCell::new(Flat {
        work: Work::new(seed),
        context,
    }));
    simulation.add_handler("flat", flat.clone());
    for session in 0..SESSIONS {
        start(&mut flat.borrow_mut(), session);
    }
    for (at, refusing) in [(DEATH_NS, true), (REVIVAL_NS, false)] {
        flat.borrow().context.emit_self(Refusing { refusing }, seconds(at));
    }
    simulation.step_until_time(seconds(HORIZON_NS));
    let tally = flat.borrow().work.tally.clone();
    tally
}

pub fn one_event(seed: u64) -> Tally {
    run(seed, |flat, _| {
        let think = seconds(flat.work.think());
        flat.context.emit_self(WholeLoop {}, think);
    })
}

pub fn two_events(seed: u64) -> Tally {
    run(seed, Flat::think)
}
