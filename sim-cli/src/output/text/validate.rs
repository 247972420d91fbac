//! `sim validate` for people: the verdicts first, then what did not hold, then everything.

mod published;

use std::fmt::Write as _;

use validation::report::{Finding, Section, Verdict};

use super::layout::{Paint, wrapped};
use crate::commands::validate::Validation;

/// The whole text.
pub(crate) fn render(validation: &Validation, color: bool) -> String {
    let paint = Paint { color };
    let mut parts: Vec<String> = validation.sections.iter().map(|part| section(part, paint)).collect();
    parts.extend(
        validation
            .published
            .iter()
            .map(|report| published::render(report, paint)),
    );
    parts.join("\n")
}

fn section(section: &Section, paint: Paint) -> String {
    let mut out = format!(
        "{}  {} held, {} failed, {} undetermined\n",
        paint.bold(&section.name),
        section.count(Verdict::Held),
        section.count(Verdict::Failed),
        section.count(Verdict::Undetermined)
    );
    out += &wrapped(&section.about, "  ", "  ");
    for finding in &section.findings {
        out.push('\n');
        out += &self::finding(finding, paint);
    }
    for note in &section.notes {
        out.push('\n');
        out += &wrapped(note, "  note: ", "        ");
    }
    out
}

fn finding(finding: &Finding, paint: Paint) -> String {
    let title = format!("{:<12}  {}", finding.verdict.name(), finding.name);
    let mut out = match finding.verdict {
        Verdict::Held => title,
        Verdict::Failed => paint.red(&title),
        Verdict::Undetermined => paint.yellow(&title),
    };
    out.push('\n');
    out += &wrapped(&finding.claim, "  ", "  ");
    let _ = writeln!(out, "  expected  {}", finding.expected);
    let _ = writeln!(out, "  found     {}", finding.found);
    out += &paint.dim(&wrapped(&finding.source, "  source    ", "            "));
    if !finding.remark.is_empty() {
        out += &wrapped(&finding.remark, "  remark    ", "            ");
    }
    out
}
