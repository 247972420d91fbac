//! What every benchmark prints besides divan's own table: nanoseconds per operation, and a digest of the result.

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::time::Instant;

/// Runs of one benchmark.
#[derive(Debug)]
struct Runs {
    unit: &'static str,
    operations: u64,
    digest: u64,
    elapsed_ns: Vec<u128>,
}

static RUNS: Mutex<BTreeMap<String, Runs>> = Mutex::new(BTreeMap::new());

/// Whether this is a measurement; under `cargo test` everything is tiny and runs once.
pub(crate) fn measures() -> bool {
    std::env::args().any(|argument| argument == "--bench")
}

/// Times one run of `work`, which returns its number of `unit`s and a digest of its result.
///
/// # Panics
///
/// If the same work gave another digest before: then it is not the same work.
pub(crate) fn timed(name: &str, unit: &'static str, work: impl FnOnce() -> (u64, u64)) {
    let start = Instant::now();
    let (operations, digest) = work();
    let elapsed_ns = start.elapsed().as_nanos();
    let mut all = RUNS.lock().expect("one thread");
    let runs = all.entry(name.to_owned()).or_insert_with(|| Runs {
        unit,
        operations,
        digest,
        elapsed_ns: Vec::new(),
    });
    assert_eq!(
        (runs.operations, runs.digest),
        (operations, digest),
        "{name} is not deterministic"
    );
    runs.elapsed_ns.push(elapsed_ns);
}

/// Prints one line for each benchmark that ran.
pub(crate) fn print() {
    for (name, runs) in RUNS.lock().expect("one thread").iter_mut() {
        runs.elapsed_ns.sort_unstable();
        #[allow(clippy::cast_precision_loss, reason = "for people")]
        let (median, count) = (
            runs.elapsed_ns[runs.elapsed_ns.len() / 2] as f64,
            runs.operations.max(1) as f64,
        );
        let Runs {
            unit,
            operations,
            digest,
            ..
        } = runs;
        println!(
            "{name}: {operations} {unit}, {:.1} ns each, {:.1} ms in all, digest {digest:016x}",
            median / count,
            median / 1e6
        );
    }
}

/// FNV-1a over 64-bit words. Constants: <http://www.isthe.com/chongo/tech/comp/fnv/>.
pub(crate) fn fnv(words: impl IntoIterator<Item = u64>) -> u64 {
    let fold = |hash: u64, word: u64| (hash ^ word).wrapping_mul(0x0100_0000_01b3);
    words.into_iter().fold(0xcbf2_9ce4_8422_2325, fold)
}
