//! Files that cannot be read, and YAML that is none.

use expect_test::expect;

use super::{check, check_in};
use crate::command::{Place, test_name};

#[test]
fn empty_file() {
    check(
        "",
        &expect![[r#"
        error: s.yaml is empty
         |
         = help: `sim scenario show rollout` prints a complete scenario to start from
    "#]],
    );
}

#[test]
fn comments_only() {
    check(
        "# later\n",
        &expect![[r#"
        error: s.yaml is empty
         |
         = help: `sim scenario show rollout` prints a complete scenario to start from
    "#]],
    );
}

#[test]
fn no_map() {
    check(
        "- name: shop\n",
        &expect![[r#"
        error: expected `key: value` lines, found a list
         --> s.yaml:1:1
          |
        1 | - name: shop
          | ^
    "#]],
    );
}

#[test]
fn duplicate_key() {
    check(
        "name: shop\nhorizon: 5m\nname: other\n",
        &expect![[r#"
        error: the key `name` stands here a second time
         --> s.yaml:3:1
          |
        1 | name: shop
          | ---- first here
        2 | horizon: 5m
        3 | name: other
          | ^^^^
    "#]],
    );
}

#[test]
fn tab_indentation() {
    check(
        "pod:\n\treadiness_gate: true\n",
        &expect![[r#"
        error: a tab indents this line
         --> s.yaml:2:1
          |
        2 |     readiness_gate: true
          | ^^^^
          |
          = help: YAML indents with spaces; replace the tab by spaces
    "#]],
    );
}

#[test]
fn two_documents() {
    check(
        "name: one\n---\nname: two\n",
        &expect![[r#"
        error: a second document starts here
         --> s.yaml:2:1
          |
        2 | ---
          | ^^^
          |
          = help: keep one scenario in each file, without a `---` in between
    "#]],
    );
}

#[test]
fn open_brace() {
    check(
        "pod: { readiness_gate: true\nhorizon: 5m\n",
        &expect![[r#"
        error: not valid YAML: while parsing a flow mapping, did not find expected ',' or '}'
         --> s.yaml:2:8
          |
        2 | horizon: 5m
          |        ^
    "#]],
    );
}

#[test]
fn value_after_value() {
    check(
        "name: größe: 5\n",
        &expect![[r#"
        error: not valid YAML: mapping values are not allowed in this context
         --> s.yaml:1:12
          |
        1 | name: größe: 5
          |            ^
    "#]],
    );
}

#[test]
fn anchor() {
    check(
        "name: &shop shop\ndescription: *shop\n",
        &expect![[r#"
        error: anchors and aliases are not supported
         --> s.yaml:1:7
          |
        1 | name: &shop shop
          |       ^^^^^^^^^^
          |
          = help: write the value out in each place, or put it into a profile
    "#]],
    );
}

#[test]
fn tag() {
    check(
        "name: !!str 5\n",
        &expect![[r#"
        error: tags such as `!!str` are not supported
         --> s.yaml:1:7
          |
        1 | name: !!str 5
          |       ^^^^^^^
          |
          = help: put text into quotes; everything else needs no tag
    "#]],
    );
}

#[test]
fn deep_nesting() {
    check(
        &("name: ".to_owned() + &"[".repeat(10_000) + "\n"),
        &expect![[r#"
        error: not valid YAML: recursion limit exceeded
         --> s.yaml:1:262
          |
        1 | ...[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[...
          |                                                                    ^
    "#]],
    );
}

#[test]
fn not_utf_8() {
    let place = Place::new(&test_name()).file("s.yaml", b"name: gr\xf6\xdfe\n");
    check_in(
        &place,
        &["s.yaml"],
        &expect![[r#"
        error: not UTF-8 text: found the byte 0xf6
         --> s.yaml:1:9
          |
        1 | name: gr��e
          |         ^
          |
          = help: save the file in the encoding UTF-8
    "#]],
    );
}

#[test]
fn missing_file() {
    check_in(
        &Place::new(&test_name()),
        &["./s.yaml"],
        &expect![[r#"
        error: cannot read the scenario ./s.yaml: No such file or directory
    "#]],
    );
}

#[test]
fn wrong_value_in_a_profile_file() {
    let place = Place::new(&test_name())
        .file("s.yaml", "profile: measured.yaml\n")
        .file(
            "measured.yaml",
            "description: Measured.\nelbv2:\n  deregister_propagation: 12\n",
        );
    check_in(
        &place,
        &["s.yaml"],
        &expect![[r#"
        error: `elbv2.deregister_propagation`: the number 12 has no unit
         --> measured.yaml:3:27
          |
        3 |   deregister_propagation: 12
          |                           ^^
          |
          = help: write `12s`; expected a duration such as `200ms`, or a map with one of constant, uniform, exponential, log_normal, gamma, empirical
    "#]],
    );
}

#[test]
fn profile_that_says_what_happens() {
    let place = Place::new(&test_name()).file("measured.yaml", "horizon: 5m\n");
    check_in(
        &place,
        &["rollout", "--profile", "measured.yaml"],
        &expect![[r#"
        error: `horizon` belongs in a scenario, not in a profile
         --> measured.yaml:1:1
          |
        1 | horizon: 5m
          | ^^^^^^^
    "#]],
    );
}

const CSV_SCENARIO: &str = "\
workload:
  sessions:
    count: { csv: { path: load.csv, time_column: minute, time_unit: m, value_column: workers } }
";

fn check_csv(table: &str, expected: &expect_test::Expect) {
    let place = Place::new(&test_name())
        .file("s.yaml", CSV_SCENARIO)
        .file("load.csv", table);
    check_in(&place, &["s.yaml"], expected);
}

#[test]
fn csv_that_is_missing() {
    check(
        CSV_SCENARIO,
        &expect![[r#"
        error: cannot read load.csv: No such file or directory
         --> s.yaml:3:27
          |
        3 |     count: { csv: { path: load.csv, time_column: minute, time_unit: m, value_column: workers } }
          |                           ^^^^^^^^
    "#]],
    );
}

#[test]
fn csv_without_the_column() {
    check_csv(
        "minute,worker\n0,5\n",
        &expect![[r#"
        error: load.csv has no column "workers"
         --> s.yaml:3:86
          |
        3 |     count: { csv: { path: load.csv, time_column: minute, time_unit: m, value_column: workers } }
          |                                                                                      ^^^^^^^
          |
          = note: columns: minute, worker
          = help: did you mean `worker`?
    "#]],
    );
}

#[test]
fn csv_with_text_in_place_of_a_number() {
    check_csv(
        "minute,workers\n0,5\n\n11,many\n",
        &expect![[r#"
        error: expected a whole number, found "many"
         --> load.csv:4:4
          |
        4 | 11,many
          |    ^^^^
    "#]],
    );
}

#[test]
fn csv_whose_time_goes_back() {
    check_csv(
        "# exported\nminute,workers\n11,5\n0,6\n",
        &expect![[r#"
        error: times must increase, found "0" after a later or equal one
         --> load.csv:4:1
          |
        4 | 0,6
          | ^
    "#]],
    );
}

#[test]
fn csv_with_a_short_row() {
    check_csv(
        "minute,workers\n0,5\n11\n",
        &expect![[r#"
        error: expected 2 fields as in the header, found 1
         --> load.csv:3:1
          |
        3 | 11
          | ^^
    "#]],
    );
}
