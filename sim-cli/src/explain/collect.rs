//! Second reading of a trace: the facts that concern the chosen requests.

use sim_core::trace::{Call, Fact, RequestRecord, TraceRecord};

use super::survey::Choice;

/// Collects the facts of every chosen request.
#[derive(Debug)]
pub(crate) struct Collector {
    stories: Vec<Gathered>,
    /// The reconcile that began last: it leads to the call that is accepted next.
    reconcile: Option<TraceRecord>,
    /// The record just before, if it says that the next call waited.
    delay: Option<TraceRecord>,
    /// Instant of the last record.
    pub(crate) end_ns: u64,
}

/// What concerns one request.
#[derive(Debug)]
pub(crate) struct Gathered {
    /// Which request, and why.
    pub(crate) choice: Choice,
    /// Its record, once met.
    pub(crate) request: Option<RequestRecord>,
    /// Facts, in order.
    pub(crate) facts: Vec<TraceRecord>,
}

impl Collector {
    /// For these requests.
    pub(crate) fn new(choices: Vec<Choice>) -> Self {
        let gathered = |choice| Gathered {
            choice,
            request: None,
            facts: Vec::new(),
        };
        Self {
            stories: choices.into_iter().map(gathered).collect(),
            reconcile: None,
            delay: None,
            end_ns: 0,
        }
    }

    /// Takes the next record.
    pub(crate) fn record(&mut self, record: &TraceRecord) {
        self.end_ns = record.at_ns;
        let delay = self.delay.take();
        match &record.fact {
            Fact::ReconcileStarted => self.reconcile = Some(record.clone()),
            Fact::CallDelayed { .. } => self.delay = Some(record.clone()),
            Fact::CallAccepted { call, targets } => {
                for story in &mut self.stories {
                    let Some(target) = story.choice.target.filter(|target| targets.contains(target)) else {
                        continue;
                    };
                    if *call == Call::DeregisterTargets {
                        story.facts.extend(self.reconcile.clone());
                    }
                    story.facts.extend(delay.clone());
                    // Its other targets are not of this story.
                    story.facts.push(TraceRecord {
                        at_ns: record.at_ns,
                        fact: Fact::CallAccepted {
                            call: *call,
                            targets: vec![target],
                        },
                    });
                }
            }
            Fact::Request(request) => {
                for story in &mut self.stories {
                    if story.choice.request == request.request {
                        story.request = Some(request.clone());
                    }
                }
            }
            _ => {
                for story in &mut self.stories {
                    if concerns(story, &record.fact) {
                        story.facts.push(record.clone());
                    }
                }
            }
        }
    }

    /// What was collected; a reconcile stands where it began.
    pub(crate) fn finish(self) -> Vec<Gathered> {
        let mut stories = self.stories;
        for story in &mut stories {
            story.facts.sort_by_key(|record| record.at_ns);
        }
        stories
    }
}

fn concerns(story: &Gathered, fact: &Fact) -> bool {
    let is_pod = |pod: &u32| story.choice.pod == Some(*pod);
    let is_target = |target: &u32| story.choice.target == Some(*target);
    let is_alb_node = |alb_node: &u32| story.choice.alb_node == *alb_node;
    match fact {
        Fact::PodCreated { pod }
        | Fact::PodScheduled { pod, .. }
        | Fact::ContainersStarted { pod }
        | Fact::PodReady { pod, .. }
        | Fact::DeletionCommitted { pod, .. }
        | Fact::KillStarted { pod }
        | Fact::PodShutDown { pod, .. }
        | Fact::PreStopStarted { pod, .. }
        | Fact::PreStopEnded { pod, .. }
        | Fact::SigtermSent { pod, .. }
        | Fact::SigkillSent { pod, .. }
        | Fact::ContainerExited { pod, .. }
        | Fact::SandboxRemoved { pod, .. }
        | Fact::PodDeleted { pod }
        | Fact::AddressReused { pod, .. }
        | Fact::ServerChanged { pod, .. }
        | Fact::EndpointWritten { pod, .. }
        | Fact::ReadinessGate { pod, .. }
        | Fact::GateNotInjected { pod } => is_pod(pod),
        Fact::ProxiesUpdated { pods } => pods.iter().any(is_pod),
        Fact::NodeChanged { node, .. } => story.choice.node == Some(*node),
        Fact::DeregisteredOutOfBand { targets } => targets.iter().any(is_target),
        // Of the other ALB nodes it matters when the last one lets go of the target.
        Fact::TargetHealth { target, .. } | Fact::TargetOverridden { target, .. } | Fact::NodeTarget { target, .. } => {
            is_target(target)
        }
        Fact::TargetMitigated { alb_node, target, .. } => is_target(target) && is_alb_node(alb_node),
        Fact::AlbNodeDied { alb_node } => is_alb_node(alb_node),
        Fact::DisruptionStarted { .. } | Fact::LeaderLost | Fact::LeaderElected => true,
        Fact::DnsAnswered { .. } => story.choice.pod.is_none(),
        _ => false,
    }
}
