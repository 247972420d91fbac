//! `--format csv`: one row per replication, then a row of means.

use std::io::{self, Write};

use crate::report::{Report, StatusCounts};

const HEADER: &str = "replication,requests_count,status_200_count,status_460_count,status_500_count,status_502_count,\
                      status_503_count,status_504_count,status_404_count,unanswered_count,five_xx_ratio";

/// The table. In the row `mean` counts are means per replication and the ratio is the ratio of totals.
pub(crate) fn write(out: &mut impl Write, report: &Report) -> io::Result<()> {
    writeln!(out, "{HEADER}")?;
    for row in &report.replications {
        write!(out, "{},{}", row.replication, row.requests_count)?;
        for count in columns(&row.status_counts) {
            write!(out, ",{count}")?;
        }
        writeln!(out, ",{}", row.five_xx_ratio)?;
    }
    let mean = |total: u64| sim_core::stats::ratio(total, report.replications.len() as u64);
    write!(out, "mean,{}", mean(report.requests_count))?;
    for count in columns(&report.status_counts) {
        write!(out, ",{}", mean(count))?;
    }
    writeln!(out, ",{}", report.five_xx_ratio.mean)
}

fn columns(counts: &StatusCounts) -> [u64; 8] {
    [
        counts.ok,
        counts.client_closed,
        counts.target_error,
        counts.bad_gateway,
        counts.service_unavailable,
        counts.gateway_timeout,
        counts.wrong_target,
        counts.unanswered,
    ]
}
