use super::*;

/// Bins of a quarter of an hour with these loads and no failures, before the change.
pub(in super::super) fn of_loads(loads: &[u32]) -> Observed {
    let bin = |(index, load): (usize, &u32)| Bin {
        label: index.to_string(),
        load: *load,
        counts: [None; 2],
        nodes: None,
    };
    Observed {
        era: Era::Before,
        is_read_off: true,
        bin_minutes: 15,
        bins: loads.iter().enumerate().map(bin).collect(),
    }
}

/// Cells of a text without quotes, as a reader of CSV gives them.
fn cells(text: &str) -> (Vec<Cell>, Vec<Vec<Cell>>) {
    let mut start = 0;
    let mut rows = Vec::new();
    for line in text.split('\n').filter(|line| !line.is_empty()) {
        let mut at = start;
        let row = line.split(',').map(|field| {
            let cell = Cell {
                text: field.to_owned(),
                span: at..at + field.len(),
            };
            at += field.len() + 1;
            cell
        });
        rows.push(row.collect());
        start += line.len() + 1;
    }
    let header = rows.remove(0);
    (header, rows)
}

fn read(text: &str) -> Result<Observed, ObservedError> {
    let (header, rows) = cells(text);
    Observed::read(&header, &rows, true)
}

const HEADER: &str = "minutes_since_start,load_workers,http_502,http_504";

#[test]
fn rows_are_read_and_blanks_count_zero() {
    let text = "time_of_day,minutes_since_start,load_workers,http_502,nodes\n\
                07:45,30,531,,23\n08:00,45,597,2,\n08:15,60,621,11,28.5\n,75,617,0,30\n";
    let observed = read(text).expect("a good file");
    assert_eq!(
        (observed.era, observed.bin_minutes, observed.peak()),
        (Era::After, 15, 621)
    );
    let labels: Vec<&str> = observed.bins.iter().map(|bin| bin.label.as_str()).collect();
    assert_eq!(labels, ["07:45", "08:00", "08:15", "45 min"]);
    let counts: Vec<_> = observed
        .bins
        .iter()
        .map(|bin| (bin.counts, bin.count(0), bin.nodes))
        .collect();
    assert_eq!(
        counts,
        [
            ([None, None], 0, Some(23.0)),
            ([Some(2), None], 2, None),
            ([Some(11), None], 11, Some(28.5)),
            ([Some(0), None], 0, Some(30.0)),
        ]
    );
}

#[test]
fn the_column_of_504_makes_it_a_file_of_before_the_change() {
    let text = format!("{HEADER}\n0,9,1,\n15,9,,2\n30,9,,\n45,9,,\n");
    let observed = read(&text).expect("a good file");
    assert_eq!((observed.era, observed.bins[1].counts), (Era::Before, [None, Some(2)]));
}

/// What is wrong, where, and what would be right.
#[test]
fn each_bad_file_is_refused_at_its_cell() {
    let rows = "0,9,,\n15,9,,\n30,9,,\n45,9,,\n";
    let bad = |from: &str, to: &str| format!("{HEADER}\n{}", rows.replacen(from, to, 1));
    for (text, at, problem) in [
        (
            bad("0,9", "x,9"),
            "x",
            "minutes_since_start: expected a whole number from 0 to 1000000, found \"x\"",
        ),
        (
            bad("15,9", "0,9"),
            "0",
            "bins of 1 to 30 minutes are expected, found 0 after 0",
        ),
        (
            bad("15,9", "60,9"),
            "60",
            "bins of 1 to 30 minutes are expected, found 60 after 0",
        ),
        (bad("30,9", "31,9"), "31", "equal steps are expected, here 30, found 31"),
        (
            bad("15,9", "15,-3"),
            "-3",
            "load_workers: expected a whole number from 0 to 100000, found \"-3\"",
        ),
        (
            bad("15,9", "15,1.5"),
            "1.5",
            "load_workers: expected a whole number from 0 to 100000, found \"1.5\"",
        ),
        (
            bad("15,9", "15,"),
            "",
            "load_workers: expected a whole number from 0 to 100000, found \"\"",
        ),
        (
            bad("15,9,,", "15,9,n/a,"),
            "n/a",
            "http_502: expected a whole number from 0 to 100000000, found \"n/a\"",
        ),
        (
            format!("{HEADER},cpu\n0,9,,,1\n"),
            "cpu",
            "unknown column \"cpu\"; known are time_of_day, minutes_since_start, load_workers, http_502, http_504, nodes",
        ),
        (
            format!("{HEADER},http_502\n0,9,,,1\n"),
            "http_502",
            "the column \"http_502\" stands twice",
        ),
        (
            "minutes_since_start,http_502\n0,1\n".to_owned(),
            "minutes_since_start",
            "the column \"load_workers\" is missing",
        ),
    ] {
        let error = read(&text).expect_err(&text);
        assert_eq!(error.problem, problem);
        let span = error.span.expect("a place");
        assert_eq!(&text[span.clone()], at, "{problem}: {span:?}");
    }
    let error = read(&format!("{HEADER}\n0,9,,\n15,9,,\n")).expect_err("too short");
    assert_eq!(
        (error.span, error.problem.as_str()),
        (None, "2 rows below the header, allowed are 4 to 672")
    );
    let text = "minutes_since_start,load_workers,http_502,nodes\n0,9,,many\n15,9,,\n30,9,,\n45,9,,\n";
    assert_eq!(
        read(text).expect_err("a bad number").problem,
        "nodes: expected a number of zero or more, found \"many\""
    );
}
