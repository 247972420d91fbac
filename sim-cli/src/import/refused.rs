//! What the controller or AWS would refuse: the objects can be applied, but the load balancer keeps other settings.

use crate::text::decode::Spanned;
use crate::text::error::{Diagnostic, Severity};
use crate::text::source::Place;

/// Why something is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Refused {
    /// A setting of the health check is out of ELBv2's range (alb §1.1).
    HealthCheckRange,
    /// The health check's timeout is not below its interval (alb §1.3).
    HealthCheckTimeout,
    /// The controller cannot read an annotation (lbc §3.5).
    Annotation,
    /// AWS does not know an attribute or its value (lbc §3.5).
    Attribute,
    /// Targets are nodes, but the Service has no node port (lbc §3.5).
    InstanceTargets,
}

/// One refusal.
#[derive(Debug)]
pub(crate) struct Refusal {
    /// Why.
    pub(crate) kind: Refused,
    /// In words, with its place.
    pub(crate) diagnostic: Diagnostic,
}

impl Refusal {
    /// Of a value.
    pub(crate) fn new<T>(kind: Refused, value: &Spanned<T>, problem: impl Into<String>) -> Self {
        Self::at(kind, value.place.clone(), problem)
    }

    /// Of what stands there.
    pub(crate) fn at(kind: Refused, place: Place, problem: impl Into<String>) -> Self {
        let note = match kind {
            Refused::Annotation | Refused::InstanceTargets => {
                "the controller builds nothing of this Ingress (FailedBuildModel, lbc §3.5); its default is simulated"
            }
            Refused::HealthCheckRange | Refused::HealthCheckTimeout | Refused::Attribute => {
                "AWS refuses it, so nothing of this Ingress is deployed (FailedDeployModel, lbc §3.5); the default is simulated"
            }
        };
        Self {
            kind,
            diagnostic: Diagnostic::at(place, problem).severity(Severity::Warning).note(note),
        }
    }
}
