//! `sim validate`.

mod conformance;
mod oracles;
