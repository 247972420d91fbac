//! Whether an Ingress is the AWS Load Balancer Controller's, and with which parameters (lbc §3.2, item 4).

use crate::import::annotations;
use crate::manifest::network::{IngressClassParamsSpec, IngressSpec};
use crate::manifest::{Body, Manifests, Object};
use crate::text::decode::Spanned;
use crate::text::source::Place;

/// The controller's name in an `IngressClass`.
pub(super) const CONTROLLER: &str = "ingress.k8s.aws/alb";

/// Annotation by which an Ingress named its class before `ingressClassName`.
const LEGACY_CLASS: &str = "kubernetes.io/ingress.class";

/// Whose an Ingress is.
#[derive(Debug, Clone)]
pub(crate) enum Class<'m> {
    /// The controller's, perhaps with parameters.
    Alb(Option<(&'m Object, &'m IngressClassParamsSpec)>),
    /// Perhaps the controller's: only its annotations speak for it, because its class is not in the input. The class's
    /// name.
    Unknown(&'m Spanned<String>),
    /// Its class is the controller's, but has parameters that are not in the input. Their name.
    NoParameters(&'m Spanned<String>),
    /// Somebody else's; the class's name, or nothing where none is named, and what tells.
    Other(Other<'m>),
}

/// An Ingress of somebody else.
#[derive(Debug, Clone)]
pub(crate) struct Other<'m> {
    /// Name of the class, or nothing where none is named.
    pub(crate) class: Option<&'m str>,
    /// Who serves it, if the class is in the input.
    pub(crate) controller: Option<&'m str>,
    /// What tells.
    pub(crate) place: Place,
}

/// Words in the names of classes that other controllers serve, as their own documentation calls them.
const FOREIGN: [&str; 18] = [
    "nginx",
    "traefik",
    "haproxy",
    "kong",
    "gce",
    "istio",
    "contour",
    "cilium",
    "envoy",
    "ambassador",
    "emissary",
    "apisix",
    "openshift",
    "azure",
    "cloudflare",
    "tailscale",
    "skipper",
    "higress",
];

/// Finds the class of an Ingress.
pub(crate) fn of<'m>(ingress: &'m Object, spec: &'m IngressSpec, manifests: &'m Manifests) -> Class<'m> {
    // The annotation comes first, and then the parameters of a class do not apply.
    if let Some(class) = ingress.metadata.annotation(LEGACY_CLASS) {
        return if class.as_str() == "alb" {
            Class::Alb(None)
        } else {
            Class::Other(Other::named(class))
        };
    }
    let classes = || {
        manifests.objects.iter().filter_map(|object| match &object.body {
            Body::IngressClass(class) => Some((object, class)),
            _ => None,
        })
    };
    let found = match &spec.ingress_class_name {
        Some(name) => classes().find(|(object, _)| object.name() == name.as_str()),
        None => classes().find(|(object, _)| {
            let default = object
                .metadata
                .annotation("ingressclass.kubernetes.io/is-default-class");
            default.is_some_and(|default| default.as_str() == "true")
        }),
    };
    match found {
        Some((_, class))
            if class
                .controller
                .as_ref()
                .is_some_and(|name| name.as_str() == CONTROLLER) =>
        {
            let parameters = class
                .parameters
                .as_ref()
                .and_then(|parameters| parameters.name.as_ref());
            match parameters {
                None => Class::Alb(None),
                Some(name) => match parameters_named(manifests, name) {
                    None => Class::NoParameters(name),
                    found => Class::Alb(found),
                },
            }
        }
        Some((object, class)) => {
            let place = class.controller.as_ref().map(|controller| controller.place.clone());
            Class::Other(Other {
                class: Some(object.name()),
                controller: class.controller.as_ref().map(|controller| controller.as_str()),
                place: place.unwrap_or_else(|| object.name_place()),
            })
        }
        None => without_class(ingress, spec.ingress_class_name.as_ref()),
    }
}

/// A class that is not in the input: its name tells, and after that the controller's annotations.
fn without_class<'m>(ingress: &'m Object, name: Option<&'m Spanned<String>>) -> Class<'m> {
    let is_annotated = annotations::has_any(&ingress.metadata);
    let is_foreign = |name: &str| FOREIGN.iter().any(|word| name.to_lowercase().contains(word));
    match name {
        Some(name) if name.as_str() == "alb" => Class::Alb(None),
        Some(name) if is_annotated && !is_foreign(name) => Class::Unknown(name),
        Some(name) => Class::Other(Other::named(name)),
        None if is_annotated => Class::Alb(None),
        None => Class::Other(Other {
            class: None,
            controller: None,
            place: ingress.name_place(),
        }),
    }
}

impl<'m> Other<'m> {
    /// Of a class that is not in the input.
    pub(crate) fn named(class: &'m Spanned<String>) -> Self {
        Self {
            class: Some(class.as_str()),
            controller: None,
            place: class.place.clone(),
        }
    }
}

fn parameters_named<'m>(manifests: &'m Manifests, name: &str) -> Option<(&'m Object, &'m IngressClassParamsSpec)> {
    manifests.objects.iter().find_map(|object| match &object.body {
        Body::IngressClassParams(spec) if object.name() == name => Some((object, spec)),
        _ => None,
    })
}
