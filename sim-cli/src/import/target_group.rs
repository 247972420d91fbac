//! Target group and load balancer, from annotations and class parameters (lbc §3.2 to §3.4).

use serde_json::Value as Json;

use super::Importer;
use super::annotations::{self, Annotation, Annotations};
use super::draft::Origin;
use super::page;
use super::refused::{Refusal, Refused};
use super::route::Route;
use crate::manifest::Body;
use crate::text::error::{Diagnostic, Severity};

mod attributes;

const LBC_HEALTH_CHECK: &str = "controller default (lbc §3.3)";

/// Fills the sections `target_group` and `load_balancer`.
pub(super) fn import(importer: &mut Importer<'_>, route: &Route<'_>) {
    let annotations = route.annotations();
    target_type(importer, route, &annotations);
    if let Body::TargetGroupBinding(_) = route.entry.body {
        of_binding(importer, route);
        return;
    }
    health_check(importer, &annotations);
    attributes::of_target_group(importer, &annotations);
    attributes::of_load_balancer(importer, route, &annotations);
}

fn target_type(importer: &mut Importer<'_>, route: &Route<'_>, annotations: &Annotations<'_>) {
    let of_class = route.class_params.and_then(|(_, spec)| spec.target_type.as_ref());
    let of_binding = match &route.entry.body {
        Body::TargetGroupBinding(spec) => spec.target_type.as_ref(),
        _ => None,
    };
    let (value, origin) = match (of_class, annotations.target_group("target-type"), of_binding) {
        (Some(value), ..) => (
            Some(value),
            Origin::manifest(value, "spec.targetType of the class parameters"),
        ),
        (None, Some(annotation), _) => (
            Some(annotation.value),
            Origin::manifest(annotation.value, annotation.field()),
        ),
        (None, None, Some(value)) => (Some(value), Origin::manifest(value, "spec.targetType")),
        (None, None, None) if annotations.ingress.is_none() => (
            None,
            Origin::Assumed("the controller asks AWS for the target group's type; ip is assumed".to_owned()),
        ),
        (None, None, None) => (
            None,
            Origin::Default("controller default, its flag --default-target-type (lbc §3.2)"),
        ),
    };
    let default = if annotations.ingress.is_none() {
        "ip"
    } else {
        "instance"
    };
    let kind = match value {
        None => default,
        Some(value) if value.as_str() == "ip" => "ip",
        Some(value) if value.as_str() == "instance" => "instance",
        Some(value) => {
            let problem = format!("target type {:?}, expected \"ip\" or \"instance\"", value.as_str());
            let mut refusal = Refusal::new(Refused::Annotation, value, problem);
            if let lower @ ("ip" | "instance") = value.to_lowercase().as_str() {
                refusal.diagnostic = refusal.diagnostic.help(format!("write `{lower}`"));
            }
            importer.refuse(refusal);
            let why = "controller default, because the value of the manifest is refused";
            importer
                .draft
                .set("target_group.target_type", default, Origin::Default(why));
            return;
        }
    };
    importer.draft.set("target_group.target_type", kind, origin);
    let service_kind = route.service_spec.kind.as_ref();
    let has_node_port = service_kind.is_some_and(|kind| matches!(kind.as_str(), "NodePort" | "LoadBalancer"));
    if kind == "instance" && !has_node_port {
        let of_service = service_kind.map_or_else(|| route.service.name_place(), |kind| kind.place.clone());
        let service = route.service.title();
        let problem =
            format!("{service} is no NodePort, but the target type is `instance`: the controller refuses the Ingress");
        let place = value.map_or_else(|| of_service.clone(), |value| value.place.clone());
        let mut refusal = Refusal::at(Refused::InstanceTargets, place, problem);
        if value.is_some() {
            let found = service_kind.map_or("ClusterIP", |kind| kind.as_str());
            refusal.diagnostic = refusal.diagnostic.context(of_service, format!("of type {found}"));
        }
        importer.refuse(refusal);
    }
}

/// A hand-written binding says nothing of its target group, which somebody made without the controller (lbc §3.6): the
/// API's own defaults are the best guess (lbc §3.3, alb §1.1).
fn of_binding(importer: &mut Importer<'_>, route: &Route<'_>) {
    let why = "a TargetGroupBinding says nothing of its target group; the default of the AWS API is assumed";
    for (path, value) in [
        ("target_group.health_check.interval", Json::from("30s")),
        ("target_group.health_check.timeout", Json::from("5s")),
        ("target_group.health_check.healthy_threshold", Json::from(5)),
        ("target_group.health_check.unhealthy_threshold", Json::from(2)),
        ("target_group.health_check.path", Json::from("shared")),
        ("target_group.deregistration_delay", Json::from("300s")),
        ("load_balancer.idle_timeout", Json::from("60s")),
    ] {
        importer.draft.set(path, value, Origin::Assumed(why.to_owned()));
    }
    importer.notes.push(
        Diagnostic::at(
            route.entry.name_place(),
            format!("{} says nothing of health check and attributes", route.entry.title()),
        )
        .severity(Severity::Warning)
        .help(
            "read them with `aws elbv2 describe-target-groups` and `describe-target-group-attributes`, and give \
                 them with --set target_group.health_check.interval=… and so on",
        ),
    );
}

fn health_check(importer: &mut Importer<'_>, annotations: &Annotations<'_>) {
    let seconds = |importer: &mut Importer<'_>, suffix, path, default: i64, from, to| {
        let refused = Refused::HealthCheckRange;
        number(
            importer,
            annotations.target_group(suffix),
            path,
            default,
            (from, to),
            refused,
            true,
        )
    };
    let base = "target_group.health_check";
    let interval = seconds(
        importer,
        "healthcheck-interval-seconds",
        "target_group.health_check.interval",
        15,
        5,
        300,
    );
    let timeout = seconds(
        importer,
        "healthcheck-timeout-seconds",
        "target_group.health_check.timeout",
        5,
        2,
        120,
    );
    if timeout >= interval {
        let place = importer
            .draft
            .place(&format!("{base}.timeout"))
            .or(importer.draft.place(&format!("{base}.interval")));
        let place = place
            .cloned()
            .expect("the defaults 15 and 5 fit, so one of the two stands in a manifest");
        let problem = format!(
            "the health check's timeout of {timeout} s is not below its interval of {interval} s: AWS refuses both"
        );
        let mut refusal = Refusal::at(Refused::HealthCheckTimeout, place, problem);
        match (
            importer.draft.place(&format!("{base}.timeout")),
            importer.draft.place(&format!("{base}.interval")),
        ) {
            (None, _) => {
                refusal.diagnostic = refusal
                    .diagnostic
                    .note("the timeout is the controller's default of 5 s")
                    .help("set `healthcheck-timeout-seconds` to less than the interval, at least 2");
            }
            (_, Some(interval)) => refusal.diagnostic = refusal.diagnostic.context(interval.clone(), "the interval"),
            _ => {
                refusal.diagnostic = refusal
                    .diagnostic
                    .note("the interval is the controller's default of 15 s");
            }
        }
        importer.refuse(refusal);
        let why = "controller default, because AWS refuses the values of the manifest";
        importer
            .draft
            .set(&format!("{base}.interval"), "15s", Origin::Default(why));
        importer
            .draft
            .set(&format!("{base}.timeout"), "5s", Origin::Default(why));
    }
    for (suffix, name) in [
        ("healthy-threshold-count", "healthy_threshold"),
        ("unhealthy-threshold-count", "unhealthy_threshold"),
    ] {
        let path = format!("{base}.{name}");
        let annotation = annotations.target_group(suffix);
        number(
            importer,
            annotation,
            &path,
            2,
            (2, 10),
            Refused::HealthCheckRange,
            false,
        );
    }
    health_path(importer, annotations);
}

fn health_path(importer: &mut Importer<'_>, annotations: &Annotations<'_>) {
    let path = "target_group.health_check.path";
    let own_port = annotations
        .target_group("healthcheck-port")
        .filter(|port| port.value.as_str() != "traffic-port");
    if let Some(port) = own_port {
        let origin = Origin::manifest(port.value, port.field())
            .remark("a port of its own is taken for a health page of its own");
        importer.draft.set(path, "dedicated", origin);
        return;
    }
    let is_grpc = annotations
        .target_group("backend-protocol-version")
        .is_some_and(|version| version.value.as_str() == "GRPC");
    match annotations.target_group("healthcheck-path") {
        Some(annotation) => {
            let page = page::of(annotation.value.as_str());
            let origin = Origin::manifest(annotation.value, annotation.field()).remark(page.why);
            importer.draft.set(path, page.kind, origin);
        }
        None if is_grpc => importer.draft.set(
            path,
            "dedicated",
            Origin::Default("controller default `/AWS.ALB/healthcheck` (lbc §3.3)"),
        ),
        None => importer.draft.set(
            path,
            "shared",
            Origin::Default("controller default `/` (lbc §3.3), which is taken for a page that users ask for"),
        ),
    }
}

/// Sets a number of seconds or a count, or its default where the annotation is absent or refused.
fn number(
    importer: &mut Importer<'_>,
    annotation: Option<Annotation<'_>>,
    path: &str,
    default: i64,
    (from, to): (i64, i64),
    refused: Refused,
    is_seconds: bool,
) -> i64 {
    let as_json = |number: i64| {
        if is_seconds {
            Json::from(format!("{number}s"))
        } else {
            Json::from(number)
        }
    };
    let Some(annotation) = annotation else {
        importer
            .draft
            .set(path, as_json(default), Origin::Default(LBC_HEALTH_CHECK));
        return default;
    };
    let problem = match annotations::whole(annotation.value.as_str()) {
        Ok(number) if (from..=to).contains(&number) => {
            importer.draft.set(
                path,
                as_json(number),
                Origin::manifest(annotation.value, annotation.field()),
            );
            return number;
        }
        Ok(number) => (refused, format!("found {number}; AWS takes {from} to {to}")),
        Err(problem) => (Refused::Annotation, problem),
    };
    let (refused, problem) = problem;
    let problem = format!("`{}`: {problem}", annotation.field());
    importer.refuse(Refusal::new(refused, annotation.value, problem));
    let why = "controller default, because the value of the manifest is refused";
    importer.draft.set(path, as_json(default), Origin::Default(why));
    default
}
