//! `sim validate oracles`.

use crate::command::{Place, test_name};
use crate::run::schema::Schema;

#[test]
fn every_oracle_holds_and_is_told_as_the_schema_says() {
    let place = Place::new(&test_name());
    let outcome = place.sim(&["validate", "oracles", "--format", "json"]);
    assert_eq!((outcome.status, outcome.stderr.as_str()), (0, ""), "{}", outcome.stdout);
    let document: serde_json::Value = serde_json::from_str(&outcome.stdout).expect("a document");
    Schema::committed("validate.schema.json").check(&document);
    let findings = document["sections"][0]["findings"].as_array().expect("findings");
    assert_eq!(findings.len(), validation::oracle::all().count());
    assert!(findings.iter().all(|finding| finding["verdict"] == "held"));
}

#[test]
fn the_number_of_threads_changes_no_byte() {
    let place = Place::new(&test_name());
    let on = |threads| place.sim(&["validate", "oracles", "--threads", threads]).stdout;
    let one = on("1");
    assert!(one.starts_with("oracles  "), "{one}");
    assert!(one == on("4"));
}
