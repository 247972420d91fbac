//! `--format json` and `--format ndjson`.

use std::io::{self, Write};

use serde::Serialize;

use crate::report::{ReplicationReport, Report};

/// One line of NDJSON.
#[derive(Debug, Serialize)]
#[serde(tag = "record", rename_all = "snake_case")]
enum Line<'a> {
    /// One replication.
    Replication(&'a ReplicationReport),
    /// The whole document; always the last line.
    Summary(&'a Report),
}

/// The document, indented, with a newline at its end.
pub(crate) fn write_document(out: &mut impl Write, document: &impl Serialize) -> io::Result<()> {
    serde_json::to_writer_pretty(&mut *out, document)?;
    out.write_all(b"\n")
}

/// One line per replication, then the document on one line.
pub(crate) fn write_lines(out: &mut impl Write, report: &Report) -> io::Result<()> {
    for replication in &report.replications {
        write_line(out, &Line::Replication(replication))?;
    }
    write_line(out, &Line::Summary(report))
}

fn write_line(out: &mut impl Write, line: &Line<'_>) -> io::Result<()> {
    serde_json::to_writer(&mut *out, line)?;
    out.write_all(b"\n")
}
