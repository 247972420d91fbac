//! The claims that the comparison tests, with a verdict each.

use super::prediction::Prediction;
use super::report::{CoverageRow, PublishedReport, WindowRow};
use super::tables::offset;
use crate::report::{Finding, Section, Verdict};

/// Half-widths from the middle of an interval beyond which a count lies near its end.
const NEAR_THE_END: f64 = 0.8;

/// The shortest restart that published-run, mechanism 3, speaks of ("about a second or two"), seconds.
const RESTART_S: f64 = 1.0;

/// Everything that is claimed. `zeros` has, for each series whose file has no 504, its name, in how many runs the model
/// gave some, and of how many.
pub(super) fn section(report: &PublishedReport, zeros: &[(String, usize, usize)]) -> Section {
    // No 504 after the change is a claim of its own, about the whole series.
    let has_point = |row: &&WindowRow| row.elb_status_code == 502 || zeros.iter().all(|zero| zero.0 != row.series);
    let windows: Vec<&WindowRow> = report.windows.iter().filter(has_point).collect();
    let source = |series: &str| {
        let row = report.series.iter().find(|row| row.name == series);
        row.expect("every series is there").source()
    };
    let mut findings: Vec<Finding> = windows
        .iter()
        .map(|row| window(row, &windows, source(&row.series)))
        .collect();
    findings.extend(windows.iter().filter_map(|row| crosswise(row, source(&row.series))));
    findings.extend(
        zeros
            .iter()
            .map(|(series, count, runs)| never_504(series, *count, *runs, source(series))),
    );
    findings.extend(report.coverage.iter().map(coverage));
    Section {
        name: String::from("published"),
        about: String::from(if is_published(report) {
            "The published run, driven by its own load, against the 502 and 504 read off its plots: a total is right if it \
             lies in the model's 90 % prediction interval."
        } else {
            "The published application, driven by the load of the files, against their 502 and 504: a total is right if it \
             lies in the model's 90 % prediction interval."
        }),
        findings,
        notes: notes(report),
    }
}

/// Whether it is the published readings that were compared.
fn is_published(report: &PublishedReport) -> bool {
    report.series.iter().any(|row| row.file.is_none())
}

fn notes(report: &PublishedReport) -> Vec<String> {
    let mut notes = vec![
        String::from(
            "The load is read as posts of the script, of which a bin shows the mean, with a jump where the script was started \
             again in the midst of a fall.",
        ),
        String::from(
            "A loader counts a call when it ends, the model when it is issued: up to 10 s earlier, which moves less than a \
             hundredth of a bin's counts to the bin before.",
        ),
        String::from(if report.series.iter().any(|row| row.is_read_off) {
            "Blank cells of the CSV count zero and have no error of reading. Errors of reading of 502, 504 and of the load \
             are part of every prediction: each is drawn evenly from its whole range, for each bin and run."
        } else {
            "Blank cells of the CSV count zero. All counts are taken as exact."
        }),
        String::from(
            "Not free, though not published: that 0.9 of the nodes drop packets to a dead pod IP (nodes §4.4), three ALB \
             nodes, the shapes of all distributions.",
        ),
    ];
    if is_published(report) {
        notes.push(String::from(
            "Settled with the failures in sight: how the load is read, that loaders go on for up to 30 s after they are \
             scaled away, how full the nodes are at the peak, which falling halves are fitted, and the ranges of the free \
             parameters.",
        ));
    }
    notes.extend(restart(report));
    if report.fit.is_none() {
        notes.push(String::from(
            "The values were given: nothing was fitted here, and no sensitivity was looked for.",
        ));
        if report.windows.iter().all(|row| !row.is_fitted) {
            notes.push(String::from(
                "Where they come from does not say that they were fitted to any of these windows: all are called predicted.",
            ));
        }
    }
    notes
}

/// A fit that contradicts what is said of the restart.
fn restart(report: &PublishedReport) -> Option<String> {
    let row = report.parameters.iter().find(|row| row.name == "server_restart_s")?;
    (report.fit.is_some() && row.high < RESTART_S).then(|| {
        format!(
            "The fit has the port closed for {:.1} to {:.1} s while the hook's edit restarts the server. That is shorter than \
             the second or two of published-run, mechanism 3, and than the 1.5 s of `logistics-after` and `headline-after`: \
             something else in the model makes a restart fail too many requests, or the restart was that quick.",
            row.low, row.high
        )
    })
}

fn window(row: &WindowRow, windows: &[&WindowRow], source: String) -> Finding {
    let how = if row.is_fitted { "fitted" } else { "predicted" };
    Finding {
        name: format!("{}_window_{}_{}", row.series, row.window, row.elb_status_code),
        claim: format!(
            "The {} of falling half {} of `{}` ({} to {}) lie within what the model gives there ({how}).",
            row.elb_status_code, row.window, row.series, row.from, row.to
        ),
        expected: format!("{} failures were observed", row.observed_count),
        found: interval(&row.prediction),
        verdict: if row.is_inside { Verdict::Held } else { Verdict::Failed },
        source,
        remark: remark(row, windows),
    }
}

fn remark(row: &WindowRow, windows: &[&WindowRow]) -> String {
    let mut remarks = Vec::new();
    if row.is_fitted {
        remarks.push(String::from(
            "The free parameters were fitted to this window, so this tests the model's form alone.",
        ));
    }
    let beyond = offset(&row.prediction, f64::from(row.observed_count)).abs();
    if !row.is_inside {
        remarks.push(outside(row, windows));
    } else if beyond > NEAR_THE_END {
        remarks.push(format!(
            "It lies near the end of the interval: {beyond:.2} of its half-width from the middle. Another seed may put it outside."
        ));
    }
    if row.is_disturbed {
        remarks.push(String::from(
            "The load was started again here: how far it had fallen within that bin is extrapolated from the bins around.",
        ));
    }
    remarks.join(" ")
}

/// How far it is off, and what could be behind it.
fn outside(row: &WindowRow, windows: &[&WindowRow]) -> String {
    let observed = f64::from(row.observed_count);
    let factor = observed / row.prediction.mean_count.max(0.5);
    let sibling = windows
        .iter()
        .find(|other| other.name() == row.name() && other.elb_status_code != row.elb_status_code);
    let beyond = offset(&row.prediction, observed).abs();
    let what = match sibling {
        Some(other) if !other.is_inside && same_side(row, other) => {
            "the other code is off to the same side, so more or fewer pods went in this window, or the loaders were slower or \
             faster, than the load shows"
        }
        Some(_) => {
            "the other code is not off to that side, so what is off is how long dead pods answered with RST before they fell \
             silent (sandbox teardown), or the share of nodes that drop packets to dead addresses"
        }
        None => {
            "candidates are a restart of the server that took longer or shorter then, and pods that went with their nodes at \
             another pace"
        }
    };
    format!(
        "Observed are {factor:.2} times the predicted mean, {beyond:.1} half-widths from the middle of the interval; {what}."
    )
}

fn same_side(row: &WindowRow, other: &WindowRow) -> bool {
    let side = |row: &WindowRow| f64::from(row.observed_count) > row.prediction.mean_count;
    side(row) == side(other)
}

/// The other way round: a window that was fitted, predicted from those that were predicted.
fn crosswise(row: &WindowRow, source: String) -> Option<Finding> {
    let prediction = row.crosswise.as_ref()?;
    let is_inside = prediction.holds(f64::from(row.observed_count));
    Some(Finding {
        name: format!("{}_window_{}_{}_crosswise", row.series, row.window, row.elb_status_code),
        claim: format!(
            "Fitted to the other windows instead, the model predicts the {} of falling half {} of `{}`.",
            row.elb_status_code, row.window, row.series
        ),
        expected: format!("{} failures were observed", row.observed_count),
        found: interval(prediction),
        verdict: if is_inside { Verdict::Held } else { Verdict::Failed },
        source,
        remark: if is_inside {
            String::new()
        } else {
            format!(
                "Observed are {:.2} times the predicted mean.",
                f64::from(row.observed_count) / prediction.mean_count.max(0.5)
            )
        },
    })
}

/// Exactly none in nine tenths of the runs and more, as the interval of any other count.
fn never_504(series: &str, with_some: usize, runs: usize, source: String) -> Finding {
    let holds = with_some * 20 <= runs;
    Finding {
        name: format!("{series}_504"),
        claim: format!("`{series}` has no 504 at all."),
        expected: String::from("exactly 0, and a 90 % prediction interval from 0 to 0"),
        found: format!("none in {} of {runs} runs of the whole series", runs - with_some),
        verdict: if holds { Verdict::Held } else { Verdict::Failed },
        source,
        remark: if with_some == 0 {
            String::new()
        } else {
            String::from(
                "A 504 takes an ALB node that still chooses a pod when its 30 s of grace are over: that is one of the slowest \
                 draws where the fit leaves the propagation slow.",
            )
        },
    }
}

fn coverage(row: &CoverageRow) -> Finding {
    let share = f64::from(row.inside_count) / f64::from(row.bins_count);
    let least = least_inside(row.bins_count);
    Finding {
        name: format!("{}_bins_{}_{}", row.series, row.elb_status_code, row.bins.name()),
        claim: format!(
            "About nine tenths of the bins of `{}` {} have their {} inside the interval of the bin.",
            row.series,
            row.bins.words(),
            row.elb_status_code
        ),
        expected: format!("at least {least} of {} bins", row.bins_count),
        found: format!(
            "{} of {} bins ({:.0} %)",
            row.inside_count,
            row.bins_count,
            100.0 * share
        ),
        verdict: match least {
            0 => Verdict::Undetermined,
            _ if row.inside_count >= least => Verdict::Held,
            _ => Verdict::Failed,
        },
        source: String::from("a binomial number of hits at 0.9, of which fewer have a chance of 1 %"),
        remark: if least == 0 {
            String::from("So few bins could not have shown otherwise.")
        } else if row.inside_count >= least {
            String::new()
        } else {
            String::from(
                "Bins hang together: when the steps of the script fell is not published, and one that falls a few minutes \
                 earlier or later moves its failures from one bin to the next.",
            )
        },
    }
}

/// The least number of hits whose chance of not being reached is at most 1 %.
fn least_inside(bins: u32) -> u32 {
    let p = super::prediction::CONFIDENCE;
    let mut below = 0.0;
    let mut chance = (1.0 - p).powi(bins.cast_signed());
    for hits in 0..bins {
        below += chance;
        if below > 0.01 {
            return hits;
        }
        chance *= f64::from(bins - hits) / f64::from(hits + 1) * p / (1.0 - p);
    }
    bins
}

fn interval(prediction: &Prediction) -> String {
    format!(
        "{:.1} [{:.1}, {:.1}] (mean and 90 % prediction interval)",
        prediction.mean_count, prediction.low_count, prediction.high_count
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn miss(series: &str, elb_status_code: u16) -> WindowRow {
        WindowRow {
            series: String::from(series),
            window: 1,
            from: String::from("01:00"),
            to: String::from("02:00"),
            elb_status_code,
            is_fitted: false,
            is_disturbed: false,
            observed_count: 90,
            prediction: Prediction {
                mean_count: 30.0,
                low_count: 20.0,
                high_count: 40.0,
            },
            is_inside: false,
            crosswise: None,
        }
    }

    /// Where both codes are off to one side it is not the teardown, which divides them; and it never is where the
    /// application has no 504.
    #[test]
    fn a_miss_names_what_can_be_behind_it() {
        let [after, b502, b504] =
            [("after", 502), ("before", 502), ("before", 504)].map(|(name, code)| miss(name, code));
        let of = |row: &WindowRow, other: &[&WindowRow]| outside(row, other);
        assert!(of(&after, &[&after, &b502]).contains("a restart of the server"));
        assert!(of(&b502, &[&b502, &b504]).contains("to the same side"));
        let inside = WindowRow {
            is_inside: true,
            ..b504
        };
        assert!(of(&b502, &[&b502, &inside]).contains("sandbox teardown"));
    }

    /// Ten bins at 0.9: P(X ≤ 6) = 0.0128, P(X ≤ 5) = 0.0016, so 6 hits are still believed.
    #[test]
    fn the_least_number_of_hits_is_that_of_the_binomial() {
        assert_eq!([10, 1, 2].map(least_inside), [6, 0, 1]);
    }
}
