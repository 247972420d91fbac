//! Names in the trace say their unit.

use super::{read, root};

/// Endings that name a unit.
const UNITS: [&str; 5] = ["_ns", "_s", "_count", "_ratio", "_permille"];

/// Numbers of the trace that are no quantities: ids, codes, versions.
const NO_QUANTITY: [&str; 17] = [
    "schema_version",
    "seed",
    "replication",
    "disruption",
    "pod",
    "successor",
    "node",
    "zones",
    "targets",
    "target",
    "pods",
    "alb_node",
    "binding",
    "request",
    "session",
    "elb_status_code",
    "target_status_code",
];

/// Name and type of every field whose type is a number, perhaps optional or in a list.
fn numeric_fields(text: &str) -> Vec<(String, String)> {
    let numbers = ["u8", "u16", "u32", "u64", "i64", "f64"];
    text.lines()
        .map(|line| line.trim().trim_start_matches("pub "))
        .filter(|line| !line.starts_with("//"))
        .filter_map(|line| line.strip_suffix(',')?.split_once(": "))
        .filter(|(_, kind)| {
            let inner = kind
                .trim_start_matches("Option<")
                .trim_start_matches("Vec<")
                .trim_end_matches('>');
            numbers.contains(&inner)
        })
        .map(|(name, kind)| (name.to_owned(), kind.to_owned()))
        .collect()
}

#[test]
fn quantities_in_the_trace_say_their_unit() {
    let fields = numeric_fields(&read(&root().join("sim-core/src/trace.rs")));
    assert!(fields.len() > 20, "only {} numeric fields were found", fields.len());
    for (name, kind) in &fields {
        let has_unit = UNITS.iter().any(|unit| name.ends_with(unit));
        let no_quantity = NO_QUANTITY.contains(&name.as_str());
        assert!(
            has_unit != no_quantity,
            "{name}: {kind} needs one of {UNITS:?}, or is an id and listed here"
        );
    }
    for id in NO_QUANTITY {
        assert!(
            fields.iter().any(|(name, _)| name == id),
            "{id} is listed here but not in the trace"
        );
    }
}

#[test]
fn fields_are_found_in_structs_and_enums() {
    let text =
        "    /// a: u64,\n    pub at_ns: u64,\n    kind: String,\n    target: Option<u32>,\n    targets: Vec<u32>,\n";
    let found: Vec<String> = numeric_fields(text).into_iter().map(|(name, _)| name).collect();
    assert_eq!(found, ["at_ns", "target", "targets"]);
}
