//! `sim validate`.

mod cases;
mod conformance;
