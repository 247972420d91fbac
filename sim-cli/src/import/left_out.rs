//! Load balancers of the input that are none of the controller's ALBs.

use crate::manifest::Object;
use crate::text::error::{Diagnostic, Severity};
use crate::text::few::few;

/// Most of them that are told one by one.
const MOST_SINGLE: usize = 3;

/// What was left out so far.
#[derive(Default)]
pub(super) struct LeftOut<'m> {
    /// Ingresses, each with the name of its class.
    ingresses: Vec<(&'m Object, Option<&'m str>)>,
    /// Services of the type `LoadBalancer`.
    services: Vec<&'m Object>,
}

impl<'m> LeftOut<'m> {
    /// An Ingress of another class, or of none.
    pub(super) fn ingress(&mut self, ingress: &'m Object, class: Option<&'m str>) {
        self.ingresses.push((ingress, class));
    }

    /// A Service of the type `LoadBalancer`.
    pub(super) fn service(&mut self, service: &'m Object) {
        self.services.push(service);
    }

    /// Says so: a few one by one, many at once.
    pub(super) fn tell(&self, notes: &mut Vec<Diagnostic>) {
        let one = |(ingress, class): &(&Object, Option<&str>)| {
            let whose = class.map_or("no class".to_owned(), |class| format!("the class `{class}`"));
            let title = format!(
                "{} is of {whose}, not the AWS Load Balancer Controller's: left out",
                ingress.title()
            );
            note(ingress, title)
        };
        match self.ingresses.as_slice() {
            few if few.len() <= MOST_SINGLE => notes.extend(few.iter().map(one)),
            many => {
                let names: Vec<String> = many.iter().map(|(ingress, class)| named(ingress, *class)).collect();
                let title = format!(
                    "{} Ingresses are of classes that are not the AWS Load Balancer Controller's: left out",
                    many.len()
                );
                notes.push(note(many[0].0, title).note(few(&names, ", ")));
            }
        }
        match self.services.as_slice() {
            few if few.len() <= MOST_SINGLE => notes.extend(few.iter().map(|service| {
                let title = format!(
                    "{} is given a load balancer of its own, which is no ALB: that one is left out",
                    service.title()
                );
                note(service, title)
            })),
            many => {
                let names: Vec<&str> = many.iter().map(|service| service.name()).collect();
                let title = format!(
                    "{} Services are given load balancers of their own, which are no ALBs: those are left out",
                    many.len()
                );
                notes.push(note(many[0], title).note(few(&names, ", ")));
            }
        }
    }
}

fn named(ingress: &Object, class: Option<&str>) -> String {
    let class = class.unwrap_or("no class");
    format!("{} ({class})", ingress.name())
}

fn note(object: &Object, title: String) -> Diagnostic {
    Diagnostic::at(object.name_place(), title).severity(Severity::Note)
}
