//! The pod template: grace period, hook, probes, gates, sidecars, requests.

use serde_json::Value as Json;

use super::draft::Origin;
use super::route::Route;
use super::{Importer, page, select};
use crate::manifest::pod::{Container, PodSpec, Probe};
use crate::text::decode::Spanned;
use crate::text::error::{Diagnostic, Severity};

const GRACE: &str = "Kubernetes default (kubernetes §1.1.1)";
const PROBE: &str = "Kubernetes default (kubernetes §2.1.1)";
const GATE: &str = "target-health.elbv2.k8s.aws/";
const INJECT: &str = "elbv2.k8s.aws/pod-readiness-gate-inject";

/// The containers of a pod, told apart.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Containers<'m> {
    /// The pod.
    pub(crate) pod: &'m PodSpec,
    /// The one that the load balancer sends requests to.
    pub(crate) main: &'m Container,
    /// Its place in the list.
    pub(crate) index: usize,
    /// In front of `containers` in the fields of the object.
    pub(crate) prefix: &'static str,
}

impl Containers<'_> {
    /// Name of a field of the main container.
    pub(crate) fn field(&self, name: &str) -> String {
        format!("{}.containers[{}].{name}", self.prefix, self.index)
    }
}

/// Tells the containers of the route's pods apart.
pub(super) fn containers<'m>(importer: &mut Importer<'m>, route: &Route<'m>) -> Option<Containers<'m>> {
    let pod = route.spec.template.as_ref().and_then(|template| template.spec.as_ref());
    let list = pod.and_then(|pod| pod.containers.as_deref()).unwrap_or_default();
    let (Some(pod), Some(first)) = (pod, list.first()) else {
        let title = format!("{} has no containers", route.workload.title());
        importer
            .problems
            .push(Diagnostic::at(route.workload.name_place(), title));
        return None;
    };
    let target = route
        .port
        .and_then(|port| port.target_port.as_ref().map(|target| (&target.value, &target.place)));
    let number = route
        .port
        .and_then(|port| port.port.as_ref())
        .map(|port| Json::from(port.value));
    // Without a target port the Service's own number counts.
    let wanted = target.map(|(value, _)| value.clone()).or(number);
    let listens = |container: &&Container| {
        container.ports.iter().flatten().any(|port| match &wanted {
            Some(Json::String(name)) => port.name.as_ref().is_some_and(|port| port.as_str() == name),
            Some(number) => port
                .container_port
                .as_ref()
                .is_some_and(|port| number.as_i64() == Some(port.value)),
            None => true,
        })
    };
    let found = list.iter().find(listens);
    if let (None, Some((Json::String(name), place))) = (found, target) {
        let names: Vec<&str> = list
            .iter()
            .flat_map(|container| container.ports.iter().flatten())
            .filter_map(|port| port.name.as_ref().map(|name| name.as_str()))
            .collect();
        let title = format!("no container of {} has a port named `{name}`", route.workload.title());
        let diagnostic = Diagnostic::at(place.clone(), title).suggest(name, names.iter().copied());
        importer.problems.push(if names.is_empty() {
            diagnostic
        } else {
            diagnostic.note(format!("named ports: {}", names.join(", ")))
        });
    }
    let main = found.unwrap_or(first);
    let index = list
        .iter()
        .position(|container| std::ptr::eq(container, main))
        .expect("one of the list");
    if list.len() > 1 {
        let name = |container: &Container| {
            container
                .name
                .as_ref()
                .map_or_else(|| "unnamed".to_owned(), |name| name.value.clone())
        };
        let why = if found.is_some() {
            "the Service's target port is its own"
        } else {
            "it is the first one"
        };
        let title = format!(
            "of {} containers `{}` is taken for the application: {why}",
            list.len(),
            name(main)
        );
        let place = main.name.as_ref().map(|name| name.place.clone());
        importer
            .notes
            .push(Diagnostic::maybe_at(place, title).severity(Severity::Note));
    }
    let prefix = if route.workload.kind == "Pod" {
        "spec"
    } else {
        "spec.template.spec"
    };
    Some(Containers {
        pod,
        main,
        index,
        prefix,
    })
}

/// Fills the section `pod`, apart from the hook.
pub(super) fn import(importer: &mut Importer<'_>, route: &Route<'_>, containers: &Containers<'_>) {
    grace(importer, containers);
    for (name, probe) in [
        ("readinessProbe", &containers.main.readiness_probe),
        ("livenessProbe", &containers.main.liveness_probe),
        ("startupProbe", &containers.main.startup_probe),
    ] {
        import_probe(importer, containers, name, probe.as_ref());
    }
    gate(importer, route, containers);
    spread(importer, containers);
    for toleration in containers.pod.tolerations.iter().flatten() {
        let key = toleration.key.as_ref().map_or("", |key| key.as_str());
        if let ("node.kubernetes.io/unreachable", Some(seconds)) = (key, &toleration.toleration_seconds) {
            let field = format!("{}.tolerations", containers.prefix);
            let value = importer.at_least(seconds, 0, &field);
            importer.draft.set(
                "pod.unreachable_toleration",
                format!("{value}s"),
                Origin::manifest(seconds, field),
            );
        }
    }
}

fn grace(importer: &mut Importer<'_>, containers: &Containers<'_>) {
    let path = "pod.termination_grace_period";
    match &containers.pod.termination_grace_period_seconds {
        Some(grace) => {
            let field = format!("{}.terminationGracePeriodSeconds", containers.prefix);
            let seconds = importer.at_least(grace, 0, &field);
            importer
                .draft
                .set(path, format!("{seconds}s"), Origin::manifest(grace, field));
        }
        None => importer.draft.set(path, "30s", Origin::Default(GRACE)),
    }
}

fn import_probe(importer: &mut Importer<'_>, containers: &Containers<'_>, name: &str, probe: Option<&Probe>) {
    let base = match name {
        "readinessProbe" => "pod.readiness_probe",
        "livenessProbe" => "pod.liveness_probe",
        _ => "pod.startup_probe",
    };
    let Some(probe) = probe else {
        if name == "readinessProbe" {
            importer
                .draft
                .set(base, Json::Null, Origin::Default("there is none (kubernetes §2.1.1)"));
        }
        return;
    };
    let field = |key: &str| containers.field(&format!("{name}.{key}"));
    for (key, path, value, default, least) in [
        ("periodSeconds", "period", &probe.period_seconds, 10, 1),
        ("timeoutSeconds", "timeout", &probe.timeout_seconds, 1, 1),
        (
            "initialDelaySeconds",
            "initial_delay",
            &probe.initial_delay_seconds,
            0,
            0,
        ),
    ] {
        let path = format!("{base}.{path}");
        match value {
            Some(value) if !is_default(importer, value, default, &field(key)) => {
                let seconds = importer.at_least_32_bits(value, least, &field(key));
                importer
                    .draft
                    .set(&path, format!("{seconds}s"), Origin::manifest(value, field(key)));
            }
            _ => importer.draft.set(&path, format!("{default}s"), Origin::Default(PROBE)),
        }
    }
    for (key, path, value, default) in [
        ("successThreshold", "success_threshold", &probe.success_threshold, 1),
        ("failureThreshold", "failure_threshold", &probe.failure_threshold, 3),
    ] {
        let path = format!("{base}.{path}");
        match value {
            Some(value) if !is_default(importer, value, default, &field(key)) => {
                let count = importer.at_least_32_bits(value, 1, &field(key));
                importer.draft.set(&path, count, Origin::manifest(value, field(key)));
            }
            _ => importer.draft.set(&path, default, Origin::Default(PROBE)),
        }
    }
    unknown_port(importer, containers, name, probe);
    let path = format!("{base}.path");
    if let Some(get) = &probe.http_get {
        match &get.path {
            Some(written) => {
                let page = page::of(written.as_str());
                let origin = Origin::manifest(written, field("httpGet.path")).remark(page.why);
                importer.draft.set(&path, page.kind, origin);
            }
            None => importer.draft.set(
                &path,
                "shared",
                Origin::Default("Kubernetes default `/`, which is taken for a page that users ask for"),
            ),
        }
    } else {
        // Exactly one of them is there: the API checks saw to that.
        let what = if probe.tcp_socket.is_some() {
            "a connection"
        } else if probe.exec.is_some() {
            "a command"
        } else {
            "gRPC"
        };
        importer.draft.set(
            &path,
            "dedicated",
            Origin::Guess(format!("the {name} is {what}; it is simulated as a page of its own")),
        );
    }
}

/// Whether Kubernetes puts its default in the place of what is written, and warns of that.
fn is_default(importer: &mut Importer<'_>, value: &Spanned<i64>, default: i64, field: &str) -> bool {
    if value.value != 0 || default == 0 {
        return false;
    }
    let title = format!("`{field}` is 0, in the place of which Kubernetes puts its default of {default}");
    let diagnostic = Diagnostic::at(value.place.clone(), title).severity(Severity::Warning);
    importer.notes.push(diagnostic.help("write 1 or more, or leave it out"));
    true
}

/// A port that a probe asks for by a name that the container does not give to any.
fn unknown_port(importer: &mut Importer<'_>, containers: &Containers<'_>, name: &str, probe: &Probe) {
    let get = probe.http_get.as_ref().and_then(|get| get.port.as_ref());
    let tcp = probe.tcp_socket.as_ref().and_then(|tcp| tcp.port.as_ref());
    let Some((port, Json::String(wanted))) = get.or(tcp).map(|port| (port, &port.value)) else {
        return;
    };
    let ports = || containers.main.ports.iter().flatten();
    let names: Vec<&str> = ports()
        .filter_map(|port| port.name.as_ref().map(|name| name.as_str()))
        .collect();
    if names.contains(&wanted.as_str()) || wanted.parse::<u16>().is_ok() {
        return;
    }
    let title = format!("`{name}` asks the port `{wanted}`, but the container gives no port that name");
    let diagnostic = Diagnostic::at(port.place.clone(), title).suggest(wanted, names.iter().copied());
    let number = ports().find_map(|port| port.container_port.as_ref());
    importer.problems.push(match number {
        Some(number) => diagnostic.help(format!("name the port so, or write {}", number.value)),
        None => diagnostic.help("name the port so in `ports`, or write its number"),
    });
}

fn gate(importer: &mut Importer<'_>, route: &Route<'_>, containers: &Containers<'_>) {
    let path = "pod.readiness_gate";
    let gates = containers
        .pod
        .readiness_gates
        .iter()
        .flatten()
        .filter_map(|gate| gate.condition_type.as_ref());
    if let Some(gate) = gates.into_iter().find(|gate| gate.as_str().starts_with(GATE)) {
        importer.draft.set(
            path,
            true,
            Origin::manifest(gate, format!("{}.readinessGates", containers.prefix)),
        );
        return;
    }
    let is_instance = importer.draft.get("target_group.target_type") == Some(&Json::from("instance"));
    if is_instance {
        importer.draft.set(
            path,
            false,
            Origin::Default("only pods that are targets themselves get a gate (lbc §2.1)"),
        );
        return;
    }
    if let Some((value, origin)) = gate_of_live_pods(importer, route) {
        importer.draft.set(path, value, origin);
        return;
    }
    let manifests = importer.manifests;
    let namespace = manifests
        .objects
        .iter()
        .find(|object| object.kind == "Namespace" && object.name() == route.workload.namespace());
    match namespace {
        Some(namespace) => match namespace.metadata.label(INJECT) {
            Some(label) => importer.draft.set(
                path,
                label.as_str() == "enabled",
                Origin::manifest(label, format!("label {INJECT}")),
            ),
            None => importer.draft.set(
                path,
                false,
                Origin::at(namespace.name_place(), format!("no label {INJECT}=enabled")),
            ),
        },
        None => importer.draft.set(
            path,
            false,
            Origin::Assumed(format!("the label {INJECT} of the namespace tells; none is assumed")),
        ),
    }
}

/// Whether pods of the workload that are in the input have a gate: the webhook adds it to pods, not to their template
/// (lbc §2.1).
fn gate_of_live_pods(importer: &Importer<'_>, route: &Route<'_>) -> Option<(bool, Origin)> {
    let mut pods = select::pods_of(route.service, route.service_spec, importer.manifests).peekable();
    let first = pods.peek().map(|(pod, _)| *pod)?;
    let gate = pods.find_map(|(pod, spec)| {
        let gates = spec.template.as_ref()?.spec.as_ref()?.readiness_gates.as_ref()?;
        let mut types = gates.iter().filter_map(|gate| gate.condition_type.as_ref());
        Some((pod, types.find(|gate| gate.as_str().starts_with(GATE))?))
    });
    Some(match gate {
        Some((pod, gate)) => {
            let field = format!("spec.readinessGates.conditionType of {}", pod.title());
            (true, Origin::manifest(gate, field))
        }
        None => (
            false,
            Origin::at(first.name_place(), format!("no readiness gate in {}", first.title())),
        ),
    })
}

fn spread(importer: &mut Importer<'_>, containers: &Containers<'_>) {
    let mut index = 0;
    for constraint in containers.pod.topology_spread_constraints.iter().flatten() {
        let Some(key) = &constraint.topology_key else { continue };
        let topology = match key.as_str() {
            "topology.kubernetes.io/zone" | "failure-domain.beta.kubernetes.io/zone" => "zone",
            "kubernetes.io/hostname" => "hostname",
            other => {
                let title = format!("a spread over `{other}` is not simulated");
                importer
                    .notes
                    .push(Diagnostic::at(key.place.clone(), title).severity(Severity::Note));
                continue;
            }
        };
        let field = format!("{}.topologySpreadConstraints", containers.prefix);
        let base = format!("pod.topology_spread[{index}]");
        importer.draft.set(
            &format!("{base}.topology_key"),
            topology,
            Origin::manifest(key, field.clone()),
        );
        if let Some(skew) = &constraint.max_skew {
            let value = importer.at_least(skew, 1, &field);
            importer.draft.set(
                &format!("{base}.max_skew"),
                value,
                Origin::manifest(skew, field.clone()),
            );
        }
        if let Some(when) = &constraint.when_unsatisfiable {
            let value = if when.as_str() == "ScheduleAnyway" {
                "schedule_anyway"
            } else {
                "do_not_schedule"
            };
            importer.draft.set(
                &format!("{base}.when_unsatisfiable"),
                value,
                Origin::manifest(when, field),
            );
        }
        index += 1;
    }
}
