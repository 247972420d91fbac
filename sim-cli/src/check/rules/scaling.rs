//! Rules about autoscalers of pods and nodes.

use serde_json::{Value as Json, json};

use super::{Found, Level, Patch, hook, seconds};
use crate::check::Context;
use crate::import::disruption::SpotHandler;
use crate::import::draft::Origin;
use crate::manifest::scaling::ScalingRules;
use crate::manifest::{Body, Metadata};
use crate::text::source::Place;

/// Seconds that EC2 gives before it takes a spot instance back (nodes §3.2).
const NOTICE_S: u64 = 120;

/// Of which the notice's own way and the start of the drain take some, seconds: estimate (nodes §9, 0.5 to 10 s).
const NOTICE_LATENCY_S: u64 = 10;

pub(super) fn replicas_beside_autoscaler(context: &Context<'_, '_>) -> Vec<Found> {
    let Some((hpa, _)) = context.imported.hpa else {
        return Vec::new();
    };
    let route = &context.imported.route;
    // What comes from a cluster has the number that the autoscaler chose; what was applied is kept beside it.
    let (message, place) = if is_live(&route.workload.metadata) {
        let Some((applied, place)) = applied_replicas(&route.workload.metadata) else {
            return Vec::new();
        };
        let text = format!(
            "the manifest applied last sets `replicas: {applied}`, and {} sets it too",
            hpa.title()
        );
        (text, place)
    } else {
        let Some(replicas) = &route.spec.replicas else {
            return Vec::new();
        };
        let text = format!("`replicas: {}` is set, and {} sets it too", replicas.value, hpa.title());
        (text, &replicas.place)
    };
    vec![
        Found::new(Level::Warning, message)
            .at(Some(place))
            .advice(
                "Leave `replicas` out of the manifest; read the note on migrating in the documentation of the \
                 autoscaler first, because taking it away once sets it to 1.",
            )
            .patch(Patch::workload(context, &json!({ "replicas": Json::Null }))),
    ]
}

/// Whether an object was read from a cluster.
fn is_live(metadata: &Metadata) -> bool {
    metadata.uid.is_some() || metadata.annotation("deployment.kubernetes.io/revision").is_some()
}

/// The replicas of the manifest that `kubectl apply` keeps with a live object.
fn applied_replicas(metadata: &Metadata) -> Option<(i64, &Place)> {
    let applied = metadata.annotation("kubectl.kubernetes.io/last-applied-configuration")?;
    let json: Json = serde_json::from_str(applied.as_str()).ok()?;
    Some((json["spec"]["replicas"].as_i64()?, &applied.place))
}

pub(super) fn scale_down_in_one_step(context: &Context<'_, '_>) -> Vec<Found> {
    let Some((hpa, spec)) = context.imported.hpa else {
        return Vec::new();
    };
    let rules = spec.behavior.as_ref().and_then(|behavior| behavior.scale_down.as_ref());
    if rules.is_some_and(paces) {
        return Vec::new();
    }
    let found = Found::new(
        Level::Note,
        format!("{} may take all surplus pods away in one step", hpa.title()),
    )
    .at(Some(&hpa.name_place()));
    // Only these versions have `behavior`.
    if !matches!(hpa.api_version.as_str(), "autoscaling/v2" | "autoscaling/v2beta2") {
        return vec![
            found.advice("Move it to autoscaling/v2 and give it `behavior.scaleDown.policies`, such as 10 % in 60 s."),
        ];
    }
    let policy = json!({ "type": "Percent", "value": 10, "periodSeconds": 60 });
    vec![
        found
            .advice(
                "Take fewer at a time, such as 10 % in 60 s: what goes wrong then goes wrong for few requests at once.",
            )
            .patch(Patch::of(
                hpa,
                json!({ "spec": { "behavior": { "scaleDown": { "policies": [policy] } } } }),
            )),
    ]
}

/// Whether a scale-down is held to less than everything at once.
fn paces(rules: &ScalingRules) -> bool {
    if rules
        .select_policy
        .as_ref()
        .is_some_and(|policy| policy.as_str() == "Disabled")
    {
        return true;
    }
    let everything = |kind: &str, value: i64| kind == "Percent" && value >= 100;
    let mut policies = rules.policies.iter().flatten().peekable();
    policies.peek().is_some()
        && policies.all(|policy| {
            let kind = policy.kind.as_ref().map_or("", |kind| kind.as_str());
            !everything(kind, policy.value.as_ref().map_or(0, |value| value.value))
        })
}

pub(super) fn no_spot_handler(context: &Context<'_, '_>) -> Vec<Found> {
    if context.imported.spot_handler.0 != SpotHandler::None {
        return Vec::new();
    }
    let place = context.imported.route.workload.name_place();
    vec![
        Found::new(Level::Warning, "nobody drains a node when EC2 takes it back")
            .at(Some(&place))
            .advice(
                "Run the Node Termination Handler in queue mode, or use a managed node group or Karpenter, which drain \
                 the node at the notice.",
            )
            .set(
                "disruptions[0].spot_interruption.handler",
                "node_termination_handler_queue",
            ),
    ]
}

pub(super) fn longer_than_notice(context: &Context<'_, '_>) -> Vec<Found> {
    let (handler, origin) = &context.imported.spot_handler;
    let asked = matches!(origin, Origin::Flag(_));
    let spot = spot_place(context);
    if *handler == SpotHandler::None || (spot.is_none() && !asked) {
        return Vec::new();
    }
    let grace = context.scenario.pod.termination_grace_period;
    let Some(hook) = hook::hook_time(context).map(|hook| hook.min(grace)) else {
        return Vec::new();
    };
    let most = NOTICE_S - NOTICE_LATENCY_S;
    let sleep_s = hook::advised_s(context);
    if seconds(hook) <= most || sleep_s > most {
        return Vec::new();
    }
    let message = format!("preStop runs {hook}, but EC2 takes a spot instance back {NOTICE_S} s after its notice");
    let found = Found::new(Level::Warning, message)
        .at(context.imported.hook.place.as_ref())
        .advice(format!("Sleep {sleep_s} s, which outlasts 99 % of the removals here."));
    vec![hook::with_sleep(context, found, sleep_s)]
}

/// Where the manifests ask for spot instances.
fn spot_place<'m>(context: &Context<'_, 'm>) -> Option<&'m Place> {
    context.manifests.objects.iter().find_map(|object| {
        let requirements = match &object.body {
            Body::NodePool(spec) => spec.template.as_ref()?.spec.as_ref()?.requirements.as_ref()?,
            Body::Provisioner(spec) => spec.requirements.as_ref()?,
            _ => return None,
        };
        let of_capacity = requirements.iter().filter(|requirement| {
            let is = |word: &Option<crate::text::decode::Spanned<String>>, wanted: &str| {
                word.as_ref().is_some_and(|word| word.as_str() == wanted)
            };
            is(&requirement.key, "karpenter.sh/capacity-type") && is(&requirement.operator, "In")
        });
        let mut values = of_capacity.flat_map(|requirement| requirement.values.iter().flatten());
        values.find(|value| value.as_str() == "spot").map(|value| &value.place)
    })
}
