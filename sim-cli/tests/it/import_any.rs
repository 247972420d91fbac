//! Manifests of the corpus, changed at random: none makes the importer panic, and what it accepts loads.

use std::fs;
use std::path::Path;
use std::sync::OnceLock;

use proptest::prelude::*;
use proptest::sample::{Index, select};
use sim_cli::fuzzing::{Outcome, import_manifest};

/// Texts to start from: those of the corpus, valid and broken, by name.
fn corpus() -> &'static [Vec<u8>] {
    static CORPUS: OnceLock<Vec<Vec<u8>>> = OnceLock::new();
    CORPUS.get_or_init(|| {
        let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/manifests");
        let mut files = Vec::new();
        for directory in [directory.join("broken"), directory] {
            for entry in fs::read_dir(directory).expect("the corpus is there") {
                files.push(entry.expect("an entry").path());
            }
        }
        files.retain(|file| file.is_file());
        files.sort();
        files.iter().map(|file| fs::read(file).expect("a file")).collect()
    })
}

/// What stands in the place of a value, or anywhere.
const WORDS: &[&str] = &[
    "0",
    "-1",
    "65536",
    "4294967296",
    "9223372036854775807",
    "18446744073709551616",
    "1e999",
    ".5",
    "010",
    "101%",
    "~",
    "yes",
    "\"\"",
    "\"\\0\"",
    "\"a\\nb: c # d\"",
    "'é😀\u{2028}'",
    "[]",
    "{}",
    "[0]",
    "{a: b}",
    "&a x",
    "*a",
    "!!str 1",
    "| \n",
    "sh -c 'sleep 15; kill -TERM 1'",
    "$(x",
    "\"${A:-${B}}\"",
    "500m",
    "1Ei",
    "1h",
    "\u{feff}",
    "\t",
    "a.b[0].c",
    "null",
];

/// One change of a text.
#[derive(Debug, Clone)]
enum Change {
    /// A line goes.
    Remove(Index),
    /// A line stands there twice.
    Repeat(Index),
    /// Two lines change places.
    Swap(Index, Index),
    /// What follows a colon becomes a word.
    Value(Index, &'static str),
    /// A word stands at a byte.
    Insert(Index, &'static str),
    /// A byte becomes another.
    Byte(Index, u8),
    /// The text ends there.
    Cut(Index),
}

fn change() -> impl Strategy<Value = Change> {
    let at = any::<Index>;
    prop_oneof![
        2 => at().prop_map(Change::Remove),
        1 => at().prop_map(Change::Repeat),
        1 => (at(), at()).prop_map(|(one, other)| Change::Swap(one, other)),
        8 => (at(), select(WORDS)).prop_map(|(line, word)| Change::Value(line, word)),
        2 => (at(), select(WORDS)).prop_map(|(byte, word)| Change::Insert(byte, word)),
        2 => (at(), any::<u8>()).prop_map(|(at, byte)| Change::Byte(at, byte)),
        1 => at().prop_map(Change::Cut),
    ]
}

impl Change {
    fn apply(&self, text: &mut Vec<u8>) {
        if text.is_empty() {
            return;
        }
        let mut lines: Vec<Vec<u8>> = text
            .split_inclusive(|byte| *byte == b'\n')
            .map(<[u8]>::to_vec)
            .collect();
        let count = lines.len();
        match self {
            Change::Remove(line) => {
                lines.remove(line.index(count));
            }
            Change::Repeat(line) => {
                let line = line.index(count);
                lines.insert(line, lines[line].clone());
            }
            Change::Swap(one, other) => lines.swap(one.index(count), other.index(count)),
            Change::Value(line, word) => {
                let line = &mut lines[line.index(count)];
                if let Some(colon) = line.windows(2).position(|two| two == b": ") {
                    line.splice(colon + 2.., format!("{word}\n").into_bytes());
                }
            }
            Change::Insert(at, word) => {
                let at = at.index(text.len());
                text.splice(at..at, word.bytes());
                return;
            }
            Change::Byte(at, byte) => {
                let at = at.index(text.len());
                text[at] = *byte;
                return;
            }
            Change::Cut(at) => {
                text.truncate(at.index(text.len()));
                return;
            }
        }
        *text = lines.concat();
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(160) })]

    #[test]
    fn changed_manifests_are_refused_or_their_scenario_loads(
        file in any::<Index>(),
        changes in proptest::collection::vec(change(), 1..4),
    ) {
        let mut text = file.get(corpus()).clone();
        for change in &changes {
            change.apply(&mut text);
        }
        if let Outcome::Unusable(why) = import_manifest(&text) {
            let text = String::from_utf8_lossy(&text);
            prop_assert!(false, "{why}\n\n{text}");
        }
    }
}
