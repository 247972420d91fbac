//! Validation: may one believe the model?
//!
//! * *Verification*: the code does what the model says. [`oracle`] confronts it with closed forms.
//! * *Calibration*: parameters come from data.
//! * *Validation*: the model agrees with reality. [`published`] confronts it with the published run.
//!
//! This crate opens no file, spawns no thread and prints nothing: its caller does. [`report`] is what it returns.

pub mod interval;
pub mod oracle;
pub mod published;
pub mod report;
