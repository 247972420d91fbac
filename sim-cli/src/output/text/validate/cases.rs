//! Field cases for people: a table of verdicts, totals, and why.

use std::fmt::Write as _;

use validation::cases::report::{CaseReport, CasesReport, Found, StatementReport};
use validation::cases::verdict::{CaseVerdict, Share};

use super::super::layout::{Paint, Table, wrapped};

/// The whole part.
pub(crate) fn render(report: &CasesReport, paint: Paint) -> String {
    let mut out = rule(report);
    let (core, extended): (Vec<&CaseReport>, Vec<&CaseReport>) = report.cases.iter().partition(|case| case.is_core);
    if !core.is_empty() {
        let _ = write!(out, "\n{}\n", paint.bold("Core cases"));
        out += &table(&core, paint);
    }
    if !extended.is_empty() {
        let _ = write!(
            out,
            "\n{}\n",
            paint.bold("Extended cases, which need a mechanism that the basic model lacks")
        );
        out += &table(&extended, paint);
    }
    let _ = write!(out, "\n{}\n", paint.bold("Totals"));
    out += &totals(report, paint);
    let details: Vec<&CaseReport> = report
        .cases
        .iter()
        .filter(|case| {
            let is_plain = case.verdict == CaseVerdict::Supported && case.moved.is_empty();
            report.cases.len() == 1 || case.is_core && !is_plain
        })
        .collect();
    if !details.is_empty() {
        let _ = write!(out, "\n{}\n", paint.bold("Case by case"));
        for case in details {
            out += &detail(case, paint);
        }
    }
    if !extended.is_empty() && report.cases.len() > 1 {
        let _ = write!(out, "\n{}\n", paint.bold("Mechanisms that extended cases need"));
        for case in extended {
            let missing = case
                .statements
                .iter()
                .find_map(|statement| statement.obstacle.as_deref());
            let why = missing.unwrap_or("run as far as the model goes");
            out += &wrapped(&format!("{}: {}; {why}", case.id, case.applicability), "  ", "    ");
        }
    }
    out
}

fn rule(report: &CasesReport) -> String {
    let rule = &report.rule;
    let percent = |ratio: f64| format!("{:.0} %", 100.0 * ratio);
    let mut text = format!(
        "{} draws of what each source leaves open, {} events each. Supported: all statements of a case hold together in at \
         least {} of the draws; contradicted: in at most {}; between them, or with a statement that cannot be expressed: \
         undetermined. ",
        report.draws_count,
        rule.events_per_draw_count,
        percent(rule.supported_from_ratio),
        percent(rule.contradicted_up_to_ratio),
    );
    let counted = &report.counted;
    if counted.cases_count > 0 {
        let _ = write!(
            text,
            "Of {} core ALB cases with grade A or B (marked *) {} are supported; with a bound of 80 % it would be {}. Of \
             the {} that were not among the evidence for a default (those are marked †) {} are supported.",
            counted.cases_count,
            counted.supported_count,
            counted.supported_at_stricter_bound_count,
            counted.unused_count,
            counted.unused_supported_count
        );
    }
    let mut out = wrapped(&text, "  ", "  ");
    for set in &report.overrides {
        let _ = writeln!(out, "  with {set}");
    }
    out
}

fn table(cases: &[&CaseReport], paint: Paint) -> String {
    let mut table = Table::new(&["case", "grade", "verdict", ">P", "95 %", "weakest statement"]);
    for case in cases {
        let mark = match (case.counts, case.moved.is_empty()) {
            (true, true) => "*",
            (true, false) => "*†",
            (false, true) => "",
            (false, false) => "†",
        };
        let (probability, interval) = share(case.share);
        table.row([
            case.id.clone(),
            format!("{}{mark}", case.grade),
            case.verdict.name().to_owned(),
            probability,
            interval,
            weakest(case),
        ]);
        match case.verdict {
            CaseVerdict::Contradicted => table.style_last(Paint::red),
            CaseVerdict::Undetermined => table.style_last(Paint::yellow),
            CaseVerdict::Supported | CaseVerdict::NotExpressible => {}
        }
    }
    table.render(paint)
}

fn share(share: Option<Share>) -> (String, String) {
    match share {
        Some(share) => (
            format!("{:.2}", share.probability),
            format!("{:.2} to {:.2}", share.ci95_low, share.ci95_high),
        ),
        None => (String::from("-"), String::from("-")),
    }
}

fn weakest(case: &CaseReport) -> String {
    let of = |statement: &&StatementReport| Some(&statement.text) == case.weakest.as_ref();
    let Some(statement) = case.statements.iter().find(of) else {
        return String::from("-");
    };
    match statement.share {
        Some(share) if share.holds_count < share.draws_count => {
            format!("{} ({:.2})", statement.text, share.probability)
        }
        _ => String::from("all hold"),
    }
}

fn totals(report: &CasesReport, paint: Paint) -> String {
    let mut table = Table::new(&[
        "grade",
        "",
        ">supported",
        ">contradicted",
        ">undetermined",
        ">not expressible",
    ]);
    for total in &report.totals {
        table.row([
            total.grade.clone(),
            String::from(if total.is_core { "core" } else { "extended" }),
            total.supported_count.to_string(),
            total.contradicted_count.to_string(),
            total.undetermined_count.to_string(),
            total.not_expressible_count.to_string(),
        ]);
    }
    table.render(paint)
}

fn detail(case: &CaseReport, paint: Paint) -> String {
    let title = format!("{}  {}", case.id, case.verdict.name());
    let mut out = format!("\n{}\n", paint.bold(&title));
    out += &paint.dim(&wrapped(&case.source, "  ", "  "));
    for statement in &case.statements {
        let probability = match (&statement.obstacle, statement.share) {
            (Some(_), _) => String::from("   -"),
            (None, None) => String::from(" n/a"),
            (None, Some(share)) => format!("{:.2}", share.probability),
        };
        out += &wrapped(
            &format!("{}{}", statement.text, values(statement)),
            &format!("  {probability}  "),
            "        ",
        );
    }
    for (what, texts) in [("mapped", &case.mapped), ("not understood", &case.not_understood)] {
        for text in texts {
            out += &paint.dim(&wrapped(text, &format!("  {what}: "), "    "));
        }
    }
    let drawn: Vec<&str> = case.drawn.iter().map(|drawn| drawn.setting.as_str()).collect();
    if !drawn.is_empty() {
        out += &paint.dim(&wrapped(&drawn.join(", "), "  drawn: ", "    "));
    }
    if !case.moved.is_empty() {
        let text = format!("{}; where they decide it, it is no prediction", case.moved.join(", "));
        out += &wrapped(&text, "  among the evidence for: ", "    ");
    }
    if let Some(explanation) = &case.explanation {
        out += &wrapped(explanation, "  explanation: ", "    ");
    }
    out
}

/// What was found, or why nothing was.
fn values(statement: &StatementReport) -> String {
    if let Some(obstacle) = &statement.obstacle {
        return format!(": not expressed, {obstacle}");
    }
    let values: Vec<String> = statement.found.iter().map(found).collect();
    format!("; found {}", values.join(" / "))
}

fn found(found: &Found) -> String {
    match (found.p5, found.median, found.p95) {
        (Some(p5), Some(median), Some(p95)) => {
            format!("{} ({} to {})", number(median), number(p5), number(p95))
        }
        _ => String::from("no value"),
    }
}

/// Three digits, or the power of ten that they stand at.
fn number(value: f64) -> String {
    match value.abs() {
        0.0 => String::from("0"),
        size if size < 1e-3 => format!("{value:.1e}"),
        size if size < 10.0 => format!("{value:.2}"),
        size if size < 100.0 => format!("{value:.1}"),
        _ => format!("{value:.0}"),
    }
}
