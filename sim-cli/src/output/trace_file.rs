//! `--trace`: one NDJSON line per record.

use std::io::{self, Write};

use sim_core::trace::{Fact, TraceLevel, TraceRecord};

use super::OutputFile;

/// Writes records as they come. The first error stops it and is kept.
#[derive(Debug)]
pub(crate) struct TraceWriter {
    out: OutputFile,
    level: TraceLevel,
    result: io::Result<()>,
}

impl TraceWriter {
    /// Writes the records of `level`, also where the run gives more.
    pub(crate) fn new(out: OutputFile, level: TraceLevel) -> Self {
        Self {
            out,
            level,
            result: Ok(()),
        }
    }

    /// What the run must give.
    pub(crate) fn level(&self) -> TraceLevel {
        self.level
    }

    /// Takes one record.
    pub(crate) fn record(&mut self, record: &TraceRecord) {
        let wanted = match &record.fact {
            Fact::Request(request) => self.level == TraceLevel::All || request.cause.is_some(),
            _ => self.level > TraceLevel::Off,
        };
        if wanted && self.result.is_ok() {
            self.result = write_line(&mut self.out, record);
        }
    }

    /// The file, complete.
    pub(crate) fn finish(self) -> io::Result<OutputFile> {
        self.result.map(|()| self.out)
    }
}

fn write_line(out: &mut impl Write, record: &TraceRecord) -> io::Result<()> {
    serde_json::to_writer(&mut *out, record)?;
    out.write_all(b"\n")
}
