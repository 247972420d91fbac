//! The report's tables, from runs and surfaces.

use sim_core::outcome::Status;

use super::fit::{Posterior, WindowSurfaces};
use super::observed::{CODES, Era};
use super::parameters::{COUNT, PARAMETERS};
use super::prediction::{self, CONFIDENCE, Prediction};
use super::report::{
    BinRow, CoverageBins, CoverageRow, FitSummary, FittedParameter, PublishedReport, SensitivityRow, SeriesRow,
    SurfaceRow, WindowRow,
};
use super::response::Surface;
use super::share::ShareTable;
use super::simulated::Simulated;
use super::{Learned, Prepared, Runner, Study};

impl<R: Runner> Study<'_, R> {
    pub(super) fn report(
        &self,
        learned: Option<&Learned>,
        posterior: &Posterior,
        runs: &[Vec<Simulated>],
        shares: ShareTable,
    ) -> PublishedReport {
        let (mut windows, mut bins, mut coverage) = (Vec::new(), Vec::new(), Vec::new());
        for (number, (part, runs)) in self.comparison.prepared.iter().zip(runs).enumerate() {
            let read = prediction::read_off(runs, &part.series.observed, self.seed);
            windows.extend(self.window_rows(number, part, &read, learned));
            let rows = bin_rows(part, &read);
            coverage.extend(coverage_rows(part, &rows, |fall| self.is_fitted(part, fall)));
            bins.extend(rows);
        }
        let series = self.comparison.prepared.iter().map(|part| SeriesRow {
            name: part.series.name.clone(),
            file: part.series.file.clone(),
            is_read_off: part.series.observed.is_read_off,
        });
        PublishedReport {
            series: series.collect(),
            parameters: parameters(posterior),
            fit: learned.map(|learned| self.fit_summary(learned)),
            windows,
            bins,
            coverage,
            sensitivity: learned.map_or_else(Vec::new, |learned| self.sensitivity(learned)),
            shares,
        }
    }

    /// Whether the values were fitted to a falling half, here or where they come from.
    fn is_fitted(&self, part: &Prepared<'_>, fall: usize) -> bool {
        match self.given {
            None => fall == part.fitted,
            Some(given) => given.fitted_to.contains(&part.name(fall)),
        }
    }

    fn window_rows(
        &self,
        number: usize,
        part: &Prepared<'_>,
        read: &[Vec<[f64; 2]>],
        learned: Option<&Learned>,
    ) -> Vec<WindowRow> {
        let mut rows = Vec::new();
        for (fall, half) in part.falls.iter().enumerate() {
            let (span, totals) = (part.span(fall), part.totals(fall));
            let is_fitted = self.is_fitted(part, fall);
            let crosswise = learned.filter(|_| is_fitted).and_then(|learned| {
                let draws = &learned.crosswise.as_ref()?.draws;
                Some(prediction::by_surface(
                    &learned.surfaces[number][fall],
                    draws,
                    &totals,
                    self.seed,
                ))
            });
            for code in 0..2 {
                let sums = read
                    .iter()
                    .map(|bins| bins[span.from..span.to].iter().map(|counts| counts[code]).sum());
                let prediction = Prediction::of(sums.collect());
                let observed: u32 = part.series.observed.bins[span.from..span.to]
                    .iter()
                    .map(|bin| bin.count(code))
                    .sum();
                rows.push(WindowRow {
                    series: part.series.name.clone(),
                    window: ordinal(fall),
                    from: part.series.observed.bins[half.first].label.clone(),
                    to: part.series.observed.bins[half.last].label.clone(),
                    elb_status_code: CODES[code].code(),
                    is_fitted,
                    is_disturbed: half.disturbed,
                    observed_count: observed,
                    is_inside: prediction.holds(f64::from(observed)),
                    prediction,
                    crosswise: crosswise.as_ref().map(|predictions| predictions[code]),
                });
            }
        }
        rows
    }

    fn fit_summary(&self, learned: &Learned) -> FitSummary {
        let mut surfaces = Vec::new();
        for (part, windows) in self.comparison.prepared.iter().zip(&learned.surfaces) {
            for (fall, window) in windows.iter().enumerate() {
                surfaces.extend(part.surfaces(window).map(|(surface, code)| SurfaceRow {
                    window: part.name(fall),
                    elb_status_code: code.code(),
                    explained_ratio: surface.explained,
                    scatter_ratio: surface.scatter.sqrt(),
                }));
            }
        }
        FitSummary {
            windows: self
                .comparison
                .prepared
                .iter()
                .map(|part| part.name(part.fitted))
                .collect(),
            runs_count: u32::from(self.effort.design_runs),
            effective_draws_count: learned.posterior.effective,
            surfaces,
        }
    }

    fn sensitivity(&self, learned: &Learned) -> Vec<SensitivityRow> {
        let centre = learned.posterior.medians().centred();
        let mut rows = Vec::new();
        for (index, parameter) in PARAMETERS.iter().enumerate() {
            let at = |place: f64| {
                let mut places = centre;
                places[index] = place;
                places
            };
            for (part, windows) in self.comparison.prepared.iter().zip(&learned.surfaces) {
                if !parameter.acts_in(part.series.observed.era) {
                    continue;
                }
                for (fall, window) in windows.iter().enumerate() {
                    rows.extend(part.surfaces(window).map(|(surface, code)| SensitivityRow {
                        parameter: String::from(parameter.name),
                        window: part.name(fall),
                        elb_status_code: code.code(),
                        median_count: surface.mean(&centre),
                        at_low_count: surface.mean(&at(-1.0)),
                        at_high_count: surface.mean(&at(1.0)),
                    }));
                }
            }
        }
        rows
    }
}

impl Prepared<'_> {
    /// `before 1`.
    fn name(&self, fall: usize) -> String {
        format!("{} {}", self.series.name, ordinal(fall))
    }

    /// The surfaces of the codes that its file has.
    fn surfaces<'w>(&self, window: &'w WindowSurfaces) -> impl Iterator<Item = (&'w Surface, Status)> {
        let codes = if self.series.observed.era == Era::Before { 2 } else { 1 };
        window.codes.iter().zip(CODES).take(codes)
    }

    /// The falling half that a bin belongs to.
    fn fall_of(&self, bin: usize) -> Option<usize> {
        self.falls
            .iter()
            .position(|fall| (fall.first..=fall.last).contains(&bin))
    }
}

/// From 1.
fn ordinal(index: usize) -> u32 {
    u32::try_from(index + 1).expect("few windows")
}

fn parameters(posterior: &Posterior) -> Vec<FittedParameter> {
    let row = |index: usize| {
        let (parameter, marginal) = (&PARAMETERS[index], posterior.marginals[index]);
        let width = parameter.place(marginal.high) - parameter.place(marginal.low);
        FittedParameter {
            name: String::from(parameter.name),
            about: String::from(parameter.about),
            source: String::from(parameter.source),
            range_low: parameter.low,
            range_high: parameter.high,
            value: marginal.median,
            low: marginal.low,
            high: marginal.high,
            narrowed_ratio: (1.0 - width / CONFIDENCE).clamp(0.0, 1.0),
        }
    };
    (0..COUNT).map(row).collect()
}

fn bin_rows(part: &Prepared<'_>, read: &[Vec<[f64; 2]>]) -> Vec<BinRow> {
    let observed = &part.series.observed;
    let of = |bin: usize, code: usize| Prediction::of(read.iter().map(|bins| bins[bin][code]).collect());
    let row = |(index, bin): (usize, &super::observed::Bin)| BinRow {
        series: part.series.name.clone(),
        bin: bin.label.clone(),
        minutes: u32::try_from(index).expect("few bins") * observed.bin_minutes,
        window: part.fall_of(index).map(ordinal),
        load_workers_count: bin.load,
        observed_502_count: bin.counts[0],
        predicted_502: of(index, 0),
        observed_504_count: bin.counts[1],
        predicted_504: of(index, 1),
    };
    observed.bins.iter().enumerate().map(row).collect()
}

fn coverage_rows(part: &Prepared<'_>, rows: &[BinRow], is_fitted: impl Fn(usize) -> bool) -> Vec<CoverageRow> {
    let fitted: Vec<u32> = (0..part.falls.len())
        .filter(|fall| is_fitted(*fall))
        .map(ordinal)
        .collect();
    let mut found = Vec::new();
    for bins in [CoverageBins::Fitted, CoverageBins::Predicted, CoverageBins::Growing] {
        // A file without 504 says nothing of its bins, only that there were none at all.
        let codes = if part.series.observed.era == Era::Before { 2 } else { 1 };
        for (code, status) in CODES.into_iter().enumerate().take(codes) {
            let of = |row: &&BinRow| match bins {
                CoverageBins::Fitted => row.window.is_some_and(|window| fitted.contains(&window)),
                CoverageBins::Predicted => row.window.is_some_and(|window| !fitted.contains(&window)),
                CoverageBins::Growing => row.window.is_none(),
            };
            let inside = |row: &&BinRow| {
                let (observed, prediction) = match code {
                    0 => (row.observed_502_count, row.predicted_502),
                    _ => (row.observed_504_count, row.predicted_504),
                };
                prediction.holds(f64::from(observed.unwrap_or(0)))
            };
            let chosen: Vec<&BinRow> = rows.iter().filter(of).collect();
            if chosen.is_empty() {
                continue;
            }
            found.push(CoverageRow {
                series: part.series.name.clone(),
                elb_status_code: status.code(),
                bins,
                inside_count: u32::try_from(chosen.iter().filter(|row| inside(row)).count()).expect("few bins"),
                bins_count: u32::try_from(chosen.len()).expect("few bins"),
            });
        }
    }
    found
}

/// How far an observed total lies from a prediction, in its own width: 0 in the middle, 1 at either end.
pub(super) fn offset(prediction: &Prediction, count: f64) -> f64 {
    let half = (prediction.high_count - prediction.low_count) / 2.0;
    let middle = f64::midpoint(prediction.high_count, prediction.low_count);
    (count - middle) / half.max(0.5)
}
