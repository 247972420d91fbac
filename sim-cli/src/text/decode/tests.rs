//! Trees into typed values: which types take what, and where errors point.

// The hashes are those that `UPDATE_EXPECT=1` writes.
#![allow(clippy::needless_raw_string_hashes)]

use std::collections::BTreeMap;

use expect_test::{Expect, expect};

use super::*;
use crate::text::source::{SourceKind, Sources};
use crate::text::yaml;

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
#[allow(dead_code, reason = "read by its `Debug` only")]
struct Outer {
    count: Option<i64>,
    small: Option<u16>,
    flag: Option<bool>,
    text: Option<Spanned<String>>,
    any: Option<Spanned<Json>>,
    list: Option<Vec<Inner>>,
    words: Option<BTreeMap<String, String>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
#[allow(dead_code, reason = "read by its `Debug` only")]
struct Inner {
    name: Option<Spanned<String>>,
    number: Option<i64>,
}

/// The text as an `Outer`, or the error.
fn decoded(text: &str) -> (Result<Outer, String>, Sources) {
    let mut sources = Sources::default();
    let added = sources.add_file("m.yaml", SourceKind::Manifest, text.as_bytes().to_vec());
    let documents = yaml::parse_manifest(added.expect("UTF-8"), text).expect("it is YAML");
    let outer = decode(&documents[0]).map_err(|found| crate::text::error::render([&found], &sources, false));
    (outer, sources)
}

#[track_caller]
fn check_error(text: &str, expected: &Expect) {
    let error = decoded(text).0.expect_err("it is wrong");
    expected.assert_eq(&(error + "\n"));
}

#[test]
fn values_know_where_they_stand() {
    let text = "text: one\nlist:\n  - {name: two}\nany: {a: 3}\n";
    let (outer, sources) = decoded(text);
    let outer = outer.expect("it is right");
    let at = |place: &Place| sources.line_and_column(place.source, place.span.start);
    let shown = |place: &Place| text[place.span.clone()].to_owned();
    let written = outer.text.expect("it is there");
    assert_eq!((at(&written.place), shown(&written.place)), ((1, 7), "one".to_owned()));
    let list = outer.list.expect("it is there");
    let name = list[0].name.as_ref().expect("it is there");
    assert_eq!((at(&name.place), shown(&name.place)), ((3, 12), "two".to_owned()));
    // A map has the place of its key.
    let any = outer.any.expect("it is there");
    assert_eq!((at(&any.place), shown(&any.place)), ((4, 1), "any".to_owned()));
    assert_eq!(any.value, serde_json::json!({"a": 3}));
}

#[test]
fn null_and_absent_are_alike_and_unknown_keys_are_left_out() {
    let outer = decoded("count:\ntext: ~\nlist: null\nmore: [1]\n")
        .0
        .expect("it is right");
    assert!(outer.count.is_none() && outer.text.is_none() && outer.list.is_none() && outer.flag.is_none());
}

#[test]
fn a_text_is_no_number_and_a_number_no_text() {
    check_error(
        "count: three\n",
        &expect![[r#"
        error: `count`: found the text "three", expected a whole number
         --> m.yaml:1:8
          |
        1 | count: three
          |        ^^^^^
    "#]],
    );
    check_error(
        "count: \"3\"\n",
        &expect![[r#"
        error: `count`: found the text "3", expected a whole number
         --> m.yaml:1:8
          |
        1 | count: "3"
          |        ^^^
          |
          = help: write it without quotes: `3`
    "#]],
    );
    check_error(
        "count: 5m\n",
        &expect![[r#"
        error: `count`: found the text "5m", expected a whole number
         --> m.yaml:1:8
          |
        1 | count: 5m
          |        ^^
          |
          = help: if seconds are meant, write the number alone: `300`
    "#]],
    );
    check_error(
        "count: 2.5\n",
        &expect![[r#"
        error: `count`: found the number 2.5, expected a whole number
         --> m.yaml:1:8
          |
        1 | count: 2.5
          |        ^^^
    "#]],
    );
    check_error(
        "text: 3\n",
        &expect![[r#"
        error: `text`: found the number 3, expected text
         --> m.yaml:1:7
          |
        1 | text: 3
          |       ^
          |
          = help: put it into quotes: `"3"`
    "#]],
    );
    check_error(
        "flag: \"true\"\n",
        &expect![[r#"
        error: `flag`: found the text "true", expected true or false
         --> m.yaml:1:7
          |
        1 | flag: "true"
          |       ^^^^^^
    "#]],
    );
}

#[test]
fn numbers_out_of_range_are_refused() {
    check_error(
        "small: -1\n",
        &expect![[r#"
        error: `small`: found -1, expected a whole number that is not negative
         --> m.yaml:1:8
          |
        1 | small: -1
          |        ^^
    "#]],
    );
    check_error(
        "small: 70000\n",
        &expect![[r#"
        error: `small`: 70000 is too large
         --> m.yaml:1:8
          |
        1 | small: 70000
          |        ^^^^^
    "#]],
    );
}

#[test]
fn errors_name_the_path_to_the_value() {
    check_error(
        "list:\n  - name: a\n  - name: b\n    number: x\n",
        &expect![[r#"
        error: `list[1].number`: found the text "x", expected a whole number
         --> m.yaml:4:13
          |
        4 |     number: x
          |             ^
    "#]],
    );
    check_error(
        "words: {a.b/c: d, e: 1}\n",
        &expect![[r#"
        error: `words.e`: found the number 1, expected text
         --> m.yaml:1:22
          |
        1 | words: {a.b/c: d, e: 1}
          |                      ^
          |
          = help: put it into quotes: `"1"`
    "#]],
    );
}

#[test]
fn a_list_is_no_map_and_a_map_no_list() {
    check_error(
        "list:\n  name: a\n",
        &expect![[r#"
        error: `list`: found a map, expected a list
         --> m.yaml:2:3
          |
        2 |   name: a
          |   ^^^^
          |
          = help: an item of a list starts with `- `: put it in front of `name`
    "#]],
    );
    check_error(
        "list: sleep 5\n",
        &expect![[r#"
        error: `list`: found the text "sleep 5", expected a list
         --> m.yaml:1:7
          |
        1 | list: sleep 5
          |       ^^^^^^^
          |
          = help: write it as a list: `["sleep", "5"]`
    "#]],
    );
    check_error(
        "words: [a]\n",
        &expect![[r#"
        error: `words`: found a list, expected a map
         --> m.yaml:1:1
          |
        1 | words: [a]
          | ^^^^^
    "#]],
    );
    check_error(
        "list: [[1]]\n",
        &expect![[r#"
            error: `list[0]`: found a list, expected a map
             --> m.yaml:1:8
              |
            1 | list: [[1]]
              |        ^
        "#]],
    );
}

#[test]
fn what_an_alias_brings_is_shown_where_it_is_written() {
    check_error(
        "other: &x three\ncount: *x\n",
        &expect![[r#"
        error: `count`: found the text "three", expected a whole number
         --> m.yaml:1:8
          |
        1 | other: &x three
          |        ^^^^^^^^
    "#]],
    );
}
