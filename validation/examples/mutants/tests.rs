use std::collections::BTreeSet;

use super::*;

#[test]
fn each_fault_has_one_place_in_the_model() {
    for fault in faults::all() {
        let Fault {
            name, file, old, new, ..
        } = fault;
        let path = root().join(file);
        let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{name}: {file}: {error}"));
        assert_eq!(text.matches(old).count(), 1, "{name}: occurrences in {file} of\n{old}");
        assert_ne!(old, new, "{name} changes nothing");
    }
}

#[test]
fn no_two_faults_overlap_or_share_a_name() {
    let mut names = BTreeSet::new();
    let mut places: Vec<(&Fault, std::ops::Range<usize>)> = Vec::new();
    for fault in faults::all() {
        assert!(names.insert(fault.name), "{} is there twice", fault.name);
        let text = std::fs::read_to_string(root().join(fault.file)).expect("a file of the model");
        let start = text.find(fault.old).expect("checked by another test");
        let range = start..start + fault.old.len();
        for (other, taken) in &places {
            let apart = fault.file != other.file || range.end <= taken.start || taken.end <= range.start;
            assert!(apart || fault.is_at(other), "{} overlaps {}", fault.name, other.name);
        }
        places.push((fault, range));
    }
    assert!(names.len() >= 14);
}

#[test]
fn the_table_lists_these_faults_and_no_survivor() {
    let text = std::fs::read_to_string(root().join(report::PATH)).expect("the table");
    let names: Vec<&str> = faults::all().map(|fault| fault.name).collect();
    assert_eq!(
        report::names(&text),
        names,
        "run `cargo run -p validation --example mutants`"
    );
    assert!(!text.contains(report::NOBODY));
}

#[test]
fn a_row_says_who_noticed_and_how() {
    let fault = faults::all().next().expect("a fault");
    let outcome = Outcome {
        oracles: vec![
            "one".into(),
            format!("two{}", probe::INVARIANT),
            format!("three{}", probe::PANIC),
        ],
        traces: ["pod_ready".to_owned()].into(),
        is_endless: true,
    };
    let text = report::render(&[(fault, outcome.clone()), (fault, Outcome::default())]);
    let rows: Vec<&str> = text.lines().rev().take(2).collect();
    assert!(rows[0].ends_with("|  | **nobody** |"), "{}", rows[0]);
    let expected = "| `one`, `three`†, 1 more* | `pod_ready`, the time limit: it does not end |";
    assert!(rows[1].ends_with(expected), "{}", rows[1]);
    assert_eq!(report::names(&text), [fault.name; 2]);
    assert!(outcome.is_caught() && !Outcome::default().is_caught());
}
