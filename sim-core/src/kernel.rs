//! Generic discrete-event kernel: what happens next, and when. It knows nothing of the model.
//!
//! Two structures, for two kinds of future:
//!
//! - [`EventQueue`] holds any number of events of any kind, each of which can be cancelled. Control plane.
//! - [`SlotTimes`] holds one next time for each of a fixed set of slots. Request path: a slot is a session.
//!
//! Both return equal times in a fixed, documented order, so a run is a function of its input.

pub mod queue;
pub mod slots;

pub use queue::{EventKey, EventQueue};
pub use slots::SlotTimes;
