//! `--series`: one CSV row per replication and second.

use std::io::{self, Write};

use sim_core::stats;
use sim_core::summary::RunSummary;

/// Columns. Request counts are by the second in which a request was issued, the rest by the end of the second, and
/// `dead_target_share` is the mean over the second (empty while no target is in rotation).
const HEADER: &str = "replication,second,status_200_count,status_460_count,status_500_count,status_502_count,\
                      status_503_count,status_504_count,targets_initial_count,targets_healthy_count,\
                      targets_unhealthy_count,targets_draining_count,pods_not_ready_count,pods_ready_count,\
                      pods_terminating_count,replicas_count,sessions_count,dead_target_share";

/// The first line.
pub(crate) fn write_header(out: &mut impl Write) -> io::Result<()> {
    writeln!(out, "{HEADER}")
}

/// The rows of one replication.
pub(crate) fn write_rows(out: &mut impl Write, run: &RunSummary) -> io::Result<()> {
    for (second, row) in run.series.iter().enumerate() {
        write!(out, "{},{second}", run.replication)?;
        for count in row.status_counts.iter().chain(&row.targets).chain(&row.pods) {
            write!(out, ",{count}")?;
        }
        write!(out, ",{},{},", row.replicas, row.sessions)?;
        if row.rotation_target_ns > 0 {
            write!(out, "{}", stats::ratio(row.dead_target_ns, row.rotation_target_ns))?;
        }
        writeln!(out)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use sim_core::summary::SeriesRow;
    use sim_core::time::SimDuration;

    #[test]
    fn rows_are_tidy_and_their_columns_match_the_header() {
        let mut run = RunSummary::new(3, SimDuration::from_secs(2));
        run.series[1] = SeriesRow {
            status_counts: [90, 1, 2, 3, 4, 5],
            targets: [6, 7, 8, 9],
            pods: [10, 11, 12],
            replicas: 13,
            nodes: 0,
            sessions: 14,
            dead_target_ns: 1_000,
            rotation_target_ns: 4_000,
        };
        let mut out = Vec::new();
        write_header(&mut out).unwrap();
        write_rows(&mut out, &run).unwrap();
        let text = String::from_utf8(out).unwrap();
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(
            lines[1], "3,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,",
            "no target in rotation: no share"
        );
        assert_eq!(lines[2], "3,1,90,1,2,3,4,5,6,7,8,9,10,11,12,13,14,0.25");
        for line in &lines {
            assert_eq!(line.split(',').count(), HEADER.split(',').count());
        }
    }
}
