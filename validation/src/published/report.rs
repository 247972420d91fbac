//! What the comparison with the published run found: plain data, complete.

use schemars::JsonSchema;
use serde::Serialize;

use super::prediction::Prediction;
use super::share::ShareTable;

/// The whole comparison.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct PublishedReport {
    /// What was compared.
    pub series: Vec<SeriesRow>,
    /// The free parameters.
    pub parameters: Vec<FittedParameter>,
    /// How they were found; nothing where they were given.
    pub fit: Option<FitSummary>,
    /// Each falling half and code.
    pub windows: Vec<WindowRow>,
    /// Each bin.
    pub bins: Vec<BinRow>,
    /// How many bins lie inside their intervals.
    pub coverage: Vec<CoverageRow>,
    /// What each parameter moves; empty where nothing was fitted.
    pub sensitivity: Vec<SensitivityRow>,
    /// Under which reading the model gives 37 % before and 1 % after.
    pub shares: ShareTable,
}

/// What one file is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct SeriesRow {
    /// `before`, `after`, or the file's name.
    pub name: String,
    /// The file; nothing for the published readings.
    pub file: Option<String>,
    /// Whether its values were read off plots, and so may be misread.
    pub is_read_off: bool,
}

impl SeriesRow {
    /// Where its counts come from.
    pub fn source(&self) -> String {
        match &self.file {
            None => String::from("published-run, read off its plots"),
            Some(file) => file.clone(),
        }
    }
}

/// A free parameter.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct FittedParameter {
    /// Name, with its unit.
    pub name: String,
    /// What it is.
    pub about: String,
    /// Where its range comes from.
    pub source: String,
    /// Lower end of the range before the fit.
    pub range_low: f64,
    /// Upper end.
    pub range_high: f64,
    /// Median after the fit.
    pub value: f64,
    /// Lower end of its 90 % interval.
    pub low: f64,
    /// Upper end.
    pub high: f64,
    /// By how much the fit narrowed the range's own 90 %: 0 not at all, 1 to a point.
    pub narrowed_ratio: f64,
}

/// How the parameters were found.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct FitSummary {
    /// The windows that were fitted: `before 1`.
    pub windows: Vec<String>,
    /// Combinations of values that were run.
    pub runs_count: u32,
    /// Independent draws that the fit is worth.
    pub effective_draws_count: f64,
    /// The response surfaces.
    pub surfaces: Vec<SurfaceRow>,
}

/// How well a response surface stands for the model.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct SurfaceRow {
    /// The window: `before 1`.
    pub window: String,
    /// The code.
    pub elb_status_code: u16,
    /// Share of the variation among runs that it explains.
    pub explained_ratio: f64,
    /// Relative standard deviation of runs with the same values, without that of counting.
    pub scatter_ratio: f64,
}

/// A falling half and a code.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct WindowRow {
    /// The file: `before`, `after`, or its name.
    pub series: String,
    /// Which falling half, from 1.
    pub window: u32,
    /// Label of its first bin.
    pub from: String,
    /// Label of its last bin, which belongs to it.
    pub to: String,
    /// The code.
    pub elb_status_code: u16,
    /// Whether the parameters were fitted to it.
    pub is_fitted: bool,
    /// Whether the load was started again in it.
    pub is_disturbed: bool,
    /// What was observed.
    pub observed_count: u32,
    /// What the model gives.
    pub prediction: Prediction,
    /// Whether the one lies in the other.
    pub is_inside: bool,
    /// For a fitted window: what the response surfaces predict when the others are fitted instead.
    pub crosswise: Option<Prediction>,
}

impl WindowRow {
    /// `before 1`.
    pub fn name(&self) -> String {
        format!("{} {}", self.series, self.window)
    }
}

/// A bin.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct BinRow {
    /// The file.
    pub series: String,
    /// Label of the bin.
    pub bin: String,
    /// Minutes from the first bin to this one.
    pub minutes: u32,
    /// Which falling half it belongs to, from 1; nothing while the load grows.
    pub window: Option<u32>,
    /// Observed load workers.
    pub load_workers_count: u32,
    /// Observed 502; nothing where the plot has no point, which counts as zero.
    pub observed_502_count: Option<u32>,
    /// Predicted 502.
    pub predicted_502: Prediction,
    /// Observed 504.
    pub observed_504_count: Option<u32>,
    /// Predicted 504.
    pub predicted_504: Prediction,
}

/// How many bins lie inside their 90 % intervals.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct CoverageRow {
    /// The file.
    pub series: String,
    /// The code.
    pub elb_status_code: u16,
    /// Whether these are the bins of falling halves that were not fitted, of those that were, or of no falling half.
    pub bins: CoverageBins,
    /// Bins inside.
    pub inside_count: u32,
    /// All of them.
    pub bins_count: u32,
}

/// Which bins.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum CoverageBins {
    /// Of falling halves that were predicted.
    Predicted,
    /// Of falling halves that were fitted.
    Fitted,
    /// While the load grows or stays.
    Growing,
}

impl CoverageBins {
    /// Stable name.
    pub const fn name(self) -> &'static str {
        match self {
            CoverageBins::Predicted => "predicted",
            CoverageBins::Fitted => "fitted",
            CoverageBins::Growing => "growing",
        }
    }

    /// Words for people.
    pub const fn words(self) -> &'static str {
        match self {
            CoverageBins::Predicted => "in predicted falling halves",
            CoverageBins::Fitted => "in fitted falling halves",
            CoverageBins::Growing => "outside of falling halves",
        }
    }
}

/// What a parameter moves over its range, the others at their medians.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct SensitivityRow {
    /// The parameter.
    pub parameter: String,
    /// The window: `before 1`.
    pub window: String,
    /// The code.
    pub elb_status_code: u16,
    /// Expected failures with all parameters at their medians.
    pub median_count: f64,
    /// Expected failures at the lower end of its range.
    pub at_low_count: f64,
    /// Expected failures at the upper end.
    pub at_high_count: f64,
}
