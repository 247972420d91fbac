//! Ways to break the rules on pods and containers.

use sim_core::check::Rule;
use sim_core::trace::{Fact, NodeChange, PreStopResult, ServerState, ShutDownBy};

use super::Doctoring;
use super::case::Case;

fn is_sigterm(fact: &Fact) -> bool {
    matches!(fact, Fact::SigtermSent { .. })
}

fn is_sigkill(fact: &Fact) -> bool {
    matches!(fact, Fact::SigkillSent { .. })
}

fn is_exit(fact: &Fact) -> bool {
    matches!(fact, Fact::ContainerExited { .. })
}

fn is_hook_end(fact: &Fact) -> bool {
    matches!(fact, Fact::PreStopEnded { .. })
}

fn is_sandbox_removed(fact: &Fact) -> bool {
    matches!(fact, Fact::SandboxRemoved { .. })
}

fn add_server_state(case: &mut Case, state: ServerState) {
    // Long after the start and before any disruption, in a pod that stays.
    let at = case.find_request(|request| request.issued_ns > 10_000_000_000);
    let pod = u32::from(case.victim() == 0);
    case.add_after(at, Fact::ServerChanged { pod, state });
}

pub(super) const DOCTORINGS: &[Doctoring] = &[
    ("a number is skipped", Rule::PodNumber, |case| {
        let newcomer = case.newcomer();
        let at = case.find(|fact| *fact == Fact::PodCreated { pod: newcomer });
        case.trace[at].fact = Fact::PodCreated { pod: newcomer + 1 };
    }),
    (
        "something happens to a pod before it is created",
        Rule::PodNumber,
        |case| {
            let pod = case.newcomer();
            case.add_after(0, Fact::KillStarted { pod });
        },
    ),
    ("scheduled twice", Rule::PodStart, |case| {
        let at = case.find(|fact| matches!(fact, Fact::PodScheduled { .. }));
        case.duplicate(at);
    }),
    ("containers start before the pod is scheduled", Rule::PodStart, |case| {
        let pod = case.newcomer();
        let at = case.find(|fact| matches!(fact, Fact::PodScheduled { pod: of, .. } if *of == pod));
        case.trace.remove(at);
    }),
    ("a pod comes to a tainted node", Rule::NodeTaken, |case| {
        let (pod, node) = case.newcomer_and_its_node();
        let created = case.find(|fact| *fact == Fact::PodCreated { pod });
        case.add_after(
            created,
            Fact::NodeChanged {
                node,
                change: NodeChange::Tainted,
            },
        );
    }),
    ("evictions before the taint", Rule::NodeEvictions, |case| {
        let (_, node) = case.newcomer_and_its_node();
        case.add_last(Fact::NodeChanged {
            node,
            change: NodeChange::EvictionsStarted,
        });
    }),
    (
        "a tainted node is terminated with its pods",
        Rule::NodeTermination,
        |case| {
            let (_, node) = case.newcomer_and_its_node();
            for change in [NodeChange::Tainted, NodeChange::TerminationRequested] {
                case.add_last(Fact::NodeChanged { node, change });
            }
        },
    ),
    (
        "an empty node is terminated without a taint",
        Rule::NodeTermination,
        |case| {
            case.add_last(Fact::NodeChanged {
                node: 99,
                change: NodeChange::TerminationRequested,
            });
        },
    ),
    ("ready again", Rule::PodReady, |case| {
        let at = case.find(|fact| matches!(fact, Fact::PodReady { .. }));
        case.duplicate(at);
    }),
    ("ready without a sandbox", Rule::PodReady, |case| {
        let at = case.find(is_sandbox_removed);
        let pod = case.victim();
        case.trace
            .retain(|record| record.fact != Fact::PodReady { pod, ready: false });
        case.add_after(at + 1, Fact::PodReady { pod, ready: false });
        case.add_after(at + 2, Fact::PodReady { pod, ready: true });
    }),
    ("another grace period", Rule::DeletionCommitted, |case| {
        let at = case.find(|fact| matches!(fact, Fact::DeletionCommitted { .. }));
        if let Fact::DeletionCommitted { grace_period_s, .. } = &mut case.trace[at].fact {
            *grace_period_s += 1;
        }
    }),
    ("killed twice", Rule::KillStarted, |case| {
        let at = case.find(|fact| matches!(fact, Fact::KillStarted { .. }));
        case.duplicate(at);
    }),
    ("killed before it is deleted", Rule::KillStarted, |case| {
        let pod = u32::from(case.victim() == 0);
        case.add_last(Fact::KillStarted { pod });
    }),
    ("shut down with more than its grace period", Rule::PodShutDown, |case| {
        let pod = u32::from(case.victim() == 0);
        case.add_last(Fact::PodShutDown {
            pod,
            by: ShutDownBy::NodeShutdown,
            grace_period_s: 10_000,
        });
    }),
    ("shut down when its sandbox is gone", Rule::PodShutDown, |case| {
        let at = case.find(is_sandbox_removed);
        let pod = case.victim();
        let fact = Fact::PodShutDown {
            pod,
            by: ShutDownBy::NodePressure,
            grace_period_s: 1,
        };
        case.add_after(at, fact);
    }),
    ("the address of a pod that has it", Rule::AddressReused, |case| {
        let pod = u32::from(case.victim() == 0);
        case.add_last(Fact::AddressReused { pod, successor: None });
    }),
    ("a node dies twice", Rule::NodeChange, |case| {
        for _ in 0..2 {
            let change = NodeChange::Terminated;
            case.add_last(Fact::NodeChanged { node: 99, change });
        }
    }),
    ("an instance is interrupted twice", Rule::NodeChange, |case| {
        for _ in 0..2 {
            let change = NodeChange::InterruptionNoticed;
            case.add_last(Fact::NodeChanged { node: 99, change });
        }
    }),
    ("a node without an object is cordoned", Rule::NodeChange, |case| {
        for change in [NodeChange::Deleted, NodeChange::Cordoned] {
            case.add_last(Fact::NodeChanged { node: 99, change });
        }
    }),
    (
        "a pod of a node that is there is silent",
        Rule::ServerTransition,
        |case| {
            add_server_state(case, ServerState::Unreachable);
        },
    ),
    ("a second hook", Rule::PreStopOrder, |case| {
        let at = case.find(|fact| matches!(fact, Fact::PreStopStarted { .. }));
        case.duplicate(at);
    }),
    ("a hook that ends twice", Rule::PreStopOrder, |case| {
        let at = case.find(is_hook_end);
        case.duplicate(at);
    }),
    ("a hook of a container that has none", Rule::PreStopOrder, |case| {
        let at = case.find(|fact| matches!(fact, Fact::KillStarted { .. }));
        let (pod, container) = (case.victim(), String::from("proxy"));
        case.add_after(at, Fact::PreStopStarted { pod, container });
        let end = case.find_of("app", is_hook_end);
        let (container, result) = (String::from("proxy"), PreStopResult::Completed);
        case.add_after(end, Fact::PreStopEnded { pod, container, result });
    }),
    ("a hook of a pod that is not killed", Rule::PreStopOrder, |case| {
        let (pod, container) = (u32::from(case.victim() == 0), String::from("app"));
        case.add_last(Fact::PreStopStarted { pod, container });
    }),
    ("cut before grace is over", Rule::PreStopLength, |case| {
        let at = case.find(is_hook_end);
        if let Fact::PreStopEnded { result, .. } = &mut case.trace[at].fact {
            *result = PreStopResult::Cut;
        }
    }),
    ("a short sleep", Rule::PreStopLength, |case| {
        let at = case.find(is_hook_end);
        case.shift(at, -1);
    }),
    ("SIGTERM twice", Rule::SigtermOrder, |case| {
        let at = case.find_of("logger", is_sigterm);
        case.duplicate(at);
    }),
    ("SIGTERM while the hook runs", Rule::SigtermOrder, |case| {
        let at = case.find_of("app", is_sigterm);
        case.shift(at, -1);
    }),
    ("SIGTERM to a pod that is not killed", Rule::SigtermOrder, |case| {
        let (pod, container) = (u32::from(case.victim() == 0), String::from("logger"));
        case.add_last(Fact::SigtermSent { pod, container });
    }),
    (
        "SIGTERM to a container that does not exist",
        Rule::SigtermOrder,
        |case| {
            let at = case.find_of("app", is_sigterm);
            let (pod, container) = (case.victim(), String::from("another"));
            case.add_after(at, Fact::SigtermSent { pod, container });
        },
    ),
    ("a sidecar before its turn", Rule::SidecarTurn, |case| {
        let at = case.find_of("proxy", is_sigterm);
        case.shift(at, -1);
    }),
    ("SIGKILL twice", Rule::SigkillOrder, |case| {
        let at = case.find(is_sigkill);
        case.duplicate(at);
        case.summary.observations.sigkills += 1;
    }),
    ("SIGKILL without SIGTERM", Rule::SigkillOrder, |case| {
        let (pod, container) = (u32::from(case.victim() == 0), String::from("app"));
        case.add_last(Fact::SigkillSent { pod, container });
        case.summary.observations.sigkills += 1;
    }),
    ("SIGKILL before grace is over", Rule::SigkillBeforeGraceEnded, |case| {
        let at = case.find(is_sigkill);
        case.shift(at, -1);
    }),
    ("SIGKILL too soon after SIGTERM", Rule::SigkillBeforeFloor, |case| {
        let at = case.find_of("app", is_sigterm);
        case.shift(at, 3_001);
    }),
    ("an exit twice", Rule::ContainerExit, |case| {
        let at = case.find_of("app", is_exit);
        case.duplicate(at);
    }),
    ("an exit without a signal or a crash", Rule::ContainerExit, |case| {
        let (pod, container) = (u32::from(case.victim() == 0), String::from("app"));
        case.add_last(Fact::ContainerExited { pod, container });
    }),
    ("a sidecar that crashes", Rule::ContainerExit, |case| {
        case.scenario.disruptions[1].pod_crash = Some(sim_core::scenario::disruption::PodCrash::default());
        let (pod, container) = (u32::from(case.victim() == 0), String::from("proxy"));
        case.add_last(Fact::ContainerExited { pod, container });
    }),
    ("the sandbox removed twice", Rule::SandboxRemoved, |case| {
        let at = case.find(is_sandbox_removed);
        case.duplicate(at);
    }),
    (
        "the sandbox removed before the last exit",
        Rule::SandboxRemoved,
        |case| {
            let at = case.find_of("proxy", is_exit);
            case.shift(at, 1_500);
        },
    ),
    ("deleted with its sandbox", Rule::PodDeleted, |case| {
        let pod = case.victim();
        let state = ServerState::Removed;
        case.trace.retain(|record| {
            !is_sandbox_removed(&record.fact)
                && record.fact != Fact::ServerChanged { pod, state }
                && !matches!(record.fact, Fact::EndpointWritten { present: false, .. })
        });
    }),
    ("ready after it is gone", Rule::PodGone, |case| {
        let at = case.find(|fact| matches!(fact, Fact::PodDeleted { .. }));
        let pod = case.victim();
        case.add_after(at, Fact::PodReady { pod, ready: true });
    }),
    ("a state that it is in already", Rule::ServerTransition, |case| {
        add_server_state(case, ServerState::Serving);
    }),
    ("a drain without SIGTERM", Rule::ServerTransition, |case| {
        add_server_state(case, ServerState::DrainingOpen);
    }),
    ("a restart by a hook that does none", Rule::ServerTransition, |case| {
        add_server_state(case, ServerState::Restarting);
    }),
    ("network gone with its process alive", Rule::ServerTransition, |case| {
        add_server_state(case, ServerState::Removed);
    }),
    ("ready while terminating", Rule::Endpoint, |case| {
        let at = case.find(|fact| matches!(fact, Fact::EndpointWritten { terminating: true, .. }));
        if let Fact::EndpointWritten { ready, .. } = &mut case.trace[at].fact {
            *ready = true;
        }
    }),
    ("terminating before it is deleted", Rule::Endpoint, |case| {
        let pod = u32::from(case.victim() == 0);
        case.add_last(Fact::EndpointWritten {
            pod,
            present: true,
            ready: false,
            serving: true,
            terminating: true,
        });
    }),
    ("no longer terminating", Rule::Endpoint, |case| {
        let at = case.find(|fact| matches!(fact, Fact::EndpointWritten { terminating: true, .. }));
        case.add_after(
            at,
            Fact::EndpointWritten {
                pod: case.victim(),
                present: true,
                ready: true,
                serving: true,
                terminating: false,
            },
        );
    }),
    ("out of the slice while it runs", Rule::Endpoint, |case| {
        let at = case.find(|fact| matches!(fact, Fact::EndpointWritten { present: false, .. }));
        case.shift(at, -5_000);
    }),
];
