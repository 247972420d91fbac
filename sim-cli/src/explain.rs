//! The story of a failed request, told from a trace.
//!
//! ```text
//! records ──► survey (causes, one choice each) ──► records again ──► collect (what concerns the chosen)
//!                                                                       │
//!             scenario ──► trials (settings changed, same seed) ──► story ──► document
//! ```
//!
//! The records are read twice, so that memory holds the failures' instants and the chosen stories only. What is told
//! comes from the published trace alone: a run that was simulated and a trace that was written give the same story.

mod collect;
pub(crate) mod document;
mod remedy;
mod says;
mod story;
mod survey;
pub(crate) mod trial;
mod words;

pub(crate) use collect::Collector;
pub(crate) use remedy::remedies;
pub(crate) use story::tell;
pub(crate) use survey::{Choice, Survey};
pub(crate) use trial::{Bench, Budget, simulate};
pub(crate) use words::{instant, offset, span};
