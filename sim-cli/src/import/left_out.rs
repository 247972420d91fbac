//! Load balancers of the input that are none of the controller's ALBs.

use super::class::{self, Other};
use crate::manifest::Object;
use crate::text::decode::Spanned;
use crate::text::error::{Diagnostic, Severity};
use crate::text::few::few;

/// Most of them that are told one by one.
const MOST_SINGLE: usize = 3;

/// What was left out so far: what is said of each, and its name for a list.
#[derive(Default)]
pub(super) struct LeftOut {
    ingresses: Vec<(Diagnostic, String)>,
    services: Vec<(Diagnostic, String)>,
}

impl LeftOut {
    /// An Ingress of another class, or of none.
    pub(super) fn ingress(&mut self, ingress: &Object, other: &Other<'_>) {
        let name = format!("{} ({})", ingress.name(), other.class.unwrap_or("no class"));
        self.ingresses.push((of_another(ingress, other), name));
    }

    /// A Service of the type `LoadBalancer`, which stands there.
    pub(super) fn service(&mut self, service: &Object, kind: &Spanned<String>) {
        let title = format!(
            "{} is given a load balancer of its own, which is no ALB: that one is left out",
            service.title()
        );
        let diagnostic = Diagnostic::at(kind.place.clone(), title).severity(Severity::Note);
        self.services.push((diagnostic, service.name().to_owned()));
    }

    /// Says so: a few one by one, many at once.
    pub(super) fn tell(self, notes: &mut Vec<Diagnostic>) {
        tell(
            self.ingresses,
            "Ingresses are of classes that are not the AWS Load Balancer Controller's: left out",
            notes,
        );
        tell(
            self.services,
            "Services are given load balancers of their own, which are no ALBs: those are left out",
            notes,
        );
    }
}

fn tell(all: Vec<(Diagnostic, String)>, what: &str, notes: &mut Vec<Diagnostic>) {
    if all.len() <= MOST_SINGLE {
        notes.extend(all.into_iter().map(|(diagnostic, _)| diagnostic));
        return;
    }
    let first = all.first().and_then(|(diagnostic, _)| diagnostic.place().cloned());
    let title = format!("{} {what}", all.len());
    let names: Vec<String> = all.into_iter().map(|(_, name)| name).collect();
    notes.push(
        Diagnostic::maybe_at(first, title)
            .severity(Severity::Note)
            .note(few(&names, ", ")),
    );
}

fn of_another(ingress: &Object, other: &Other<'_>) -> Diagnostic {
    let whose = other
        .class
        .map_or("no class".to_owned(), |name| format!("the class `{name}`"));
    let whose = match other.controller {
        Some(controller) => format!("{whose} of the controller `{controller}`"),
        None => whose,
    };
    let title = format!(
        "{} is of {whose}, not the AWS Load Balancer Controller's: left out",
        ingress.title()
    );
    let diagnostic = Diagnostic::at(other.place.clone(), title).severity(Severity::Note);
    match other.controller {
        Some(_) => diagnostic.help(format!("a class for ALBs has `controller: {}`", class::CONTROLLER)),
        None => diagnostic,
    }
}
