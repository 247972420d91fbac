//! Instants and lengths of time as a story writes them: to the millisecond, in integers.

const MS: u64 = 1_000_000;
const SECOND: u64 = 1_000 * MS;

/// An instant of the run: `1m26.213s`, `1h02m03.456s`.
pub(crate) fn instant(ns: u64) -> String {
    let ms = rounded(ns, MS);
    let (seconds, ms) = (ms / 1000, ms % 1000);
    let (minutes, seconds) = (seconds / 60, seconds % 60);
    match (minutes / 60, minutes % 60) {
        (0, 0) => format!("{seconds}.{ms:03}s"),
        (0, minutes) => format!("{minutes}m{seconds:02}.{ms:03}s"),
        (hours, minutes) => format!("{hours}h{minutes:02}m{seconds:02}.{ms:03}s"),
    }
}

/// A signed distance from the story's anchor: `+5.079 s`, `-0.120 s`.
pub(crate) fn offset(ns: i64) -> String {
    let ms = rounded(ns.unsigned_abs(), MS);
    let sign = if ns < 0 && ms > 0 { '-' } else { '+' };
    format!("{sign}{}.{:03} s", ms / 1000, ms % 1000)
}

/// A length of time: `18.222 s`, `82 ms`, `0.261 ms`.
pub(crate) fn span(ns: u64) -> String {
    if ns == 0 {
        return String::from("0 s");
    }
    if ns < MS {
        let us = rounded(ns, 1_000);
        return format!("{}.{:03} ms", us / 1000, us % 1000);
    }
    match rounded(ns, MS) {
        ms @ ..1000 => format!("{ms} ms"),
        ms => format!("{}.{:03} s", ms / 1000, ms % 1000),
    }
}

/// Seconds, rounded up to whole ones, at least one.
pub(super) fn whole_seconds_above(ns: u64) -> u64 {
    ns.div_ceil(SECOND).max(1)
}

fn rounded(ns: u64, unit: u64) -> u64 {
    ns.saturating_add(unit / 2) / unit
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn instants_have_milliseconds() {
        for (ns, expected) in [
            (0, "0.000s"),
            (999_499_999, "0.999s"),
            (999_500_000, "1.000s"),
            (86_213_086_483, "1m26.213s"),
            (3_723_004_000_000, "1h02m03.004s"),
        ] {
            assert_eq!(instant(ns), expected);
        }
    }

    #[test]
    fn offsets_have_a_sign_and_spans_a_unit_that_suits_them() {
        assert_eq!(offset(5_078_904_343), "+5.079 s");
        assert_eq!(offset(-120_000_000), "-0.120 s");
        assert_eq!(offset(-1), "+0.000 s", "no negative zero");
        for (ns, expected) in [
            (0, "0 s"),
            (260_993, "0.261 ms"),
            (81_996_878, "82 ms"),
            (18_221_779_726, "18.222 s"),
        ] {
            assert_eq!(span(ns), expected);
        }
        assert_eq!([0, 1, SECOND, SECOND + 1].map(whole_seconds_above), [1, 1, 1, 2]);
    }
}
