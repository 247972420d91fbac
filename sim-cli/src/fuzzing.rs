//! What `sim import -` and `sim check -` do with a text before anything is simulated: for the fuzzer and the benches.

use crate::check::{Context, patch, rules};
use crate::import::disruption::Standard;
use crate::import::{self, Options};
use crate::manifest::Manifests;
use crate::manifest::files;
use crate::text::error::{self, LoadError};
use crate::text::source::Sources;

/// What became of a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// It is refused; this says why.
    Refused(String),
    /// It is imported, and every scenario made of it loads.
    Accepted,
    /// It is imported, but a scenario made of it does not load: a mistake of the importer. This says why.
    Unusable(String),
}

/// Reads `text` as manifests, imports the one service in it, makes a scenario for every standard disruption, loads
/// each, and applies the rules as far as they need no prediction. Renders whatever the commands would print.
pub fn import_manifest(text: &[u8]) -> Outcome {
    let (mut sources, mut manifests, mut problems) = (Sources::default(), Manifests::default(), Vec::new());
    files::add_text("<stdin>", text.to_vec(), &mut sources, &mut manifests, &mut problems);
    problems.extend(manifests.duplicates());
    if !problems.is_empty() {
        return Outcome::Refused(LoadError::new(sources, problems).render(false));
    }
    let options = Options::default();
    let imported = match import::import(&manifests, &options) {
        Ok(imported) => imported,
        Err(problems) => return Outcome::Refused(LoadError::new(sources, problems).render(false)),
    };
    let refusals = imported.refusals.iter().map(|refusal| &refusal.diagnostic);
    error::render(refusals.chain(&imported.notes), &sources, false);
    let drafts = Standard::ALL.iter().filter_map(|standard| imported.with(*standard));
    for draft in drafts.chain([imported.draft.clone()]) {
        if let Err(error) = import::load(&draft, &sources, None, &[]) {
            return Outcome::Unusable(error.render(false));
        }
    }
    if let Ok(base) = import::load(&imported.draft, &sources, None, &[]) {
        let findings = rules::findings(&Context {
            imported: &imported,
            scenario: &base.scenario,
            manifests: &manifests,
            predictions: &[],
        });
        for patch in patch::combined(findings.iter().flat_map(|finding| &finding.fix.patches)) {
            patch.to_yaml();
        }
    }
    Outcome::Accepted
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_manifest_is_accepted_and_a_broken_one_is_refused() {
        let good = include_bytes!("../tests/manifests/daemonset.yaml");
        assert_eq!(import_manifest(good), Outcome::Accepted);
        let refused = import_manifest(b"a: [");
        assert!(
            matches!(&refused, Outcome::Refused(why) if why.contains("<stdin>:1:4")),
            "{refused:?}"
        );
    }
}
