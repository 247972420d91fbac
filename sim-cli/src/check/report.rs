//! The result of `sim check` as one document: what `--format json` prints and the other formats are made of.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value as Json;
use sim_core::stats;

use super::predict::{Plan, Prediction};
use super::{Change, Context, Effect, Finding, Level, patch};
use crate::report::six_digits;
use crate::text::source::{Place, Sources};

/// Version of the document; it grows when a field changes its meaning or goes away.
const SCHEMA_VERSION: u32 = 1;

/// Result of `sim check`.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub(crate) struct CheckReport {
    /// Version of this document.
    pub(crate) schema_version: u32,
    /// Version of `sim`.
    pub(crate) tool_version: String,
    /// Seed of all random numbers.
    pub(crate) seed: u64,
    /// Replications of each disruption.
    pub(crate) replications: u32,
    /// Name of the profile of hop latencies.
    pub(crate) profile: String,
    /// What was checked.
    pub(crate) service: ServiceReport,
    /// Above what it fails.
    pub(crate) limits: Limits,
    /// Whether no limit is exceeded and no finding is an error.
    pub(crate) passed: bool,
    /// What each disruption does today.
    pub(crate) predictions: Vec<PredictionReport>,
    /// The same with the fixes of all findings together; empty if no fix can be simulated.
    pub(crate) predictions_with_all_fixes: Vec<PredictionReport>,
    /// What the rules found, worst first.
    pub(crate) findings: Vec<FindingReport>,
    /// What the importer had to say.
    pub(crate) notes: Vec<NoteReport>,
}

/// The way from the load balancer to the pods.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub(crate) struct ServiceReport {
    /// The Ingress or `TargetGroupBinding`, as `Kind name`.
    pub(crate) entry: String,
    /// The Service.
    pub(crate) service: String,
    /// The workload.
    pub(crate) workload: String,
    /// Their namespace.
    pub(crate) namespace: String,
    /// Pods at the start.
    pub(crate) replicas_count: u32,
    /// Application server.
    pub(crate) app_preset: Json,
}

/// Above what the check fails.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub(crate) struct Limits {
    /// Mean share of requests; null for no limit.
    pub(crate) max_five_xx_ratio: Option<f64>,
    /// Mean number of requests of one event; null for no limit.
    pub(crate) max_five_xx_per_event: Option<f64>,
}

/// What one disruption does.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub(crate) struct PredictionReport {
    /// Name of the disruption.
    pub(crate) disruption: String,
    /// Simulated time, seconds.
    pub(crate) horizon_s: f64,
    /// Requests in that time, mean.
    pub(crate) requests_per_event: f64,
    /// Those that failed with 500 or above, mean.
    pub(crate) five_xx_per_event: f64,
    /// Lower end of its 95 % interval.
    pub(crate) five_xx_per_event_ci95_low: f64,
    /// Upper end.
    pub(crate) five_xx_per_event_ci95_high: f64,
    /// Share of the requests.
    pub(crate) five_xx_ratio: f64,
    /// Lower end of its 95 % interval.
    pub(crate) five_xx_ratio_ci95_low: f64,
    /// Upper end.
    pub(crate) five_xx_ratio_ci95_high: f64,
    /// Share in the worst five seconds.
    pub(crate) peak_five_xx_ratio: f64,
    /// 99th percentile of the time from a pod's deletion to its removal from the last ALB node, seconds.
    pub(crate) removal_s_p99: f64,
    /// Mean failures of an event by cause.
    pub(crate) causes_per_event: BTreeMap<String, f64>,
    /// Whether it is above a limit.
    pub(crate) exceeds_limit: bool,
}

/// What a rule found.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub(crate) struct FindingReport {
    /// Number of the rule.
    pub(crate) rule: String,
    /// Its name.
    pub(crate) name: String,
    /// `error`, `warning` or `note`.
    pub(crate) level: String,
    /// What was found.
    pub(crate) message: String,
    /// Where the value stands that is to change, or the object that lacks it.
    pub(crate) location: Location,
    /// Why it matters.
    pub(crate) reason: String,
    /// What that rests on.
    pub(crate) source: String,
    /// What would be right.
    pub(crate) advice: String,
    /// The same as settings of the scenario.
    pub(crate) settings: BTreeMap<String, Json>,
    /// The same as strategic merge patches.
    pub(crate) patches: Vec<Json>,
    /// Mean 5xx of an event without and with the fix, by disruption; null if it cannot be simulated.
    pub(crate) effect: Option<BTreeMap<String, EffectReport>>,
}

/// What a fix changes.
#[expect(
    clippy::struct_field_names,
    reason = "each key says of what it is, wherever it is read"
)]
#[derive(Debug, Clone, Copy, PartialEq, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub(crate) struct EffectReport {
    /// Mean 5xx of an event as it is.
    pub(crate) five_xx_per_event_without: f64,
    /// The same with this fix alone.
    pub(crate) five_xx_per_event_with: f64,
    /// Lower end of the 95 % interval of the mean difference under the same seeds; null for a single replication.
    pub(crate) five_xx_per_event_difference_ci95_low: Option<f64>,
    /// Upper end. The fix does more than chance if zero lies outside.
    pub(crate) five_xx_per_event_difference_ci95_high: Option<f64>,
}

/// What the importer had to say.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub(crate) struct NoteReport {
    /// In a sentence.
    pub(crate) message: String,
    /// About what; null for the whole.
    pub(crate) location: Option<Location>,
}

/// A part of a file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub(crate) struct Location {
    /// The file as it was named.
    pub(crate) file: String,
    /// Line, from 1.
    pub(crate) line: usize,
    /// Column in characters, from 1.
    pub(crate) column: usize,
    /// Line of its end.
    pub(crate) end_line: usize,
    /// Column behind its last character.
    pub(crate) end_column: usize,
}

impl Limits {
    /// Whether the prediction is above one of them.
    fn are_exceeded(self, prediction: &Prediction) -> bool {
        self.max_five_xx_ratio.is_some_and(|max| prediction.five_xx_ratio > max)
            || self
                .max_five_xx_per_event
                .is_some_and(|max| prediction.five_xx_per_event > max)
    }
}

impl Location {
    /// Of a place.
    pub(crate) fn new(place: &Place, sources: &Sources) -> Self {
        let (line, column) = sources.line_and_column(place.source, place.span.start);
        let (end_line, end_column) = sources.line_and_column(place.source, place.span.end);
        Self {
            file: sources.get(place.source).name.clone(),
            line,
            column,
            end_line,
            end_column,
        }
    }
}

/// The document.
pub(crate) fn report(
    context: &Context<'_, '_>,
    findings: &[Finding],
    with_all_fixes: &[Prediction],
    limits: Limits,
    plan: Plan<'_>,
    sources: &Sources,
) -> CheckReport {
    let route = &context.imported.route;
    let predictions: Vec<PredictionReport> = context.predictions.iter().map(|one| prediction(one, limits)).collect();
    let passed = predictions.iter().all(|one| !one.exceeds_limit)
        && findings.iter().all(|finding| finding.level != Level::Error);
    CheckReport {
        schema_version: SCHEMA_VERSION,
        tool_version: String::from(env!("CARGO_PKG_VERSION")),
        seed: plan.seed.0,
        replications: plan.replications,
        profile: context.scenario.profile.clone(),
        service: ServiceReport {
            entry: route.entry.title(),
            service: route.service.title(),
            workload: route.workload.title(),
            namespace: route.workload.namespace().to_owned(),
            replicas_count: context.scenario.deployment.replicas,
            app_preset: serde_json::to_value(context.scenario.app.preset).expect("a preset has a name"),
        },
        limits,
        passed,
        predictions,
        predictions_with_all_fixes: with_all_fixes.iter().map(|one| prediction(one, limits)).collect(),
        findings: findings.iter().map(|one| finding(one, sources)).collect(),
        notes: context
            .imported
            .notes
            .iter()
            .map(|note| NoteReport {
                message: note.title().to_owned(),
                location: note.place().map(|place| Location::new(place, sources)),
            })
            .collect(),
    }
}

fn prediction(prediction: &Prediction, limits: Limits) -> PredictionReport {
    PredictionReport {
        disruption: prediction.standard.name().to_owned(),
        horizon_s: stats::seconds(prediction.loaded.scenario.horizon),
        requests_per_event: prediction.requests_per_event,
        five_xx_per_event: prediction.five_xx_per_event,
        five_xx_per_event_ci95_low: six_digits(prediction.five_xx_per_event_ci95.low),
        five_xx_per_event_ci95_high: six_digits(prediction.five_xx_per_event_ci95.high),
        five_xx_ratio: prediction.five_xx_ratio,
        five_xx_ratio_ci95_low: six_digits(prediction.five_xx_ratio_ci95.low),
        five_xx_ratio_ci95_high: six_digits(prediction.five_xx_ratio_ci95.high),
        peak_five_xx_ratio: prediction.peak_five_xx_ratio,
        removal_s_p99: stats::seconds(prediction.removal_p99),
        causes_per_event: prediction
            .causes
            .iter()
            .map(|(cause, mean)| (cause.name().to_owned(), *mean))
            .collect(),
        exceeds_limit: limits.are_exceeded(prediction),
    }
}

fn finding(finding: &Finding, sources: &Sources) -> FindingReport {
    let effect = |effect: &Effect| {
        let entry = |change: &Change| {
            let report = EffectReport {
                five_xx_per_event_without: change.without,
                five_xx_per_event_with: change.with,
                five_xx_per_event_difference_ci95_low: change.difference_ci95.map(|ci95| six_digits(ci95.low)),
                five_xx_per_event_difference_ci95_high: change.difference_ci95.map(|ci95| six_digits(ci95.high)),
            };
            (change.standard.name().to_owned(), report)
        };
        effect.changes.iter().map(entry).collect()
    };
    FindingReport {
        rule: finding.rule.id.to_owned(),
        name: finding.rule.name.to_owned(),
        level: finding.level.name().to_owned(),
        message: finding.message.clone(),
        location: Location::new(&finding.place, sources),
        reason: finding.rule.reason.to_owned(),
        source: finding.rule.source.to_owned(),
        advice: finding.fix.advice.clone(),
        settings: finding.fix.settings.iter().cloned().collect(),
        patches: patch::combined(&finding.fix.patches)
            .iter()
            .map(|patch| patch.json.clone())
            .collect(),
        effect: finding.effect.as_ref().map(effect),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use expect_test::expect_file;

    #[test]
    fn the_committed_schema_is_that_of_the_types() {
        let schema = serde_json::to_string_pretty(&schemars::schema_for!(CheckReport)).unwrap();
        expect_file!["../../schema/check.schema.json"].assert_eq(&(schema + "\n"));
    }
}
