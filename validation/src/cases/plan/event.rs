//! What happens: the kind of event, its base document, and how much of the fleet it hits.

use super::NotExpressible;
use super::fleet::Fleet;
use super::setting::{Reader, seconds};
use crate::cases::prior::{Prior, SCALE_DOWN_SHARE, Sourced};

/// Side of a pod's life that a failure belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Phase {
    /// Pods that do not serve yet.
    Start,
    /// Pods that go.
    Stop,
}

/// Kinds of events, each with a base document.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Event {
    /// Nothing happens.
    Steady,
    /// The pod template changes.
    Rollout,
    /// The Deployment gets fewer replicas.
    ScaleDown,
    /// It gets more.
    ScaleUp,
    /// `kubectl drain`.
    NodeDrain,
    /// All nodes are replaced, with drains.
    NodeReplacement,
    /// Instances go without a drain.
    NodeTermination,
    /// The Cluster Autoscaler removes nodes.
    ClusterAutoscaler,
    /// Karpenter consolidates.
    Consolidation,
    /// Servers restart in place, one after another; nobody deregisters them.
    RestartInPlace,
    /// A server is stopped in place; nobody deregisters it.
    StopInPlace,
    /// A target is deregistered while its server runs.
    Deregistration,
}

/// Words of an event, the first that occurs decides.
const WORDS: &[(&str, Event)] = &[
    ("steady-state keepalive race", Event::Steady),
    ("task stopped by API vs service scale-down", Event::ScaleDown),
    ("deregister-targets without stopping", Event::Deregistration),
    ("deregistration", Event::Deregistration),
    ("registration", Event::ScaleUp),
    ("in-place rolling deploy", Event::RestartInPlace),
    ("Karpenter consolidation", Event::Consolidation),
    ("scale-down (cluster-autoscaler)", Event::ClusterAutoscaler),
    ("node termination", Event::NodeTermination),
    ("node drain", Event::NodeDrain),
    ("rollout", Event::Rollout),
    ("rolling update", Event::Rollout),
    ("scale-down", Event::ScaleDown),
    ("scale-up", Event::ScaleUp),
];

impl Event {
    /// Its base document.
    pub(super) fn document(self) -> &'static str {
        match self {
            Event::Steady => include_str!("../../../data/events/steady.yaml"),
            Event::Rollout => include_str!("../../../data/events/rollout.yaml"),
            Event::ScaleDown | Event::ScaleUp | Event::StopInPlace => include_str!("../../../data/events/scale.yaml"),
            Event::NodeDrain => include_str!("../../../data/events/node-drain.yaml"),
            Event::NodeReplacement => include_str!("../../../data/events/node-replacement.yaml"),
            Event::NodeTermination => include_str!("../../../data/events/node-termination.yaml"),
            Event::ClusterAutoscaler => include_str!("../../../data/events/cluster-autoscaler.yaml"),
            Event::Consolidation => include_str!("../../../data/events/consolidation.yaml"),
            Event::RestartInPlace => include_str!("../../../data/events/restart-in-place.yaml"),
            Event::Deregistration => include_str!("../../../data/events/deregistration.yaml"),
        }
    }

    /// Whether it takes nodes, and so perhaps none of the service's pods.
    pub(super) fn may_miss(self) -> bool {
        matches!(
            self,
            Event::NodeDrain
                | Event::NodeReplacement
                | Event::NodeTermination
                | Event::ClusterAutoscaler
                | Event::Consolidation
        )
    }

    /// Whether servers stay at their addresses and no controller watches them.
    pub(super) fn is_in_place(self) -> bool {
        matches!(self, Event::RestartInPlace | Event::StopInPlace)
    }
}

/// The kind of the run's event.
pub(super) fn kind(reader: &mut Reader<'_>) -> Result<Event, NotExpressible> {
    let text = reader.word("event").unwrap_or(&reader.case.event);
    let found = WORDS.iter().find(|(word, _)| text.contains(word));
    let Some((_, event)) = found else {
        return Err(NotExpressible(format!("the event `{text}` is not understood")));
    };
    let mut event = *event;
    match reader.word("stop_order") {
        Some("fail health check first") if event == Event::RestartInPlace => {
            event = Event::StopInPlace;
            reader.note("failing the health check before a restart: one server is stopped after the wait, and not started again");
        }
        Some("deregister first") => reader.note(
            "ECS takes a task out of service by deregistering it, waiting for the deregistration delay, and stopping it \
             then: a preStop hook of that length",
        ),
        Some("together") => reader.note("ECS StopTask signals the task while its service deregisters it: a deletion without a hook"),
        _ => {}
    }
    if event == Event::NodeDrain && reader.platform_has("all nodes replaced") {
        event = Event::NodeReplacement;
        reader.note("all nodes replaced: an update of a managed node group");
    }
    if let Some(note) = reader.word("note")
        && note.contains("node killed")
    {
        event = Event::NodeTermination;
        reader.note(
            "a node killed under traffic: its instance is terminated, and nothing announces that to the controller \
             (nodes §3.5; in 2019 none watched the autoscaler's taint)",
        );
    }
    Ok(event)
}

/// Hooks and rollouts take time: what the base document's horizon does not cover.
pub(super) fn assign(reader: &mut Reader<'_>, event: Event, fleet: Fleet) {
    let hook = reader.hook_s.min(600.0);
    match event {
        Event::ScaleDown => {
            let goes = match reader.word("stop_order") {
                Some(_) => 1.0,
                None => (fleet.replicas * reader.draw("share of the replicas scaled down", SCALE_DOWN_SHARE))
                    .round()
                    .max(1.0),
            };
            reader.set_count("disruptions[0].scale.replicas", (fleet.replicas - goes).max(0.0));
            reader.set("horizon", seconds(420.0 + hook));
        }
        Event::StopInPlace => {
            reader.set_count("disruptions[0].scale.replicas", fleet.replicas - 1.0);
        }
        Event::ScaleUp => {
            reader.set_count("disruptions[0].scale.replicas", fleet.replicas + 1.0);
        }
        Event::NodeDrain => reader.set("horizon", seconds(420.0 + hook)),
        Event::Rollout => reader.set("horizon", seconds(540.0 + 4.0 * hook.min(60.0))),
        Event::RestartInPlace => restart(reader, fleet),
        Event::Deregistration => {
            if let Some(trials) = reader.number("trials") {
                reader.events_count = whole(trials);
            }
        }
        Event::Steady
        | Event::NodeReplacement
        | Event::NodeTermination
        | Event::ClusterAutoscaler
        | Event::Consolidation => {}
    }
    reader.phase = match reader.word("phase") {
        Some("start") => Some(Phase::Start),
        Some("stop") => Some(Phase::Stop),
        _ => None,
    };
    if reader.phase.is_some() {
        reader.note("a phase of a rollout: the failures of that side of the pods' lives are counted");
    }
}

/// One server after another: the next stops a while after the one before is up again.
fn restart(reader: &mut Reader<'_>, fleet: Fleet) {
    let pause = Sourced {
        prior: Prior::Uniform(0.0, 30.0),
        source: "estimate: a script that waits for the server, or a little longer",
    };
    let away = reader.facts.get("start up").copied().unwrap_or_default() + 1.0;
    let step = away + reader.draw("pause between two servers", pause);
    reader.note("a restart in place: the server's process ends and starts again, and nobody deregisters it");
    let count = whole(fleet.replicas);
    let list: Vec<String> = (0..count)
        .map(|index| {
            format!(
                "{{ at: {}, pod_crash: {{ pods: 1 }} }}",
                seconds(60.0 + step * f64::from(index))
            )
        })
        .collect();
    reader.set("disruptions", format!("[{}]", list.join(", ")));
    reader.set("horizon", seconds(180.0 + step * f64::from(count)));
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "counts of replicas and trials, far below 2^32"
)]
pub(super) fn whole(number: f64) -> u32 {
    number.round().max(1.0) as u32
}
