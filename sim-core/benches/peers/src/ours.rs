//! Our kernel without our model.

use sim_core::kernel::{EventQueue, SlotTimes};
use sim_core::time::{SimDuration, SimTime};

use crate::work::{DEATH_NS, HORIZON_NS, REVIVAL_NS, SESSIONS, Tally, Work};

/// The list of sessions, as the model uses it: events of the control plane cut the run into pieces.
pub fn one_event(seed: u64) -> Tally {
    let mut work = Work::new(seed);
    let mut sessions = SlotTimes::new(SESSIONS);
    for session in 0..SESSIONS {
        sessions.set(session, SimTime::from_ns(work.think()));
    }
    let mut control = EventQueue::new();
    control.push(SimTime::from_ns(DEATH_NS), true);
    control.push(SimTime::from_ns(REVIVAL_NS), false);
    loop {
        let until = control.peek_time().min(SimTime::from_ns(HORIZON_NS));
        loop {
            let (now, _) = sessions.min();
            if now >= until {
                break;
            }
            let busy = work.whole_loop();
            sessions.replace_min(now + SimDuration::from_ns(busy));
        }
        match control.pop() {
            Some((_, refusing)) => work.set_refusing(refusing),
            None => return work.tally,
        }
    }
}

enum Event {
    Refusing(bool),
    Send { session: u32 },
    Answered { session: u32, server: u32, sent: SimTime },
}

/// The general event list, with cancellation and any kind of event.
pub fn two_events(seed: u64) -> Tally {
    let mut work = Work::new(seed);
    let mut events = EventQueue::new();
    for session in 0..SESSIONS {
        events.push(SimTime::from_ns(work.think()), Event::Send { session });
    }
    events.push(SimTime::from_ns(DEATH_NS), Event::Refusing(true));
    events.push(SimTime::from_ns(REVIVAL_NS), Event::Refusing(false));
    while let Some((now, event)) = events.pop() {
        if now >= SimTime::from_ns(HORIZON_NS) {
            break;
        }
        let after = |ns| now + SimDuration::from_ns(ns);
        match event {
            Event::Refusing(refusing) => work.set_refusing(refusing),
            Event::Send { session } => match work.send() {
                Some((server, service)) => {
                    let sent = now;
                    let answered = Event::Answered { session, server, sent };
                    events.push(after(service), answered);
                }
                None => {
                    events.push(after(work.think()), Event::Send { session });
                }
            },
            Event::Answered { session, server, sent } => {
                work.answered(server, (now - sent).as_ns());
                events.push(after(work.think()), Event::Send { session });
            }
        }
    }
    work.tally
}
