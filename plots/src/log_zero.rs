//! An upright axis that may be logarithmic and still has a place for zero.

use crate::scale::{self, Room, Scale, Tick};

/// Height of the strip for zeros below a logarithmic axis, px.
const STRIP_PX: f64 = 30.0;
/// How much higher it is for each further row, px.
const ROW_PX: f64 = 12.0;
/// Share of the strip's first height that lies below the lowest row.
const BELOW: f64 = 0.4;
/// Values this far below the largest are drawn at the axis's lower end.
const DECADES_MAX: f64 = 1e9;

/// The axis.
#[derive(Debug)]
pub(crate) struct LogZero {
    scale: Scale,
    /// Where zero lies, if it has a strip of its own.
    pub(crate) zero: Option<f64>,
    /// Rows of the strip.
    rows: usize,
}

impl LogZero {
    /// An axis for these values, from `bottom` to `top`.
    pub(crate) fn new(values: &[f64], log: bool, bottom: f64, top: f64) -> Self {
        Self::with_rows(values, log, 1, bottom, top)
    }

    /// An axis whose zeros have so many rows, at least one.
    pub(crate) fn with_rows(values: &[f64], log: bool, rows: usize, bottom: f64, top: f64) -> Self {
        let rows = rows.max(1);
        let high = values.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let low = values.iter().copied().fold(f64::INFINITY, f64::min);
        if !log {
            let low = if low >= 0.0 && low < high * 0.6 {
                0.0
            } else {
                low - (high - low) * 0.06
            };
            let high = if high > low {
                high + (high - low) * 0.06
            } else {
                low + 1.0
            };
            let scale = Scale::linear(low, high, bottom, top);
            return Self {
                scale,
                zero: None,
                rows,
            };
        }
        let positive = values.iter().copied().filter(|value| *value > 0.0);
        let least = positive.fold(f64::INFINITY, f64::min);
        let (least, high) = if least.is_finite() {
            (least.max(high / DECADES_MAX), high)
        } else {
            (0.1, 1.0)
        };
        let has_zero = low <= 0.0;
        let further = (rows - 1) as f64 * ROW_PX;
        let from = if has_zero { bottom - STRIP_PX - further } else { bottom };
        // At least a decade, so that there are ticks to read values from.
        let wider = libm::sqrt((10.0 * least / high).max(1.0));
        let scale = Scale::log(least / wider * 0.8, high * wider * 1.25, from, top);
        let zero = has_zero.then_some(bottom - STRIP_PX * BELOW - further / 2.0);
        Self { scale, zero, rows }
    }

    /// Where a zero of a row lies, the first row at the top; the strip's middle if there is only one.
    pub(crate) fn zero_of(&self, row: usize) -> f64 {
        let from_middle = row as f64 - (self.rows - 1) as f64 / 2.0;
        self.at(0.0) + from_middle * ROW_PX
    }

    /// Where a value lies; zero of a logarithmic axis in its strip.
    pub(crate) fn at(&self, value: f64) -> f64 {
        match self.zero {
            Some(zero) if value <= 0.0 => zero,
            _ => self.scale.at(value),
        }
    }

    /// Upper edge of the strip for zeros.
    pub(crate) fn strip_top(&self) -> Option<f64> {
        self.zero.map(|_| self.scale.from)
    }

    /// Ticks, that of the strip included.
    pub(crate) fn ticks(&self, log: bool, factor: f64) -> Vec<Tick> {
        if !log {
            return scale::linear(&self.scale, factor, Room::Up);
        }
        let mut ticks: Vec<Tick> = self
            .zero
            .map(|at| Tick {
                at,
                label: "0".to_owned(),
            })
            .into_iter()
            .collect();
        ticks.extend(scale::logarithmic(&self.scale, factor, Room::Up));
        scale::labelled(ticks, Room::Up)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn zero_has_a_strip_below_every_other_value() {
        let axis = LogZero::new(&[0.0, 0.001, 0.1], true, 300.0, 0.0);
        let zero = axis.at(0.0);
        assert!(zero > axis.at(0.001) && axis.strip_top().is_some_and(|top| top > axis.at(0.001) && top < zero));
        assert_eq!(axis.ticks(true, 1.0)[0].label, "0");
    }

    #[test]
    fn rows_of_zeros_lie_within_the_strip_and_apart() {
        let axis = LogZero::with_rows(&[0.0, 0.001, 0.1], true, 7, 300.0, 0.0);
        let rows: Vec<f64> = (0..7).map(|row| axis.zero_of(row)).collect();
        assert!(rows.windows(2).all(|pair| pair[1] - pair[0] > 10.0), "{rows:?}");
        let top = axis.strip_top().expect("there are zeros");
        assert!(top < rows[0] - 5.0 && rows[6] < 300.0 - 5.0 && axis.at(0.001) < top);
    }

    #[test]
    fn without_zeros_there_is_no_strip() {
        assert!(LogZero::new(&[0.01, 0.1], true, 300.0, 0.0).zero.is_none());
        assert!(LogZero::new(&[0.0, 0.1], false, 300.0, 0.0).zero.is_none());
    }

    #[test]
    fn nothing_but_zeros_is_drawn_all_the_same() {
        let axis = LogZero::new(&[0.0, 0.0], true, 300.0, 0.0);
        assert!(axis.at(0.0).is_finite() && axis.ticks(true, 1.0).len() > 1);
        let axis = LogZero::new(&[0.0, 0.0], false, 300.0, 0.0);
        assert!(axis.at(0.0).is_finite());
    }
}
