//! Its tables.

use super::super::layout::{Paint, Table, wrapped};
use super::super::number::{duration, grouped};
use super::{Part, Text};
use crate::advise::document::MeasuredReport;
use crate::advise::measure::Verdict;
use crate::advise::reasons::amount;

impl Text<'_> {
    /// Before, after, and the check with another seed.
    pub(super) fn outcome(&self) -> Part {
        let advice = self.advice;
        let has_rollout = advice.after.rollout_s.is_some();
        let mut heads = vec!["", self.unit(), ">at most", ">pod-seconds", ">drain"];
        if has_rollout {
            heads.push(">rollout");
        }
        heads.extend([">events", ">runs"]);
        let mut table = Table::new(&heads);
        for (name, measured) in [
            ("today", &advice.before),
            (self.chosen(), &advice.after),
            ("checked", &advice.independent_check.measured),
        ] {
            let judged = measured.judged(self.measure());
            let mut cells = vec![
                name.to_owned(),
                self.mean(judged),
                self.high(judged),
                amount(measured.terminating_pod_seconds_per_event),
                duration(measured.longest_drain_s),
            ];
            if has_rollout {
                cells.push(measured.rollout_s.map_or_else(String::new, duration));
            }
            cells.extend([grouped(measured.events_count), grouped(measured.replications_count)]);
            table.row_of(cells);
        }
        let drain = "The drain lasts from a disruption's start until the last pod that it took is gone: as long as it takes \
                     pods, and the termination of the last one. The grace period limits each pod's own.";
        Part::new(
            "What it changes (pod-seconds spent terminating per event, longest drain of a run)",
            table.render(self.paint) + &wrapped(drain, "  ", "  "),
        )
        .drawn("race-window")
    }

    pub(super) fn trade_off(&self) -> Part {
        let mut table = Table::new(&[
            ">sleep",
            ">grace",
            self.unit(),
            ">at most",
            ">pod-seconds",
            ">longest drain",
            "target",
            ">runs",
        ]);
        for row in &self.advice.trade_off {
            let judged = row.measured.judged(self.measure());
            let mut target = verdict(&row.measured).to_owned();
            if row.is_advised {
                target = format!("{target}, {}", self.chosen());
            }
            table.row([
                format!("{}s", row.sleep_s),
                format!("{}s", row.termination_grace_period_s),
                self.mean(judged),
                self.high(judged),
                amount(row.measured.terminating_pod_seconds_per_event),
                duration(row.measured.longest_drain_s),
                target,
                grouped(row.measured.replications_count),
            ]);
            if row.is_advised {
                table.style_last(Paint::bold);
            }
        }
        let title = format!("What each second buys, with the other settings as {}", self.chosen());
        Part::new(title, table.render(self.paint)).drawn("trade-off")
    }

    pub(super) fn neighbours(&self) -> Option<Part> {
        let title = if self.advice.cheaper_neighbour_meets {
            "Around it: a cheaper setting meets the target too"
        } else {
            "Around it: nothing cheaper is shown to meet the target"
        };
        let mut table = Table::new(&["instead", "cheaper", self.unit(), ">at most", "target", ">runs"]);
        let (idle, grid): (Vec<_>, Vec<_>) = self.advice.neighbours.iter().partition(|near| near.no_effect);
        for near in grid {
            let judged = near.measured.judged(self.measure());
            table.row([
                near.difference.clone(),
                if near.cheaper { "yes" } else { "no" }.to_owned(),
                self.mean(judged),
                self.high(judged),
                if near.by_check_seed {
                    "refused by a check".to_owned()
                } else {
                    verdict(&near.measured).to_owned()
                },
                grouped(near.measured.replications_count),
            ]);
        }
        let mut body = table.render(self.paint);
        if let Some(first) = idle.first() {
            let names: Vec<&str> = idle.iter().map(|near| near.difference.as_str()).collect();
            let runs = grouped(first.measured.replications_count);
            let line = format!("No measurable help in {runs} runs: {}.", names.join("; "));
            body += &wrapped(&line, "  ", "  ");
        }
        (!self.advice.neighbours.is_empty()).then(|| Part::new(title, body))
    }

    pub(super) fn if_worse(&self) -> Option<Part> {
        let mut table = Table::new(&["assumption", self.unit(), ">at most", "target", ">seconds needed"]);
        for worse in &self.advice.if_worse {
            let judged = worse.measured.judged(self.measure());
            let needed = match (worse.needed_s, worse.longest_cover_tried_s) {
                (Some(needed), _) => format!("{needed}s"),
                // A hook that stays as it is was not made longer.
                (None, 0) => "–".to_owned(),
                (None, longest) => format!("above {longest}s"),
            };
            table.row([
                worse.assumption.clone(),
                self.mean(judged),
                self.high(judged),
                verdict(&worse.measured).to_owned(),
                needed,
            ]);
        }
        let title = "If removal is slower than assumed (not checked with other seeds)";
        (!self.advice.if_worse.is_empty()).then(|| Part::new(title, table.render(self.paint)))
    }
}

fn verdict(measured: &MeasuredReport) -> &'static str {
    match measured.verdict {
        Verdict::Met => "met",
        Verdict::Missed => "missed",
        Verdict::Unfinished => "run too short",
        Verdict::Undecided => "not shown",
    }
}
