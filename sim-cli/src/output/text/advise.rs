//! `sim advise` for people: what to set, why, what it costs, how sure.

use std::fmt::Write as _;

use super::layout::{Paint, Table, wrapped};
use super::number::{grouped, percent, percent_above};
use crate::advise::Measure;
use crate::advise::document::{Advice, Bound, MeasuredReport};
use crate::advise::levers::Scope;
use crate::advise::measure::Verdict;
use crate::advise::reasons::amount;
use crate::advise::search::{MOST_S, Status};
use crate::check::patch::Patch;

/// Causes shown; the machine format has them all.
const CAUSES_SHOWN: usize = 5;

/// The whole text.
pub(crate) fn render(advice: &Advice, patches: &[Patch], color: bool) -> String {
    let text = Text {
        advice,
        paint: Paint { color },
    };
    [
        text.head(),
        text.settings(),
        text.outcome(),
        text.causes(),
        text.trade_off(),
        text.neighbours(),
        text.if_worse(),
        text.patch(patches),
        text.notes(),
    ]
    .into_iter()
    .filter(|part| !part.is_empty())
    .collect::<Vec<_>>()
    .join("\n")
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
            Measure::ErrorsPerEvent => "errors per event",
            Measure::FiveXxRatio => "5xx ratio",
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
            Measure::ErrorsPerEvent => amount(bound.high),
            Measure::FiveXxRatio => percent_above(bound.high),
        }
    }

    fn head(&self) -> String {
        let provenance = &self.advice.provenance;
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
        let mut out = format!(
            "{}  profile {}, seed {} (check: {}), {} runs\n",
            self.paint.bold(&provenance.scenario),
            provenance.profile,
            provenance.seed,
            provenance.check_seed,
            grouped(provenance.runs_count)
        );
        let sentence = format!(
            "{limit}, with {} confidence: {verdict}",
            percent(target.confidence_ratio)
        );
        let line = wrapped(&sentence, "Target  ", "        ");
        out += &match self.advice.status {
            Status::Met | Status::AlreadyMet => line,
            Status::NotReachable | Status::Undecided => self.paint.red(&line),
        };
        out += &self.paint.dim(&wrapped(&target.definition, "        ", "        "));
        out
    }

    fn settings(&self) -> String {
        let settings = &self.advice.settings;
        let title = match self.advice.status {
            Status::Met => "What to set",
            Status::AlreadyMet => return String::new(),
            Status::NotReachable | Status::Undecided => "Best found",
        };
        if settings.is_empty() {
            return format!("{title}: today's settings\n");
        }
        let mut out = format!("{title}\n");
        let mut table = Table::new(&["setting", ">today", ">advised", "where"]);
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
        out += &table.render(self.paint);
        for setting in settings {
            out += &wrapped(&format!("{}: {}.", setting.path, setting.why), "  - ", "    ");
        }
        out
    }

    /// Before, after, and the check with other seeds.
    fn outcome(&self) -> String {
        let advice = self.advice;
        let has_rollout = advice.after.rollout_s.is_some();
        let unit = format!(">{}", self.unit());
        let mut heads = vec!["", &unit, ">upper bound", ">pod-seconds per event", ">longest drain"];
        if has_rollout {
            heads.push(">rollout");
        }
        heads.extend([">events", ">runs"]);
        let mut table = Table::new(&heads);
        let after = match advice.status {
            Status::Met | Status::AlreadyMet => "advised",
            Status::NotReachable | Status::Undecided => "best found",
        };
        for (name, measured) in [
            ("today", &advice.before),
            (after, &advice.after),
            ("same, other seeds", &advice.independent_check),
        ] {
            let judged = measured.judged(self.measure());
            let mut cells = vec![
                name.to_owned(),
                self.mean(judged),
                self.high(judged),
                amount(measured.terminating_pod_seconds_per_event),
                seconds(measured.longest_drain_s),
            ];
            if has_rollout {
                cells.push(measured.rollout_s.map_or_else(String::new, seconds));
            }
            cells.extend([grouped(measured.events_count), grouped(measured.replications_count)]);
            table.row_of(cells);
        }
        format!("What it changes\n{}", table.render(self.paint))
    }

    fn causes(&self) -> String {
        let causes = &self.advice.remaining_causes;
        if causes.is_empty() {
            return String::new();
        }
        let mut out = String::from("What still fails\n");
        for cause in causes.iter().take(CAUSES_SHOWN) {
            let line = format!(
                "{} {} per event. {}",
                amount(cause.errors_per_event),
                cause.cause.name(),
                cause.explanation
            );
            out += &wrapped(&line, "  - ", "    ");
        }
        out
    }

    fn trade_off(&self) -> String {
        let unit = format!(">{}", self.unit());
        let mut table = Table::new(&[
            ">sleep",
            ">grace",
            &unit,
            ">upper bound",
            ">pod-seconds per event",
            ">longest drain",
        ]);
        let advised = &self.advice.after;
        for row in &self.advice.trade_off {
            let judged = row.measured.judged(self.measure());
            table.row([
                format!("{}s", row.sleep_s),
                format!("{}s", row.termination_grace_period_s),
                self.mean(judged),
                self.high(judged),
                amount(row.measured.terminating_pod_seconds_per_event),
                seconds(row.measured.longest_drain_s),
            ]);
            if row.measured.five_xx_count == advised.five_xx_count
                && row.measured.terminating_pod_seconds_per_event.to_bits()
                    == advised.terminating_pod_seconds_per_event.to_bits()
            {
                table.style_last(Paint::bold);
            }
        }
        format!(
            "What each second buys, with the other settings as advised\n{}",
            table.render(self.paint)
        )
    }

    fn neighbours(&self) -> String {
        if self.advice.neighbours.is_empty() {
            return String::new();
        }
        let unit = format!(">{}", self.unit());
        let mut table = Table::new(&["instead", "cheaper", &unit, ">upper bound", "target", ">runs"]);
        for near in &self.advice.neighbours {
            let judged = near.measured.judged(self.measure());
            let by = if near.by_check_seed { ", other seeds" } else { "" };
            table.row([
                near.difference.clone(),
                if near.cheaper { "yes" } else { "no" }.to_owned(),
                self.mean(judged),
                self.high(judged),
                format!("{}{by}", verdict(&near.measured)),
                grouped(near.measured.replications_count),
            ]);
        }
        format!(
            "Around it: nothing cheaper meets the target\n{}",
            table.render(self.paint)
        )
    }

    fn if_worse(&self) -> String {
        if self.advice.if_worse.is_empty() {
            return String::new();
        }
        let unit = format!(">{}", self.unit());
        let mut table = Table::new(&["assumption", &unit, ">upper bound", "target", ">seconds needed"]);
        // A hook that stays as it is was not made longer.
        let if_none = match self.advice.status {
            Status::AlreadyMet => "–".to_owned(),
            Status::Met | Status::NotReachable | Status::Undecided => format!("above {MOST_S}s"),
        };
        for worse in &self.advice.if_worse {
            let judged = worse.measured.judged(self.measure());
            table.row([
                worse.assumption.clone(),
                self.mean(judged),
                self.high(judged),
                verdict(&worse.measured).to_owned(),
                worse
                    .needed_s
                    .map_or_else(|| if_none.clone(), |needed| format!("{needed}s")),
            ]);
        }
        format!("If removal is slower than assumed\n{}", table.render(self.paint))
    }

    fn patch(&self, patches: &[Patch]) -> String {
        let is_advice = matches!(self.advice.status, Status::Met);
        if !is_advice || patches.is_empty() {
            return String::new();
        }
        let mut out = String::from("Patch (strategic merge, for `kubectl patch` or kustomize)\n");
        for (index, patch) in patches.iter().enumerate() {
            if index > 0 {
                out += "  ---\n";
            }
            for line in patch.to_yaml().lines() {
                let _ = writeln!(out, "  {line}");
            }
        }
        out
    }

    fn notes(&self) -> String {
        let notes = self.advice.notes.iter();
        notes.map(|note| wrapped(note, "Note    ", "        ")).collect()
    }
}

fn verdict(measured: &MeasuredReport) -> &'static str {
    match measured.verdict {
        Verdict::Met => "met",
        Verdict::Missed => "missed",
        Verdict::Undecided => "not shown",
    }
}

fn seconds(value: f64) -> String {
    super::number::duration(value)
}
