//! Annotations that nothing else here reads, but that make the controller or AWS refuse the Ingress; and names of
//! annotations that the controller does not know (lbc §3).

use serde_json::Value as Json;

use super::Importer;
use super::annotations::{self, Annotation, PREFIX};
use super::draft::Origin;
use super::refused::{Refusal, Refused};
use super::route::{self, Route};
use crate::manifest::Object;
use crate::text::error::{Diagnostic, Severity};
use crate::text::nearest;

mod group;

/// Suffixes that the controller knows (lbc §3.3, §3.4 and its guide).
const KNOWN: &[&str] = &[
    "auth-idp-cognito",
    "auth-idp-oidc",
    "auth-on-unauthenticated-request",
    "auth-scope",
    "auth-session-cookie",
    "auth-session-timeout",
    "auth-type",
    "backend-protocol",
    "backend-protocol-version",
    "certificate-arn",
    "customer-owned-ipv4-pool",
    "dry-run-plan",
    "enable-frontend-nlb",
    "group.name",
    "group.order",
    "healthcheck-interval-seconds",
    "healthcheck-path",
    "healthcheck-port",
    "healthcheck-protocol",
    "healthcheck-timeout-seconds",
    "healthy-threshold-count",
    "inbound-cidrs",
    "ip-address-type",
    "ipam-ipv4-pool-id",
    "jwt-validation",
    "listen-ports",
    "load-balancer-attributes",
    "load-balancer-name",
    "manage-backend-security-group-rules",
    "minimum-load-balancer-capacity",
    "multi-cluster-target-group",
    "mutual-authentication",
    "scheme",
    "security-group-prefix-lists",
    "security-groups",
    "shield-advanced-protection",
    "ssl-policy",
    "ssl-redirect",
    "subnets",
    "success-codes",
    "tags",
    "target-control-port",
    "target-group-attributes",
    "target-node-labels",
    "target-type",
    "unhealthy-threshold-count",
    "use-regex-path-match",
    "waf-acl-id",
    "wafv2-acl-arn",
    "wafv2-acl-name",
    "web-acl-id",
];

/// Beginnings of suffixes that end in a name.
const FAMILIES: [&str; 5] = [
    "actions.",
    "conditions.",
    "frontend-nlb-",
    "listener-attributes.",
    "transforms.",
];

/// Checks the Ingress of the route and the annotations of its Service.
pub(super) fn check(importer: &mut Importer<'_>, route: &Route<'_>) {
    let annotations = route.annotations();
    let Some(ingress) = annotations.ingress else { return };
    unknown(importer, ingress);
    unknown(importer, annotations.service);
    if let Some(protocol) = annotations.target_group("backend-protocol") {
        backend_protocol(importer, &protocol);
    }
    if let Some(version) = annotations.target_group("backend-protocol-version")
        && !matches!(version.value.as_str(), "HTTP1" | "HTTP2" | "GRPC")
    {
        refuse(
            importer,
            Refused::Annotation,
            &version,
            "expected HTTP1, HTTP2 or GRPC in capitals",
            None,
        );
    }
    if let Some(path) = annotations.target_group("healthcheck-path")
        && !path.value.starts_with('/')
    {
        let help = format!("write `/{}`", path.value.as_str());
        refuse(
            importer,
            Refused::Attribute,
            &path,
            "a path starts with a slash",
            Some(help),
        );
        let why = Origin::Default("controller default `/`, because the value of the manifest is refused");
        importer.draft.set("target_group.health_check.path", "shared", why);
    }
    if let Some(codes) = annotations.target_group("success-codes") {
        let version = annotations.target_group("backend-protocol-version");
        success_codes(
            importer,
            &codes,
            version.is_some_and(|version| version.value.as_str() == "GRPC"),
        );
    }
    if let Some(port) = annotations.target_group("healthcheck-port") {
        health_port(importer, route, &port);
    }
    if let Some(ports) = annotations.load_balancer("listen-ports") {
        listen_ports(importer, &ports);
    }
    group::check(importer, ingress);
    for diagnostic in route::actions_without_weights(ingress) {
        importer.refuse(Refusal {
            kind: Refused::Annotation,
            diagnostic,
        });
    }
}

/// Reports an annotation with what was found and what is expected.
fn refuse(
    importer: &mut Importer<'_>,
    kind: Refused,
    annotation: &Annotation<'_>,
    expected: &str,
    help: Option<String>,
) {
    let found = format!("`{}`: found {:?}", annotation.field(), annotation.value.as_str());
    let is_continued = ["expected", "which"].iter().any(|word| expected.starts_with(word));
    let problem = format!("{found}{} {expected}", if is_continued { "," } else { ";" });
    let mut refusal = Refusal::new(kind, annotation.value, problem);
    if let Some(help) = help {
        refusal.diagnostic = refusal.diagnostic.help(help);
    }
    importer.refuse(refusal);
}

fn unknown(importer: &mut Importer<'_>, object: &Object) {
    for (name, value) in object.metadata.annotations.iter().flatten() {
        let Some(suffix) = name.strip_prefix(PREFIX) else {
            continue;
        };
        if KNOWN.contains(&suffix) || FAMILIES.iter().any(|family| suffix.starts_with(family)) {
            continue;
        }
        if let Some(near) = nearest::nearest(suffix, KNOWN.iter().copied()) {
            let title = format!("the controller knows no annotation `{name}` and ignores it without a word");
            let diagnostic = Diagnostic::at(value.place.clone(), title).severity(Severity::Warning);
            importer
                .notes
                .push(diagnostic.help(format!("did you mean `{PREFIX}{near}`?")));
        }
    }
}

fn backend_protocol(importer: &mut Importer<'_>, protocol: &Annotation<'_>) {
    let help = match protocol.value.as_str() {
        "HTTP" | "HTTPS" => return,
        "HTTP1" | "HTTP2" | "GRPC" => Some(format!(
            "{} belongs in `{PREFIX}backend-protocol-version`",
            protocol.value.as_str()
        )),
        _ => None,
    };
    refuse(
        importer,
        Refused::Annotation,
        protocol,
        "expected HTTP or HTTPS in capitals",
        help,
    );
}

fn success_codes(importer: &mut Importer<'_>, codes: &Annotation<'_>, is_grpc: bool) {
    let (from, to) = if is_grpc { (0, 99) } else { (200, 499) };
    let legal = |code: &str| code.parse::<u32>().ok().filter(|code| (from..=to).contains(code));
    let is_legal = |part: &str| match part.split_once('-') {
        Some((first, last)) => legal(first).is_some_and(|first| legal(last).is_some_and(|last| first <= last)),
        None => legal(part).is_some(),
    };
    if !codes.value.split(',').all(|part| is_legal(part.trim())) {
        let expected = format!("AWS takes codes, lists and ranges within {from} to {to}");
        let help = (!is_grpc).then(|| "for example \"200\", \"200,302\" or \"200-299\"".to_owned());
        refuse(importer, Refused::HealthCheckRange, codes, &expected, help);
    }
}

fn health_port(importer: &mut Importer<'_>, route: &Route<'_>, port: &Annotation<'_>) {
    let text = port.value.as_str();
    if text == "traffic-port" {
        return;
    }
    if let Ok(number) = annotations::whole(text) {
        if !(1..=65_535).contains(&number) {
            refuse(
                importer,
                Refused::HealthCheckRange,
                port,
                "AWS takes 1 to 65535 or \"traffic-port\"",
                None,
            );
        }
        return;
    }
    let ports = || route.service_spec.ports.iter().flatten();
    let named = ports().find(|port| port.name.as_ref().is_some_and(|name| name.as_str() == text));
    let Some(named) = named else {
        let names: Vec<&str> = ports()
            .filter_map(|port| port.name.as_ref().map(|name| name.as_str()))
            .collect();
        let help = if names.is_empty() {
            "write a number, or \"traffic-port\"".to_owned()
        } else {
            format!("ports of {}: {}", route.service.title(), names.join(", "))
        };
        refuse(
            importer,
            Refused::Annotation,
            port,
            "which is no port of the Service",
            Some(help),
        );
        return;
    };
    let is_ip = importer.draft.get("target_group.target_type") == Some(&Json::from("ip"));
    if let (true, Some(target)) = (
        is_ip,
        named.target_port.as_ref().filter(|target| target.value.is_string()),
    ) {
        let problem = format!(
            "`{}`: the port {text:?} of {} leads to a port by name, and with ip targets the controller wants a number",
            port.field(),
            route.service.title()
        );
        let mut refusal = Refusal::new(Refused::Annotation, port.value, problem);
        refusal.diagnostic = refusal
            .diagnostic
            .context(target.place.clone(), "the name")
            .help("give the number of the port in one of the two places");
        importer.refuse(refusal);
    }
}

fn listen_ports(importer: &mut Importer<'_>, ports: &Annotation<'_>) {
    let help = || Some("for example `[{\"HTTP\": 80}, {\"HTTPS\": 443}]`".to_owned());
    let listeners: Vec<serde_json::Map<String, Json>> = match serde_json::from_str(ports.value.as_str()) {
        Ok(listeners) => listeners,
        Err(error) => {
            let said = error.to_string();
            let said = said.split(" at line ").next().unwrap_or(&said);
            refuse(
                importer,
                Refused::Annotation,
                ports,
                &format!("which is no JSON list of ports: {said}"),
                help(),
            );
            return;
        }
    };
    let is_legal = |(protocol, port): (&String, &Json)| {
        matches!(protocol.as_str(), "HTTP" | "HTTPS") && port.as_u64().is_some_and(|port| (1..=65_535).contains(&port))
    };
    if !listeners.iter().flatten().all(is_legal) {
        refuse(
            importer,
            Refused::Annotation,
            ports,
            "expected HTTP or HTTPS with a port of 1 to 65535",
            help(),
        );
    }
}
