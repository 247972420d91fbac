//! What is reported of the cases: plain data.

use schemars::JsonSchema;
use serde::Serialize;

use super::evaluate::Judgement;
use super::format::Grade;
use super::plan::Drawn;
use super::verdict::{CONTRADICTED_UP_TO, CaseVerdict, EVENTS_PER_DRAW, RARE_FROM, SUPPORTED_FROM, Share};
use crate::report::{Finding, Section, Verdict};

/// Least share of the counted cases that must be supported.
pub const TARGET: f64 = 0.85;

/// A stricter bound, at which the supported cases are counted as well.
pub const STRICTER: f64 = 0.8;

/// All cases.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct CasesReport {
    /// The file; nothing for the built-in cases.
    pub file: Option<String>,
    /// The bounds of the verdicts.
    pub rule: Rule,
    /// Draws of each case.
    pub draws_count: u32,
    /// Assignments laid over every run of every case, as `path=value`.
    pub overrides: Vec<String>,
    /// Core cases about an ALB with grade A or B.
    pub counted: Counted,
    /// Verdicts by grade.
    pub totals: Vec<Total>,
    /// Every case, in the file's order.
    pub cases: Vec<CaseReport>,
}

/// The bounds of the verdicts.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Rule {
    /// Events of a draw.
    pub events_per_draw_count: u32,
    /// Least share of draws for "supported".
    pub supported_from_ratio: f64,
    /// Largest share of draws for "contradicted".
    pub contradicted_up_to_ratio: f64,
    /// Least share of draws for a softened statement.
    pub rare_from_ratio: f64,
    /// Least share of counted cases that must be supported.
    pub target_ratio: f64,
}

/// The cases that count for the target.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Counted {
    /// How many.
    pub cases_count: usize,
    /// Of these supported.
    pub supported_count: usize,
    /// Of these supported if the bound were 0.8.
    pub supported_at_stricter_bound_count: usize,
    /// How many of them moved no default.
    pub unused_count: usize,
    /// Of these supported.
    pub unused_supported_count: usize,
    /// Supported ones whose 95 % interval reaches below the bound: another seed may judge them otherwise.
    pub uncertain: Vec<String>,
    /// Undetermined ones.
    pub undetermined: Vec<String>,
    /// Contradicted ones that have an explanation.
    pub explained: Vec<String>,
    /// Contradicted ones that have none.
    pub unexplained: Vec<String>,
    /// Whether enough are supported and none is contradicted without an explanation.
    pub holds: bool,
}

/// Verdicts of the cases of one grade.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Total {
    /// `A`, `B` or `C`.
    pub grade: String,
    /// Whether they are core cases.
    pub is_core: bool,
    /// Supported.
    pub supported_count: usize,
    /// Contradicted.
    pub contradicted_count: usize,
    /// Undetermined.
    pub undetermined_count: usize,
    /// Not expressible.
    pub not_expressible_count: usize,
}

/// One case.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct CaseReport {
    /// Its name.
    pub id: String,
    /// Where it was published.
    pub source: String,
    /// `A`, `B` or `C`.
    pub grade: String,
    /// Kind of load balancer and of evidence.
    pub category: String,
    /// Whether the basic model should reproduce it, or what else it needs.
    pub applicability: String,
    /// Whether the basic model should reproduce it.
    pub is_core: bool,
    /// Whether it counts for the target.
    pub counts: bool,
    /// What follows.
    pub verdict: CaseVerdict,
    /// Draws in which all statements hold that are not softened.
    pub share: Option<Share>,
    /// The statement that holds in the fewest draws.
    pub weakest: Option<String>,
    /// Each statement.
    pub statements: Vec<StatementReport>,
    /// Settings that were drawn.
    pub drawn: Vec<DrawnReport>,
    /// What was mapped to the nearest thing that the model has.
    pub mapped: Vec<String>,
    /// What was not understood and left out.
    pub not_understood: Vec<String>,
    /// Why it is not supported, with the evidence; known of built-in cases.
    pub explanation: Option<String>,
    /// Defaults that it was among the evidence for, so that it is no prediction where they decide it.
    pub moved: Vec<String>,
}

/// One statement.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct StatementReport {
    /// In the words of the file.
    pub text: String,
    /// Draws in which it holds; nothing if it was not judged or never applied.
    pub share: Option<Share>,
    /// Share of draws that a softened statement needs.
    pub needed: Option<f64>,
    /// What was found, for each run or metric that it names.
    pub found: Vec<Found>,
    /// Why it was not judged.
    pub obstacle: Option<String>,
}

/// Values over the draws in which there was one.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Found {
    /// Draws in which it has a value.
    pub draws_count: usize,
    /// A twentieth of the draws are below.
    pub p5: Option<f64>,
    /// Half of the draws are below.
    pub median: Option<f64>,
    /// A twentieth of the draws are above.
    pub p95: Option<f64>,
}

/// A setting that was drawn.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct DrawnReport {
    /// Its name.
    pub setting: String,
    /// Its distribution.
    pub prior: String,
    /// What that rests on.
    pub source: String,
}

impl From<&Drawn> for DrawnReport {
    fn from(drawn: &Drawn) -> Self {
        Self {
            setting: drawn.setting.clone(),
            prior: drawn.prior.clone(),
            source: drawn.source.to_owned(),
        }
    }
}

/// Quantiles of what was found, for each run or metric of a statement.
pub(super) fn found(judgements: &[Judgement]) -> Vec<Found> {
    let components = judgements
        .iter()
        .map(|judgement| judgement.found.len())
        .max()
        .unwrap_or(0);
    (0..components)
        .map(|component| {
            let mut values: Vec<f64> = judgements
                .iter()
                .filter_map(|judgement| judgement.found.get(component).copied().flatten())
                .collect();
            values.sort_by(f64::total_cmp);
            Found {
                draws_count: values.len(),
                p5: quantile(&values, 5),
                median: quantile(&values, 50),
                p95: quantile(&values, 95),
            }
        })
        .collect()
}

/// The smallest value that at least so many percent are not above.
fn quantile(sorted: &[f64], percent: usize) -> Option<f64> {
    let rank = (sorted.len() * percent).div_ceil(100).max(1);
    sorted.get(rank - 1).copied()
}

impl CasesReport {
    /// Sums the cases up.
    pub fn new(cases: Vec<CaseReport>, draws_count: u32, overrides: Vec<String>, file: Option<String>) -> Self {
        let counted: Vec<&CaseReport> = cases.iter().filter(|case| case.counts).collect();
        let named = |is: &dyn Fn(&CaseReport) -> bool| -> Vec<String> {
            let chosen = counted.iter().filter(|case| is(case));
            chosen.map(|case| case.id.clone()).collect()
        };
        let contradicted = |explained: bool| {
            named(&|case| case.verdict == CaseVerdict::Contradicted && case.explanation.is_some() == explained)
        };
        let is_supported = |case: &CaseReport| case.verdict == CaseVerdict::Supported;
        let supported_count = named(&is_supported).len();
        let reaches_below = |share: Share| share.ci95_low < SUPPORTED_FROM;
        let stricter = |case: &&&CaseReport| {
            case.verdict == CaseVerdict::Supported && case.share.is_none_or(|share| share.probability >= STRICTER)
        };
        let unexplained = contradicted(false);
        let holds = unexplained.is_empty() && reaches(supported_count, counted.len());
        let counted = Counted {
            cases_count: counted.len(),
            supported_count,
            supported_at_stricter_bound_count: counted.iter().filter(stricter).count(),
            unused_count: named(&|case| case.moved.is_empty()).len(),
            unused_supported_count: named(&|case| case.moved.is_empty() && is_supported(case)).len(),
            uncertain: named(&|case| is_supported(case) && case.share.is_some_and(reaches_below)),
            undetermined: named(&|case| case.verdict == CaseVerdict::Undetermined),
            explained: contradicted(true),
            unexplained,
            holds,
        };
        Self {
            file,
            rule: Rule {
                events_per_draw_count: EVENTS_PER_DRAW,
                supported_from_ratio: SUPPORTED_FROM,
                contradicted_up_to_ratio: CONTRADICTED_UP_TO,
                rare_from_ratio: RARE_FROM,
                target_ratio: TARGET,
            },
            draws_count,
            overrides,
            counted,
            totals: totals(&cases),
            cases,
        }
    }

    /// The two claims of the cases as findings.
    pub fn section(&self) -> Section {
        let counted = &self.counted;
        let mut findings = Vec::new();
        if counted.cases_count > 0 {
            let reached = reaches(counted.supported_count, counted.cases_count);
            findings.push(Finding {
                name: String::from("cases_supported"),
                claim: String::from("Of the core ALB cases with grade A or B, at least 85 % are supported."),
                expected: format!("at least {:.0} % of {}", 100.0 * TARGET, counted.cases_count),
                found: format!("{} of {}", counted.supported_count, counted.cases_count),
                verdict: verdict(reached),
                source: match &self.file {
                    None => String::from("field cases, validation/data/cases.json"),
                    Some(file) => file.clone(),
                },
                remark: counted.remark(),
            });
            findings.push(Finding {
                name: String::from("cases_explained"),
                claim: String::from(
                    "No core ALB case with grade A or B is contradicted without an explanation that names the evidence.",
                ),
                expected: String::from("none"),
                found: match counted.unexplained.as_slice() {
                    [] => String::from("none"),
                    cases => cases.join(", "),
                },
                verdict: verdict(counted.unexplained.is_empty()),
                source: String::from("validation/data/explanations.json"),
                remark: match counted.explained.as_slice() {
                    [] => String::new(),
                    cases => format!("contradicted and explained: {}", cases.join(", ")),
                },
            });
        }
        Section {
            name: String::from("cases"),
            about: String::from(
                "Reports from the field: what a source states is taken, what it leaves open is drawn, and the model says \
                 how often it would have predicted the report.",
            ),
            findings,
            notes: Vec::new(),
        }
    }
}

impl Counted {
    /// Which are not supported, and how much hangs on the bound, on the seed and on what was known before.
    fn remark(&self) -> String {
        let names =
            |what: &str, cases: Vec<String>| (!cases.is_empty()).then(|| format!("{what}: {}.", cases.join(", ")));
        let contradicted = [&self.explained[..], &self.unexplained].concat();
        let uncertain = format!(
            "Supported, but with a 95 % interval that reaches below {:.0} %, so that another seed may judge otherwise",
            100.0 * SUPPORTED_FROM
        );
        let used = self.cases_count - self.unused_count;
        let parts = [
            names("Contradicted", contradicted),
            names("Undetermined", self.undetermined.clone()),
            names(&uncertain, self.uncertain.clone()),
            Some(format!(
                "With a bound of {:.0} % it would be {}.",
                100.0 * STRICTER,
                self.supported_at_stricter_bound_count
            )),
            (used > 0).then(|| {
                format!(
                    "{used} of the cases were among the evidence for a default; of the others {} of {} are supported.",
                    self.unused_supported_count, self.unused_count
                )
            }),
        ];
        parts.into_iter().flatten().collect::<Vec<String>>().join(" ")
    }
}

fn verdict(holds: bool) -> Verdict {
    if holds { Verdict::Held } else { Verdict::Failed }
}

/// Whether at least the target's share is supported.
#[expect(clippy::cast_precision_loss, reason = "few cases")]
fn reaches(supported: usize, cases: usize) -> bool {
    supported as f64 >= TARGET * cases as f64
}

fn totals(cases: &[CaseReport]) -> Vec<Total> {
    let of = |grade: Grade, is_core: bool| {
        let count = |verdict: CaseVerdict| {
            let same =
                |case: &&CaseReport| case.grade == grade.name() && case.is_core == is_core && case.verdict == verdict;
            cases.iter().filter(same).count()
        };
        Total {
            grade: String::from(grade.name()),
            is_core,
            supported_count: count(CaseVerdict::Supported),
            contradicted_count: count(CaseVerdict::Contradicted),
            undetermined_count: count(CaseVerdict::Undetermined),
            not_expressible_count: count(CaseVerdict::NotExpressible),
        }
    };
    let all = [true, false]
        .into_iter()
        .flat_map(|core| Grade::ALL.map(|grade| of(grade, core)));
    all.collect()
}
