//! Checks of the data before anything is drawn.

use crate::PlotError;

/// Largest magnitude of a number in a picture: beyond it, differences are lost in rounding.
pub(crate) const MAGNITUDE_MAX: f64 = 1e15;
/// Most points of one line.
pub(crate) const POINTS_MAX: usize = 1_000_000;

/// A finite number of a magnitude that can be drawn.
pub(crate) fn number(field: &str, value: f64) -> Result<(), PlotError> {
    within(field, value, -MAGNITUDE_MAX, MAGNITUDE_MAX)
}

/// A number that is not negative.
pub(crate) fn not_negative(field: &str, value: f64) -> Result<(), PlotError> {
    within(field, value, 0.0, MAGNITUDE_MAX)
}

/// A finite number between two bounds, which are allowed themselves.
pub(crate) fn within(field: &str, value: f64, low: f64, high: f64) -> Result<(), PlotError> {
    let field = || field.to_owned();
    if !value.is_finite() {
        return Err(PlotError::NotFinite { field: field(), value });
    }
    if value < low || value > high {
        return Err(PlotError::OutOfRange {
            field: field(),
            value,
            low,
            high,
        });
    }
    Ok(())
}

/// A list with at least one entry and at most `limit`.
pub(crate) fn filled(field: &str, found: usize, limit: usize) -> Result<(), PlotError> {
    let field = || field.to_owned();
    if found == 0 {
        return Err(PlotError::Empty { field: field() });
    }
    if found > limit {
        return Err(PlotError::TooMany {
            field: field(),
            found,
            limit,
        });
    }
    Ok(())
}

/// A list that may be empty but must not be longer than `limit`.
pub(crate) fn at_most(field: &str, found: usize, limit: usize) -> Result<(), PlotError> {
    filled(field, found.max(1), limit)
}

/// A list of the length that another one prescribes.
pub(crate) fn length(field: &str, found: usize, expected: usize) -> Result<(), PlotError> {
    if found == expected {
        return Ok(());
    }
    Err(PlotError::Length {
        field: field.to_owned(),
        found,
        expected,
    })
}

/// A value that must not be below the one before it.
pub(crate) fn not_below(field: &str, value: f64, before: f64) -> Result<(), PlotError> {
    if value >= before {
        return Ok(());
    }
    Err(PlotError::Decreasing {
        field: field.to_owned(),
        value,
        before,
    })
}

/// An interval with its estimate inside: `low <= mean <= high`.
pub(crate) fn interval(field: &str, low: f64, mean: f64, high: f64) -> Result<(), PlotError> {
    number(&format!("{field}.low"), low)?;
    number(&format!("{field}.mean"), mean)?;
    number(&format!("{field}.high"), high)?;
    not_below(&format!("{field}.mean"), mean, low)?;
    not_below(&format!("{field}.high"), high, mean)
}
