//! `sim scenario`.
