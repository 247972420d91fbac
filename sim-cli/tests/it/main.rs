//! The `sim` command as its users meet it: exit status, stdout, stderr.
//!
//! What it prints is written out in the tests; `UPDATE_EXPECT=1 cargo test -p sim-cli` rewrites it, for the diff to be
//! read.

// The hashes are those that `UPDATE_EXPECT=1` writes.
#![allow(clippy::needless_raw_string_hashes)]

mod advise;
mod bad_input;
mod check;
mod command;
mod explain;
mod figures_of_readme;
mod import_any;
mod import_hostile;
mod import_large;
mod manifests;
mod pages;
mod pictures;
mod pictures_of_readme;
mod published;
mod run;
mod scenario;
mod sweep;
mod validate;
mod validate_published;
