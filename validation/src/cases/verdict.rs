//! What the draws say of a case: the rule of the [module's documentation](super), in code.

use schemars::JsonSchema;
use serde::Serialize;

use super::evaluate::Judgement;
use super::expectation::Expectation;
use crate::interval::clopper_pearson;

/// How often the event happens in each draw.
pub const EVENTS_PER_DRAW: u32 = 3;

/// Tries for each event that must take some pod and may not.
pub const TRIES_PER_EVENT: u32 = 6;

/// Least share of draws in which all statements hold together for a case to be supported.
pub const SUPPORTED_FROM: f64 = 0.5;

/// Largest such share for a case to be contradicted.
pub const CONTRADICTED_UP_TO: f64 = 0.05;

/// Least share of draws in which a softened statement must hold.
pub const RARE_FROM: f64 = 0.05;

/// Confidence of the intervals of shares of draws.
pub const CONFIDENCE: f64 = 0.95;

/// What the draws say of a case.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum CaseVerdict {
    /// The model would sooner have predicted the report than not.
    Supported,
    /// The model would almost never have predicted it.
    Contradicted,
    /// Neither, or something in it cannot be expressed.
    Undetermined,
    /// Nothing in it can be expressed.
    NotExpressible,
}

impl CaseVerdict {
    /// Stable name.
    pub const fn name(self) -> &'static str {
        match self {
            CaseVerdict::Supported => "supported",
            CaseVerdict::Contradicted => "contradicted",
            CaseVerdict::Undetermined => "undetermined",
            CaseVerdict::NotExpressible => "not expressible",
        }
    }
}

/// A share of draws with its exact binomial interval.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Share {
    /// Draws in which it holds.
    pub holds_count: u64,
    /// Draws in which it applies.
    pub draws_count: u64,
    /// Their ratio.
    pub probability: f64,
    /// Lower end of the 95 % interval.
    pub ci95_low: f64,
    /// Upper end of the 95 % interval.
    pub ci95_high: f64,
}

impl Share {
    /// Of some draws; nothing without draws.
    pub fn of(holds_count: u64, draws_count: u64) -> Option<Self> {
        if draws_count == 0 {
            return None;
        }
        let interval = clopper_pearson(holds_count, draws_count, CONFIDENCE);
        #[expect(clippy::cast_precision_loss, reason = "few draws")]
        let probability = holds_count as f64 / draws_count as f64;
        Some(Self {
            holds_count,
            draws_count,
            probability,
            ci95_low: interval.low,
            ci95_high: interval.high,
        })
    }

    /// Of judgements: those that apply.
    pub fn of_judgements<'j>(judgements: impl Iterator<Item = &'j Judgement>) -> Option<Self> {
        let applies: Vec<bool> = judgements.filter_map(|judgement| judgement.holds).collect();
        let holds = applies.iter().filter(|holds| **holds).count();
        Self::of(holds as u64, applies.len() as u64)
    }
}

/// The least share of draws in which a softened statement must hold; nothing for a statement that is not softened.
pub fn softened_to(expectation: &Expectation) -> Option<f64> {
    let text = expectation.strength.as_deref()?;
    // "0 acceptable in <50% of simulated rollouts": the rest must have some.
    let stated = super::words::number_before(text, "%").map(|percent| 1.0 - percent / 100.0);
    Some(stated.unwrap_or(RARE_FROM))
}

/// Whether all statements that are not softened hold in a draw; nothing if none of them applies to it.
pub fn together<'j>(hard: impl Iterator<Item = &'j Judgement>) -> Option<bool> {
    let applies: Vec<bool> = hard.filter_map(|judgement| judgement.holds).collect();
    (!applies.is_empty()).then(|| applies.iter().all(|holds| *holds))
}

/// What follows for a case.
///
/// `joint` is the share of draws in which all statements that are not softened hold, `soft` has the share of each
/// softened one and its bound, and `is_complete` says whether every statement could be judged.
pub fn verdict(joint: Option<Share>, soft: &[(Share, f64)], is_complete: bool) -> CaseVerdict {
    if joint.is_none() && soft.is_empty() {
        return if is_complete {
            CaseVerdict::Undetermined
        } else {
            CaseVerdict::NotExpressible
        };
    }
    let never = soft.iter().any(|(share, _)| share.holds_count == 0);
    if never || joint.is_some_and(|share| share.probability <= CONTRADICTED_UP_TO) {
        return CaseVerdict::Contradicted;
    }
    let soft_hold = soft.iter().all(|(share, bound)| share.probability >= *bound);
    let hard_hold = joint.is_none_or(|share| share.probability >= SUPPORTED_FROM);
    if is_complete && soft_hold && hard_hold {
        CaseVerdict::Supported
    } else {
        CaseVerdict::Undetermined
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(joint: Option<(u64, u64)>, soft: &[((u64, u64), f64)], is_complete: bool, expected: CaseVerdict) {
        let share = |(holds, draws)| Share::of(holds, draws).expect("some draws");
        let soft: Vec<(Share, f64)> = soft.iter().map(|(counts, bound)| (share(*counts), *bound)).collect();
        assert_eq!(verdict(joint.map(share), &soft, is_complete), expected);
    }

    #[test]
    fn the_rule_is_that_of_the_documentation() {
        check(Some((30, 60)), &[], true, CaseVerdict::Supported);
        check(Some((29, 60)), &[], true, CaseVerdict::Undetermined);
        check(Some((4, 60)), &[], true, CaseVerdict::Undetermined);
        check(Some((3, 60)), &[], true, CaseVerdict::Contradicted);
    }

    #[test]
    fn a_softened_statement_must_hold_now_and_then() {
        check(Some((60, 60)), &[((3, 60), RARE_FROM)], true, CaseVerdict::Supported);
        check(Some((60, 60)), &[((2, 60), RARE_FROM)], true, CaseVerdict::Undetermined);
        check(None, &[((0, 60), RARE_FROM)], true, CaseVerdict::Contradicted);
        check(None, &[((29, 60), 0.5)], true, CaseVerdict::Undetermined);
    }

    #[test]
    fn a_case_that_is_not_expressed_as_a_whole_is_never_supported() {
        check(Some((60, 60)), &[], false, CaseVerdict::Undetermined);
        check(Some((0, 60)), &[], false, CaseVerdict::Contradicted);
        check(None, &[], false, CaseVerdict::NotExpressible);
    }

    #[test]
    fn the_interval_is_the_exact_one() {
        // Clopper and Pearson for 0 of 60 at 95 %: the upper end is 1 − 0.025^(1/60).
        let share = Share::of(0, 60).expect("some draws");
        assert!((share.ci95_high - (1.0 - 0.025_f64.powf(1.0 / 60.0))).abs() < 1e-9);
    }
}
