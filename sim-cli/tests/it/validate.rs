//! `sim validate`.

mod cases;
mod conformance;
mod oracles;
