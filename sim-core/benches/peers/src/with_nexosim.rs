//! `NexoSim`: one model that schedules inputs of its own, on its single-threaded executor.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use nexosim::model::{Context, Model, schedulable};
use nexosim::ports::EventSource;
use nexosim::simulation::{Mailbox, SimInit};
use nexosim::time::MonotonicTime;
use serde::{Deserialize, Serialize};

use crate::work::{DEATH_NS, HORIZON_NS, REVIVAL_NS, SESSIONS, Tally, Work};

/// Its models must be serializable; ours is never saved.
#[derive(Serialize, Deserialize)]
struct Flat {
    #[serde(skip)]
    state: Option<State>,
}

struct State {
    work: Work,
    result: Arc<Mutex<Option<Tally>>>,
}

/// It schedules nothing at the present instant.
fn future(ns: u64) -> Duration {
    Duration::from_nanos(ns.max(1))
}

#[Model]
impl Flat {
    fn work(&mut self) -> &mut Work {
        &mut self.state.as_mut().expect("never restored").work
    }

    /// One event per request.
    #[nexosim(schedulable)]
    fn whole_loop(&mut self, _: (), cx: &Context<Self>) {
        let busy = future(self.work().whole_loop());
        cx.schedule_event(busy, schedulable!(Self::whole_loop), ())
            .expect("in the future");
    }

    /// The first of two events per request.
    #[nexosim(schedulable)]
    fn send(&mut self, session: u32, cx: &Context<Self>) {
        match self.work().send() {
            Some((server, service)) => {
                let answered = (session, server, cx.time());
                cx.schedule_event(future(service), schedulable!(Self::answered), answered)
                    .expect("in the future");
            }
            None => self.think(session, cx),
        }
    }

    /// The second.
    #[nexosim(schedulable)]
    fn answered(&mut self, (session, server, sent): (u32, u32, MonotonicTime), cx: &Context<Self>) {
        let latency = cx.time().duration_since(sent).as_nanos() as u64;
        self.work().answered(server, latency);
        self.think(session, cx);
    }

    fn think(&mut self, session: u32, cx: &Context<Self>) {
        let think = future(self.work().think());
        cx.schedule_event(think, schedulable!(Self::send), session)
            .expect("in the future");
    }

    #[nexosim(schedulable)]
    fn set_refusing(&mut self, refusing: bool) {
        self.work().set_refusing(refusing);
    }

    #[nexosim(schedulable)]
    fn finish(&mut self) {
        let state = self.state.as_ref().expect("never restored");
        *state.result.lock().expect("one thread") = Some(state.work.tally.clone());
    }

    /// Input: starts the sessions, with one or with two events per request.
    fn start(&mut self, events: u8, cx: &Context<Self>) {
        for session in 0..SESSIONS {
            if events == 2 {
                self.think(session, cx);
            } else {
                let think = future(self.work().think());
                cx.schedule_event(think, schedulable!(Self::whole_loop), ())
                    .expect("in the future");
            }
        }
        for (at, refusing) in [(DEATH_NS, true), (REVIVAL_NS, false)] {
            cx.schedule_event(future(at), schedulable!(Self::set_refusing), refusing)
                .expect("in the future");
        }
        cx.schedule_event(future(HORIZON_NS), schedulable!(Self::finish), ())
            .expect("in the future");
    }
}

fn run(seed: u64, events: u8) -> Tally {
    let result = Arc::new(Mutex::new(None));
    let state = State {
        work: Work::new(seed),
        result: result.clone(),
    };
    let mailbox = Mailbox::new();
    let mut bench = SimInit::with_num_threads(1);
    let start = EventSource::new()
        .connect(Flat::start, &mailbox)
        .register(&mut bench);
    let mut simulation = bench
        .add_model(Flat { state: Some(state) }, mailbox, "flat")
        .init(MonotonicTime::EPOCH)
        .expect("a valid bench");
    simulation.process_event(&start, events).expect("no deadlock");
    simulation
        .step_until(Duration::from_nanos(HORIZON_NS))
        .expect("no deadlock");
    let tally = result.lock().expect("one thread").take();
    tally.expect("finished at the horizon")
}

pub fn one_event(seed: u64) -> Tally {
    run(seed, 1)
}

pub fn two_events(seed: u64) -> Tally {
    run(seed, 2)
}
