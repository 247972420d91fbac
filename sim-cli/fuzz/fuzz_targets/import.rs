//! No text makes the importer panic, hang or fill the memory, and what it accepts loads.

#![no_main]

use libfuzzer_sys::fuzz_target;
use sim_cli::fuzzing::{Outcome, import_manifest};

fuzz_target!(|text: &[u8]| {
    if let Outcome::Unusable(why) = import_manifest(text) {
        panic!("imported, but into no scenario: {why}");
    }
});
