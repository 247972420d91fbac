//! Pictures of runs and sweeps: which figures there are, and the files they go to.

use std::fs;
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
use sim_core::time::SimDuration;
use sim_core::trace::{TraceLevel, TraceRecord, TraceSink};
use sim_core::world;

use crate::output::OutputFile;
use crate::output::html::{self, Section};
use crate::simulate;

pub(crate) mod data;
pub(crate) mod sweep;

/// Replications that the pictures of a run are means of, at most: more change no line that the eye can tell.
const MOST_REPLICATIONS: u32 = 20;

/// Pods in the timeline: as many as fit without small print.
const TIMELINE_PODS: usize = 8;

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

/// Where the one-page report goes.
#[derive(Debug, Clone, Args)]
pub(crate) struct HtmlArgs {
    /// Also write one HTML page with the result, its pictures and the scenario; it needs nothing else
    #[arg(long, value_name = "FILE")]
    pub(crate) html: Option<std::path::PathBuf>,
}

impl HtmlArgs {
    /// Writes the page: what was printed, the figures, the scenario with the source of every value.
    ///
    /// # Errors
    ///
    /// If the file cannot be written.
    pub(crate) fn write(&self, title: &str, text: String, figures: &[Named], scenario: String) -> anyhow::Result<()> {
        let Some(path) = &self.html else { return Ok(()) };
        let mut sections = vec![Section::Text {
            title: "Result".to_owned(),
            text,
        }];
        for figure in figures {
            // A figure without data is left out; `--plots` says why.
            if let Ok(svg) = figure.svg(PlotTheme::Light) {
                sections.push(Section::Svg {
                    title: figure.name.clone(),
                    svg: String::from_utf8(svg).context("a picture is not UTF-8")?,
                });
            }
        }
        sections.push(Section::Folded {
            title: "Scenario, with the source of every value".to_owned(),
            text: scenario,
        });
        write_file(path, html::page(title, &sections).as_bytes())
    }
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

    /// As SVG.
    ///
    /// # Errors
    ///
    /// If its data cannot be drawn.
    pub(crate) fn svg(&self, theme: PlotTheme) -> Result<Vec<u8>, PlotError> {
        (self.draw)(&self.picture(Format::Svg, theme))
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
        fs::create_dir_all(directory).with_context(|| format!("cannot make {}", directory.display()))
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
                        not_drawn.push(format!("{} cannot be drawn: {error}", figure.name));
                        break;
                    }
                }
            }
        }
        Ok(not_drawn)
    }
}

fn write_file(path: &Path, bytes: &[u8]) -> anyhow::Result<()> {
    use std::io::Write as _;
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
    let count = replications.min(MOST_REPLICATIONS);
    let runs: Vec<RunSummary> = (0..count)
        .into_par_iter()
        .map(|replication| simulate::one(scenario, seed, replication))
        .collect::<anyhow::Result<_>>()?;
    let mut records = Records(Vec::new());
    simulate::guarded(scenario, seed, 0, || {
        world::run(scenario, seed, 0, TraceLevel::Failures, &mut records)
    })?;
    let (mut races, mut histogram) = (RaceSamples::default(), LatencyHistogram::new());
    for run in &runs {
        races.merge(&run.race);
        histogram.merge(&run.latency);
    }
    let mean = format!("{}, mean of {count} replications, seed {}", scenario.name, seed.0);
    let all = format!("{}, {count} replications, seed {}", scenario.name, seed.0);
    let mut figures = vec![Named::tall(
        "outcomes",
        560,
        Outcomes::from_summaries("Requests by outcome", mean, &runs),
    )];
    if !races.removal.is_empty() {
        let first = format!(
            "{}, replication 0, seed {}: the first pods that go away",
            scenario.name, seed.0
        );
        let timeline =
            RaceTimeline::from_trace("Race between pods and load balancer", first, &records.0, TIMELINE_PODS);
        figures.push(Named::tall("race-timeline", 680, timeline));
        let covers = pre_stop(scenario);
        let window = RaceWindow::from_races(
            "Time until the last ALB node lets go of a pod",
            all.clone(),
            &races,
            covers,
        );
        figures.push(Named::new("race-window", window));
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

/// What preStop covers of the removal, seconds; nothing without a hook.
fn pre_stop(scenario: &Scenario) -> Option<f64> {
    let hook = &scenario.pod.pre_stop;
    let runs = hook
        .exec
        .as_ref()
        .or(hook.http_get.as_ref())
        .map(|hook| hook.duration.mean());
    let covers: SimDuration = hook.sleep.or(runs)?.min(scenario.pod.termination_grace_period);
    Some(sim_core::stats::seconds(covers))
}

struct Records(Vec<TraceRecord>);

impl TraceSink for Records {
    fn record(&mut self, record: TraceRecord) {
        self.0.push(record);
    }
}
