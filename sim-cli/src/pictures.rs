//! Pictures of runs and sweeps: which figures there are, and the files they go to.

use std::fs;
use std::io::Write as _;
use std::path::Path;

use anyhow::Context as _;
use clap::{Args, ValueEnum};
use plots::outcomes::Outcomes;
use plots::race_window::RaceWindow;
use plots::timeline::RaceTimeline;
use plots::{Figure, Format, Picture, PlotError, Theme, distribution, latency};
use rayon::prelude::*;
use sim_core::rng::Seed;
use sim_core::scenario::Scenario;
use sim_core::stats::LatencyHistogram;
use sim_core::summary::{RaceSamples, RunSummary};
use sim_core::trace::{TraceLevel, TraceRecord, TraceSink};
use sim_core::world;

use crate::output::OutputFile;
use crate::output::html::Section;
use crate::simulate;

pub(crate) mod advise;
pub(crate) mod data;
mod page;
pub(crate) mod sweep;

pub(crate) use page::{HtmlArgs, Page};

/// Replications that the pictures of a run are means of, at most: more change no line that the eye can tell.
const MOST_REPLICATIONS: u32 = 20;

/// Pods in the timeline: as many as fit without small print.
const TIMELINE_PODS: usize = 8;

/// Tallest timeline: as much as a screen shows at once. Lanes of many ALB nodes become narrower then.
const TIMELINE_HEIGHT_MAX: u32 = 900;

/// Which pictures, and how they look.
#[derive(Debug, Clone, Args)]
pub(crate) struct PictureArgs {
    /// Also write pictures into this directory, which is made where it does not exist
    #[arg(long, value_name = "DIR")]
    pub(crate) plots: Option<std::path::PathBuf>,
    /// Formats of the pictures; repeatable [default: svg and png]
    #[arg(long = "plot-format", value_enum, value_name = "FORMAT")]
    pub(crate) plot_formats: Vec<PlotFormat>,
    /// Background of the pictures
    #[arg(long, value_enum, value_name = "THEME", default_value = "light")]
    pub(crate) plot_theme: PlotTheme,
}

/// Format of a picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum PlotFormat {
    /// Lines and text
    Svg,
    /// Pixels
    Png,
}

/// Background of a picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum PlotTheme {
    /// White
    Light,
    /// Nearly black
    Dark,
}

/// Draws a figure.
type Draw = Box<dyn Fn(&Picture) -> Result<Vec<u8>, PlotError> + Send + Sync>;

/// A figure with the name of its files and its height at 800 px of width.
pub(crate) struct Named {
    name: String,
    height: u32,
    draw: Draw,
}

impl Named {
    /// A figure of usual height.
    pub(crate) fn new(name: impl Into<String>, figure: impl Figure + Send + Sync + 'static) -> Self {
        Self::tall(name, 500, figure)
    }

    /// A figure of that height.
    pub(crate) fn tall(name: impl Into<String>, height: u32, figure: impl Figure + Send + Sync + 'static) -> Self {
        Self {
            name: name.into(),
            height,
            draw: Box::new(move |picture| figure.draw(picture)),
        }
    }

    /// Whether this is its name.
    pub(crate) fn is(&self, name: &str) -> bool {
        self.name == name
    }

    /// As a part of a page, or why it is missing there; nothing without data, of which `--plots` says why.
    ///
    /// # Errors
    ///
    /// If the picture is not UTF-8.
    pub(crate) fn section(&self) -> anyhow::Result<Option<Section>> {
        let svg = |theme| (self.draw)(&self.picture(Format::Svg, theme));
        let text = |svg| String::from_utf8(svg).context("a picture is not UTF-8");
        Ok(match (svg(PlotTheme::Light), svg(PlotTheme::Dark)) {
            (Ok(light), Ok(dark)) => Some(Section::Svg {
                light: text(light)?,
                dark: text(dark)?,
            }),
            (Err(PlotError::Empty { .. }), _) | (_, Err(PlotError::Empty { .. })) => None,
            (Err(error), _) | (_, Err(error)) => Some(Section::Text {
                title: "Picture".to_owned(),
                text: self.not_drawn(&error),
            }),
        })
    }

    fn not_drawn(&self, error: &PlotError) -> String {
        format!("{} cannot be drawn: {error}", self.name)
    }

    fn picture(&self, format: Format, theme: PlotTheme) -> Picture {
        // Twice the pixels for screens that have them; an SVG has no pixels.
        let scale = if format == Format::Png { 2 } else { 1 };
        Picture {
            width: 800 * scale,
            height: self.height * scale,
            theme: match theme {
                PlotTheme::Light => Theme::Light,
                PlotTheme::Dark => Theme::Dark,
            },
            format,
        }
    }
}

impl PictureArgs {
    /// Makes the directory, before the runs, so that a typing error costs nothing.
    ///
    /// # Errors
    ///
    /// If it cannot be made.
    pub(crate) fn prepare(&self) -> anyhow::Result<()> {
        let Some(directory) = &self.plots else { return Ok(()) };
        fs::create_dir_all(directory).with_context(|| format!("cannot make {}", directory.display()))?;
        // Leaves no trace.
        OutputFile::open(&directory.join("picture")).map(drop)
    }

    /// Writes the figures, each in every format, and says what could not be drawn.
    ///
    /// # Errors
    ///
    /// If the directory or a file cannot be written.
    pub(crate) fn write(&self, figures: &[Named]) -> anyhow::Result<Vec<String>> {
        let Some(directory) = &self.plots else {
            return Ok(Vec::new());
        };
        self.prepare()?;
        let both = [PlotFormat::Svg, PlotFormat::Png];
        let formats: &[PlotFormat] = if self.plot_formats.is_empty() {
            &both
        } else {
            &self.plot_formats
        };
        let mut not_drawn = Vec::new();
        for figure in figures {
            for format in formats {
                let (format, ending) = match format {
                    PlotFormat::Svg => (Format::Svg, "svg"),
                    PlotFormat::Png => (Format::Png, "png"),
                };
                match (figure.draw)(&figure.picture(format, self.plot_theme)) {
                    Ok(bytes) => write_file(&directory.join(format!("{}.{ending}", figure.name)), &bytes)?,
                    Err(error) => {
                        not_drawn.push(figure.not_drawn(&error));
                        break;
                    }
                }
            }
        }
        Ok(not_drawn)
    }
}

fn write_file(path: &Path, bytes: &[u8]) -> anyhow::Result<()> {
    let mut file = OutputFile::open(path)?;
    file.write_all(bytes)?;
    file.commit()
}

/// The figures of a run. They are drawn from runs of their own, of the first replications under the same seed.
///
/// # Errors
///
/// If the model breaks one of its invariants.
pub(crate) fn of_run(scenario: &Scenario, seed: Seed, replications: u32) -> anyhow::Result<Vec<Named>> {
    let runs = runs(scenario, seed, replications)?;
    let count = runs.len();
    let mut records = Records(Vec::new());
    simulate::guarded(scenario, seed, 0, || {
        world::run(scenario, seed, 0, TraceLevel::Failures, &mut records)
    })?;
    let (mut races, mut histogram) = (RaceSamples::default(), LatencyHistogram::new());
    for run in &runs {
        races.merge(&run.race);
        histogram.merge(&run.latency);
    }
    let mean = if count > 1 { "mean of " } else { "" };
    let count = counted(count);
    let mean = format!("{}, {mean}{count}, seed {}", scenario.name, seed.0);
    let all = format!("{}, {count}, seed {}", scenario.name, seed.0);
    let mut figures = vec![Named::tall(
        "outcomes",
        560,
        Outcomes::from_summaries("Requests by outcome", mean, &runs),
    )];
    let first = format!(
        "{}, replication 0, seed {}: the first pods that go away",
        scenario.name, seed.0
    );
    figures.extend(timeline(first, &records.0));
    if !races.removal.is_empty() {
        figures.push(race_window(scenario, &races, all.clone()));
    }
    if histogram.count() > 0 {
        let series = latency::Series {
            name: "all requests".to_owned(),
            latency_s: distribution::Distribution::from_histogram(&histogram),
        };
        let ecdf = latency::LatencyEcdf {
            title: "Latency of the answers".to_owned(),
            subtitle: all,
            series: vec![series],
            stretch_tail: true,
        };
        figures.push(Named::new("latency", ecdf));
    }
    Ok(figures)
}

/// So many replications, in words.
fn counted(replications: usize) -> String {
    match replications {
        1 => "1 replication".to_owned(),
        count => format!("{count} replications"),
    }
}

/// The race of the first pods that go away; nothing if none does.
pub(crate) fn timeline(subtitle: String, records: &[TraceRecord]) -> Option<Named> {
    let figure = RaceTimeline::from_trace("Race between pods and load balancer", subtitle, records, TIMELINE_PODS);
    let height = figure.best_height().min(TIMELINE_HEIGHT_MAX);
    (!figure.lanes.is_empty()).then(|| Named::tall("race-timeline", height, figure))
}

/// The first replications, no more than a picture needs.
fn runs(scenario: &Scenario, seed: Seed, replications: u32) -> anyhow::Result<Vec<RunSummary>> {
    (0..replications.min(MOST_REPLICATIONS))
        .into_par_iter()
        .map(|replication| simulate::one(scenario, seed, replication))
        .collect()
}

fn race_window(scenario: &Scenario, races: &RaceSamples, subtitle: String) -> Named {
    let title = "Time until the last ALB node lets go of a pod";
    let window = RaceWindow::from_races(title, subtitle, races, pre_stop(scenario));
    Named::new("race-window", window)
}

/// What preStop covers of the removal, seconds; nothing without a hook.
fn pre_stop(scenario: &Scenario) -> Option<f64> {
    let covers = scenario.pod.pre_stop.mean_duration()?;
    Some(sim_core::stats::seconds(
        covers.min(scenario.pod.termination_grace_period),
    ))
}

struct Records(Vec<TraceRecord>);

impl TraceSink for Records {
    fn record(&mut self, record: TraceRecord) {
        self.0.push(record);
    }
}
