//! Whether an Ingress is the AWS Load Balancer Controller's, and with which parameters (lbc §3.2, item 4).

use crate::import::annotations;
use crate::manifest::network::{IngressClassParamsSpec, IngressSpec};
use crate::manifest::{Body, Manifests, Object};

/// The controller's name in an `IngressClass`.
const CONTROLLER: &str = "ingress.k8s.aws/alb";

/// Annotation by which an Ingress named its class before `ingressClassName`.
const LEGACY_CLASS: &str = "kubernetes.io/ingress.class";

/// Whose an Ingress is.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Class<'m> {
    /// The controller's, perhaps with parameters.
    Alb(Option<(&'m Object, &'m IngressClassParamsSpec)>),
    /// Somebody else's; the class's name, or nothing where none is named.
    Other(Option<&'m str>),
}

/// Finds the class of an Ingress.
pub(crate) fn of<'m>(ingress: &'m Object, spec: &'m IngressSpec, manifests: &'m Manifests) -> Class<'m> {
    // The annotation comes first, and then the parameters of a class do not apply.
    if let Some(class) = ingress.metadata.annotation(LEGACY_CLASS) {
        return if class.as_str() == "alb" {
            Class::Alb(None)
        } else {
            Class::Other(Some(class.as_str()))
        };
    }
    let classes = || {
        manifests.objects.iter().filter_map(|object| match &object.body {
            Body::IngressClass(class) => Some((object, class)),
            _ => None,
        })
    };
    let (name, found) = match &spec.ingress_class_name {
        Some(name) => (
            Some(name.as_str()),
            classes().find(|(object, _)| object.name() == name.as_str()),
        ),
        None => (
            None,
            classes().find(|(object, _)| {
                let default = object
                    .metadata
                    .annotation("ingressclass.kubernetes.io/is-default-class");
                default.is_some_and(|default| default.as_str() == "true")
            }),
        ),
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
            let parameters = parameters.and_then(|name| parameters_named(manifests, name));
            Class::Alb(parameters)
        }
        Some((object, _)) => Class::Other(Some(object.name())),
        // A class that is not in the input: its usual name or the controller's annotations tell.
        None if name == Some("alb") || annotations::has_any(&ingress.metadata) => Class::Alb(None),
        None => Class::Other(name),
    }
}

fn parameters_named<'m>(manifests: &'m Manifests, name: &str) -> Option<(&'m Object, &'m IngressClassParamsSpec)> {
    manifests.objects.iter().find_map(|object| match &object.body {
        Body::IngressClassParams(spec) if object.name() == name => Some((object, spec)),
        _ => None,
    })
}
