//! SARIF 2.1.0 (OASIS), which GitHub, GitLab and Azure show as code scanning results.

use std::fmt::Write as _;

use serde_json::{Value as Json, json};

use crate::check::report::{CheckReport, FindingReport, Location};
use crate::check::rules::RULES;

/// The document.
pub(crate) fn render(report: &CheckReport) -> String {
    let rules: Vec<Json> = RULES
        .iter()
        .map(|rule| {
            json!({
                "id": rule.id,
                "name": rule.name,
                "shortDescription": { "text": rule.name },
                "fullDescription": { "text": rule.reason },
                "properties": { "source": rule.source },
            })
        })
        .collect();
    let document = json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": { "name": "sim", "version": report.tool_version, "rules": rules } },
            "columnKind": "unicodeCodePoints",
            "results": report.findings.iter().map(result).collect::<Vec<_>>(),
            "properties": {
                "passed": report.passed,
                "predictions": report.predictions,
                "predictionsWithAllFixes": report.predictions_with_all_fixes,
            },
        }],
    });
    serde_json::to_string_pretty(&document).expect("a value is JSON") + "\n"
}

fn result(finding: &FindingReport) -> Json {
    let index = RULES.iter().position(|rule| rule.id == finding.rule);
    json!({
        "ruleId": finding.rule,
        "ruleIndex": index,
        "level": finding.level,
        "message": { "text": format!("{}\n{}", finding.message, finding.advice) },
        "locations": [location(&finding.location)],
        "properties": { "patches": finding.patches, "effect": finding.effect },
    })
}

fn location(at: &Location) -> Json {
    // A region may not be empty.
    let end_column = if (at.end_line, at.end_column) > (at.line, at.column) {
        at.end_column
    } else {
        at.column + 1
    };
    json!({
        "physicalLocation": {
            "artifactLocation": { "uri": uri(&at.file) },
            "region": {
                "startLine": at.line,
                "startColumn": at.column,
                "endLine": at.end_line,
                "endColumn": end_column,
            },
        },
    })
}

/// A relative reference: what a URI does not take is percent-encoded.
fn uri(file: &str) -> String {
    let mut out = String::new();
    for byte in file.replace('\\', "/").bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte) {
            out.push(char::from(byte));
        } else {
            let _ = write!(out, "%{byte:02X}");
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn file_names_become_uri_references() {
        assert_eq!(uri("k8s/web app.yaml"), "k8s/web%20app.yaml");
        assert_eq!(uri("<stdin>"), "%3Cstdin%3E");
    }
}
