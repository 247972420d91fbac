//! The credibility page: one self-contained HTML file.

use validation::report::Verdict;

use super::Validation;
use crate::output::html::{Section, page};
use crate::output::text::validate as text;

/// The page: the summary, what did not hold, the pictures, then everything.
pub(super) fn render(validation: &Validation, pictures: Vec<Section>) -> String {
    let mut sections = vec![
        part("Summary", text::summary(validation, false)),
        part(
            "What did not hold, and what is undetermined",
            text::doubts(validation, false),
        ),
    ];
    sections.extend(pictures);
    sections.extend(validation.published.as_ref().map(|report| {
        part(
            "The published run: window by window, what it hangs on, and the 37 % → 1 %",
            text::published(report, false),
        )
    }));
    for section in &validation.sections {
        let held = section.count(Verdict::Held);
        sections.push(Section::Folded {
            title: format!("{}: {held} of {} held", section.name, section.findings.len()),
            text: text::section(section, false),
        });
    }
    sections.extend(validation.cases.as_ref().map(|report| Section::Folded {
        title: format!("field cases, one by one: {}", report.cases.len()),
        text: text::cases(report, false),
    }));
    sections.push(part(
        "How to make this page again",
        format!(
            "sim validate all --seed {} --report FILE.html    (sim {})\n",
            validation.seed, validation.tool_version
        ),
    ));
    page(
        "May one believe it? The drain simulator against theory and the field",
        &sections,
    )
}

fn part(title: &str, text: String) -> Section {
    Section::Text {
        title: title.to_owned(),
        text,
    }
}
