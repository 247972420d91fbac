//! Karpenter's `NodePool`, or the `Provisioner` before it, as a disruption: it takes nodes away (nodes §2).

use serde_json::Value as Json;

use super::disruption::{self, AT_S};
use super::draft::{Draft, Origin};
use crate::manifest::karpenter::{Budget, NodePoolSpec, ProvisionerSpec};
use crate::manifest::{Body, Metadata, Object};
use crate::text::decode::Spanned;
use crate::text::error::{Diagnostic, Severity};
use crate::text::source::Place;

const BASE: &str = "disruptions[0].karpenter";
const DEFAULT: &str = "Karpenter's default (nodes §2.1)";

/// Annotation of pods whose nodes must stay.
const DO_NOT_DISRUPT: &str = "karpenter.sh/do-not-disrupt";

/// Longest wait of the settings that the horizon covers, seconds.
const PATIENCE_S: u64 = 3600;

/// What to do where there is none.
pub(super) fn missing() -> Diagnostic {
    Diagnostic::new("no NodePool and no Provisioner in the input, so there is no Karpenter to simulate")
        .help("add them: `kubectl get nodepools -o yaml`")
}

/// Makes Karpenter the only disruption. Gives what the pool has and the model has not.
///
/// # Errors
///
/// A setting that Karpenter would refuse.
pub(super) fn apply(
    draft: &mut Draft,
    object: &Object,
    pods: Option<&Metadata>,
) -> Result<Vec<Diagnostic>, Vec<Diagnostic>> {
    let mut pool = Pool {
        draft,
        object,
        notes: Vec::new(),
        problems: Vec::new(),
        longest: 0,
    };
    let after = "after a minute of peace".to_owned();
    pool.draft
        .set("disruptions[0].at", format!("{AT_S}s"), Origin::Assumed(after));
    if let Some(kept) = pods.and_then(|pods| pods.annotation(DO_NOT_DISRUPT)) {
        let title = "Karpenter does not choose nodes with such pods; that is not simulated";
        let diagnostic = Diagnostic::at(kept.place.clone(), title).note("nodes §2.2");
        pool.notes.push(diagnostic.severity(Severity::Warning));
    }
    match &object.body {
        Body::NodePool(spec) => pool.node_pool(spec),
        Body::Provisioner(spec) => pool.provisioner(spec),
        _ => unreachable!("one of the two"),
    }
    let grace = disruption::seconds(pool.draft, "pod.termination_grace_period");
    // Looks, validation, replacements and drains, one after another (nodes §2.2).
    let horizon = AT_S + pool.longest.min(PATIENCE_S) + 900 + 2 * grace;
    let why = "long enough for several nodes to go".to_owned();
    pool.draft.set("horizon", format!("{horizon}s"), Origin::Assumed(why));
    if pool.problems.is_empty() {
        Ok(pool.notes)
    } else {
        Err(pool.problems)
    }
}

/// The disruption being made.
struct Pool<'d> {
    draft: &'d mut Draft,
    object: &'d Object,
    notes: Vec<Diagnostic>,
    problems: Vec<Diagnostic>,
    /// Longest wait before a node goes, seconds.
    longest: u64,
}

impl Pool<'_> {
    fn set(&mut self, name: &str, value: impl Into<Json>, origin: Origin) {
        self.draft.set(&format!("{BASE}.{name}"), value, origin);
    }

    fn note(&mut self, place: Place, title: impl Into<String>) {
        self.notes.push(Diagnostic::at(place, title).severity(Severity::Note));
    }

    fn node_pool(&mut self, spec: &NodePoolSpec) {
        let object = self.object;
        let api = Origin::at(object.name_place(), object.title());
        if object.api_version.ends_with("/v1beta1") {
            let title = "a NodePool of v1beta1 is simulated as one of v1, where budgets do not hold back expiry";
            self.note(object.name_place(), title);
        }
        self.set("api", "v1", api);
        let disruption = spec.disruption.as_ref();
        let policy = disruption.and_then(|disruption| disruption.consolidation_policy.as_ref());
        let value = match policy.map(|policy| policy.as_str()) {
            Some("WhenEmpty") => "when_empty",
            None | Some("WhenEmptyOrUnderutilized" | "WhenUnderutilized") => "when_empty_or_underutilized",
            Some(other) => {
                let title = format!("the policy {other:?} is simulated as WhenEmptyOrUnderutilized");
                self.note(policy.expect("matched").place.clone(), title);
                "when_empty_or_underutilized"
            }
        };
        let origin = policy.map_or(Origin::Default(DEFAULT), |policy| {
            Origin::manifest(policy, "spec.disruption.consolidationPolicy")
        });
        self.set("consolidation_policy", value, origin);
        let after = disruption.and_then(|disruption| disruption.consolidate_after.as_ref());
        self.duration("consolidate_after", "spec.disruption.consolidateAfter", after, "0s");
        self.budget(disruption.and_then(|disruption| disruption.budgets.as_deref()));
        let template = spec.template.as_ref().and_then(|template| template.spec.as_ref());
        let expire = template.and_then(|template| template.expire_after.as_ref());
        let older = disruption.and_then(|disruption| disruption.expire_after.as_ref());
        let (field, expire) = match (expire, older) {
            (None, Some(older)) => ("spec.disruption.expireAfter", Some(older)),
            (expire, _) => ("spec.template.spec.expireAfter", expire),
        };
        self.duration("expire_after", field, expire, "2592000s");
        let grace = template.and_then(|template| template.termination_grace_period.as_ref());
        let field = "spec.template.spec.terminationGracePeriod";
        self.duration("termination_grace_period", field, grace, "unlimited");
    }

    fn provisioner(&mut self, spec: &ProvisionerSpec) {
        let object = self.object;
        let api = Origin::at(object.name_place(), object.title());
        self.set("api", "v1alpha5", api);
        self.seconds(
            "ttl_seconds_after_empty",
            "spec.ttlSecondsAfterEmpty",
            spec.ttl_seconds_after_empty.as_ref(),
        );
        self.seconds(
            "expire_after",
            "spec.ttlSecondsUntilExpired",
            spec.ttl_seconds_until_expired.as_ref(),
        );
        let enabled = spec.consolidation.as_ref();
        let enabled = enabled.and_then(|consolidation| consolidation.enabled.as_ref());
        let origin = enabled.map_or(Origin::Default(DEFAULT), |enabled| {
            Origin::manifest(enabled, "spec.consolidation.enabled")
        });
        self.set(
            "consolidation_enabled",
            enabled.is_some_and(|enabled| enabled.value),
            origin,
        );
        let older = "Karpenter up to 0.31 (nodes §2.1)";
        self.set("replacement_timeout", "570s", Origin::Default(older));
    }

    /// Whole seconds, never where absent.
    fn seconds(&mut self, name: &str, field: &str, value: Option<&Spanned<i64>>) {
        let Some(value) = value else {
            self.set(name, "unlimited", Origin::Default(DEFAULT));
            return;
        };
        if let Ok(seconds) = u64::try_from(value.value) {
            self.wait(name, seconds);
            self.set(name, format!("{seconds}s"), Origin::manifest(value, field));
        } else {
            let title = format!("`{field}`: found {}, expected 0 or more", value.value);
            self.problems.push(Diagnostic::at(value.place.clone(), title));
        }
    }

    /// A duration as Karpenter has it, or `Never`.
    fn duration(&mut self, name: &str, field: &str, value: Option<&Spanned<String>>, usual: &str) {
        let Some(value) = value else {
            self.set(name, usual, Origin::Default(DEFAULT));
            return;
        };
        let origin = Origin::manifest(value, field);
        if value.as_str() == "Never" {
            self.set(name, "unlimited", origin);
            return;
        }
        if let Some(seconds) = whole_seconds(value.as_str()) {
            self.wait(name, seconds);
            self.set(name, format!("{seconds}s"), origin);
        } else {
            let found = value.as_str();
            let title = format!("`{field}`: found {found:?}, expected a duration such as \"1h30m\", or \"Never\"");
            self.problems.push(Diagnostic::at(value.place.clone(), title));
        }
    }

    /// Nodes of the start have all ages, so nobody has to wait for their expiry.
    fn wait(&mut self, name: &str, seconds: u64) {
        if matches!(name, "consolidate_after" | "ttl_seconds_after_empty") {
            self.longest = self.longest.max(seconds);
        }
    }

    /// The strictest of the budgets that are always in force.
    fn budget(&mut self, budgets: Option<&[Budget]>) {
        let mut strictest: Option<(u64, &Budget, usize)> = None;
        let nodes = self.draft.get("cluster.nodes").and_then(Json::as_u64).unwrap_or(1);
        for (index, budget) in budgets.unwrap_or_default().iter().enumerate() {
            let Some(written) = &budget.nodes else { continue };
            if let Some(schedule) = &budget.schedule {
                let title = "a budget with a schedule is not simulated: it is taken as not in force";
                self.note(schedule.place.clone(), title);
                continue;
            }
            let concerns = |reason: &Spanned<String>| matches!(reason.as_str(), "Empty" | "Underutilized");
            if let Some(first) = budget.reasons.iter().flatten().next()
                && !budget.reasons.iter().flatten().any(concerns)
            {
                let title = "a budget for other reasons than `Empty` and `Underutilized` is not simulated";
                self.note(first.place.clone(), title);
                continue;
            }
            let Some(allowed) = allowed(&written.value, nodes) else {
                let title = format!(
                    "`spec.disruption.budgets[{index}].nodes`: found {}, expected a number or a percentage such as \"10%\"",
                    written.value
                );
                self.problems.push(Diagnostic::at(written.place.clone(), title));
                continue;
            };
            if strictest.is_none_or(|(least, ..)| allowed < least) {
                strictest = Some((allowed, budget, index));
            }
        }
        match strictest.and_then(|(_, budget, index)| Some((budget.nodes.as_ref()?, index))) {
            Some((nodes, index)) => {
                // Numbers may stand there as text; the scenario has them as numbers.
                let number = nodes.value.as_str().and_then(|text| text.parse::<u64>().ok());
                let value = number.map_or_else(|| nodes.value.clone(), Json::from);
                let field = format!("spec.disruption.budgets[{index}].nodes");
                self.set("budget", value, Origin::manifest(nodes, field));
            }
            None if budgets.is_some_and(|budgets| !budgets.is_empty()) => {
                self.set(
                    "budget",
                    "100%",
                    Origin::Guess("no budget is always in force".to_owned()),
                );
            }
            None => self.set("budget", "10%", Origin::Default(DEFAULT)),
        }
    }
}

/// How many of the nodes a budget lets go; percentages round up (nodes §2.2).
fn allowed(value: &Json, nodes: u64) -> Option<u64> {
    match value {
        Json::Number(number) => number.as_u64(),
        Json::String(text) => match text.strip_suffix('%') {
            Some(percent) => {
                let percent = percent.parse::<u64>().ok().filter(|percent| *percent <= 100)?;
                Some((nodes * percent).div_ceil(100))
            }
            None => text.parse().ok(),
        },
        _ => None,
    }
}

/// Seconds of a duration such as `1h30m`: whole numbers with the units h, m and s.
fn whole_seconds(text: &str) -> Option<u64> {
    let (mut total, mut number) = (0_u64, String::new());
    for c in text.chars() {
        let unit = match c {
            '0'..='9' => {
                number.push(c);
                continue;
            }
            'h' => 3600,
            'm' => 60,
            's' => 1,
            _ => return None,
        };
        let count: u64 = number.parse().ok()?;
        total = total.checked_add(count.checked_mul(unit)?)?;
        number.clear();
    }
    (number.is_empty() && !text.is_empty()).then_some(total)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_whole_numbers_with_units() {
        for (text, seconds) in [("0s", 0), ("1m", 60), ("1h30m", 5400), ("720h", 2_592_000), ("90s", 90)] {
            assert_eq!(whole_seconds(text), Some(seconds), "{text}");
        }
        for wrong in ["", "1", "1d", "1.5h", "h", "Never", "-1s", "1h30"] {
            assert_eq!(whole_seconds(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn budgets_in_percent_round_up() {
        assert_eq!(allowed(&Json::from("10%"), 6), Some(1));
        assert_eq!(allowed(&Json::from("3"), 6), Some(3));
        assert_eq!(allowed(&Json::from("0%"), 6), Some(0));
        assert_eq!(allowed(&Json::from("101%"), 6), None);
        assert_eq!(allowed(&Json::from("many"), 6), None);
    }
}
