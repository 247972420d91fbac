//! From load balancers to pods: Ingress → Service → workload, by names, ports and selectors.

use serde_json::Value as Json;

use super::annotations::{self, PREFIX};
use super::class::{self, Class};
use super::left_out::LeftOut;
use super::select;
use crate::manifest::network::{IngressBackend, IngressClassParamsSpec, IngressSpec, ServicePort, ServiceSpec};
use crate::manifest::workload::WorkloadSpec;
use crate::manifest::{Body, Manifests, Object};
use crate::text::error::{Diagnostic, Severity};
use crate::text::few::{self, few};
use crate::text::source::Place;

/// One target group: who routes to it, its Service, and whose pods it holds.
#[derive(Debug, Clone)]
pub(crate) struct Route<'m> {
    /// The Ingress, or the `TargetGroupBinding`.
    pub(crate) entry: &'m Object,
    /// Parameters of the Ingress's class.
    pub(crate) class_params: Option<(&'m Object, &'m IngressClassParamsSpec)>,
    /// The Service.
    pub(crate) service: &'m Object,
    /// Its spec.
    pub(crate) service_spec: &'m ServiceSpec,
    /// Which of its ports.
    pub(crate) port: Option<&'m ServicePort>,
    /// The workload.
    pub(crate) workload: &'m Object,
    /// Its spec.
    pub(crate) spec: &'m WorkloadSpec,
    /// Pods on their own that the Service selects besides `workload`, all alike.
    pub(crate) more_pods: usize,
    /// Target groups of the same pods besides this one.
    pub(crate) other_target_groups: usize,
}

/// A backend before it is looked up.
struct Backend<'m> {
    entry: &'m Object,
    class_params: Option<(&'m Object, &'m IngressClassParamsSpec)>,
    service: String,
    port: Option<Json>,
    place: Place,
}

/// Finds the one target group that is asked for.
///
/// # Errors
///
/// There is none, or more than one, or it leads nowhere.
pub(crate) fn find<'m>(
    manifests: &'m Manifests,
    ingress: Option<&str>,
    service: Option<&str>,
    notes: &mut Vec<Diagnostic>,
) -> Result<Route<'m>, Vec<Diagnostic>> {
    let all = backends(manifests, notes);
    if all.is_empty() {
        return Err(vec![no_entry(manifests)]);
    }
    let wanted: Vec<&Backend<'m>> = all
        .iter()
        .filter(|backend| ingress.is_none_or(|wanted| select::is_named(backend.entry, wanted)))
        .filter(|backend| service.is_none_or(|wanted| is_service(backend, wanted)))
        .collect();
    let mut problems = Vec::new();
    let mut routes: Vec<Route<'m>> = Vec::new();
    for backend in &wanted {
        match route(backend, manifests, notes) {
            Ok(route) => routes.push(route),
            Err(diagnostic) => problems.push(diagnostic),
        }
    }
    let Some(first) = routes.first().cloned() else {
        if wanted.is_empty() {
            return Err(vec![nothing_of_that_name(&all, ingress, service)]);
        }
        return Err(problems);
    };
    let same = |route: &&Route<'m>| std::ptr::eq(route.service, first.service);
    if !routes.iter().all(|route| same(&route)) {
        return Err(vec![several(&routes)]);
    }
    // One Service in several target groups: other Ingresses, other ports.
    let of_service = all.iter().filter(|backend| is_service(backend, first.service.name()));
    notes.extend(problems.into_iter().map(|problem| problem.severity(Severity::Warning)));
    Ok(Route {
        other_target_groups: of_service.count().saturating_sub(1),
        ..first
    })
}

fn is_service(backend: &Backend<'_>, wanted: &str) -> bool {
    let (namespace, name) = wanted
        .split_once('/')
        .map_or((None, wanted), |(namespace, name)| (Some(namespace), name));
    backend.service == name && namespace.is_none_or(|namespace| namespace == backend.entry.namespace())
}

/// What all load balancers route to, each once.
fn backends<'m>(manifests: &'m Manifests, notes: &mut Vec<Diagnostic>) -> Vec<Backend<'m>> {
    let mut all: Vec<Backend<'m>> = Vec::new();
    let mut left_out = LeftOut::default();
    for object in &manifests.objects {
        match &object.body {
            Body::Ingress(spec) => match class::of(object, spec, manifests) {
                Class::Alb(class_params) => ingress_backends(object, spec, class_params, &mut all, notes),
                Class::Other(name) => left_out.ingress(object, name),
            },
            Body::TargetGroupBinding(spec) => {
                let Some(name) = spec.service_ref.as_ref().and_then(|service| service.name.as_ref()) else {
                    continue;
                };
                let port = spec.service_ref.as_ref().and_then(|service| service.port.as_ref());
                all.push(Backend {
                    entry: object,
                    class_params: None,
                    service: name.value.clone(),
                    port: port.map(|port| port.value.clone()),
                    place: name.place.clone(),
                });
            }
            Body::Service(spec) if is_load_balancer(spec) => left_out.service(object),
            _ => {}
        }
    }
    left_out.tell(notes);
    all
}

fn is_load_balancer(spec: &ServiceSpec) -> bool {
    spec.kind.as_ref().is_some_and(|kind| kind.as_str() == "LoadBalancer")
}

fn ingress_backends<'m>(
    object: &'m Object,
    spec: &'m IngressSpec,
    class_params: Option<(&'m Object, &'m IngressClassParamsSpec)>,
    all: &mut Vec<Backend<'m>>,
    notes: &mut Vec<Diagnostic>,
) {
    let mut push = |service: String, port: Option<Json>, place: Place| {
        let known = all
            .iter()
            .any(|backend| std::ptr::eq(backend.entry, object) && backend.service == service && backend.port == port);
        if !known {
            all.push(Backend {
                entry: object,
                class_params,
                service,
                port,
                place,
            });
        }
    };
    let paths = spec.rules.iter().flatten().filter_map(|rule| rule.http.as_ref());
    let paths = paths.flat_map(|http| http.paths.iter().flatten());
    let backends = paths.filter_map(|path| path.backend.as_ref());
    for backend in backends.chain(&spec.default_backend).chain(&spec.backend) {
        let Some((name, port)) = named(backend) else { continue };
        if port == Some(Json::from("use-annotation")) {
            match action_targets(object, name.as_str()) {
                Ok(targets) => {
                    for (service, port) in targets {
                        push(service, port, name.place.clone());
                    }
                }
                Err(problem) => notes.push(
                    Diagnostic::at(name.place.clone(), format!("{}: {problem}", object.title()))
                        .severity(Severity::Warning)
                        .note("the controller answers such requests with a fixed 503 (lbc §3.4)"),
                ),
            }
        } else {
            push(name.value.clone(), port, name.place.clone());
        }
    }
}

/// Name and port of a backend in either spelling.
fn named(backend: &IngressBackend) -> Option<(&crate::text::decode::Spanned<String>, Option<Json>)> {
    if let Some(service) = &backend.service {
        let port = service.port.as_ref().and_then(|port| {
            let name = port.name.as_ref().map(|name| Json::from(name.as_str()));
            name.or_else(|| port.number.as_ref().map(|number| Json::from(number.value)))
        });
        return service.name.as_ref().map(|name| (name, port));
    }
    let port = backend.service_port.as_ref().map(|port| port.value.clone());
    backend.service_name.as_ref().map(|name| (name, port))
}

/// Services that an action of the Ingress's annotations forwards to; none for a fixed response or a redirect.
fn action_targets(ingress: &Object, action: &str) -> Result<Vec<(String, Option<Json>)>, String> {
    let suffix = format!("actions.{action}");
    let Some(text) = ingress.metadata.annotation(&format!("{PREFIX}{suffix}")) else {
        return Err(format!("there is no annotation `{PREFIX}{suffix}`"));
    };
    let json: Json = serde_json::from_str(text.as_str())
        .map_err(|error| format!("the annotation `{PREFIX}{suffix}` is not JSON: {error}"))?;
    let mut groups: Vec<&Json> = Vec::new();
    if let Some(forward) = get(&json, "forwardConfig") {
        groups.extend(
            get(forward, "targetGroups")
                .and_then(Json::as_array)
                .into_iter()
                .flatten(),
        );
    }
    let target = |group: &Json| {
        let name = get(group, "serviceName")?.as_str()?.to_owned();
        Some((name, get(group, "servicePort").cloned()))
    };
    Ok(groups.into_iter().filter_map(target).collect())
}

/// A field of the controller's JSON, whose names match in any case (lbc §3.1).
fn get<'j>(json: &'j Json, key: &str) -> Option<&'j Json> {
    let fields = json.as_object()?;
    fields
        .iter()
        .find(|(name, _)| name.eq_ignore_ascii_case(key))
        .map(|(_, value)| value)
}

fn route<'m>(
    backend: &Backend<'m>,
    manifests: &'m Manifests,
    notes: &mut Vec<Diagnostic>,
) -> Result<Route<'m>, Diagnostic> {
    let (entry, namespace) = (backend.entry, backend.entry.namespace());
    let services = || {
        manifests.objects.iter().filter_map(|object| match &object.body {
            Body::Service(spec) => Some((object, spec)),
            _ => None,
        })
    };
    let mut found = services().filter(|(object, _)| object.name() == backend.service);
    let Some((service, spec)) = found.find(|(object, _)| object.namespace() == namespace) else {
        let title = format!(
            "{} routes to the Service `{}`, which is not in the input",
            entry.title(),
            backend.service
        );
        let names: Vec<&str> = services().map(|(object, _)| object.name()).collect();
        let mut diagnostic = Diagnostic::at(backend.place.clone(), title);
        diagnostic = match services().find(|(object, _)| object.name() == backend.service) {
            Some((other, _)) => diagnostic.context(
                other.name_place(),
                format!("this one is in the namespace `{}`", other.namespace()),
            ),
            None if names.is_empty() => diagnostic.help("add the Service to the input"),
            None => diagnostic.note(format!("Services in the input: {}", few(&names, ", "))),
        };
        return Err(diagnostic.suggest(&backend.service, names));
    };
    let port = service_port(backend, service, spec)?;
    let (workload, workload_spec, more_pods) = select::workload(service, spec, manifests, notes)?;
    Ok(Route {
        entry,
        class_params: backend.class_params,
        service,
        service_spec: spec,
        port,
        workload,
        spec: workload_spec,
        more_pods,
        other_target_groups: 0,
    })
}

fn service_port<'m>(
    backend: &Backend<'m>,
    service: &'m Object,
    spec: &'m ServiceSpec,
) -> Result<Option<&'m ServicePort>, Diagnostic> {
    let ports = || spec.ports.iter().flatten();
    let Some(wanted) = &backend.port else {
        return Ok(ports().next());
    };
    let is_wanted = |port: &&ServicePort| match wanted {
        Json::String(name) => {
            port.name.as_ref().is_some_and(|port| port.as_str() == name)
                || port.port.as_ref().is_some_and(|port| port.value.to_string() == *name)
        }
        number => port
            .port
            .as_ref()
            .is_some_and(|port| Some(port.value) == number.as_i64()),
    };
    if let Some(port) = ports().find(is_wanted) {
        return Ok(Some(port));
    }
    let offered: Vec<String> = ports()
        .map(|port| {
            let number = port
                .port
                .as_ref()
                .map_or_else(String::new, |port| port.value.to_string());
            port.name
                .as_ref()
                .map_or(number.clone(), |name| format!("{} ({number})", name.as_str()))
        })
        .collect();
    let wanted = wanted.as_str().map_or_else(|| wanted.to_string(), str::to_owned);
    let title = format!(
        "{} routes to port `{wanted}` of {}, which has no such port",
        backend.entry.title(),
        service.title()
    );
    Err(Diagnostic::at(backend.place.clone(), title)
        .context(service.name_place(), format!("its ports: {}", offered.join(", ")))
        .note("the controller then takes every target out of the group (lbc §1.4 C)"))
}

fn no_entry(manifests: &Manifests) -> Diagnostic {
    let ingresses = manifests
        .objects
        .iter()
        .any(|object| matches!(object.body, Body::Ingress(_)));
    let found = if ingresses {
        "no Ingress of the AWS Load Balancer Controller"
    } else {
        "no Ingress"
    };
    Diagnostic::new(format!(
        "{found} and no TargetGroupBinding in the input, so no load balancer to simulate"
    ))
    .note(format!("found: {}", select::listing(manifests)))
    .help("add them: `kubectl get deploy,svc,ingress,hpa,pdb -o yaml | sim import -`")
}

fn nothing_of_that_name(all: &[Backend<'_>], ingress: Option<&str>, service: Option<&str>) -> Diagnostic {
    let asked = [("--ingress", ingress), ("--service", service)];
    let asked: Vec<String> = asked
        .iter()
        .filter_map(|(flag, name)| name.map(|name| format!("{flag} {name}")))
        .collect();
    let there: Vec<String> = all
        .iter()
        .map(|backend| format!("--ingress {} --service {}", backend.entry.name(), backend.service))
        .collect();
    Diagnostic::new(format!("nothing in the input matches {}", asked.join(" ")))
        .note(format!("there is: {}", few(&there, "; ")))
}

fn several(routes: &[Route<'_>]) -> Diagnostic {
    let mut diagnostic = Diagnostic::new("several Services stand behind load balancers; choose one with --service");
    let mut listed: Vec<&Object> = Vec::new();
    for route in routes {
        if listed.iter().any(|service| std::ptr::eq(*service, route.service)) {
            continue;
        }
        listed.push(route.service);
        if listed.len() > few::MOST {
            continue;
        }
        diagnostic = diagnostic.note(format!(
            "--service {}: {} → {}",
            route.service.name(),
            route.entry.title(),
            route.workload.title()
        ));
    }
    match listed.len().checked_sub(few::MOST) {
        None | Some(0) => diagnostic,
        Some(more) => diagnostic.note(format!("and {more} more")),
    }
}

impl<'m> Route<'m> {
    /// The annotations that describe the target group and the load balancer.
    pub(crate) fn annotations(&self) -> annotations::Annotations<'m> {
        annotations::Annotations {
            ingress: matches!(self.entry.body, Body::Ingress(_)).then_some(self.entry),
            service: self.service,
        }
    }
}
