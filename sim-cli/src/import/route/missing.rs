//! What to say where not exactly one target group is found.

use super::{Backend, Route};
use crate::import::select;
use crate::manifest::{Body, Manifests, Object};
use crate::text::error::Diagnostic;
use crate::text::few::{self, few};

/// No target group at all; `notes` say what was left out, or led nowhere.
pub(super) fn no_entry(manifests: &Manifests, notes: &[Diagnostic]) -> Diagnostic {
    let ingresses = manifests
        .objects
        .iter()
        .any(|object| matches!(object.body, Body::Ingress(_)));
    if ingresses && notes.iter().any(Diagnostic::is_warning) {
        return Diagnostic::new("no Ingress leads to a Service, so there is no target group to simulate");
    }
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

/// None of that name.
pub(super) fn nothing_of_that_name(all: &[Backend<'_>], ingress: Option<&str>, service: Option<&str>) -> Diagnostic {
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

/// More than one.
pub(super) fn several(routes: &[Route<'_>]) -> Diagnostic {
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
