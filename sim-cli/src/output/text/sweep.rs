//! `sim sweep` for people: one line per design point.

use std::fmt::Write as _;

use super::layout::{Paint, Table};
use super::number::{count, duration, grouped, percent, percent_above};
use crate::sweep::Plan;
use crate::sweep::point::{PointResult, ReplicationRow};

/// Points shown; a machine format has them all.
const POINTS_SHOWN: usize = 60;

/// The summary of each point.
pub(crate) fn render(plan: &Plan, scenario: &str, results: &[PointResult], color: bool) -> String {
    let paint = Paint { color };
    let runs: u64 = results.iter().map(|result| result.replications.len() as u64).sum();
    let points = results.len() as u64;
    let mut out = format!(
        "{}  {} design {}, {} replications, seed {}\n\n",
        paint.bold(scenario),
        grouped(points),
        if points == 1 { "point" } else { "points" },
        grouped(runs),
        plan.seed.0
    );
    let mut heads: Vec<String> = plan.factors.iter().map(|factor| format!(">{}", factor.path)).collect();
    heads.extend([">5xx ratio", ">95 % interval", ">5xx per run", ">removal p99"].map(str::to_owned));
    let mut table = Table::new(&heads.iter().map(String::as_str).collect::<Vec<_>>());
    for result in results.iter().take(POINTS_SHOWN) {
        let (ratio, interval, _) = result.five_xx_ratio();
        let five_xx: u64 = result.replications.iter().map(ReplicationRow::five_xx_count).sum();
        let runs = result.replications.len() as u64;
        let mut cells: Vec<String> = plan.points[result.point]
            .iter()
            .map(|level| level.text.clone())
            .collect();
        if five_xx == 0 {
            cells.push("0".to_owned());
            cells.push(format!("below {}", percent_above(interval.high)));
        } else {
            cells.push(percent(ratio));
            cells.push(format!("{} to {}", percent(interval.low), percent(interval.high)));
        }
        cells.push(count(sim_core::stats::ratio(five_xx, runs)));
        let removal = result
            .replications
            .iter()
            .map(|row| row.removal_ns[2])
            .max()
            .unwrap_or(0);
        let removes = result.replications.iter().any(|row| row.terminated_pods_count > 0);
        let removal = sim_core::stats::seconds(sim_core::time::SimDuration::from_ns(removal));
        cells.push(if removes { duration(removal) } else { "–".to_owned() });
        table.row_of(cells);
    }
    out.push_str(&table.render(paint));
    if results.len() > POINTS_SHOWN {
        let more = grouped((results.len() - POINTS_SHOWN) as u64);
        let _ = writeln!(out, "  … and {more} more; --output sweep.csv has them all");
    }
    out
}
