use std::collections::BTreeSet;

use super::*;

fn findings(seed: u64) -> Vec<Finding> {
    all().map(|oracle| oracle.examine(Seed(seed))).collect()
}

fn assert_all_hold(seed: u64) {
    let others: Vec<String> = findings(seed)
        .iter()
        .filter(|finding| finding.verdict != Verdict::Held)
        .map(|finding| format!("{finding:#?}"))
        .collect();
    assert!(others.is_empty(), "at seed {seed}:\n{}", others.join("\n"));
}

#[test]
fn every_oracle_holds_at_the_default_seed() {
    assert_all_hold(1);
}

#[test]
fn every_oracle_holds_at_another_seed() {
    assert_all_hold(20_260_729);
}

#[test]
fn names_are_unique_and_say_what_they_are() {
    let names: BTreeSet<&str> = all().map(|oracle| oracle.name).collect();
    assert_eq!(names.len(), all().count());
    for oracle in all() {
        let is_snake = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
        assert!(oracle.name.chars().all(is_snake), "{}", oracle.name);
        assert!(oracle.claim.ends_with('.'), "{}: a claim is a sentence", oracle.name);
        assert!(!oracle.source.is_empty(), "{}", oracle.name);
    }
}

#[test]
fn a_broken_invariant_fails_what_would_hold() {
    fn holds_but_breaks(bench: &mut Bench) -> Comparison {
        bench.break_an_invariant();
        Comparison::same(1, 1)
    }
    let oracle = Oracle {
        name: "x",
        claim: "X.",
        source: "x",
        compare: holds_but_breaks,
    };
    let finding = oracle.examine(Seed(1));
    assert_eq!(finding.verdict, Verdict::Failed);
    assert_eq!(finding.remark, "1 broken invariants, first: on purpose");
}
