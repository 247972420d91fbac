//! `sim sweep --sensitivity` for people: what the result depends on, and what to measure first.

use std::fmt::Write as _;

use super::layout::{Paint, Table, wrapped};
use super::number::grouped;
use crate::sweep::Plan;
use crate::sweep::sensitivity::{Estimate, Index};
use crate::sweep::vary::Factor;

/// Share of the variance from which on a factor is worth measuring.
const WORTH_MEASURING: f64 = 0.05;

const METHOD: &str = "\
Sobol indices of the 5xx ratio. Alone: share of the variance that the factor explains by itself (Saltelli 2010). With \
others: the same and all that it does together with other factors (Jansen 1999). Intervals: percentile bootstrap over \
the rows. Estimates of small shares may fall below zero, and more --points narrow the intervals.";

const BUILT_IN_RANGES: &str = "\
Values are drawn evenly from each range, independently of each other. The ranges are those of the fact sheets that the \
model follows, or estimates, not of your cluster; they are wider where the scenario's own value lies outside. Of a \
distribution the median is drawn, and the rest keeps its proportions.";

const OWN_RANGES: &str = "Values are drawn evenly from each range, independently of each other.";

/// The strongest factor first.
pub(crate) fn render(plan: &Plan, scenario: &str, indices: &[Index], color: bool) -> String {
    let paint = Paint { color };
    let factors = plan.factors.len();
    let rows = plan.points.len() / (factors + 2);
    let mut out = format!(
        "{}  what the 5xx ratio depends on: {} design points ({rows} rows, {factors} factors), seed {}\n\n",
        paint.bold(scenario),
        grouped(plan.points.len() as u64),
        plan.seed.0
    );
    let mut order: Vec<(&Factor, Option<&Index>)> = plan
        .factors
        .iter()
        .enumerate()
        .map(|(number, factor)| (factor, indices.get(number)))
        .collect();
    let total = |index: Option<&Index>| index.map_or(0.0, |index| index.total.value);
    order.sort_by(|a, b| total(b.1).total_cmp(&total(a.1)));
    if indices.is_empty() {
        out.push_str("The 5xx ratio is the same at every point: none of the factors moves it.\n");
    } else {
        out.push_str(&shares(&order, paint));
        out.push('\n');
        out.push_str(&wrapped(METHOD, "  ", "  "));
    }
    let _ = writeln!(out, "\n{}", paint.bold("Ranges"));
    out.push_str(&ranges(&order, paint));
    out.push('\n');
    let built_in = plan.factors.iter().any(|factor| factor.basis.is_some());
    out.push_str(&wrapped(
        if built_in { BUILT_IN_RANGES } else { OWN_RANGES },
        "  ",
        "  ",
    ));
    let worth: Vec<String> = order
        .iter()
        .filter(|(_, index)| total(*index) >= WORTH_MEASURING)
        .filter_map(|(factor, _)| Some(format!("{}: {}.", factor.path, factor.basis.as_ref()?.measure)))
        .collect();
    if !worth.is_empty() {
        let _ = writeln!(out, "\n{}", paint.bold("What to measure first"));
        for (place, sentence) in worth.iter().enumerate() {
            out.push_str(&wrapped(sentence, &format!("  {}. ", place + 1), "     "));
        }
        out.push_str(&wrapped(
            "Then put what you found into the scenario, with `--set PATH=VALUE` or a profile of your own.",
            "\n  ",
            "  ",
        ));
    }
    out
}

fn shares(order: &[(&Factor, Option<&Index>)], paint: Paint) -> String {
    let mut table = Table::new(&["factor", ">alone", ">95 % interval", ">with others", ">95 % interval"]);
    // No minus before a zero.
    let share = |value: f64| format!("{:.1} %", (1000.0 * value).round() / 10.0 + 0.0);
    let interval = |estimate: &Estimate| format!("{} to {}", share(estimate.low), share(estimate.high));
    for (factor, index) in order {
        let Some(index) = index else { continue };
        table.row([
            factor.path.clone(),
            share(index.first_order.value),
            interval(&index.first_order),
            share(index.total.value),
            interval(&index.total),
        ]);
    }
    table.render(paint)
}

fn ranges(order: &[(&Factor, Option<&Index>)], paint: Paint) -> String {
    let mut table = Table::new(&["factor", ">here", ">range", "from"]);
    for (factor, _) in order {
        let basis = factor.basis.as_ref();
        table.row([
            factor.path.clone(),
            factor.own.clone().unwrap_or_default(),
            factor.range_text(),
            basis.map_or("--vary", |basis| basis.source).to_owned(),
        ]);
    }
    table.render(paint)
}
