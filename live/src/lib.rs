//! Live mode: the same scenarios against a real application, as local processes and on EKS.
//!
//! This crate will hold the `Backend` trait with its two implementations, the drained application, the load
//! generator and the recorder that turns observations into the trace schema of `sim-core`.
//! Nothing of it is built yet: `sim live` does not exist, and no prediction of `sim run` rests on it.
