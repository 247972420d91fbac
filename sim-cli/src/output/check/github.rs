//! Workflow commands of GitHub Actions: one annotation for each finding and for each limit that is exceeded.

use std::fmt::Write as _;

use crate::check::report::{CheckReport, FindingReport, PredictionReport};

/// One command a line.
pub(crate) fn render(report: &CheckReport) -> String {
    let mut out = String::new();
    for prediction in report.predictions.iter().filter(|prediction| prediction.exceeds_limit) {
        let _ = writeln!(
            out,
            "::error title={}::{}",
            property("sim check"),
            data(&limit(report, prediction))
        );
    }
    for finding in &report.findings {
        let _ = writeln!(out, "{}", command(finding));
    }
    out
}

fn limit(report: &CheckReport, prediction: &PredictionReport) -> String {
    format!(
        "{}: a {} fails {:.1} requests with 5xx ({:.4} %), above the limit",
        report.service.workload,
        prediction.disruption,
        prediction.five_xx_per_event,
        prediction.five_xx_ratio * 100.0
    )
}

fn command(finding: &FindingReport) -> String {
    let level = if finding.level == "note" {
        "notice"
    } else {
        finding.level.as_str()
    };
    let mut properties = String::new();
    let at = &finding.location;
    let _ = write!(
        properties,
        "file={},line={},col={},endLine={},",
        property(&at.file),
        at.line,
        at.column,
        at.end_line
    );
    let _ = write!(
        properties,
        "title={}",
        property(&format!("{} {}", finding.rule, finding.name))
    );
    let text = format!("{}\n{}\n{}", finding.message, finding.reason, finding.advice);
    format!("::{level} {properties}::{}", data(&text))
}

/// As GitHub's toolkit escapes a message.
fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// As GitHub's toolkit escapes a property.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_would_end_a_command_or_a_property_is_escaped() {
        assert_eq!(data("50 %\nof: a, b"), "50 %25%0Aof: a, b");
        assert_eq!(property("a:b,c\r"), "a%3Ab%2Cc%0D");
    }
}
