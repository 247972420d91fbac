//! Every output of a run: opened before it, fed during it, made visible after it.

use std::path::Path;

use anyhow::{Context as _, bail};
use sim_core::summary::RunSummary;
use sim_core::trace::{TraceLevel, TraceRecord};

use crate::args::run::{Format, RunArgs};
use crate::output::access_log::AccessLog;
use crate::output::trace_file::TraceWriter;
use crate::output::{OutputFile, csv, json, series, text};
use crate::printer::Printer;
use crate::report::Report;
use crate::scenario_file::Loaded;

/// Every output of a run.
pub(super) struct Outputs {
    result: OutputFile,
    series: Option<OutputFile>,
    recorders: Recorders,
}

/// What records replication 0.
#[derive(Default)]
pub(super) struct Recorders {
    trace: Option<TraceWriter>,
    access_log: Option<AccessLog>,
}

impl Recorders {
    /// What the run must give.
    pub(super) fn level(&self) -> TraceLevel {
        let trace = self.trace.as_ref().map_or(TraceLevel::Off, TraceWriter::level);
        let access_log = if self.access_log.is_some() {
            TraceLevel::All
        } else {
            TraceLevel::Off
        };
        trace.max(access_log)
    }

    /// Takes one record.
    pub(super) fn record(&mut self, record: &TraceRecord) {
        if let Some(trace) = &mut self.trace {
            trace.record(record);
        }
        if let Some(access_log) = &mut self.access_log {
            access_log.record(record);
        }
    }
}

impl Outputs {
    /// Opens everything that is asked for.
    ///
    /// # Errors
    ///
    /// If one cannot be written, or two would go to the same place.
    pub(super) fn open(args: &RunArgs, loaded: &Loaded) -> anyhow::Result<Self> {
        let open = |path: &Option<std::path::PathBuf>| path.as_deref().map(OutputFile::open).transpose();
        let result = OutputFile::open(&args.output)?;
        let mut series = open(&args.series)?;
        let trace = open(&args.trace)?;
        let access_log = open(&args.access_log)?;
        let named = [
            ("--output", Some(&result)),
            ("--series", series.as_ref()),
            ("--trace", trace.as_ref()),
            ("--access-log", access_log.as_ref()),
        ];
        refuse_shared(&named)?;
        if let Some(series) = &mut series {
            series::write_header(series).context("cannot write the series")?;
        }
        let level = args.trace_requests.level();
        let recorders = Recorders {
            trace: trace.map(|out| TraceWriter::new(out, level)),
            access_log: access_log.map(|out| AccessLog::new(out, &loaded.scenario.name, &loaded.digest)),
        };
        Ok(Self {
            result,
            series,
            recorders,
        })
    }

    /// Lends what records replication 0.
    pub(super) fn take_recorders(&mut self) -> Recorders {
        std::mem::take(&mut self.recorders)
    }

    /// Gets it back.
    pub(super) fn return_recorders(&mut self, recorders: Recorders) {
        self.recorders = recorders;
    }

    /// Writes the series of the next replication, if asked for.
    pub(super) fn add_series(&mut self, run: &RunSummary) -> anyhow::Result<()> {
        match &mut self.series {
            Some(series) => series::write_rows(series, run).context("cannot write the series"),
            None => Ok(()),
        }
    }

    /// Writes the result and makes all outputs visible.
    pub(super) fn finish(mut self, args: &RunArgs, report: &Report, printer: &Printer) -> anyhow::Result<()> {
        let out = &mut self.result;
        let color = out.is_stdout() && printer.color_stdout();
        match args.format {
            Format::Text => text::write(out, report, color),
            Format::Json => json::write_document(out, report),
            Format::Ndjson => json::write_lines(out, report),
            Format::Csv => csv::write(out, report),
        }
        .context("cannot write the result")?;
        if let Some(series) = self.series {
            series.commit()?;
        }
        if let Some(trace) = self.recorders.trace {
            trace.finish().context("cannot write the trace")?.commit()?;
        }
        if let Some(access_log) = self.recorders.access_log {
            access_log.finish().context("cannot write the access log")?.commit()?;
        }
        self.result.commit()
    }
}

fn refuse_shared(named: &[(&str, Option<&OutputFile>)]) -> anyhow::Result<()> {
    let open: Vec<(&str, &OutputFile)> = named.iter().filter_map(|(flag, out)| Some((*flag, (*out)?))).collect();
    for (index, (flag, out)) in open.iter().enumerate() {
        for (other_flag, other) in &open[index + 1..] {
            if out.is_stdout() && other.is_stdout() {
                bail!("{flag} and {other_flag} both go to stdout; give one of them a file");
            }
            if let (Some(path), true) = (out.target(), out.target() == other.target()) {
                bail!("{flag} and {other_flag} both go to {}", Path::display(path));
            }
        }
    }
    Ok(())
}
