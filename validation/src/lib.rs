//! Validation: may one believe the model?
//!
//! Interval estimates live here; confronting the model with closed forms, with the published run and with field
//! cases (`sim validate`) is not built yet.

pub mod interval;
