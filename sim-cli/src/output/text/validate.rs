//! `sim validate` for people: the verdicts first, then what did not hold, then everything.

mod cases;
mod published;

use validation::cases::report::CasesReport;
use validation::published::report::PublishedReport;
use validation::report::{Finding, Section, Verdict};

use super::layout::{Paint, Table, wrapped};
use crate::commands::validate::Validation;

/// The whole text.
pub(crate) fn render(validation: &Validation, color: bool) -> String {
    let mut parts: Vec<String> = validation.sections.iter().map(|part| section(part, color)).collect();
    let published = validation.published.as_ref();
    parts.extend(published.map(|report| self::published(report, color)));
    parts.extend(validation.cases.as_ref().map(|report| cases(report, color)));
    parts.join("\n")
}

/// The tables of the published run.
pub(crate) fn published(report: &PublishedReport, color: bool) -> String {
    published::render(report, Paint { color })
}

/// The field cases one by one.
pub(crate) fn cases(report: &CasesReport, color: bool) -> String {
    cases::render(report, Paint { color })
}

/// The numbers, and what did not hold.
pub(crate) fn overview(validation: &Validation, color: bool) -> String {
    format!("{}\n{}", summary(validation, color), doubts(validation, color))
}

/// How much of each kind of evidence held.
pub(crate) fn summary(validation: &Validation, color: bool) -> String {
    let mut table = Table::new(&["evidence", ">held", ">failed", ">undetermined"]);
    for section in &validation.sections {
        let count = |verdict| section.count(verdict).to_string();
        table.row([
            section.name.clone(),
            count(Verdict::Held),
            count(Verdict::Failed),
            count(Verdict::Undetermined),
        ]);
    }
    let mut out = table.render(Paint { color });
    for section in &validation.sections {
        out.push('\n');
        out += &wrapped(&format!("{}: {}", section.name, section.about), "  ", "  ");
    }
    out
}

/// Every finding that did not hold.
pub(crate) fn doubts(validation: &Validation, color: bool) -> String {
    let all = validation.sections.iter().flat_map(|section| &section.findings);
    let doubtful: Vec<String> = all
        .filter(|finding| finding.verdict != Verdict::Held)
        .map(|finding| self::finding(finding, Paint { color }))
        .collect();
    if doubtful.is_empty() {
        return String::from("  Everything held.\n");
    }
    doubtful.join("\n")
}

/// One kind of evidence with all its findings.
pub(crate) fn section(section: &Section, color: bool) -> String {
    let paint = Paint { color };
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
    out += &wrapped(&finding.expected, "  expected  ", "            ");
    out += &wrapped(&finding.found, "  found     ", "            ");
    out += &paint.dim(&wrapped(&finding.source, "  source    ", "            "));
    if !finding.remark.is_empty() {
        out += &wrapped(&finding.remark, "  remark    ", "            ");
    }
    out
}
