//! Validation: may one believe the model?
//!
//! * *Verification*: the code does what the model says. [`oracle`] confronts it with closed forms and with timelines
//!   worked by hand, [`conformance`] its traces with what is documented.
//! * *Calibration*: parameters come from data.
//! * *Validation*: the model agrees with reality. [`published`] confronts it with the published run, [`cases`] with reports
//!   from the field.
//!
//! This crate opens no file, spawns no thread and prints nothing: its caller does. [`report`] is what it returns.

pub mod cases;
pub mod conformance;
pub mod interval;
pub mod oracle;
pub mod published;
pub mod report;
