//! Numbers as people read them: thousands separated, few digits, plain units.

use crate::scale;

/// A number with that many decimals, its thousands separated by commas.
pub(crate) fn fixed(value: f64, decimals: usize) -> String {
    let text = format!("{:.*}", decimals, value.abs());
    let (whole, fraction) = text.split_once('.').map_or((text.as_str(), ""), |parts| parts);
    let mut grouped = String::new();
    for (index, digit) in whole.chars().enumerate() {
        if index > 0 && (whole.len() - index).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    if !fraction.is_empty() {
        grouped.push('.');
        grouped.push_str(fraction);
    }
    let is_zero = !grouped.contains(|c: char| ('1'..='9').contains(&c));
    if value < 0.0 && !is_zero {
        grouped.insert(0, '\u{2212}');
    }
    grouped
}

/// A number with that many digits that count, without zeros at its end: 0.00123, 12.3, 1,234.
pub(crate) fn significant(value: f64, digits: i32) -> String {
    if value == 0.0 {
        return "0".to_owned();
    }
    let magnitude = scale::exponent(value.abs());
    if magnitude < -6 {
        let mantissa = value / scale::power_of_ten(magnitude);
        return format!("{}×10^{magnitude}", significant(mantissa, digits)).replace("^-", "^\u{2212}");
    }
    let decimals = usize::try_from(digits - 1 - magnitude).unwrap_or(0);
    let text = fixed(value, decimals);
    if text.contains('.') {
        text.trim_end_matches('0').trim_end_matches('.').to_owned()
    } else {
        text
    }
}

/// A ratio in percent, three digits that count: "12.3 %".
pub(crate) fn percent(ratio: f64) -> String {
    // 99.97 must not become 100: keep the distance to 1 visible.
    let digits = if ratio > 0.99 && ratio < 1.0 {
        3 + (-scale::exponent(1.0 - ratio)).clamp(0, 6)
    } else {
        3
    };
    format!("{} %", significant(ratio * 100.0, digits))
}

/// A time in the largest unit that keeps it above one: "250 ms", "1.5 s", "2 min 5 s".
pub(crate) fn duration(seconds: f64) -> String {
    let size = seconds.abs();
    if size == 0.0 {
        return "0 s".to_owned();
    }
    if size < 0.9995 {
        return format!("{} ms", significant(seconds * 1000.0, 3));
    }
    if size < 119.5 {
        return format!("{} s", significant(seconds, 3));
    }
    let whole = libm::round(size);
    let (unit, name, rest_unit, rest_name) = if whole < 7200.0 {
        (60.0, "min", 1.0, "s")
    } else {
        (3600.0, "h", 60.0, "min")
    };
    let large = libm::floor(whole / unit);
    let rest = libm::floor((whole - large * unit) / rest_unit);
    let sign = if seconds < 0.0 { "\u{2212}" } else { "" };
    let rest = if rest > 0.0 {
        format!(" {rest} {rest_name}")
    } else {
        String::new()
    };
    format!("{sign}{} {name}{rest}", fixed(large, 0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thousands_are_separated() {
        let shown = [
            (0.0, 0),
            (999.0, 0),
            (1_000.0, 0),
            (1_234_567.89, 1),
            (-1_234.0, 0),
            (-0.01, 0),
        ]
        .map(|(value, decimals)| fixed(value, decimals));
        assert_eq!(shown, ["0", "999", "1,000", "1,234,567.9", "\u{2212}1,234", "0"]);
    }

    #[test]
    fn digits_that_count_are_kept_whatever_the_size() {
        let shown =
            [0.0, 0.001_234_5, 1.0, 12.345, 1_234.6, 99_999.0, 0.000_000_012].map(|value| significant(value, 3));
        assert_eq!(
            shown,
            ["0", "0.00123", "1", "12.3", "1,235", "99,999", "1.2×10^\u{2212}8"]
        );
    }

    #[test]
    fn almost_all_is_not_all() {
        let shown = [0.0, 0.000_12, 0.123, 0.999_7, 1.0].map(percent);
        assert_eq!(shown, ["0 %", "0.012 %", "12.3 %", "99.97 %", "100 %"]);
    }

    #[test]
    fn times_have_the_unit_that_suits_them() {
        let shown = [0.0, 0.000_5, 0.25, 1.5, 90.0, 125.0, 3600.0, 9000.0, -130.0].map(duration);
        let expected = [
            "0 s",
            "0.5 ms",
            "250 ms",
            "1.5 s",
            "90 s",
            "2 min 5 s",
            "60 min",
            "2 h 30 min",
            "\u{2212}2 min 10 s",
        ];
        assert_eq!(shown, expected);
    }
}
