//! Reads `--vary`.

use std::str::FromStr as _;

use sim_core::dist::Rate;
use sim_core::time::SimDuration;

use super::{Factor, Level, Levels, Range, Unit};

/// Most levels of one factor.
const MOST_LEVELS: u64 = 100_000;

/// Reads the right side of one `--vary`.
///
/// # Errors
///
/// What was found and what would be right.
pub(crate) fn parse(text: &str) -> Result<Factor, String> {
    let Some((path, values)) = text.split_once('=') else {
        return Err(format!("found {text:?}, expected `PATH=a,b,c` or `PATH=from..to/step`"));
    };
    let (path, values) = (path.trim().to_owned(), values.trim());
    if path.is_empty() || values.is_empty() {
        return Err(format!("found {text:?}, expected `PATH=a,b,c` or `PATH=from..to/step`"));
    }
    if let Some((from, rest)) = values.split_once("..") {
        return range(path, from.trim(), rest.trim());
    }
    let texts = split(values);
    if texts.iter().any(String::is_empty) {
        return Err(format!("an empty value between two commas of {values:?}"));
    }
    let unit = unit_of(&texts);
    let levels: Vec<Level> = texts
        .into_iter()
        .map(|text| Level {
            number: number(&text, unit),
            text,
        })
        .collect();
    for (index, level) in levels.iter().enumerate() {
        if levels[..index].iter().any(|known| known.text == level.text) {
            return Err(format!("`{}` stands twice in {values:?}", level.text));
        }
    }
    Ok(Factor {
        path,
        levels: Levels::List(levels),
        unit,
        shape: None,
        own: None,
        basis: None,
    })
}

/// At commas outside of brackets and quotes, so that a level may be a map or a list.
fn split(values: &str) -> Vec<String> {
    let (mut parts, mut part, mut depth, mut quote) = (Vec::new(), String::new(), 0_u32, None);
    for c in values.chars() {
        match (quote, c) {
            (Some(open), c) if c == open => quote = None,
            (None, '"' | '\'') => quote = Some(c),
            (None, '[' | '{') => depth += 1,
            (None, ']' | '}') => depth = depth.saturating_sub(1),
            (None, ',') if depth == 0 => {
                parts.push(std::mem::take(&mut part).trim().to_owned());
                continue;
            }
            (Some(_) | None, _) => {}
        }
        part.push(c);
    }
    parts.push(part.trim().to_owned());
    parts
}

fn range(path: String, from: &str, rest: &str) -> Result<Factor, String> {
    let (to, step) = rest
        .split_once('/')
        .map_or((rest, None), |(to, step)| (to.trim(), Some(step.trim())));
    // A rate has a slash of its own: `10/s..50/s/10/s`.
    let (to, step) = match rest.split_once("/s") {
        Some((number, "")) => (format!("{number}/s"), None),
        Some((number, tail)) if from.ends_with("/s") => {
            (format!("{number}/s"), tail.strip_prefix('/').map(str::to_owned))
        }
        _ => (to.to_owned(), step.map(str::to_owned)),
    };
    let mut ends = vec![from.to_owned(), to];
    ends.extend(step.clone());
    let unit = unit_of(&ends);
    if unit == Unit::Word {
        let found = ends.join(", ");
        return Err(format!(
            "`{path}`: found {found}; the ends and the step of a range are all durations, all rates or all numbers"
        ));
    }
    let values: Vec<i64> = ends
        .iter()
        .map(|end| exact(end, unit).ok_or_else(|| format!("`{path}`: {end:?} is too large or too fine for a range")))
        .collect::<Result<_, String>>()?;
    let (from, to, step) = (values[0], values[1], values.get(2).copied());
    if to <= from {
        return Err(format!(
            "`{path}`: the range ends at {:?}, which is not above its start {:?}",
            ends[1], ends[0]
        ));
    }
    if step.is_some_and(|step| step <= 0) {
        return Err(format!(
            "`{path}`: found the step {:?}, expected one above zero",
            ends[2]
        ));
    }
    if step.is_some_and(|step| (to - from) / step >= i64::try_from(MOST_LEVELS).unwrap_or(i64::MAX)) {
        return Err(format!("`{path}`: the range has more than {MOST_LEVELS} steps"));
    }
    Ok(Factor {
        path,
        levels: Levels::Range(Range { from, to, step }),
        unit,
        shape: None,
        own: None,
        basis: None,
    })
}

/// The unit that all of them have.
fn unit_of(texts: &[String]) -> Unit {
    let all = |is: fn(&str) -> bool| texts.iter().all(|text| is(text));
    if all(|text| SimDuration::from_str(text).is_ok()) {
        Unit::Seconds
    } else if all(|text| text.parse::<f64>().is_ok_and(f64::is_finite)) {
        Unit::Number
    } else if all(|text| text.ends_with('%') && text.trim_end_matches('%').parse::<f64>().is_ok_and(f64::is_finite)) {
        Unit::Percent
    } else if all(|text| Rate::from_str(text).is_ok()) {
        Unit::PerSecond
    } else {
        Unit::Word
    }
}

/// In the column's unit.
pub(super) fn number(text: &str, unit: Unit) -> Option<f64> {
    match unit {
        Unit::Seconds => SimDuration::from_str(text).ok().map(sim_core::stats::seconds),
        Unit::Number => text.parse().ok(),
        Unit::Percent => text.trim_end_matches('%').parse().ok(),
        Unit::PerSecond => {
            let interval = sim_core::stats::seconds(Rate::from_str(text).ok()?.mean_interval());
            let plain = text.strip_suffix("/s").and_then(|number| number.parse().ok());
            plain.or(Some(1.0 / interval))
        }
        Unit::Word => None,
    }
}

/// In nanoseconds or millionths.
fn exact(text: &str, unit: Unit) -> Option<i64> {
    if unit == Unit::Seconds {
        return i64::try_from(SimDuration::from_str(text).ok()?.as_ns()).ok();
    }
    let digits = text.trim_end_matches("/s").trim_end_matches('%');
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let negative = whole.starts_with('-');
    if fraction.len() > 6 || !fraction.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let whole = whole.parse::<i64>().ok()?.checked_mul(1_000_000)?;
    let fraction = format!("{fraction:0<6}").parse::<i64>().ok()?;
    if negative {
        whole.checked_sub(fraction)
    } else {
        whole.checked_add(fraction)
    }
}

/// Millionths as a decimal number without needless zeros.
pub(super) fn decimal(millionths: i64) -> String {
    let sign = if millionths < 0 { "-" } else { "" };
    let (whole, fraction) = (
        millionths.unsigned_abs() / 1_000_000,
        millionths.unsigned_abs() % 1_000_000,
    );
    if fraction == 0 {
        return format!("{sign}{whole}");
    }
    format!("{sign}{whole}.{}", format!("{fraction:06}").trim_end_matches('0'))
}
