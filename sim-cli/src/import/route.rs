//! From load balancers to pods: Ingress → Service → workload, by names, ports and selectors.

use serde_json::Value as Json;

use super::annotations;
use super::class::{self, Class, Other};
use super::left_out::LeftOut;
use super::select;
use crate::manifest::network::{IngressBackend, IngressClassParamsSpec, IngressSpec, ServicePort, ServiceSpec};
use crate::manifest::workload::WorkloadSpec;
use crate::manifest::{Body, Manifests, Object};
use crate::text::error::{Diagnostic, Severity};
use crate::text::few::few;
use crate::text::source::Place;

mod actions;
mod bindings;
mod missing;

use actions::Action;
pub(super) use actions::without_weights as actions_without_weights;
use missing::{no_entry, nothing_of_that_name, several};

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
    let found = find_one(manifests, ingress, service, notes);
    // What was left out or cannot be read may be the reason.
    found.map_err(|mut problems| {
        problems.append(notes);
        problems
    })
}

fn find_one<'m>(
    manifests: &'m Manifests,
    ingress: Option<&str>,
    service: Option<&str>,
    notes: &mut Vec<Diagnostic>,
) -> Result<Route<'m>, Vec<Diagnostic>> {
    let mut problems = Vec::new();
    let all = backends(manifests, notes, &mut problems);
    if !problems.is_empty() {
        return Err(problems);
    }
    if all.is_empty() {
        return Err(vec![no_entry(manifests, notes)]);
    }
    let wanted: Vec<&Backend<'m>> = all
        .iter()
        .filter(|backend| ingress.is_none_or(|wanted| select::is_named(backend.entry, wanted)))
        .filter(|backend| service.is_none_or(|wanted| is_service(backend, wanted)))
        .collect();
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
        for object in routes.iter().map(|route| route.entry) {
            problems.extend(actions_without_weights(object));
        }
        problems.dedup_by(|second, first| second.place() == first.place());
        problems.insert(0, several(&routes));
        return Err(problems);
    }
    if let Some(other) = routes.get(1) {
        let title = format!(
            "{} stands in {} target groups: the one of {} is simulated",
            first.service.title(),
            routes.len(),
            first.entry.title()
        );
        let diagnostic = Diagnostic::at(other.entry.name_place(), title).severity(Severity::Note);
        notes.push(diagnostic.help("choose another one with --ingress"));
    }
    // Its pods in several target groups: other Ingresses, other ports, other Services (lbc §2.2, Multi-TGB).
    let holds_them = |backend: &&Backend<'m>| {
        route(backend, manifests, &mut Vec::new()).is_ok_and(|other| std::ptr::eq(other.workload, first.workload))
    };
    notes.extend(problems.into_iter().map(|problem| problem.severity(Severity::Warning)));
    Ok(Route {
        other_target_groups: all.iter().filter(holds_them).count().saturating_sub(1),
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
fn backends<'m>(
    manifests: &'m Manifests,
    notes: &mut Vec<Diagnostic>,
    problems: &mut Vec<Diagnostic>,
) -> Vec<Backend<'m>> {
    let mut all: Vec<Backend<'m>> = Vec::new();
    let mut unknown = Vec::new();
    let mut left_out = LeftOut::default();
    for object in &manifests.objects {
        match &object.body {
            Body::Ingress(spec) => match class::of(object, spec, manifests) {
                Class::Alb(class_params) => ingress_backends(object, spec, class_params, &mut all, notes),
                Class::Unknown(name) => unknown.push((object, spec, name)),
                Class::NoParameters(name) => {
                    let title = format!(
                        "the class of {} has the IngressClassParams `{}`, which is not in the input",
                        object.title(),
                        name.value
                    );
                    let is_known = problems
                        .iter()
                        .any(|problem: &Diagnostic| problem.place() == Some(&name.place));
                    if !is_known {
                        problems.push(
                            Diagnostic::at(name.place.clone(), title)
                                .note("it may set the target type and attributes of the load balancer")
                                .help(format!(
                                    "add it: `kubectl get ingressclassparams {} -o yaml`",
                                    name.value
                                )),
                        );
                    }
                }
                Class::Other(other) => left_out.ingress(object, &other),
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
            Body::Service(spec) => {
                if let Some(kind) = spec.kind.as_ref().filter(|kind| kind.as_str() == "LoadBalancer") {
                    left_out.service(object, kind);
                }
            }
            _ => {}
        }
    }
    // Only where nothing is the controller's for certain do annotations tell.
    let nothing_else = all.is_empty();
    for (object, spec, name) in unknown {
        if nothing_else {
            let title = format!(
                "the class `{}` is not in the input; {} is taken for the controller's because of its annotations",
                name.value,
                object.title()
            );
            notes.push(Diagnostic::at(name.place.clone(), title).severity(Severity::Warning));
            ingress_backends(object, spec, None, &mut all, notes);
        } else {
            left_out.ingress(object, &Other::named(name));
        }
    }
    left_out.tell(notes);
    bindings::drop_records(&mut all);
    all
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
            match actions::targets(object, name) {
                Ok(Action {
                    place,
                    services,
                    elsewhere,
                }) => {
                    for (service, port) in services {
                        push(service, port, place.clone());
                    }
                    if let Some(elsewhere) = elsewhere {
                        let title = format!("{}: {elsewhere}", object.title());
                        notes.push(Diagnostic::at(name.place.clone(), title).severity(Severity::Note));
                    }
                }
                Err(diagnostic) => notes.push(diagnostic),
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

impl<'m> Route<'m> {
    /// The annotations that describe the target group and the load balancer.
    pub(crate) fn annotations(&self) -> annotations::Annotations<'m> {
        annotations::Annotations {
            ingress: matches!(self.entry.body, Body::Ingress(_)).then_some(self.entry),
            service: self.service,
        }
    }
}
