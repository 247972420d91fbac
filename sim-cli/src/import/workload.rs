//! Replicas, rollout, budget and autoscaler.

use serde_json::Value as Json;

use super::draft::Origin;
use super::route::Route;
use super::{Importer, select};
use crate::manifest::meta::Scalar;
use crate::manifest::scaling::{HpaSpec, PdbSpec};
use crate::manifest::{Body, Object};
use crate::text::decode::Spanned;
use crate::text::error::{Diagnostic, Severity};

const DEPLOYMENT: &str = "Kubernetes default (kubernetes §4.3.1)";

/// Fills the sections `deployment`, `pod_disruption_budget` and `service`.
pub(super) fn import(importer: &mut Importer<'_>, route: &Route<'_>) {
    replicas(importer, route);
    strategy(importer, route);
    budget(importer, route);
    let draft = &mut importer.draft;
    if let Some(publish) = &route.service_spec.publish_not_ready_addresses {
        let origin = Origin::manifest(publish, "spec.publishNotReadyAddresses");
        draft.set("service.publish_not_ready_addresses", publish.value, origin);
    }
    if let Some(policy) = &route.service_spec.external_traffic_policy {
        let value = if policy.as_str() == "Local" { "local" } else { "cluster" };
        let origin = Origin::manifest(policy, "spec.externalTrafficPolicy");
        draft.set("service.external_traffic_policy", value, origin);
    }
}

fn replicas(importer: &mut Importer<'_>, route: &Route<'_>) {
    let path = "deployment.replicas";
    if let Some(replicas) = importer.options.replicas {
        importer
            .draft
            .set(path, replicas, Origin::Flag(format!("--replicas {replicas}")));
        return;
    }
    let workload = route.workload;
    let hpa = importer.hpa_of(workload);
    let written = route.spec.replicas.as_ref().filter(|_| workload.kind != "DaemonSet");
    let (count, origin) = match (written, hpa) {
        (Some(replicas), hpa) => {
            let count = importer.at_least_32_bits(replicas, 0, "spec.replicas");
            let bounded = hpa.and_then(|(object, hpa)| bounded(count, object, hpa));
            bounded.unwrap_or_else(|| (count, Origin::manifest(replicas, "spec.replicas")))
        }
        (None, Some((object, hpa))) => of_autoscaler(object, hpa),
        (None, None) if workload.kind == "DaemonSet" => {
            let nodes = importer.options.nodes.unwrap_or(3);
            (
                u64::from(nodes),
                Origin::Assumed("a DaemonSet has one pod on each node, and 3 nodes are assumed".to_owned()),
            )
        }
        (None, None) if workload.kind == "Pod" => {
            let count = 1 + route.more_pods as u64;
            (
                count,
                Origin::at(
                    workload.name_place(),
                    format!("pods that {} selects", route.service.title()),
                ),
            )
        }
        (None, None) => match scaled_by_others(importer) {
            Some(other) => {
                let why = format!("{other} decides; 1 is assumed, say how many with --replicas");
                (1, Origin::Assumed(why))
            }
            None => (1, Origin::Default("Kubernetes default (1 replica)")),
        },
    };
    if count == 0 {
        let title = format!("{} has no replicas; one is simulated", workload.title());
        let mut diagnostic = Diagnostic::at(workload.name_place(), title).severity(Severity::Warning);
        if let Some(other) = scaled_by_others(importer) {
            diagnostic = diagnostic.help(format!("{other} decides: say how many with --replicas"));
        }
        importer.notes.push(diagnostic);
        importer
            .draft
            .set(path, 1, Origin::Assumed("the manifest says 0; 1 is assumed".to_owned()));
        return;
    }
    importer.draft.set(path, count, origin);
}

/// What decides about replicas and is not read: KEDA's autoscaler, or the owner of the pods that is no Deployment.
fn scaled_by_others(importer: &Importer<'_>) -> Option<String> {
    let ignored = &importer.manifests.ignored;
    let other = ignored.iter().find(|ignored| {
        let group = ignored.api_version.split('/').next();
        matches!(
            (ignored.kind.as_str(), group),
            ("ScaledObject", Some("keda.sh")) | ("Rollout", Some("argoproj.io"))
        )
    })?;
    Some(format!("a {} of {}", other.kind, other.api_version))
}

/// Replicas that an autoscaler would change at once: it sets them between its bounds (nodes §7).
fn bounded(count: u64, object: &Object, hpa: &HpaSpec) -> Option<(u64, Origin)> {
    let whole = |value: &Spanned<i64>| u64::try_from(value.value).ok();
    let (least, most) = (hpa.min_replicas.as_ref(), hpa.max_replicas.as_ref());
    let below = least.filter(|least| whole(least).is_some_and(|least| count < least));
    let above = most.filter(|most| whole(most).is_some_and(|most| count > most));
    let (bound, field) = match (below, above) {
        // An autoscaler is off while there are no replicas.
        _ if count == 0 => return None,
        (Some(least), _) => (least, "spec.minReplicas"),
        (None, Some(most)) => (most, "spec.maxReplicas"),
        (None, None) => return None,
    };
    let origin = Origin::manifest(bound, format!("{field} of {}", object.title()));
    Some((
        whole(bound)?,
        origin.remark(format!("the {count} of the manifest are out of its bounds")),
    ))
}

/// Halfway between the autoscaler's bounds: a fleet under load.
fn of_autoscaler(object: &Object, hpa: &HpaSpec) -> (u64, Origin) {
    let least = hpa.min_replicas.as_ref().map_or(1, |replicas| replicas.value.max(1));
    let most = hpa
        .max_replicas
        .as_ref()
        .map_or(least, |replicas| replicas.value.max(least));
    let count = u64::try_from(i64::midpoint(least, most)).expect("both are positive");
    let why = format!("{} decides, from {least} to {most}; halfway is assumed", object.title());
    (count, Origin::Assumed(why))
}

fn strategy(importer: &mut Importer<'_>, route: &Route<'_>) {
    let kind = route.workload.kind;
    if let Some(min_ready) = &route.spec.min_ready_seconds {
        let seconds = importer.at_least_32_bits(min_ready, 0, "spec.minReadySeconds");
        let origin = Origin::manifest(min_ready, "spec.minReadySeconds");
        importer
            .draft
            .set("deployment.min_ready", format!("{seconds}s"), origin);
    }
    let strategy = if kind == "Deployment" {
        &route.spec.strategy
    } else {
        &route.spec.update_strategy
    };
    let written = strategy.as_ref().and_then(|strategy| strategy.kind.as_ref());
    if let Some(written) = written {
        let field = if kind == "Deployment" {
            "spec.strategy.type"
        } else {
            "spec.updateStrategy.type"
        };
        match (kind, written.as_str()) {
            ("Deployment", "Recreate") => {
                importer
                    .draft
                    .set("deployment.strategy", "recreate", Origin::manifest(written, field));
            }
            (_, "RollingUpdate") => importer.draft.set(
                "deployment.strategy",
                "rolling_update",
                Origin::manifest(written, field),
            ),
            ("StatefulSet" | "DaemonSet", "OnDelete") => {
                let title = "with `OnDelete` nobody replaces the pods of a rollout; one at a time is simulated";
                importer
                    .notes
                    .push(Diagnostic::at(written.place.clone(), title).severity(Severity::Note));
            }
            (_, other) => {
                let title = format!("`{field}`: unknown value {other:?}");
                let legal = if kind == "Deployment" {
                    ["RollingUpdate", "Recreate"]
                } else {
                    ["RollingUpdate", "OnDelete"]
                };
                let diagnostic = Diagnostic::at(written.place.clone(), title);
                importer.problems.push(
                    diagnostic
                        .note(format!("legal values: {}", legal.join(", ")))
                        .suggest(other, legal),
                );
            }
        }
    }
    let rolling = strategy.as_ref().and_then(|strategy| strategy.rolling_update.as_ref());
    // A StatefulSet and a DaemonSet replace one pod after another and have no surge by default (kubernetes §4.4).
    let one_by_one = "one after another, as the API's default for this kind (kubernetes §4.4)";
    let (surge, unavailable, whose) = match kind {
        "Deployment" => ("25%", "25%", Origin::Default(DEPLOYMENT)),
        "StatefulSet" | "DaemonSet" => ("0", "1", Origin::Default(one_by_one)),
        _ => {
            let why = format!("nobody rolls a {kind}; one after another is assumed");
            ("0", "1", Origin::Assumed(why))
        }
    };
    for (path, name, written, default) in [
        (
            "deployment.max_surge",
            "maxSurge",
            rolling.and_then(|rolling| rolling.max_surge.as_ref()),
            surge,
        ),
        (
            "deployment.max_unavailable",
            "maxUnavailable",
            rolling.and_then(|rolling| rolling.max_unavailable.as_ref()),
            unavailable,
        ),
    ] {
        if let Some(written) = written {
            let field = if kind == "Deployment" {
                format!("spec.strategy.rollingUpdate.{name}")
            } else {
                format!("spec.updateStrategy.rollingUpdate.{name}")
            };
            let value = importer.int_or_percent(written, &field);
            importer.draft.set(path, value, Origin::manifest(written, field));
        } else {
            let value = default.parse::<u32>().map_or_else(|_| Json::from(default), Json::from);
            importer.draft.set(path, value, whose.clone());
        }
    }
    if !matches!(kind, "Deployment") {
        let differs = match kind {
            "Pod" => "in a cluster nobody brings back a Pod without an owner",
            "ReplicaSet" => "in a cluster it scales, but it does not roll",
            _ => "who goes first and the names of the new pods differ",
        };
        let title = format!("{} is simulated as a Deployment: {differs}", route.workload.title());
        importer
            .notes
            .push(Diagnostic::at(route.workload.name_place(), title).severity(Severity::Note));
    }
    both_zero(importer, rolling);
}

/// The API server refuses a rolling update that may not move.
fn both_zero(importer: &mut Importer<'_>, rolling: Option<&crate::manifest::workload::RollingUpdate>) {
    let is_zero = |json: &Json| json.as_u64() == Some(0) || json.as_str() == Some("0%");
    let zero = |value: Option<&Scalar>| {
        value
            .filter(|value| is_zero(&value.value))
            .map(|value| value.place.clone())
    };
    let surge = zero(rolling.and_then(|rolling| rolling.max_surge.as_ref()));
    let unavailable = zero(rolling.and_then(|rolling| rolling.max_unavailable.as_ref()));
    if let (Some(surge), Some(unavailable)) = (surge, unavailable) {
        let title = "`maxSurge` and `maxUnavailable` are both 0, so that no pod could ever be replaced";
        importer
            .problems
            .push(Diagnostic::at(unavailable, title).context(surge, "together with this"));
    }
}

fn budget(importer: &mut Importer<'_>, route: &Route<'_>) {
    let labels = select::pod_metadata(route.workload, route.spec).and_then(|metadata| metadata.labels.as_ref());
    let manifests = importer.manifests;
    let budgets: Vec<(&Object, &PdbSpec)> = manifests
        .objects
        .iter()
        .filter(|object| object.namespace() == route.workload.namespace())
        .filter_map(|object| match &object.body {
            Body::Pdb(spec) => Some((object, spec)),
            _ => None,
        })
        .filter(|(_, spec)| spec.selector.as_ref().is_some_and(|selector| selector.selects(labels)))
        .collect();
    let Some((object, spec)) = budgets.first() else { return };
    if let Some((second, _)) = budgets.get(1) {
        let title = "two budgets select the same pods, and then no eviction is ever allowed";
        let diagnostic = Diagnostic::at(second.name_place(), title).context(object.name_place(), "the other one");
        importer.notes.push(diagnostic.severity(Severity::Warning));
    }
    if let (Some(least), Some(most)) = (&spec.min_available, &spec.max_unavailable) {
        let title = format!(
            "{} has both `minAvailable` and `maxUnavailable`; one of them is allowed",
            object.title()
        );
        importer
            .problems
            .push(Diagnostic::at(most.place.clone(), title).context(least.place.clone(), "and here"));
        return;
    }
    for (path, field, value) in [
        (
            "pod_disruption_budget.min_available",
            "spec.minAvailable",
            &spec.min_available,
        ),
        (
            "pod_disruption_budget.max_unavailable",
            "spec.maxUnavailable",
            &spec.max_unavailable,
        ),
    ] {
        if let Some(value) = value {
            let json = importer.int_or_percent(value, field);
            blocking(importer, field, value, &json);
            importer.draft.set(
                path,
                json,
                Origin::manifest(value, format!("{field} of {}", object.title())),
            );
        }
    }
}

/// Warns of a budget under which no pod may ever be evicted.
fn blocking(importer: &mut Importer<'_>, field: &str, value: &Scalar, json: &Json) {
    let replicas = importer.replicas();
    let percent = json
        .as_str()
        .and_then(|text| text.strip_suffix('%')?.parse::<u64>().ok());
    let allows_none = if field == "spec.minAvailable" {
        percent.is_some_and(|percent| (replicas * percent).div_ceil(100) >= replicas)
            || json.as_u64().is_some_and(|least| least >= replicas)
    } else {
        percent == Some(0) || json.as_u64() == Some(0)
    };
    // One replica cannot be evicted under any budget but an empty one; that is another story.
    if allows_none && replicas > 1 {
        let title =
            format!("`{field}` of {json} with {replicas} replicas allows no eviction, so a drain waits for ever");
        let diagnostic = Diagnostic::at(value.place.clone(), title).severity(Severity::Warning);
        importer.notes.push(diagnostic.note("kubernetes §5.1.2"));
    }
}
