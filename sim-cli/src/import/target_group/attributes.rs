//! Attributes of target groups and load balancers, which the controller passes on as they are (lbc §3.4).

use serde_json::Value as Json;

use crate::import::Importer;
use crate::import::annotations::{self, Annotation, Annotations, PREFIX};
use crate::import::draft::Origin;
use crate::import::exclusive;
use crate::import::group;
use crate::import::refused::{Refusal, Refused};
use crate::import::route::Route;
use crate::text::decode::Spanned;
use crate::text::error::{Diagnostic, Severity};

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

/// An attribute's name, its path in the scenario, and what is legal.
type Attribute = (&'static str, Option<&'static str>, Legal);

/// Attributes of target groups that ELBv2 knows, their path in the scenario, and what is legal (alb §2.1, lbc §3.4).
const TARGET_GROUP: &[Attribute] = &[
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
const LOAD_BALANCER: &[Attribute] = &[
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

/// Takes over those of the target group.
pub(super) fn of_target_group(importer: &mut Importer<'_>, annotations: &Annotations<'_>) {
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
    exclusive::attributes(importer, annotation.value);
}

/// Takes over those of the load balancer.
pub(super) fn of_load_balancer(importer: &mut Importer<'_>, route: &Route<'_>, annotations: &Annotations<'_>) {
    importer
        .draft
        .set("load_balancer.idle_timeout", "60s", Origin::Default(AWS_LOAD_BALANCER));
    for set in group::attributes(importer.manifests, route.entry) {
        attribute(importer, LOAD_BALANCER, &set.key, &set.value, set.text, &set.field);
    }
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
            let mut refusal = Refusal::new(Refused::Annotation, annotation.value, problem);
            if let Some((key, value)) = annotation
                .value
                .split_once(':')
                .filter(|(key, _)| !key.contains([',', '=']))
            {
                let help = format!("write `{}={}`", key.trim(), value.trim());
                refusal.diagnostic = refusal.diagnostic.help(help);
            }
            importer.refuse(refusal);
            Vec::new()
        }
    }
}

/// Takes over one attribute, or says that AWS refuses it.
fn attribute(
    importer: &mut Importer<'_>,
    known: &[Attribute],
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
        let others = [
            (TARGET_GROUP, "a target group", "target-group-attributes"),
            (LOAD_BALANCER, "the load balancer", "load-balancer-attributes"),
        ];
        let other = others
            .iter()
            .find(|(table, ..)| table.iter().any(|(name, ..)| *name == key));
        refusal.diagnostic = match other {
            Some((_, whose, suffix)) => refusal.diagnostic.help(format!(
                "it is an attribute of {whose}, and belongs in `{PREFIX}{suffix}`"
            )),
            None => refusal.diagnostic.suggest(key, known.iter().map(|(name, ..)| *name)),
        };
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
