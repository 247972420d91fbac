//! What was expected, what was found, and whether they agree.

use std::fmt::Display;

use crate::report::Verdict;

/// The outcome of one oracle, or of a part of it.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Comparison {
    pub(super) expected: String,
    pub(super) found: String,
    pub(super) verdict: Verdict,
    pub(super) remark: String,
}

impl Comparison {
    /// Holds if `holds`.
    pub(super) fn new(expected: String, found: String, holds: bool) -> Self {
        let verdict = if holds { Verdict::Held } else { Verdict::Failed };
        Self {
            expected,
            found,
            verdict,
            remark: String::new(),
        }
    }

    /// Holds if both are the same.
    #[expect(
        clippy::needless_pass_by_value,
        reason = "callers have numbers, and texts made for this"
    )]
    pub(super) fn same<T: PartialEq + Display>(expected: T, found: T) -> Self {
        let holds = expected == found;
        Self::new(expected.to_string(), found.to_string(), holds)
    }

    /// Holds if `found` is not below `low` and not above `high`.
    pub(super) fn between<T: Copy + PartialOrd + Display>(low: T, high: T, found: T) -> Self {
        let holds = low <= found && found <= high;
        Self::new(format!("{low} to {high}"), found.to_string(), holds)
    }

    /// The same, of something that the reader must be told.
    pub(super) fn of(mut self, what: &str) -> Self {
        self.expected = format!("{what} {}", self.expected);
        self.found = format!("{what} {}", self.found);
        self
    }

    /// Holds if every part does; what one part leaves open is open.
    pub(super) fn all(parts: impl IntoIterator<Item = Self>) -> Self {
        let parts: Vec<Self> = parts.into_iter().collect();
        assert!(!parts.is_empty(), "nothing was compared");
        let any = |verdict| parts.iter().any(|part| part.verdict == verdict);
        let verdict = if any(Verdict::Failed) {
            Verdict::Failed
        } else if any(Verdict::Undetermined) {
            Verdict::Undetermined
        } else {
            Verdict::Held
        };
        let join = |text: fn(&Self) -> &str| {
            let texts: Vec<&str> = parts.iter().map(text).filter(|text| !text.is_empty()).collect();
            texts.join("; ")
        };
        Self {
            expected: join(|part| &part.expected),
            found: join(|part| &part.found),
            verdict,
            remark: join(|part| &part.remark),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_whole_is_no_better_than_its_worst_part() {
        let held = Comparison::same(1, 1);
        let failed = Comparison::between(1, 2, 3).of("pods");
        let open = Comparison {
            verdict: Verdict::Undetermined,
            remark: "too blunt".to_owned(),
            ..held.clone()
        };
        assert_eq!(Comparison::all([held.clone(), held.clone()]).verdict, Verdict::Held);
        assert_eq!(
            Comparison::all([held.clone(), open.clone()]).verdict,
            Verdict::Undetermined
        );
        let all = Comparison::all([held, open, failed]);
        assert_eq!(all.verdict, Verdict::Failed);
        assert_eq!(all.expected, "1; 1; pods 1 to 2");
        assert_eq!(all.found, "1; 1; pods 3");
        assert_eq!(all.remark, "too blunt");
    }
}
