//! `sim advise` for people: what to set, why, what it costs, how sure.

mod tables;

use std::fmt::Write as _;

use super::layout::{Paint, Table, wrapped};
use super::number::{grouped, percent, percent_at_most};
use crate::advise::Measure;
use crate::advise::document::{Advice, Bound};
use crate::advise::levers::Scope;
use crate::advise::measure::Verdict;
use crate::advise::reasons::{amount, amount_at_most};
use crate::advise::search::Status;
use crate::check::patch::Patch;

/// Causes shown; the machine format has them all.
const CAUSES_SHOWN: usize = 5;

/// What stands under one heading.
pub(crate) struct Part {
    /// The heading.
    pub(crate) title: String,
    /// Lines.
    pub(crate) body: String,
    /// Name of the figure that shows the same.
    pub(crate) figure: Option<&'static str>,
}

impl Part {
    fn new(title: impl Into<String>, body: String) -> Self {
        Self {
            title: title.into(),
            body,
            figure: None,
        }
    }

    fn drawn(self, figure: &'static str) -> Self {
        Self {
            figure: Some(figure),
            ..self
        }
    }
}

/// The whole text.
pub(crate) fn render(advice: &Advice, patches: &[Patch], color: bool) -> String {
    let paint = Paint { color };
    let provenance = &advice.provenance;
    let mut out = format!(
        "{}  profile {}, seed {}, {} runs\n",
        paint.bold(&provenance.scenario),
        provenance.profile,
        provenance.seed,
        grouped(provenance.runs_count)
    );
    out += &Text { advice, paint }.target();
    for part in parts(advice, patches, color) {
        let _ = write!(out, "\n{}\n{}", part.title, part.body);
    }
    out
}

/// All of it under headings, without the line that names the scenario and the target.
pub(crate) fn parts(advice: &Advice, patches: &[Patch], color: bool) -> Vec<Part> {
    let text = Text {
        advice,
        paint: Paint { color },
    };
    [
        text.settings(),
        Some(text.outcome()),
        Some(text.confidence()),
        text.causes(),
        Some(text.trade_off()),
        text.neighbours(),
        text.if_worse(),
        text.patch(patches),
        Some(text.again()),
        text.notes(),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// The target, and whether it is met.
pub(crate) fn target(advice: &Advice) -> String {
    let paint = Paint { color: false };
    Text { advice, paint }.target()
}

struct Text<'a> {
    advice: &'a Advice,
    paint: Paint,
}

impl Text<'_> {
    fn measure(&self) -> Measure {
        self.advice.target.measure
    }

    fn unit(&self) -> &'static str {
        match self.measure() {
            Measure::ErrorsPerEvent => ">errors per event",
            Measure::FiveXxRatio => ">5xx ratio",
        }
    }

    fn mean(&self, bound: Bound) -> String {
        match self.measure() {
            Measure::ErrorsPerEvent => amount(bound.mean),
            Measure::FiveXxRatio => percent(bound.mean),
        }
    }

    fn high(&self, bound: Bound) -> String {
        match self.measure() {
            Measure::ErrorsPerEvent => amount_at_most(bound.high),
            Measure::FiveXxRatio => percent_at_most(bound.high),
        }
    }

    fn target(&self) -> String {
        let target = &self.advice.target;
        let limit = match target.measure {
            Measure::ErrorsPerEvent => format!("at most {} errors per event", amount(target.value)),
            Measure::FiveXxRatio => format!("a 5xx ratio of at most {}", percent(target.value)),
        };
        let verdict = match self.advice.status {
            Status::Met => "met by the settings below",
            Status::AlreadyMet => "met already",
            Status::NotReachable => "not reachable",
            Status::Undecided => "undecided",
        };
        let sentence = format!(
            "{limit}, with {} confidence: {verdict}",
            percent(target.confidence_ratio)
        );
        let line = wrapped(&sentence, "Target  ", "        ");
        let line = match self.advice.status {
            Status::Met | Status::AlreadyMet => line,
            Status::NotReachable | Status::Undecided => self.paint.red(&line),
        };
        line + &self.paint.dim(&wrapped(&target.definition, "        ", "        "))
    }

    /// What the settings are that the search ends with: advice only where they meet the target.
    fn chosen(&self) -> &'static str {
        match self.advice.status {
            Status::Met | Status::AlreadyMet => "advised",
            Status::NotReachable | Status::Undecided => "best found",
        }
    }

    fn settings(&self) -> Option<Part> {
        let settings = &self.advice.settings;
        let title = match self.advice.status {
            Status::Met => "What to set",
            Status::AlreadyMet => return None,
            Status::NotReachable | Status::Undecided => "Best found",
        };
        if settings.is_empty() {
            return Some(Part::new(title, "  today's settings\n".to_owned()));
        }
        let mut table = Table::new(&["setting", ">today", &format!(">{}", self.chosen()), "where"]);
        for setting in settings {
            let place = match setting.scope {
                Scope::Manifest => "manifest",
                Scope::Application => "application",
            };
            table.row([
                setting.path.clone(),
                setting.before.clone(),
                setting.after.clone(),
                place.to_owned(),
            ]);
        }
        let mut body = table.render(self.paint);
        for setting in settings {
            body += &wrapped(&format!("{}: {}.", setting.path, setting.why), "  - ", "    ");
        }
        Some(Part::new(title, body))
    }

    /// What the check is and what it said.
    fn confidence(&self) -> Part {
        let check = &self.advice.independent_check;
        let measured = &check.measured;
        let judged = measured.judged(self.measure());
        let said = match (measured.verdict, self.advice.status) {
            (Verdict::Met, Status::Met | Status::AlreadyMet) => "so the target is met",
            (Verdict::Met, _) => "which does not make up for the search, where it is not met",
            (Verdict::Missed, _) => "so the target is missed",
            (Verdict::Unfinished, _) => "in runs that end before its pods are gone",
            (Verdict::Undecided, _) => "so the target is not shown to be met",
        };
        let mut body = wrapped(
            &format!(
                "Checked with seed {}, which the search has not seen, in {} runs, a number fixed before: {} fail{}, and \
                 with {} confidence at most {}, {said}.",
                check.seed,
                grouped(measured.replications_count),
                self.mean(judged),
                match self.measure() {
                    Measure::ErrorsPerEvent => " per event",
                    Measure::FiveXxRatio => "",
                },
                percent(check.confidence_ratio),
                self.high(judged),
            ),
            "  ",
            "  ",
        );
        let attempts = match (self.advice.status, check.attempts_count) {
            (Status::NotReachable | Status::Undecided, 1) => return Part::new("How sure", body),
            (_, 1) => "It is the first candidate that was checked.".to_owned(),
            (_, 2) => "One candidate was refused by such a check before.".to_owned(),
            (_, attempts) => format!("{} candidates were refused by such checks before.", attempts - 1),
        };
        body += &wrapped(
            &format!(
                "{attempts} Each check is made with half of the risk that the one before it had, so that {} holds for \
                 all of them together.",
                percent(self.advice.target.confidence_ratio)
            ),
            "  ",
            "  ",
        );
        Part::new("How sure", body)
    }

    fn causes(&self) -> Option<Part> {
        let causes = &self.advice.remaining_causes;
        let mut body = String::new();
        for cause in causes.iter().take(CAUSES_SHOWN) {
            let line = format!(
                "{} {} per event. {}",
                amount(cause.errors_per_event),
                cause.cause.name(),
                cause.explanation
            );
            body += &wrapped(&line, "  - ", "    ");
        }
        (!causes.is_empty()).then(|| Part::new("What still fails", body))
    }

    fn patch(&self, patches: &[Patch]) -> Option<Part> {
        if self.advice.status != Status::Met || patches.is_empty() {
            return None;
        }
        let mut body = String::new();
        for (index, patch) in patches.iter().enumerate() {
            if index > 0 {
                body += "---\n";
            }
            body += &patch.to_yaml();
        }
        let title = "Patch (strategic merge, for `kubectl patch` or kustomize)";
        Some(Part::new(title, body))
    }

    fn again(&self) -> Part {
        let (provenance, check) = (&self.advice.provenance, &self.advice.independent_check);
        let body = format!(
            "  {} --output-scenario advised.yaml\n  sim run advised.yaml --seed {} --replications {}  # the check\n  sim \
             {}, scenario digest {}, of the advised one {}\n",
            provenance.command,
            check.seed,
            check.measured.replications_count,
            provenance.tool_version,
            provenance.scenario_digest,
            provenance.advised_digest
        );
        Part::new("Reproduce", body)
    }

    fn notes(&self) -> Option<Part> {
        let notes = self.advice.notes.iter();
        let body: String = notes.map(|note| wrapped(note, "  - ", "    ")).collect();
        (!body.is_empty()).then(|| Part::new("Notes", body))
    }
}
