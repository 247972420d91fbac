//! `sim validate`.

mod conformance;
