//! Every valid manifest of the corpus, imported as its users would: what is printed, that it runs, and that each origin
//! points at what it names.
//!
//! The scenario of `NAME.yaml` is `expected/NAME.scenario.yaml`; what stderr says beside it is `expected/NAME.notes.txt`,
//! which is absent where it says nothing.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use expect_test::expect_file;
use serde_json::Value as Json;

use crate::command::{Outcome, Place, test_name};

mod origins;

/// What the user has to say where several things can be meant.
const FLAGS: &[(&str, &[&str])] = &[
    ("action-weighted-forward.yaml", &["--service", "green"]),
    ("argo-rollout-same-name.yaml", &["--service", "orders"]),
    ("hpa-v2beta2.yaml", &["--service", "tiles"]),
    ("ingress-group.yaml", &["--ingress", "landing"]),
    ("ingress-paths-and-hosts.yaml", &["--service", "web"]),
    ("pdb-percent.yaml", &["--service", "guide"]),
];

/// Those whose autoscaler is simulated as well: `NAME.KIND.scenario.yaml`.
const AUTOSCALERS: &[(&str, &str)] = &[
    ("hpa-v1.yaml", "hpa"),
    ("hpa-v2-behavior.yaml", "hpa"),
    ("hpa-v2beta2.yaml", "hpa"),
    ("kubectl-get-list.yaml", "hpa"),
    ("karpenter-nodepool.yaml", "karpenter"),
    ("karpenter-provisioner.yaml", "karpenter"),
];

/// What is valid, but leaves out what a scenario needs.
const REFUSED: &[&str] = &["kubectl-get-deploy-single.yaml", "placeholder-in-replicas.yaml"];

fn corpus() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/manifests")
}

/// Names in a directory of the corpus, sorted.
fn names(directory: &Path) -> BTreeSet<String> {
    let entries = fs::read_dir(directory).expect("the directory is there");
    let entries = entries.map(|entry| entry.expect("an entry"));
    let files = entries.filter(|entry| entry.file_type().expect("a type").is_file());
    files
        .map(|entry| entry.file_name().into_string().expect("UTF-8"))
        .collect()
}

/// The manifests.
fn inputs() -> Vec<String> {
    let inputs = names(&corpus()).into_iter();
    inputs
        .filter(|name| !name.starts_with('.') && name != "README.md")
        .collect()
}

fn read(name: &str) -> Vec<u8> {
    fs::read(corpus().join(name)).expect("the file is there")
}

/// A directory with all of them.
fn place_with_all(name: &str) -> Place {
    inputs()
        .iter()
        .fold(Place::new(name), |place, name| place.file(name, read(name)))
}

/// One import: the file, what its snapshots are called, and the flags.
struct Case {
    file: String,
    snapshot: String,
    flags: Vec<&'static str>,
}

impl Case {
    fn import(&self, place: &Place) -> Outcome {
        place.sim(&[&["import", &self.file], self.flags.as_slice()].concat())
    }
}

fn flags(file: &str) -> Vec<&'static str> {
    let known = FLAGS.iter().find(|(name, _)| *name == file);
    known.map_or_else(Vec::new, |(_, flags)| flags.to_vec())
}

fn cases() -> Vec<Case> {
    let stem = |file: &str| file.strip_suffix(".yaml").unwrap_or(file).to_owned();
    let plain = inputs().into_iter().map(|file| Case {
        snapshot: stem(&file),
        flags: flags(&file),
        file,
    });
    let autoscalers = AUTOSCALERS.iter().map(|(file, kind)| Case {
        file: (*file).to_owned(),
        snapshot: format!("{}.{kind}", stem(file)),
        flags: [flags(file), vec!["--disruption", kind]].concat(),
    });
    plain.chain(autoscalers).collect()
}

/// What those that can be imported print, by file.
fn scenarios(place: &Place) -> Vec<(String, String)> {
    let cases = cases()
        .into_iter()
        .filter(|case| !REFUSED.contains(&case.file.as_str()));
    cases
        .map(|case| {
            let outcome = case.import(place);
            assert_eq!(outcome.status, 0, "{}: {}", case.snapshot, outcome.stderr);
            (case.file, outcome.stdout)
        })
        .collect()
}

/// Values without their comments.
fn values(scenario: &str) -> String {
    let lines = scenario.lines().filter(|line| !line.starts_with('#'));
    lines
        .map(|line| line.split_once("  # ").map_or(line, |(value, _)| value))
        .fold(String::new(), |all, line| all + line + "\n")
}

#[test]
fn each_manifest_gives_the_scenario_beside_it() {
    let place = place_with_all(&test_name());
    let expected = corpus().join("expected");
    let mut wanted = BTreeSet::new();
    for case in cases() {
        let outcome = case.import(&place);
        let status = if REFUSED.contains(&case.file.as_str()) { 2 } else { 0 };
        assert_eq!(outcome.status, status, "{}: {}", case.snapshot, outcome.stderr);
        for (suffix, text) in [("scenario.yaml", &outcome.stdout), ("notes.txt", &outcome.stderr)] {
            if !text.is_empty() {
                let snapshot = format!("{}.{suffix}", case.snapshot);
                expect_file![expected.join(&snapshot)].assert_eq(text);
                wanted.insert(snapshot);
            }
        }
    }
    assert_eq!(
        names(&expected),
        wanted,
        "a snapshot without its manifest, or without its text"
    );
    let files: BTreeSet<String> = inputs().into_iter().collect();
    let named = FLAGS.iter().map(|(name, _)| name).chain(REFUSED);
    for name in named.chain(AUTOSCALERS.iter().map(|(name, _)| name)) {
        assert!(files.contains(*name), "{name} is not there");
    }
}

#[test]
fn each_imported_scenario_runs() {
    let place = place_with_all(&test_name());
    for (name, scenario) in scenarios(&place) {
        let outcome = place.sim_reading(&scenario, &["run", "-", "--replications", "1"]);
        assert_eq!(outcome.status, 0, "{name}: {}", outcome.stderr);
        let shown = place.sim_reading(&scenario, &["scenario", "show", "-", "--format", "json"]);
        assert_eq!(shown.status, 0, "{name}: {}", shown.stderr);
        let shown: Json = serde_json::from_str(&shown.stdout).expect("JSON");
        assert!(shown.is_object(), "{name}");
    }
}

/// What two texts of the same objects give.
fn same(place: &Place, one: &str, other: &str) {
    let [first, second] = [one, other].map(|name| {
        let outcome = place.sim(&["import", name]);
        assert_eq!(outcome.status, 0, "{name}: {}", outcome.stderr);
        values(&outcome.stdout)
    });
    assert_eq!(first, second, "{one} and {other}");
}

#[test]
fn the_spelling_of_a_text_does_not_matter() {
    let text = |name: &str| String::from_utf8(read(name)).expect("UTF-8");
    let (windows, marked) = (text("windows-line-endings.yaml"), text("utf8-byte-order-mark.yaml"));
    assert!(windows.contains("\r\n") && marked.starts_with('\u{feff}'));
    let place = place_with_all(&test_name())
        .file("line-feeds.yaml", windows.replace("\r\n", "\n"))
        .file("unmarked.yaml", marked.trim_start_matches('\u{feff}'));
    same(&place, "kubectl-get-list.yaml", "kubectl-get-list.json");
    same(&place, "tuned-target-group.yaml", "list-compact.json");
    same(&place, "windows-line-endings.yaml", "line-feeds.yaml");
    same(&place, "utf8-byte-order-mark.yaml", "unmarked.yaml");
}
