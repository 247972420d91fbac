//! Puts facts and finished requests into the trace in the order of their instants.

use alloc::collections::BTreeMap;
use alloc::vec::Vec;
use core::fmt;

use crate::time::SimTime;
use crate::trace::{Fact, RequestRecord, TraceLevel, TraceRecord, TraceSink};

/// Holds back requests whose end lies ahead, because a later event may still change them.
pub(crate) struct Recorder<'a> {
    level: TraceLevel,
    sink: &'a mut dyn TraceSink,
    pending: BTreeMap<(u64, u64), RequestRecord>,
    last_instant: u64,
}

impl fmt::Debug for Recorder<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Recorder")
            .field("level", &self.level)
            .field("pending", &self.pending.len())
            .finish_non_exhaustive()
    }
}

impl<'a> Recorder<'a> {
    pub(crate) fn new(level: TraceLevel, sink: &'a mut dyn TraceSink) -> Self {
        Self {
            level,
            sink,
            pending: BTreeMap::new(),
            last_instant: 0,
        }
    }

    /// Whether requests that did not fail are recorded.
    pub(crate) fn takes_all(&self) -> bool {
        self.level == TraceLevel::All
    }

    /// Whether anything is recorded.
    pub(crate) fn is_on(&self) -> bool {
        self.level != TraceLevel::Off
    }

    /// Records a fact that happened at `now`; `fact` is only built if somebody listens.
    pub(crate) fn fact(&mut self, now: SimTime, fact: impl FnOnce() -> Fact) {
        if self.is_on() {
            self.flush(now.as_ns());
            self.last_instant = now.as_ns();
            self.sink.record(TraceRecord {
                at_ns: now.as_ns(),
                fact: fact(),
            });
        }
    }

    /// Instant of the latest record, ns.
    pub(crate) fn last_instant(&self) -> u64 {
        self.last_instant
    }

    /// Holds a decided request until its end.
    pub(crate) fn request(&mut self, record: RequestRecord) {
        self.pending.insert((record.finished_ns, record.request), record);
    }

    /// Takes back a held request whose fate changed.
    pub(crate) fn take_back(&mut self, finished_ns: u64, request: u64) -> Option<RequestRecord> {
        self.pending.remove(&(finished_ns, request))
    }

    /// Releases the requests that ended at or before `now`.
    pub(crate) fn flush(&mut self, now: u64) {
        while let Some(entry) = self.pending.first_entry() {
            if entry.key().0 > now {
                break;
            }
            let record = entry.remove();
            self.last_instant = record.finished_ns;
            self.sink.record(TraceRecord {
                at_ns: record.finished_ns,
                fact: Fact::Request(record),
            });
        }
    }
}

impl TraceSink for Vec<TraceRecord> {
    fn record(&mut self, record: TraceRecord) {
        self.push(record);
    }
}
