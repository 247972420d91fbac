//! `sim import - --service NAME` on an input of 2000 documents, without the process around it.
//!
//! `cargo bench -p sim-cli --bench import` takes seconds. With `-- --once` it imports once and says how much memory that
//! took at most.

#![allow(clippy::print_stdout, reason = "a benchmark reports")]

#[path = "shared/chart.rs"]
mod chart;

use std::time::Instant;

use divan::Bencher;
use divan::counter::BytesCount;
use sim_cli::fuzzing;

fn main() {
    if std::env::args().any(|argument| argument == "--once") {
        let text = chart::chart();
        let before = peak_memory_kb();
        let bytes = text.len();
        let start = Instant::now();
        let (scenario, notes) = import(text);
        println!(
            "{bytes} bytes in {:.1} ms: a scenario of {} bytes, notes of {} bytes",
            start.elapsed().as_secs_f64() * 1e3,
            scenario.len(),
            notes.len()
        );
        println!(
            "peak memory: {} kB, of which {before} kB for the input",
            peak_memory_kb()
        );
        return;
    }
    divan::main();
}

fn import(text: String) -> (String, String) {
    fuzzing::import_service(text.into_bytes(), "shop-200").expect("the chart is valid")
}

/// One service out of 400.
#[divan::bench]
fn chart_of_2000_documents(bencher: Bencher) {
    let bytes = BytesCount::of_str(&chart::chart());
    bencher
        .counter(bytes)
        .with_inputs(chart::chart)
        .bench_local_values(import);
}

/// `VmHWM` of the process, or 0 where the system does not tell.
fn peak_memory_kb() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let number = line.and_then(|line| line.trim().strip_suffix(" kB"));
    number.and_then(|number| number.trim().parse().ok()).unwrap_or(0)
}
