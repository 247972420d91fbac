//! What failed requests met on the wire.

use sim_core::outcome::Cause;
use sim_core::scenario::elbv2::TargetType;
use sim_core::time::SimDuration;
use sim_core::trace::{RequestRecord, ServerState};

use super::behaviour::Behaviour;
use super::{Servers, Watched};

/// A second, nanoseconds: far above a round trip, far below a timeout.
const SECOND: u64 = SimDuration::from_secs(1).as_ns();

/// What a cause says about the wire.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Met {
    /// RST in answer to SYN.
    Refusal,
    /// ICMP instead of an answer, when the neighbour cannot be resolved.
    Unreachable,
    /// No answer to SYN.
    Silence,
    /// The connection was closed under the request.
    Cut,
    /// Nothing that has to do with the server's state.
    Other,
}

fn met(request: &RequestRecord, cause: Cause) -> Met {
    match cause {
        Cause::RefusedListenerClosed
        | Cause::RefusedProcessDead
        | Cause::RefusedNotListening
        | Cause::RefusedServerRestart => Met::Refusal,
        Cause::IcmpUnreachable => Met::Unreachable,
        Cause::SilentPodIp => Met::Silence,
        // A request on a connection that was open waits for the idle timeout instead.
        Cause::SilentNode if !request.reused_connection && request.request_processing_ns.is_none() => Met::Silence,
        Cause::ClosedInFlightAtSigterm
        | Cause::ClosedInFlightAtRestart
        | Cause::ClosedAtDrainTimeout
        | Cause::KilledInFlight
        | Cause::ClosedInFlightAtCrash
        | Cause::ResetInAcceptQueue => Met::Cut,
        _ => Met::Other,
    }
}

/// Judges one finished request.
pub(super) fn see(request: &RequestRecord, servers: &Servers, watched: &mut Watched<'_>) {
    let Some(cause) = request.cause else { return };
    let lasted = request.finished_ns.saturating_sub(request.issued_ns);
    let detail = || {
        format!(
            "request {} to {:?}, {cause:?} after {}",
            request.request,
            request.target,
            SimDuration::from_ns(lasted)
        )
    };
    let logged = [
        request.request_processing_ns,
        request.target_processing_ns,
        request.response_processing_ns,
    ];
    let no_times = logged.iter().all(Option::is_none);
    // Each further attempt takes its own time.
    let attempts = 1 + u64::from(watched.scenario.elbv2.retry_on_connect_failure);
    let timeout = watched.scenario.elbv2.connect_timeout.as_ns();
    let met = met(request, cause);
    match met {
        Met::Refusal if attempts == 1 => {
            let holds = no_times && watched.within(lasted, 0, SECOND);
            watched.saw(Behaviour::RefusalIsImmediate, holds, detail);
        }
        Met::Silence if attempts == 1 => {
            let holds = no_times && watched.within(lasted, timeout, timeout + SECOND);
            watched.saw(Behaviour::SilenceCostsTheConnectTimeout, holds, detail);
        }
        _ => {}
    }
    if cause == Cause::KeepAliveRace {
        watched.saw(Behaviour::RaceOnlyOnReused, request.reused_connection, detail);
    }
    if met != Met::Other {
        stopped_server(request, servers, watched, detail);
    }
}

fn stopped_server(
    request: &RequestRecord,
    servers: &Servers,
    watched: &mut Watched<'_>,
    detail: impl FnOnce() -> String,
) {
    let pod = match watched.scenario.target_group.target_type {
        TargetType::Ip => request.target,
        TargetType::Instance => request.pod,
    };
    let Some(server) = pod.and_then(|pod| servers.of(pod)) else {
        return;
    };
    // It did not serve at some instant unless it serves since before the request was issued.
    let served =
        server.state == ServerState::Serving && server.turned_at.saturating_add(watched.slack) < request.issued_ns;
    watched.saw(Behaviour::FailuresMeetAStoppedServer, !served, || {
        format!("{}, which served all the while", detail())
    });
}
