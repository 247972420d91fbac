//! Simulated instants as dates. The run starts at 2026-01-01T00:00:00Z, by decision: a date in the log needs one, and
//! the clock of the machine would make every run differ.

use std::fmt;

/// 2026-01-01T00:00:00Z.
const EPOCH_UNIX_SECONDS: u64 = 1_767_225_600;

/// An instant with microseconds, as access logs print it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Instant {
    unix_micros: u64,
}

impl Instant {
    /// The instant `ns` nanoseconds after the run's start, to the microsecond below.
    pub(super) fn at(ns: u64) -> Self {
        Self {
            unix_micros: EPOCH_UNIX_SECONDS * 1_000_000 + ns / 1000,
        }
    }

    /// Whole seconds since 1970.
    pub(super) fn unix_seconds(self) -> u64 {
        self.unix_micros / 1_000_000
    }
}

impl fmt::Display for Instant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (year, month, day) = date(self.unix_seconds() / 86_400);
        let second = self.unix_seconds() % 86_400;
        write!(
            f,
            "{year:04}-{month:02}-{day:02}T{:02}:{:02}:{:02}.{:06}Z",
            second / 3600,
            second / 60 % 60,
            second % 60,
            self.unix_micros % 1_000_000
        )
    }
}

/// Year, month and day of a day since 1970, in the Gregorian calendar. Counts from 1 March, so that the leap day is
/// the last of its year (Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms").
fn date(days_since_1970: u64) -> (u64, u64, u64) {
    let days = days_since_1970 + 719_468;
    let era = days / 146_097;
    let day_of_era = days % 146_097;
    let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = if month_from_march < 10 {
        month_from_march + 3
    } else {
        month_from_march - 9
    };
    (era * 400 + year_of_era + u64::from(month <= 2), month, day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_gregorian() {
        // Days from `date -u -d … +%s`.
        for (days, expected) in [
            (0, (1970, 1, 1)),
            (11_016, (2000, 2, 29)),
            (11_017, (2000, 3, 1)),
            (20_454, (2026, 1, 1)),
            (21_243, (2028, 2, 29)),
            (47_540, (2100, 2, 28)),
            (47_541, (2100, 3, 1)),
        ] {
            assert_eq!(date(days), expected);
        }
    }

    #[test]
    fn the_run_starts_with_the_year() {
        assert_eq!(Instant::at(0).to_string(), "2026-01-01T00:00:00.000000Z");
        assert_eq!(
            Instant::at(86_399_999_999_999).to_string(),
            "2026-01-01T23:59:59.999999Z"
        );
        assert_eq!(Instant::at(0).unix_seconds(), 20_454 * 86_400);
    }
}
