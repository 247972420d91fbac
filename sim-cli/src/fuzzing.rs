//! What `sim import -` and `sim check -` do with a text before anything is simulated: for the fuzzer and the benches.

use crate::check::{Context, patch, rules};
use crate::commands;
use crate::import::disruption::Standard;
use crate::import::draft::Draft;
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
    /// It is imported, but a scenario made of it is no scenario: a mistake of the importer. This says why.
    Unusable(String),
}

/// What `sim import - --service NAME` prints for that input: the scenario, and what goes to stderr.
///
/// # Errors
///
/// The message with which the command fails.
pub fn import_service(text: Vec<u8>, service: &str) -> Result<(String, String), String> {
    let (manifests, sources) = read(text)?;
    let options = Options {
        service: Some(service.to_owned()),
        ..Options::default()
    };
    match commands::import::make(&manifests, sources, &options, None, false) {
        Ok(made) => Ok((made.scenario, made.notes)),
        Err(error) => Err(error.render(false)),
    }
}

fn read(text: Vec<u8>) -> Result<(Manifests, Sources), String> {
    let (mut sources, mut manifests, mut problems) = (Sources::default(), Manifests::default(), Vec::new());
    files::add_text("<stdin>", text, &mut sources, &mut manifests, &mut problems);
    problems.extend(manifests.duplicates());
    if problems.is_empty() {
        Ok((manifests, sources))
    } else {
        Err(LoadError::new(sources, problems).render(false))
    }
}

/// Reads `text` as manifests, imports the one service in it, makes a scenario for every standard disruption, loads
/// each, and applies the rules as far as they need no prediction. Renders whatever the commands would print.
pub fn import_manifest(text: &[u8]) -> Outcome {
    let (manifests, sources) = match read(text.to_vec()) {
        Ok(read) => read,
        Err(why) => return Outcome::Refused(why),
    };
    let options = Options::default();
    let imported = match import::import(&manifests, &options) {
        Ok(imported) => imported,
        Err(problems) => return Outcome::Refused(LoadError::new(sources, problems).render(false)),
    };
    let refusals = imported.refusals.iter().map(|refusal| &refusal.diagnostic);
    error::render(refusals.chain(&imported.notes), &sources, false);
    let loaded = |draft: &Draft| {
        import::load(draft, &sources, None, &[]).map_err(|error| {
            let why = error.render(false);
            if is_malformed(&why) {
                Outcome::Unusable(why)
            } else {
                Outcome::Refused(why)
            }
        })
    };
    for standard in Standard::ALL {
        let draft = imported.with(standard);
        if let Some(outcome) = draft.and_then(|draft| loaded(&draft).err()) {
            return outcome;
        }
    }
    let base = match loaded(&imported.draft) {
        Ok(base) => base,
        Err(outcome) => return outcome,
    };
    for key in ["name", "description"] {
        if imported.draft.get(key) != base.resolved.get(key) {
            return Outcome::Unusable(format!("`{key}` became {}", base.resolved[key]));
        }
    }
    let findings = rules::findings(&Context {
        imported: &imported,
        scenario: &base.scenario,
        manifests: &manifests,
        predictions: &[],
    });
    for patch in patch::combined(findings.iter().flat_map(|finding| &finding.fix.patches)) {
        patch.to_yaml();
    }
    Outcome::Accepted
}

/// Whether a scenario was refused for its form. A value out of the model's range is the manifest's: the scenario's line
/// names where it stands.
fn is_malformed(why: &str) -> bool {
    const FORM: [&str; 10] = [
        "not valid YAML",
        "a second time",
        "a second document",
        "anchors and aliases",
        "unknown key",
        "unknown value",
        "unknown kind",
        "has no unit",
        "`: expected ",
        "` is missing",
    ];
    let mut titles = why.lines().filter(|line| line.starts_with("error: "));
    titles.any(|title| FORM.iter().any(|form| title.contains(form)))
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
