//! Manifests as `kubectl` takes them: what a document may hold, and what it may not.

// The hashes are those that `UPDATE_EXPECT=1` writes.
#![allow(clippy::needless_raw_string_hashes)]

use expect_test::{Expect, expect};

use super::*;
use crate::text::source::{SourceKind, Sources};

/// Checks the documents, as JSON with one line each, or the error.
#[track_caller]
fn check(text: &str, expected: &Expect) {
    let mut sources = Sources::default();
    let added = sources.add_file("m.yaml", SourceKind::Manifest, text.as_bytes().to_vec());
    let source = added.expect("the text is UTF-8");
    let actual = match parse_manifest(source, text) {
        Ok(documents) => documents.iter().map(|node| node.to_json().to_string() + "\n").collect(),
        Err(found) => crate::text::error::render([&found], &sources, false) + "\n",
    };
    expected.assert_eq(&actual);
}

#[test]
fn aliases_stand_for_the_value_of_their_anchor() {
    check(
        "a: &x {b: [1, two]}\nc: *x\nd: [*x]\n",
        &expect![[r#"
        {"a":{"b":[1,"two"]},"c":{"b":[1,"two"]},"d":[{"b":[1,"two"]}]}
    "#]],
    );
}

#[test]
fn an_anchor_may_be_given_again() {
    check(
        "a: &x 1\nb: *x\nc: &x 2\nd: *x\n",
        &expect![[r#"
        {"a":1,"b":1,"c":2,"d":2}
    "#]],
    );
}

#[test]
fn an_alias_keeps_the_place_of_the_value_and_has_a_key_of_its_own() {
    let mut sources = Sources::default();
    let text = "a: &x 7\nb: *x\n";
    let added = sources.add_file("m.yaml", SourceKind::Manifest, text.into());
    let documents = parse_manifest(added.expect("UTF-8"), text).expect("it is right");
    let node = documents[0].get("b").expect("it is there");
    let line = |place: Option<&Place>| sources.line(place.expect("it has a place"));
    assert_eq!((line(node.origin.key_place()), line(node.origin.value_place())), (2, 1));
}

#[test]
fn merge_keys_add_what_is_not_there() {
    check(
        "base: &x {a: 1, b: 2}\nuse: {b: 3, <<: *x, c: 4}\n",
        &expect![[r#"
        {"base":{"a":1,"b":2},"use":{"b":3,"c":4,"a":1}}
    "#]],
    );
}

#[test]
fn of_several_merged_maps_the_first_counts() {
    check(
        "x: &x {a: 1}\ny: &y {a: 2, b: 2}\nuse: {<<: [*x, *y]}\n",
        &expect![[r#"
            {"x":{"a":1},"y":{"a":2,"b":2},"use":{"a":1,"b":2}}
        "#]],
    );
}

#[test]
fn a_merge_key_needs_maps() {
    check(
        "use: {<<: 3}\n",
        &expect![[r#"
        error: a merge key needs a map or a list of maps, found the number 3
         --> m.yaml:1:11
          |
        1 | use: {<<: 3}
          |           ^
    "#]],
    );
    check(
        "x: &x [{a: 1}, 2]\nuse:\n  <<: *x\n",
        &expect![[r#"
        error: a merge key needs a map or a list of maps, found a list
         --> m.yaml:3:3
          |
        3 |   <<: *x
          |   ^^
    "#]],
    );
}

#[test]
fn an_anchor_ends_with_its_document() {
    check(
        "a: &x 1\n---\nb: *x\n",
        &expect![[r#"
        error: the anchor of this alias stands in another document
         --> m.yaml:3:4
          |
        1 | a: &x 1
          |    ---- the value of the anchor
        2 | ---
        3 | b: *x
          |    ^^
          |
          = help: an anchor holds up to the next `---`: repeat the value here
    "#]],
    );
}

#[test]
fn an_anchor_of_the_same_name_in_a_later_document_is_another_one() {
    check(
        "a: &x 1\n---\na: &x 2\nb: *x\n",
        &expect![[r#"
        {"a":1}
        {"a":2,"b":2}
    "#]],
    );
}

#[test]
fn an_alias_without_an_anchor_is_an_error() {
    check(
        "a: *x\n",
        &expect![[r#"
        error: not valid YAML: while parsing node, found unknown anchor
         --> m.yaml:1:4
          |
        1 | a: *x
          |    ^
    "#]],
    );
}

#[test]
fn a_value_may_not_contain_itself() {
    check(
        "a: &x [1, *x]\n",
        &expect![[r#"
        error: this alias stands inside the value that it names, which so has no end
         --> m.yaml:1:11
          |
        1 | a: &x [1, *x]
          |    ----   ^^
          |    |
          |    the value of the anchor
    "#]],
    );
    check(
        "&x a: *x\n",
        &expect![[r#"
        error: this alias stands inside the value that it names, which so has no end
         --> m.yaml:1:7
          |
        1 | &x a: *x
          |       ^^
    "#]],
    );
}

#[test]
fn a_small_text_cannot_fill_the_memory() {
    let levels = (1..40).map(|level| {
        let aliases = vec![format!("*l{}", level - 1); 10].join(", ");
        format!("l{level}: &l{level} [{aliases}]\n")
    });
    let bomb = "l0: &l0 [x, x, x, x, x, x, x, x, x, x]\n".to_owned() + &levels.collect::<String>();
    check(
        &bomb,
        &expect![[r#"
        error: the aliases stand for more than 100000 values
         --> m.yaml:5:45
          |
        5 | l4: &l4 [*l3, *l3, *l3, *l3, *l3, *l3, *l3, *l3, *l3, *l3]
          |                                             ^^^
    "#]],
    );
}

#[test]
fn nesting_has_a_limit() {
    let deep = |levels: usize| "[".repeat(levels) + &"]".repeat(levels);
    let mut sources = Sources::default();
    let source = sources
        .add_file("m.yaml", SourceKind::Manifest, Vec::new())
        .expect("UTF-8");
    assert!(parse_manifest(source, &deep(DEEPEST)).is_ok());
    for levels in [DEEPEST + 2, 300, 20_000] {
        assert!(
            parse_manifest(source, &deep(levels)).is_err(),
            "{levels} levels were taken"
        );
    }
}

#[test]
fn documents_are_divided_and_empty_ones_left_out() {
    check(
        "---\na: 1\n--- # next\nb: 2\n...\n---\n---\n# nothing\n--- null\n---\n- 3\n--- text\n",
        &expect![[r#"
            {"a":1}
            {"b":2}
            [3]
            "text"
        "#]],
    );
}

#[test]
fn core_tags_are_known_and_others_are_not() {
    check(
        "a: !!str 1\nb: !!str true\n",
        &expect![[r#"
        {"a":"1","b":"true"}
    "#]],
    );
    check(
        "a: !Ref x\n",
        &expect![[r#"
        error: the tag `!Ref` means nothing to Kubernetes
         --> m.yaml:1:4
          |
        1 | a: !Ref x
          |    ^^^^^^
          |
          = help: render the file with the tool it is written for first
    "#]],
    );
}

#[test]
fn a_byte_order_mark_and_windows_line_ends_are_no_part_of_the_values() {
    check(
        "\u{feff}a: 1\r\nb: two\r\nc: |\r\n  x\r\n  y\r\n",
        &expect![[r#"
        {"a":1,"b":"two","c":"x\ny\n"}
    "#]],
    );
    check("\u{feff}", &expect![[""]]);
}

#[test]
fn places_behind_a_byte_order_mark_and_wide_letters_are_right() {
    check(
        "\u{feff}ä: ü\r\na: 1\r\na: 2\r\n",
        &expect![[r#"
        error: the key `a` stands here a second time
         --> m.yaml:3:1
          |
        2 | a: 1
          | - first here
        3 | a: 2
          | ^
    "#]],
    );
}

#[test]
fn a_key_stands_once_and_is_a_word() {
    check(
        "a:\n  b: 1\n  c: 2\n  b: 3\n",
        &expect![[r#"
        error: the key `b` stands here a second time
         --> m.yaml:4:3
          |
        2 |   b: 1
          |   - first here
        3 |   c: 2
        4 |   b: 3
          |   ^
    "#]],
    );
    check(
        "? [a, b]\n: 1\n",
        &expect![[r#"
        error: a key must be a plain word
         --> m.yaml:1:3
          |
        1 | ? [a, b]
          |   ^
          |
          = help: a value in braces needs quotes around it or a key in front of it
    "#]],
    );
}

#[test]
fn quoted_words_are_text_and_plain_ones_are_read_as_yaml_1_1() {
    check(
        "[yes, \"yes\", 'off', off, 010, \"010\", ~, '']\n",
        &expect![[r#"
        [true,"yes","off",false,8,"010",null,""]
    "#]],
    );
}
