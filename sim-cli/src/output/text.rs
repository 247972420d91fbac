//! `--format text`: the result for people.

use std::io::{self, Write};

use crate::report::Report;

/// The result.
pub(crate) fn write(out: &mut impl Write, report: &Report, _color: bool) -> io::Result<()> {
    writeln!(out, "{}", report.provenance.scenario)
}
