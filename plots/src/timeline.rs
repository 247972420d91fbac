//! The race, pod by pod: what a new connection to it met, and until when each ALB node still chose it.

mod from_trace;
mod lanes;
mod reader;

use sim_core::outcome::Status;

use crate::layout::Layout;
use crate::sheet::Sheet;
use crate::{Picture, PlotError, check};

/// What a new connection to a pod's address meets.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Reach {
    /// It is accepted and served.
    Serving,
    /// It is refused or reset: the process does not listen, or the node answers that the host is unreachable.
    Refusing,
    /// It gets no answer.
    Silent,
    /// Another pod answers, which has the address now.
    Reused,
}

impl Reach {
    /// Every state, in the order of a pod's end.
    pub const ALL: [Reach; 4] = [Reach::Serving, Reach::Refusing, Reach::Silent, Reach::Reused];

    /// The status that a request ends in that meets it, whose colour it has.
    pub const fn status(self) -> Status {
        match self {
            Reach::Serving => Status::Ok,
            Reach::Refusing => Status::BadGateway,
            Reach::Silent => Status::GatewayTimeout,
            Reach::Reused => Status::WrongTarget,
        }
    }
}

/// A stretch of time. Seconds since the commit of the pod's deletion; negative before it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Span {
    /// Start, seconds.
    pub from_s: f64,
    /// End, seconds; not before the start.
    pub to_s: f64,
}

/// Who sends requests to a pod, and when.
#[derive(Debug, Clone, PartialEq)]
pub struct Chooser {
    /// Its name: `ALB node 0`, `kube-proxy`.
    pub name: String,
    /// When it chooses the pod, in order.
    pub chooses: Vec<Span>,
}

/// A request that failed at a pod.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Failure {
    /// When it was issued, seconds since the pod's deletion.
    pub at_s: f64,
    /// What its client saw.
    pub status: Status,
}

/// A step of a pod's end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Step {
    /// `DeregisterTargets` was accepted.
    Deregistered,
    /// SIGTERM reached the application.
    Sigterm,
    /// SIGKILL reached the application.
    Sigkill,
}

/// One pod.
#[derive(Debug, Clone, PartialEq)]
pub struct Lane {
    /// Its name.
    pub name: String,
    /// When its deletion was committed, or its end began without one, seconds since the run's start.
    pub deleted_s: f64,
    /// Whether that was a deletion, and not the shutdown or the loss of its node or network.
    pub is_deleted: bool,
    /// What it was to a new connection, in order of time and without overlap.
    pub states: Vec<(Span, Reach)>,
    /// Who chose it until when; at most 32.
    pub choosers: Vec<Chooser>,
    /// Requests that failed at it.
    pub failures: Vec<Failure>,
    /// When which step of its end came, seconds since its deletion.
    pub steps: Vec<(f64, Step)>,
}

/// The figure's data. All lanes have one axis: the time since each pod's own deletion.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct RaceTimeline {
    /// Title of the picture.
    pub title: String,
    /// Second line; may be empty.
    pub subtitle: String,
    /// Pods in order of deletion; those for which there is no room are counted in a note.
    pub lanes: Vec<Lane>,
}

impl Layout for RaceTimeline {
    #[allow(private_interfaces, reason = "the trait is sealed")]
    fn sheet(&self, picture: &Picture) -> Result<Sheet, PlotError> {
        check::filled("lanes", self.lanes.len(), 1000)?;
        for (index, lane) in self.lanes.iter().enumerate() {
            lane.check(&format!("lanes[{index}]"))?;
        }
        Sheet::new(picture, &self.title, &self.subtitle)
    }

    #[allow(private_interfaces, reason = "the trait is sealed")]
    fn lay_out(&self, sheet: &mut Sheet) -> Result<(), PlotError> {
        lanes::draw(self, sheet);
        Ok(())
    }
}

impl RaceTimeline {
    /// Height at which no lane is cramped and none is left out, px at a width of 800 px.
    pub fn best_height(&self) -> u32 {
        lanes::best_height(self)
    }
}

impl Span {
    fn check(&self, field: &str) -> Result<(), PlotError> {
        check::number(&format!("{field}.from_s"), self.from_s)?;
        check::number(&format!("{field}.to_s"), self.to_s)?;
        check::not_below(&format!("{field}.to_s"), self.to_s, self.from_s)
    }
}

impl Lane {
    fn check(&self, field: &str) -> Result<(), PlotError> {
        check::number(&format!("{field}.deleted_s"), self.deleted_s)?;
        check::filled(&format!("{field}.states"), self.states.len(), 10_000)?;
        let mut before = f64::NEG_INFINITY;
        for (index, (span, _)) in self.states.iter().enumerate() {
            let field = format!("{field}.states[{index}]");
            span.check(&field)?;
            check::not_below(&format!("{field}.from_s"), span.from_s, before)?;
            before = span.to_s;
        }
        check::at_most(&format!("{field}.choosers"), self.choosers.len(), 32)?;
        for (index, chooser) in self.choosers.iter().enumerate() {
            let field = format!("{field}.choosers[{index}].chooses");
            check::at_most(&field, chooser.chooses.len(), 10_000)?;
            for (index, span) in chooser.chooses.iter().enumerate() {
                span.check(&format!("{field}[{index}]"))?;
            }
        }
        check::at_most(&format!("{field}.failures"), self.failures.len(), check::POINTS_MAX)?;
        for (index, failure) in self.failures.iter().enumerate() {
            check::number(&format!("{field}.failures[{index}].at_s"), failure.at_s)?;
        }
        check::at_most(&format!("{field}.steps"), self.steps.len(), 1000)?;
        for (index, (at, _)) in self.steps.iter().enumerate() {
            check::number(&format!("{field}.steps[{index}].at_s"), *at)?;
        }
        Ok(())
    }
}
