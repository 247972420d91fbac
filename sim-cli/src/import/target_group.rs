//! Target group and load balancer, from annotations and class parameters (lbc §3.2 to §3.4).

use serde_json::Value as Json;

use super::Importer;
use super::annotations::{self, Annotation, Annotations};
use super::draft::Origin;
use super::page;
use super::refused::{Refusal, Refused};
use super::route::Route;
use crate::manifest::Body;
use crate::text::decode::Spanned;
use crate::text::error::{Diagnostic, Severity};

const LBC_HEALTH_CHECK: &str = "controller default (lbc §3.3)";
const AWS_ATTRIBUTE: &str = "AWS default, which the controller does not change (alb §2.1)";
const AWS_LOAD_BALANCER: &str = "AWS default, which the controller does not change (alb §4)";

/// What an attribute's value must be.
enum Legal {
    /// Seconds within these bounds, or zero where that means off.
    Seconds { from: i64, to: i64, or_zero: bool },
    /// A whole number within these bounds.
    Count { from: i64, to: i64 },
    /// The same, or `off`.
    CountOrOff { from: i64, to: i64 },
    /// `true` or `false`.
    Bool,
    /// One of these words.
    Word(&'static [&'static str]),
    /// Anything: it has no effect here.
    Any,
}

/// Attributes of target groups that ELBv2 knows, their path in the scenario, and what is legal (alb §2.1, lbc §3.4).
const TARGET_GROUP: &[(&str, Option<&str>, Legal)] = &[
    (
        "deregistration_delay.timeout_seconds",
        Some("target_group.deregistration_delay"),
        Legal::Seconds {
            from: 0,
            to: 3600,
            or_zero: true,
        },
    ),
    (
        "slow_start.duration_seconds",
        Some("target_group.slow_start"),
        Legal::Seconds {
            from: 30,
            to: 900,
            or_zero: true,
        },
    ),
    (
        "load_balancing.algorithm.type",
        Some("target_group.algorithm"),
        Legal::Word(&["round_robin", "least_outstanding_requests", "weighted_random"]),
    ),
    (
        "load_balancing.algorithm.anomaly_mitigation",
        Some("target_group.anomaly_mitigation"),
        Legal::Word(&["on", "off"]),
    ),
    (
        "load_balancing.cross_zone.enabled",
        Some("target_group.cross_zone"),
        Legal::Word(&["true", "false", "use_load_balancer_configuration"]),
    ),
    (
        "stickiness.enabled",
        Some("target_group.stickiness.enabled"),
        Legal::Bool,
    ),
    ("stickiness.type", None, Legal::Word(&["lb_cookie", "app_cookie"])),
    (
        "stickiness.lb_cookie.duration_seconds",
        Some("target_group.stickiness.duration"),
        Legal::Seconds {
            from: 1,
            to: 604_800,
            or_zero: false,
        },
    ),
    ("stickiness.app_cookie.cookie_name", None, Legal::Any),
    (
        "stickiness.app_cookie.duration_seconds",
        None,
        Legal::Seconds {
            from: 1,
            to: 604_800,
            or_zero: false,
        },
    ),
    (
        "target_group_health.dns_failover.minimum_healthy_targets.count",
        Some("target_group.health.dns_failover.minimum_healthy_targets.count"),
        Legal::CountOrOff { from: 1, to: 1000 },
    ),
    (
        "target_group_health.dns_failover.minimum_healthy_targets.percentage",
        Some("target_group.health.dns_failover.minimum_healthy_targets.percentage"),
        Legal::CountOrOff { from: 1, to: 100 },
    ),
    (
        "target_group_health.unhealthy_state_routing.minimum_healthy_targets.count",
        Some("target_group.health.unhealthy_state_routing.minimum_healthy_targets.count"),
        Legal::Count { from: 1, to: 1000 },
    ),
    (
        "target_group_health.unhealthy_state_routing.minimum_healthy_targets.percentage",
        Some("target_group.health.unhealthy_state_routing.minimum_healthy_targets.percentage"),
        Legal::CountOrOff { from: 1, to: 100 },
    ),
];

/// The same of load balancers (alb §4, lbc §3.4).
const LOAD_BALANCER: &[(&str, Option<&str>, Legal)] = &[
    (
        "idle_timeout.timeout_seconds",
        Some("load_balancer.idle_timeout"),
        Legal::Seconds {
            from: 1,
            to: 4000,
            or_zero: false,
        },
    ),
    (
        "client_keep_alive.seconds",
        Some("load_balancer.client_keep_alive"),
        Legal::Seconds {
            from: 60,
            to: 604_800,
            or_zero: false,
        },
    ),
    (
        "zonal_shift.config.enabled",
        Some("load_balancer.zonal_shift"),
        Legal::Bool,
    ),
    ("load_balancing.cross_zone.enabled", None, Legal::Bool),
    ("routing.http2.enabled", None, Legal::Bool),
    ("routing.http.drop_invalid_header_fields.enabled", None, Legal::Bool),
    ("routing.http.preserve_host_header.enabled", None, Legal::Bool),
    ("routing.http.desync_mitigation_mode", None, Legal::Any),
    (
        "routing.http.x_amzn_tls_version_and_cipher_suite.enabled",
        None,
        Legal::Bool,
    ),
    ("routing.http.xff_client_port.enabled", None, Legal::Bool),
    ("routing.http.xff_header_processing.mode", None, Legal::Any),
    ("access_logs.s3.enabled", None, Legal::Bool),
    ("access_logs.s3.bucket", None, Legal::Any),
    ("access_logs.s3.prefix", None, Legal::Any),
    ("connection_logs.s3.enabled", None, Legal::Bool),
    ("connection_logs.s3.bucket", None, Legal::Any),
    ("connection_logs.s3.prefix", None, Legal::Any),
    ("health_check_logs.s3.enabled", None, Legal::Bool),
    ("health_check_logs.s3.bucket", None, Legal::Any),
    ("health_check_logs.s3.prefix", None, Legal::Any),
    ("deletion_protection.enabled", None, Legal::Bool),
    ("waf.fail_open.enabled", None, Legal::Bool),
    ("ipv6.deny_all_igw_traffic", None, Legal::Bool),
];

/// Fills the sections `target_group` and `load_balancer`.
pub(super) fn import(importer: &mut Importer<'_>, route: &Route<'_>) {
    let annotations = route.annotations();
    target_type(importer, route, &annotations);
    if let Body::TargetGroupBinding(_) = route.entry.body {
        of_binding(importer, route);
        return;
    }
    health_check(importer, &annotations);
    target_group_attributes(importer, &annotations);
    load_balancer_attributes(importer, route, &annotations);
    if let Some(protocol) = annotations.target_group("backend-protocol")
        && !matches!(protocol.value.as_str(), "HTTP" | "HTTPS")
    {
        importer.refuse(Refusal::new(
            Refused::Annotation,
            protocol.value,
            format!(
                "`{}`: found {:?}, expected HTTP or HTTPS in capitals",
                protocol.field(),
                protocol.value.as_str()
            ),
        ));
    }
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
            importer.refuse(Refusal::new(Refused::Annotation, value, problem));
            default
        }
    };
    importer.draft.set("target_group.target_type", kind, origin);
    let service_kind = route.service_spec.kind.as_ref();
    let has_node_port = service_kind.is_some_and(|kind| matches!(kind.as_str(), "NodePort" | "LoadBalancer"));
    if kind == "instance" && !has_node_port {
        let place = service_kind.map_or_else(|| route.service.name_place(), |kind| kind.place.clone());
        importer.refuse(Refusal::at(
            Refused::InstanceTargets,
            place,
            format!(
                "{} is no NodePort, but the target type is `instance`: the controller refuses the Ingress",
                route.service.title()
            ),
        ));
    }
}

/// A hand-written binding says nothing of its target group.
fn of_binding(importer: &mut Importer<'_>, route: &Route<'_>) {
    let why = "a TargetGroupBinding says nothing of its target group; the controller's or AWS's default is assumed";
    for (path, value) in [
        ("target_group.health_check.interval", Json::from("15s")),
        ("target_group.health_check.timeout", Json::from("5s")),
        ("target_group.health_check.healthy_threshold", Json::from(2)),
        ("target_group.health_check.unhealthy_threshold", Json::from(2)),
        ("target_group.health_check.path", Json::from("dedicated")),
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
        if importer.draft.place(&format!("{base}.timeout")).is_none() {
            refusal.diagnostic = refusal
                .diagnostic
                .note("the timeout is the controller's default of 5 s");
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

fn target_group_attributes(importer: &mut Importer<'_>, annotations: &Annotations<'_>) {
    let suffix = "target-group-attributes";
    if let Some(overridden) = annotations.overridden(suffix) {
        let service = annotations.service.title();
        let diagnostic = Diagnostic::at(
            overridden.value.place.clone(),
            format!(
                "the `{suffix}` of the Ingress do not count: {service} has its own, and the whole text is replaced"
            ),
        );
        importer
            .notes
            .push(diagnostic.severity(Severity::Warning).note("lbc §3.2, item 1"));
    }
    importer.draft.set(
        "target_group.deregistration_delay",
        "300s",
        Origin::Default(AWS_ATTRIBUTE),
    );
    let Some(annotation) = annotations.target_group(suffix) else {
        return;
    };
    for (key, value) in pairs(importer, &annotation) {
        attribute(
            importer,
            TARGET_GROUP,
            &key,
            &value,
            annotation.value,
            &annotation.field(),
        );
    }
    super::exclusive::attributes(importer, annotation.value);
}

fn load_balancer_attributes(importer: &mut Importer<'_>, route: &Route<'_>, annotations: &Annotations<'_>) {
    importer
        .draft
        .set("load_balancer.idle_timeout", "60s", Origin::Default(AWS_LOAD_BALANCER));
    if let Some(annotation) = annotations.load_balancer("load-balancer-attributes") {
        for (key, value) in pairs(importer, &annotation) {
            attribute(
                importer,
                LOAD_BALANCER,
                &key,
                &value,
                annotation.value,
                &annotation.field(),
            );
        }
    }
    // Attributes of the class beat the annotation's, key by key (lbc §3.2, item 3).
    let of_class = route
        .class_params
        .and_then(|(_, spec)| spec.load_balancer_attributes.as_ref());
    for attribute_of_class in of_class.into_iter().flatten() {
        if let (Some(key), Some(value)) = (&attribute_of_class.key, &attribute_of_class.value) {
            let field = "spec.loadBalancerAttributes of the class parameters";
            attribute(importer, LOAD_BALANCER, key, value, value, field);
        }
    }
}

fn pairs(importer: &mut Importer<'_>, annotation: &Annotation<'_>) -> Vec<(String, String)> {
    match annotations::map(annotation.value.as_str()) {
        Ok(pairs) => pairs,
        Err(problem) => {
            let problem = format!("`{}`: {problem}", annotation.field());
            importer.refuse(Refusal::new(Refused::Annotation, annotation.value, problem));
            Vec::new()
        }
    }
}

/// Takes over one attribute, or says that AWS refuses it.
fn attribute(
    importer: &mut Importer<'_>,
    known: &[(&str, Option<&str>, Legal)],
    key: &str,
    value: &str,
    text: &Spanned<String>,
    field: &str,
) {
    let Some((_, path, legal)) = known.iter().find(|(name, ..)| *name == key) else {
        let mut refusal = Refusal::new(
            Refused::Attribute,
            text,
            format!("`{field}`: AWS knows no attribute `{key}`"),
        );
        refusal.diagnostic = refusal.diagnostic.suggest(key, known.iter().map(|(name, ..)| *name));
        importer.refuse(refusal);
        return;
    };
    match read(legal, value) {
        Ok(json) => {
            if let Some(path) = path {
                importer
                    .draft
                    .set(path, json, Origin::manifest(text, format!("{field}: {key}")));
            }
        }
        Err(expected) => {
            let problem = format!("`{field}`: `{key}` is {value:?}, expected {expected}");
            let mut refusal = Refusal::new(Refused::Attribute, text, problem);
            if value.ends_with(',') {
                refusal.diagnostic = refusal
                    .diagnostic
                    .help("take the comma at the end away: it becomes part of the value (lbc §3.1)");
            }
            importer.refuse(refusal);
        }
    }
}

/// The value as the scenario has it, or what would be right.
fn read(legal: &Legal, value: &str) -> Result<Json, String> {
    let whole = |from: i64, to: i64| {
        let number = value.parse::<i64>().ok().filter(|number| (from..=to).contains(number));
        number.ok_or_else(|| format!("a whole number from {from} to {to}"))
    };
    match *legal {
        Legal::Seconds { or_zero: true, .. } if value == "0" => Ok(Json::from("0s")),
        Legal::Seconds { from, to, or_zero } => match whole(from, to) {
            Ok(number) => Ok(Json::from(format!("{number}s"))),
            Err(expected) if or_zero && from > 0 => Err(format!("0 or {expected}")),
            Err(expected) => Err(expected),
        },
        Legal::Count { from, to } => whole(from, to).map(Json::from),
        Legal::CountOrOff { .. } if value == "off" => Ok(Json::from("off")),
        Legal::CountOrOff { from, to } => whole(from, to)
            .map(Json::from)
            .map_err(|expected| format!("\"off\" or {expected}")),
        Legal::Bool => match value {
            "true" => Ok(Json::from(true)),
            "false" => Ok(Json::from(false)),
            _ => Err("true or false".to_owned()),
        },
        Legal::Word(words) if words.contains(&value) => Ok(match value {
            "true" | "use_load_balancer_configuration" => Json::from(true),
            "false" => Json::from(false),
            word => Json::from(word),
        }),
        Legal::Word(words) => Err(format!("one of {}", words.join(", "))),
        Legal::Any => Ok(Json::Null),
    }
}
