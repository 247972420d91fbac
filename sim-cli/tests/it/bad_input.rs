//! What `sim` says about a file or a flag that it cannot use: exit status 2, nothing on stdout, and the line that is
//! wrong with what would be right.

use expect_test::Expect;

use crate::command::{Place, test_name};

mod capacity;
mod cluster_autoscaler;
mod controller;
mod files;
mod flags;
mod health;
mod hpa;
mod keys;
mod limits;
mod node_targets;
mod nodes;
mod quantities;
mod values;

/// Checks what is said about a file `s.yaml` of this content.
fn check(yaml: &str, expected: &Expect) {
    check_in(&Place::new(&test_name()).file("s.yaml", yaml), &["s.yaml"], expected);
}

/// Checks what is said about `scenario show` with these arguments.
fn check_arguments(arguments: &[&str], expected: &Expect) {
    check_in(&Place::new(&test_name()), arguments, expected);
}

fn check_in(place: &Place, arguments: &[&str], expected: &Expect) {
    let outcome = place.sim(&[&["scenario", "show"], arguments].concat());
    expected.assert_eq(&outcome.stderr);
    assert_eq!((outcome.status, outcome.stdout.as_str()), (2, ""));
}
