//! Numbers for people.

use sim_core::time::SimDuration;

/// Decimals of a percentage; nobody counts beyond one in a hundred billion.
const MOST_DECIMALS: i32 = 9;

/// `1234567` as `1,234,567`.
pub(crate) fn grouped(count: u64) -> String {
    let digits = count.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// A mean count: whole numbers as they are, others with one decimal.
pub(crate) fn count(value: f64) -> String {
    let tenths = format!("{value:.1}");
    let (whole, tenth) = tenths.split_once('.').expect("one decimal was asked for");
    let whole = grouped(whole.parse().expect("a count is not negative"));
    if tenth == "0" && (value - value.round()).abs() < 1e-9 {
        whole
    } else {
        format!("{whole}.{tenth}")
    }
}

/// `total` over `runs` as a mean count.
pub(crate) fn mean_count(total: u64, runs: u64) -> String {
    count(sim_core::stats::ratio(total, runs))
}

/// A share as a percentage of three significant digits: `37.2 %`, `0.107 %`. What is not all is not shown as 100 %.
pub(crate) fn percent(share: f64) -> String {
    let [text] = percents([share]);
    if share < 1.0 && text == "100" {
        // `99.9990 %` says how much is missing.
        return percent_below(share);
    }
    format!("{text} %")
}

/// A share just below 1, rounded down to the first decimal that is not a 9.
fn percent_below(share: f64) -> String {
    let mut decimals = 1;
    while decimals < 9 && (1.0 - share) * 100.0 * 10_f64.powi(decimals) < 1.0 {
        decimals += 1;
    }
    let scale = 10_f64.powi(decimals);
    let places = usize::try_from(decimals).expect("counted up from 1");
    format!("{:.places$} %", (share * 100.0 * scale).floor() / scale)
}

/// Shares as percentages, all with the decimals that give the first one three significant digits, or with as many
/// as it takes to tell different shares apart.
pub(crate) fn percents<const N: usize>(shares: [f64; N]) -> [String; N] {
    let first = (shares[0] * 100.0).abs();
    let mut decimals = 0;
    // As in `12.3`: a value from 10 up to 100 has one decimal.
    while first > 0.0 && decimals < MOST_DECIMALS && first * 10_f64.powi(decimals) < 99.95 {
        decimals += 1;
    }
    let differ = shares.iter().any(|share| share.to_bits() != shares[0].to_bits());
    loop {
        let places = usize::try_from(decimals).expect("counted up from 0");
        let texts = shares.map(|share| format!("{:.places$}", share * 100.0));
        let told_apart = texts.iter().any(|text| *text != texts[0]);
        if told_apart || !differ || decimals >= MOST_DECIMALS {
            return texts;
        }
        decimals += 1;
    }
}

/// An upper bound as a percentage of one significant digit, rounded up: `0.0003 %`.
pub(crate) fn percent_above(bound: f64) -> String {
    let value = bound * 100.0;
    let mut decimals = 0;
    while decimals < 12 && value * 10_f64.powi(decimals) < 1.0 {
        decimals += 1;
    }
    let scale = 10_f64.powi(decimals);
    let places = usize::try_from(decimals).expect("counted up from 0");
    format!("{:.places$} %", (value * scale).ceil() / scale)
}

/// An upper bound that is compared with a limit: a percentage of three significant digits, rounded up: `3.04 %`.
pub(crate) fn percent_at_most(bound: f64) -> String {
    let value = bound * 100.0;
    let mut decimals = 0;
    while value > 0.0 && decimals < MOST_DECIMALS && value * 10_f64.powi(decimals) < 100.0 {
        decimals += 1;
    }
    let places = usize::try_from(decimals).expect("counted up from 0");
    format!("{:.places$} %", rounded_up(value, decimals))
}

/// The next value of so many decimals that is not below. What misses it by no more than a float does is that value.
pub(crate) fn rounded_up(value: f64, decimals: i32) -> f64 {
    let scale = 10_f64.powi(decimals);
    (value * scale * (1.0 - 1e-12)).ceil() / scale
}

/// A length of time in the unit that suits it, three significant digits.
pub(crate) fn duration(seconds: f64) -> String {
    match seconds {
        0.0 => String::from("0 s"),
        ..0.000_999_5 => format!("{:.3} ms", seconds * 1e3),
        ..0.009_995 => format!("{:.2} ms", seconds * 1e3),
        ..0.099_95 => format!("{:.1} ms", seconds * 1e3),
        ..0.999_5 => format!("{:.0} ms", seconds * 1e3),
        ..9.995 => format!("{seconds:.2} s"),
        ..99.95 => format!("{seconds:.1} s"),
        _ => clock(seconds),
    }
}

/// An instant of the run, to the second: `1m17s`.
pub(crate) fn clock(seconds: f64) -> String {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "an instant within a run"
    )]
    let whole = seconds.round() as u64;
    SimDuration::from_secs(whole).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_have_separators_and_at_most_one_decimal() {
        assert_eq!(grouped(0), "0");
        assert_eq!(grouped(1_234_567), "1,234,567");
        assert_eq!(grouped(123_456), "123,456");
        assert_eq!(count(220.0), "220");
        assert_eq!(count(87_640.26), "87,640.3");
        assert_eq!(count(0.04), "0.0", "not zero, and says so");
        assert_eq!(count(999.96), "1,000.0");
        assert_eq!(mean_count(15, 10), "1.5");
    }

    #[test]
    fn percentages_have_three_digits() {
        assert_eq!(percent(0.372_4), "37.2 %");
        assert_eq!(percent(1.0), "100 %");
        assert_eq!(percent(0.999_7), "99.97 %");
        assert_eq!(percent(719_993.0 / 720_000.0), "99.9990 %");
        assert_eq!(percent(0.001_065), "0.106 %");
        assert_eq!(percent(0.0), "0 %");
        assert_eq!(percents([0.372, 0.369, 0.375]), ["37.2", "36.9", "37.5"]);
        assert_eq!(
            percents([0.372, 0.371_98, 0.372_02]),
            ["37.200", "37.198", "37.202"],
            "an interval is not empty"
        );
        assert_eq!(percents([0.015_2, 0.009_96, 0.02]), ["1.52", "1.00", "2.00"]);
    }

    #[test]
    fn bounds_are_rounded_up() {
        assert_eq!(percent_above(2.4265e-6), "0.0003 %");
        assert_eq!(percent_above(0.003), "0.3 %");
        assert_eq!(percent_above(0.258_866), "26 %");
        assert_eq!(percent_above(1.0), "100 %");
        assert_eq!(percent_at_most(0.030_39), "3.04 %");
        assert_eq!(percent_at_most(0.03), "3.00 %");
        assert_eq!(percent_at_most(0.258_866), "25.9 %");
        assert_eq!(percent_at_most(2.4265e-6), "0.000243 %");
        assert_eq!(percent_at_most(1.0), "100 %");
        assert_eq!(percent_at_most(0.0), "0 %");
    }

    #[test]
    fn durations_take_their_unit() {
        for (seconds, expected) in [
            (0.0, "0 s"),
            (0.000_3, "0.300 ms"),
            (0.001_5, "1.50 ms"),
            (0.022_58, "22.6 ms"),
            (0.238, "238 ms"),
            (0.999_6, "1.00 s"),
            (15.62, "15.6 s"),
            (99.96, "1m40s"),
            (11_223.4, "3h7m3s"),
        ] {
            assert_eq!(duration(seconds), expected);
        }
    }
}
