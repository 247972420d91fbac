//! What an axis shows: a name and a unit.

use crate::number;

/// Unit of the values of an axis; decides how they are written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Unit {
    /// A share from 0 to 1, shown in percent.
    Ratio,
    /// Seconds, shown in milliseconds, seconds, minutes or hours.
    Seconds,
    /// A count, or another number without a unit.
    Count,
    /// Any other unit, shown as it is: `pod-seconds`, `requests/s`.
    Named(String),
}

/// A name with its unit: the title of an axis.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Quantity {
    /// Its name, as it should stand beside the axis.
    pub name: String,
    /// Unit of its values.
    pub unit: Unit,
}

impl Quantity {
    /// A quantity of that name and unit.
    pub fn new(name: impl Into<String>, unit: Unit) -> Self {
        let name = name.into();
        Self { name, unit }
    }

    /// How values up to `largest` are shown on an axis.
    pub(crate) fn shown(&self, largest: f64) -> Shown {
        let largest = largest.abs();
        let (factor, unit) = match &self.unit {
            Unit::Ratio => (100.0, "%"),
            Unit::Seconds if largest < 0.9 => (1000.0, "ms"),
            Unit::Seconds if largest <= 180.0 => (1.0, "s"),
            Unit::Seconds if largest <= 3.0 * 3600.0 => (1.0 / 60.0, "min"),
            Unit::Seconds => (1.0 / 3600.0, "h"),
            Unit::Count => (1.0, ""),
            Unit::Named(name) => (1.0, name.as_str()),
        };
        let title = match (self.name.is_empty(), unit) {
            (_, "") => self.name.clone(),
            (true, unit) => unit.to_owned(),
            (false, unit) => format!("{} ({unit})", self.name),
        };
        Shown { factor, title }
    }

    /// One value with its unit.
    pub(crate) fn write(&self, value: f64) -> String {
        match &self.unit {
            Unit::Ratio => number::percent(value),
            Unit::Seconds => number::duration(value),
            Unit::Count => number::significant(value, 3),
            Unit::Named(name) => format!("{} {name}", number::significant(value, 3)),
        }
    }
}

/// How the values of a quantity appear on an axis.
#[derive(Debug)]
pub(crate) struct Shown {
    /// Number shown for a value of 1.
    pub(crate) factor: f64,
    /// Name and unit.
    pub(crate) title: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_unit_follows_the_largest_value() {
        let time = Quantity::new("time", Unit::Seconds);
        let shown = [0.2, 5.0, 1800.0, 86_400.0].map(|largest| time.shown(largest).title);
        assert_eq!(shown, ["time (ms)", "time (s)", "time (min)", "time (h)"]);
        assert_eq!(Quantity::new("pods", Unit::Count).shown(5.0).title, "pods");
        assert_eq!(Quantity::new("5xx ratio", Unit::Ratio).write(0.0123), "1.23 %");
        assert_eq!(
            Quantity::new("cost", Unit::Named("pod-s".into())).write(1234.0),
            "1,234 pod-s"
        );
    }
}
