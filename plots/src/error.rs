//! What can be wrong with the data of a picture.

/// Why a picture was not drawn; nothing of it was.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum PlotError {
    /// A list that must have entries has none.
    #[error("{field} is empty")]
    Empty {
        /// Path of the field.
        field: String,
    },
    /// A number is NaN or infinite.
    #[error("{field} is {value}, which is no finite number")]
    NotFinite {
        /// Path of the field.
        field: String,
        /// Its value.
        value: f64,
    },
    /// A number is outside of what the field allows.
    #[error("{field} is {value}, allowed are {low} to {high}")]
    OutOfRange {
        /// Path of the field.
        field: String,
        /// Its value.
        value: f64,
        /// Smallest value allowed.
        low: f64,
        /// Largest value allowed.
        high: f64,
    },
    /// Two lists that belong together have different lengths.
    #[error("{field} has {found} entries instead of {expected}")]
    Length {
        /// Path of the field.
        field: String,
        /// Its length.
        found: usize,
        /// Length that it should have.
        expected: usize,
    },
    /// More entries than a picture can show.
    #[error("{field} has {found} entries, at most {limit} can be drawn")]
    TooMany {
        /// Path of the field.
        field: String,
        /// Its length.
        found: usize,
        /// Largest length allowed.
        limit: usize,
    },
    /// Values that must not decrease do.
    #[error("{field} is {value}, below the {before} before it")]
    Decreasing {
        /// Path of the field.
        field: String,
        /// Its value.
        value: f64,
        /// The value that it must not be below.
        before: f64,
    },
    /// The drawing library refused.
    #[error("drawing: {reason}")]
    Drawing {
        /// What it said.
        reason: String,
    },
}
