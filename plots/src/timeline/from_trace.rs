//! The figure's data from a trace.

use sim_core::trace::{Fact, ServerState, TraceRecord};

use super::reader::{Ended, Reader};
use super::{Lane, RaceTimeline};

impl RaceTimeline {
    /// The first `pods` pods whose end is in the trace, in the order in which it began: the commit of the deletion,
    /// the node's own shutdown, or the loss of its node or network without either.
    ///
    /// A trace of failures has all that is needed. No such pod gives a figure without lanes, which is refused when it
    /// is drawn.
    pub fn from_trace(
        title: impl Into<String>,
        subtitle: impl Into<String>,
        records: &[TraceRecord],
        pods: usize,
    ) -> Self {
        let lanes = ended(records).into_iter().take(pods);
        let lanes: Vec<Lane> = lanes.map(|end| Reader::new(&end, records).lane()).collect();
        Self {
            title: title.into(),
            subtitle: subtitle.into(),
            lanes,
        }
    }
}

/// Pods that end and when their end began, in that order.
fn ended(records: &[TraceRecord]) -> Vec<Ended> {
    let mut found: Vec<Ended> = Vec::new();
    for record in records {
        let (pod, is_deleted) = match &record.fact {
            Fact::DeletionCommitted { pod, .. } => (*pod, true),
            Fact::PodShutDown { pod, .. }
            | Fact::SandboxRemoved { pod, .. }
            | Fact::ServerChanged {
                pod,
                state: ServerState::Unreachable,
            } => (*pod, false),
            _ => continue,
        };
        if found.iter().all(|known| known.pod != pod) {
            found.push(Ended {
                pod,
                at_ns: record.at_ns,
                is_deleted,
            });
        }
    }
    found
}

#[cfg(test)]
mod tests;
