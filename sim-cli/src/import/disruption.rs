//! The standard disruptions, made to the measure of the imported service.

use clap::ValueEnum;
use clap::builder::PossibleValue;
use serde_json::{Value as Json, json};

use super::draft::{Draft, Origin};
use crate::manifest::{Body, Manifests, Object};

/// When a disruption starts: after a minute of peace, to compare with.
pub(super) const AT_S: u64 = 60;

/// What takes pods away.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, ValueEnum)]
pub(crate) enum Standard {
    /// A third of the pods at once
    ScaleDown,
    /// Every pod is replaced, as the strategy says
    Rollout,
    /// `kubectl drain` of one node
    NodeDrain,
    /// EC2 takes one spot instance back
    SpotReclaim,
}

impl Standard {
    /// As a flag takes it.
    pub(crate) fn flag(self) -> String {
        let value = self.to_possible_value().expect("none is hidden");
        value.get_name().to_owned()
    }

    /// All of them.
    pub(crate) const ALL: [Standard; 4] = [
        Standard::ScaleDown,
        Standard::Rollout,
        Standard::NodeDrain,
        Standard::SpotReclaim,
    ];

    /// Its name.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Standard::ScaleDown => "scale-down",
            Standard::Rollout => "rollout",
            Standard::NodeDrain => "node-drain",
            Standard::SpotReclaim => "spot-reclaim",
        }
    }
}

/// What a scenario can be about: a standard disruption, or an autoscaler of the manifests, which `sim check` leaves out
/// because its pace says little of a single removal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Asked {
    /// One of the standard disruptions.
    Standard(Standard),
    /// The workload's `HorizontalPodAutoscaler`.
    Hpa,
    /// The `NodePool` or `Provisioner`.
    Karpenter,
}

impl ValueEnum for Asked {
    fn value_variants<'a>() -> &'a [Self] {
        &[
            Asked::Standard(Standard::ScaleDown),
            Asked::Standard(Standard::Rollout),
            Asked::Standard(Standard::NodeDrain),
            Asked::Standard(Standard::SpotReclaim),
            Asked::Hpa,
            Asked::Karpenter,
        ]
    }

    fn to_possible_value(&self) -> Option<PossibleValue> {
        match self {
            Asked::Standard(standard) => standard.to_possible_value(),
            Asked::Hpa => {
                Some(PossibleValue::new("hpa").help("The load falls, and the HorizontalPodAutoscaler follows"))
            }
            Asked::Karpenter => {
                Some(PossibleValue::new("karpenter").help("Karpenter takes nodes away as the NodePool says"))
            }
        }
    }
}

/// Who acts on the notice of a spot reclaim.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum SpotHandler {
    /// Nobody: the pods meet the shutdown of the operating system
    None,
    /// The node is drained at the notice: managed node groups, and the Node Termination Handler with a queue
    Drain,
    /// The Node Termination Handler that polls the instance's metadata
    Imds,
    /// Karpenter
    Karpenter,
}

impl SpotHandler {
    /// As the scenario has it.
    fn setting(self) -> &'static str {
        match self {
            SpotHandler::None => "none",
            SpotHandler::Drain => "node_termination_handler_queue",
            SpotHandler::Imds => "node_termination_handler_imds",
            SpotHandler::Karpenter => "karpenter",
        }
    }
}

/// Who acts on the notice: as asked, or Karpenter where the manifests have its nodes, or a drain (nodes §3.2).
pub(super) fn spot_handler(manifests: &Manifests, asked: Option<SpotHandler>) -> (SpotHandler, Origin) {
    match (asked, pool(manifests)) {
        (Some(asked), _) => (asked, Origin::Flag("--spot-handler".to_owned())),
        (None, Some(pool)) => {
            let origin = Origin::at(pool.name_place(), format!("{} is there", pool.title()));
            (
                SpotHandler::Karpenter,
                origin.remark("guess: Karpenter handles interruptions"),
            )
        }
        (None, None) => {
            let why = "a spot reclaim whose node is drained at the notice; otherwise say --spot-handler";
            (SpotHandler::Drain, Origin::Assumed(why.to_owned()))
        }
    }
}

/// Karpenter's first pool.
pub(super) fn pool(manifests: &Manifests) -> Option<&Object> {
    let is_pool = |object: &&Object| matches!(object.body, Body::NodePool(_) | Body::Provisioner(_));
    manifests.objects.iter().find(is_pool)
}

/// Makes `standard` the only disruption of the scenario, and the horizon long enough for it. `false` if there is
/// nothing to disrupt.
pub(crate) fn apply(draft: &mut Draft, standard: Standard, handler: &(SpotHandler, Origin)) -> bool {
    let number = |path: &str| draft.get(path).and_then(Json::as_u64).unwrap_or(0);
    let replicas = number("deployment.replicas");
    let assumed = |why: &str| Origin::Assumed(why.to_owned());
    // Every removal, its drain and the slowest propagation are over well before five minutes.
    let mut horizon = AT_S + 300;
    let grace = seconds(draft, "pod.termination_grace_period");
    let (kind, origin) = match standard {
        Standard::ScaleDown => {
            let fewer = replicas - (replicas / 3).max(1).min(replicas.saturating_sub(1));
            if fewer == replicas {
                return false;
            }
            (
                json!({ "scale": { "replicas": fewer } }),
                assumed("a scale-down by a third is simulated"),
            )
        }
        Standard::Rollout => {
            horizon += rollout_seconds(draft, replicas);
            (json!({ "rollout": {} }), assumed("a rollout is simulated"))
        }
        Standard::NodeDrain => {
            horizon += 300;
            (
                json!({ "node_drain": { "nodes": 1 } }),
                assumed("the drain of one node is simulated"),
            )
        }
        Standard::SpotReclaim => {
            horizon += 300;
            let (handler, origin) = handler;
            let spot = json!({ "spot_interruption": { "nodes": 1, "handler": handler.setting() } });
            (spot, origin.clone())
        }
    };
    horizon += 2 * grace;
    let mut disruption = json!({ "at": format!("{AT_S}s") });
    for (key, value) in kind.as_object().into_iter().flatten() {
        disruption[key] = value.clone();
    }
    let mut disruptions = vec![disruption];
    if standard == Standard::SpotReclaim && handler.0 == SpotHandler::Karpenter {
        disruptions.push(json!({ "at": "0s", "karpenter": {} }));
    }
    draft.set(
        "horizon",
        format!("{horizon}s"),
        assumed("long enough for the disruption"),
    );
    draft.set("disruptions", disruptions, origin);
    true
}

/// A generous guess of the time that a rollout takes: waves of surge and unavailable pods, each until it is Ready.
fn rollout_seconds(draft: &Draft, replicas: u64) -> u64 {
    let of = |path: &str| match draft.get(path) {
        Some(Json::String(percent)) => {
            let percent: u64 = percent.trim_end_matches('%').parse().unwrap_or(25);
            percent * replicas / 100
        }
        Some(number) => number.as_u64().unwrap_or(1),
        None => replicas / 4,
    };
    let wave = (of("deployment.max_surge") + of("deployment.max_unavailable")).clamp(1, replicas.max(1));
    let gate = if draft.get("pod.readiness_gate") == Some(&Json::from(true)) {
        60
    } else {
        0
    };
    let probes = seconds(draft, "pod.readiness_probe.initial_delay") + seconds(draft, "pod.readiness_probe.period");
    let each = 20 + gate + probes + seconds(draft, "deployment.min_ready");
    replicas.div_ceil(wave) * each
}

/// Whole seconds of a duration such as `30s`, as the importer writes them.
pub(super) fn seconds(draft: &Draft, path: &str) -> u64 {
    let text = draft.get(path).and_then(Json::as_str).unwrap_or("0s");
    text.strip_suffix('s')
        .and_then(|number| number.parse().ok())
        .unwrap_or(0)
}
