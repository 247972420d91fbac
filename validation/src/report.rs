//! What a check claims, what it found, and whether that holds: plain data.

use schemars::JsonSchema;
use serde::Serialize;

/// Whether a claim holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// What was found agrees with what was expected.
    Held,
    /// What was found contradicts it.
    Failed,
    /// What was found decides nothing.
    Undetermined,
}

impl Verdict {
    /// Stable name.
    pub const fn name(self) -> &'static str {
        match self {
            Verdict::Held => "held",
            Verdict::Failed => "failed",
            Verdict::Undetermined => "undetermined",
        }
    }
}

/// One claim and what was found.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Finding {
    /// Stable name, `snake_case` or the identifier of a field case.
    pub name: String,
    /// What is claimed, one sentence.
    pub claim: String,
    /// What would be right, with unit and interval.
    pub expected: String,
    /// What the model gave, with unit and interval.
    pub found: String,
    /// Whether the claim holds.
    pub verdict: Verdict,
    /// Where the expectation comes from: a formula, a fact sheet's section, a publication.
    pub source: String,
    /// Why it does not hold or decides nothing, or what qualifies it; empty if nothing does.
    pub remark: String,
}

/// What one kind of check found.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Section {
    /// Stable name: `oracles`, `published`, `cases`, `conformance`.
    pub name: String,
    /// What was confronted with what, one or two sentences.
    pub about: String,
    /// Each claim.
    pub findings: Vec<Finding>,
    /// What qualifies all of it.
    pub notes: Vec<String>,
}

impl Section {
    /// Number of findings with that verdict.
    pub fn count(&self, verdict: Verdict) -> usize {
        self.findings
            .iter()
            .filter(|finding| finding.verdict == verdict)
            .count()
    }
}
