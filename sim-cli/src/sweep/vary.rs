//! `--vary PATH=a,b,c` and `--vary PATH=from..to/step`.

use std::str::FromStr as _;

use serde_json::Value as Json;
use sim_core::dist::Rate;
use sim_core::time::SimDuration;

/// Most levels of one factor.
const MOST_LEVELS: u64 = 100_000;

/// A setting that varies.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Factor {
    /// As for `--set`.
    pub(crate) path: String,
    /// What it may be.
    pub(crate) levels: Levels,
    /// Unit of its numbers.
    pub(crate) unit: Unit,
    /// The distribution whose times a level stretches; a level is its median then.
    pub(crate) shape: Option<Shape>,
}

/// A distribution as the scenario has it.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Shape {
    /// Its JSON.
    pub(crate) json: Json,
    /// Its median.
    pub(crate) median: SimDuration,
}

/// What a factor may be.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Levels {
    /// These, in this order.
    List(Vec<Level>),
    /// Anything between two ends.
    Range(Range),
}

/// From one end to the other; whole nanoseconds for durations, millionths for numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Range {
    from: i64,
    to: i64,
    /// Absent where any value may be drawn.
    step: Option<i64>,
}

impl Range {
    /// Any duration between two.
    pub(crate) fn durations(from: SimDuration, to: SimDuration) -> Self {
        let ns = |duration: SimDuration| i64::try_from(duration.as_ns()).expect("hours at most");
        Self {
            from: ns(from),
            to: ns(to),
            step: None,
        }
    }

    /// Any number between two, in millionths.
    pub(crate) fn numbers(from: i64, to: i64) -> Self {
        Self { from, to, step: None }
    }
}

/// One value of a factor.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Level {
    /// As for `--set`.
    pub(crate) text: String,
    /// In the factor's unit; nothing for a word.
    pub(crate) number: Option<f64>,
}

/// Unit of a factor's numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Unit {
    /// Durations, in seconds.
    Seconds,
    /// Rates, per second.
    PerSecond,
    /// Percentages.
    Percent,
    /// Bare numbers.
    Number,
    /// Words: no numbers.
    Word,
}

impl Unit {
    /// Behind a column's name.
    pub(crate) fn suffix(self) -> &'static str {
        match self {
            Unit::Seconds => "_s",
            Unit::PerSecond => "_per_s",
            Unit::Percent => "_percent",
            Unit::Number | Unit::Word => "",
        }
    }
}

impl Factor {
    /// Name of its column, with the unit.
    pub(crate) fn column(&self) -> String {
        format!("{}{}", self.path, self.unit.suffix())
    }

    /// Its ends, for people.
    pub(crate) fn range_text(&self) -> String {
        match &self.levels {
            Levels::List(levels) => levels
                .iter()
                .map(|level| level.text.as_str())
                .collect::<Vec<_>>()
                .join(", "),
            Levels::Range(range) => format!("{} to {}", self.plain(range.from), self.plain(range.to)),
        }
    }

    /// All its levels.
    ///
    /// # Errors
    ///
    /// A range without a step has no list of them.
    pub(crate) fn list(&self) -> Result<Vec<Level>, String> {
        match &self.levels {
            Levels::List(levels) => Ok(levels.clone()),
            Levels::Range(range) => {
                let step = range.step.ok_or_else(|| {
                    format!(
                        "`{}` needs a step in a grid, such as `{0}={}..{}/…`",
                        self.path,
                        self.level(range.from).text,
                        self.level(range.to).text
                    )
                })?;
                let count = (range.to - range.from) / step;
                Ok((0..=count).map(|index| self.level(range.from + index * step)).collect())
            }
        }
    }

    /// The level at `u`, from 0 to below 1, of the whole range or list.
    pub(crate) fn at(&self, u: f64) -> Level {
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "u is below 1 and not negative"
        )]
        let index = |count: usize| ((u * count as f64) as usize).min(count - 1);
        match &self.levels {
            Levels::List(levels) => levels[index(levels.len())].clone(),
            Levels::Range(Range {
                from,
                to,
                step: Some(step),
            }) => {
                let count = usize::try_from((to - from) / step + 1).expect("bounded when it was read");
                self.level(from + i64::try_from(index(count)).expect("below the count") * step)
            }
            Levels::Range(Range { from, to, step: None }) => {
                #[expect(
                    clippy::cast_possible_truncation,
                    clippy::cast_precision_loss,
                    reason = "within the range"
                )]
                let offset = ((to - from) as f64 * u) as i64;
                // To a thousandth of a second or of the number: finer settings mean nothing.
                let fine = if self.unit == Unit::Seconds { 1_000_000 } else { 1_000 };
                self.level((from + offset) / fine * fine)
            }
        }
    }

    /// A range's number with its unit.
    fn plain(&self, value: i64) -> String {
        match self.unit {
            Unit::Seconds => SimDuration::from_ns(value.unsigned_abs()).to_string(),
            Unit::PerSecond => format!("{}/s", decimal(value)),
            Unit::Percent => format!("{}%", decimal(value)),
            Unit::Number | Unit::Word => decimal(value),
        }
    }

    /// The level of a range's number.
    fn level(&self, value: i64) -> Level {
        let text = self.plain(value);
        let number = number(&text, self.unit);
        let text = match &self.shape {
            Some(shape) => shape.with_median(value.unsigned_abs()).to_string(),
            None => text,
        };
        Level { text, number }
    }
}

impl Shape {
    /// The distribution with all its times stretched so that its median is this.
    fn with_median(&self, median_ns: u64) -> Json {
        stretched(
            &self.json,
            u128::from(median_ns),
            u128::from(self.median.as_ns().max(1)),
        )
    }
}

/// All durations in it times `num / den`.
fn stretched(json: &Json, num: u128, den: u128) -> Json {
    match json {
        Json::String(text) => match SimDuration::from_str(text) {
            Ok(duration) => {
                let ns = u64::try_from(u128::from(duration.as_ns()) * num / den).unwrap_or(u64::MAX);
                Json::from(SimDuration::from_ns(ns).to_string())
            }
            Err(_) => json.clone(),
        },
        Json::Array(items) => items.iter().map(|item| stretched(item, num, den)).collect(),
        Json::Object(fields) => fields
            .iter()
            .map(|(key, value)| (key.clone(), stretched(value, num, den)))
            .collect(),
        other => other.clone(),
    }
}

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
    })
}

/// At commas outside of brackets and quotes, so that a level may be a map or a list.
fn split(values: &str) -> Vec<String> {
    let (mut parts, mut part, mut depth, mut quote) = (Vec::new(), String::new(), 0_u32, None);
    for c in values.chars() {
        match (quote, c) {
            (Some(open), c) if c == open => quote = None,
            (Some(_), _) => {}
            (None, '"' | '\'') => quote = Some(c),
            (None, '[' | '{') => depth += 1,
            (None, ']' | '}') => depth = depth.saturating_sub(1),
            (None, ',') if depth == 0 => {
                parts.push(std::mem::take(&mut part).trim().to_owned());
                continue;
            }
            (None, _) => {}
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
fn number(text: &str, unit: Unit) -> Option<f64> {
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
fn decimal(millionths: i64) -> String {
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

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(text: &str) -> Vec<String> {
        parse(text)
            .unwrap()
            .list()
            .unwrap()
            .into_iter()
            .map(|level| level.text)
            .collect()
    }

    #[test]
    fn ranges_hold_both_ends_and_every_step() {
        assert_eq!(texts("a=0s..6s/2s"), ["0s", "2s", "4s", "6s"]);
        assert_eq!(texts("a=0s..1s/400ms"), ["0s", "400ms", "800ms"]);
        assert_eq!(texts("a=0.1..0.5/0.1"), ["0.1", "0.2", "0.3", "0.4", "0.5"]);
        assert_eq!(texts("a=-1..1/1"), ["-1", "0", "1"]);
        assert_eq!(texts("a=10/s..30/s/10/s"), ["10/s", "20/s", "30/s"]);
        assert_eq!(texts("a=10%..30%/10%"), ["10%", "20%", "30%"]);
    }

    #[test]
    fn lists_keep_their_order_and_know_their_unit() {
        let factor = parse("a=5s, 1m ,90s").unwrap();
        assert_eq!(factor.column(), "a_s");
        let numbers: Vec<_> = factor.list().unwrap().iter().map(|level| level.number).collect();
        assert_eq!(numbers, [Some(5.0), Some(60.0), Some(90.0)]);
        assert_eq!(parse("app.preset=puma,uvicorn").unwrap().column(), "app.preset");
        assert_eq!(
            texts("a={uniform: {min: 1s, max: 2s}},3s"),
            ["{uniform: {min: 1s, max: 2s}}", "3s"]
        );
        // Words beside numbers make all of them words.
        assert_eq!(parse("a=1,unlimited").unwrap().unit, Unit::Word);
    }

    #[test]
    fn wrong_ranges_say_what_is_wrong() {
        for (wrong, says) in [
            ("a", "expected `PATH=a,b,c`"),
            ("a=", "expected `PATH=a,b,c`"),
            ("=1", "expected `PATH=a,b,c`"),
            ("a=1,,2", "empty value"),
            ("a=1,1", "stands twice"),
            ("a=5s..1s/1s", "not above its start"),
            ("a=1s..5s/0s", "above zero"),
            ("a=1s..5/1s", "all durations"),
            ("a=0s..1000h/1ns", "steps"),
        ] {
            let error = parse(wrong).unwrap_err();
            assert!(error.contains(says), "{wrong}: {error}");
        }
        assert!(parse("a=1s..5s").unwrap().list().unwrap_err().contains("needs a step"));
    }

    #[test]
    fn a_share_of_the_range_is_a_level() {
        let level = |text: &str, u: f64| parse(text).unwrap().at(u).text;
        assert_eq!(level("a=10s..20s", 0.0), "10s");
        assert_eq!(level("a=10s..20s", 0.55), "15.5s");
        assert_eq!(level("a=0..1", 0.3337), "0.333");
        assert_eq!(level("a=0s..30s/10s", 0.99), "30s");
        assert_eq!(level("a=x,y,z", 0.5), "y");
    }
}
