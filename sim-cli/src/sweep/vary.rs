//! `--vary PATH=a,b,c` and `--vary PATH=from..to/step`.

mod parse;
#[cfg(test)]
mod tests;

use std::str::FromStr as _;

use serde_json::Value as Json;
use sim_core::time::SimDuration;

pub(crate) use parse::parse;
use parse::{decimal, number};

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
    /// The scenario's own value, or the median of its distribution, where that is to be told.
    pub(crate) own: Option<String>,
    /// What its range rests on; nothing for a range that the user gave.
    pub(crate) basis: Option<Basis>,
}

/// What the range of a factor rests on.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Basis {
    /// Section of the fact sheets, or "estimate".
    pub(crate) source: &'static str,
    /// How to find the value of one's own cluster.
    pub(crate) measure: &'static str,
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

    /// One of it, as ranges keep it.
    fn one(self) -> i64 {
        match self {
            Unit::Seconds => 1_000_000_000,
            Unit::PerSecond | Unit::Percent | Unit::Number | Unit::Word => 1_000_000,
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

    /// Its ends or its list, as for `--vary`.
    pub(crate) fn levels_text(&self) -> String {
        match &self.levels {
            Levels::List(levels) => {
                let texts: Vec<&str> = levels.iter().map(|level| level.text.as_str()).collect();
                texts.join(",")
            }
            Levels::Range(range) => {
                let step = range
                    .step
                    .map_or_else(String::new, |step| format!("/{}", self.plain(step)));
                format!("{}..{}{step}", self.plain(range.from), self.plain(range.to))
            }
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
            clippy::cast_precision_loss,
            reason = "u is below 1 and not negative, and there are fewer than 2^52 levels"
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
                // To a thousandth of a second or of the number, or of what is shorter than a second to a
                // microsecond: finer settings mean nothing.
                let fine = match self.unit {
                    Unit::Seconds if to - from >= 1_000_000_000 => 1_000_000,
                    _ => 1_000,
                };
                self.level(((from + offset) / fine * fine).max(*from))
            }
        }
    }

    /// Of each end of a range without a step, if both are whole: the end, and what lies half of one inside of it.
    pub(crate) fn whole_ends(&self) -> Option<[[String; 2]; 2]> {
        let one = self.unit.one();
        match self.levels {
            Levels::Range(Range { from, to, step: None }) if from % one == 0 && to % one == 0 => {
                let ends = [[from, from + one / 2], [to, to - one / 2]];
                Some(ends.map(|end| end.map(|value| self.plain(value))))
            }
            _ => None,
        }
    }

    /// The same range in steps of one.
    pub(crate) fn with_step_of_one(mut self) -> Self {
        if let Levels::Range(range) = &mut self.levels {
            range.step = Some(self.unit.one());
        }
        self
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
        if self.median.is_zero() {
            // Nothing stretches to it.
            return Json::from(SimDuration::from_ns(median_ns).to_string());
        }
        stretched(&self.json, u128::from(median_ns), u128::from(self.median.as_ns()))
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
