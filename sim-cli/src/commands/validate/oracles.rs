//! `sim validate oracles`: the model against closed forms and hand-worked timelines.

use rayon::prelude::*;
use sim_core::rng::Seed;
use validation::oracle;
use validation::report::Section;

/// Every oracle, on the threads of the current pool, in their own order.
pub(super) fn examine(seed: Seed) -> Section {
    let oracles: Vec<_> = oracle::all().collect();
    Section {
        name: String::from("oracles"),
        about: String::from(
            "The model against closed forms of queueing theory and timelines worked by hand, each within its 99.9 % \
             interval.",
        ),
        findings: oracles.par_iter().map(|oracle| oracle.examine(seed)).collect(),
        notes: Vec::new(),
    }
}
