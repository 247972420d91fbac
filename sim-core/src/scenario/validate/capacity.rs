//! Karpenter, spot interruptions and node groups that no run could use.

use alloc::format;
use alloc::string::String;
use alloc::vec;
use alloc::vec::Vec;

use super::Validator;
use crate::scenario::Scenario;
use crate::scenario::capacity::{AzRebalance, NodeGroupScaleIn, NodeGroupUpdate, SpotInterruption};
use crate::scenario::disruption::Disruption;
use crate::scenario::instance_type::{self, InstanceType};
use crate::scenario::karpenter::{Karpenter, KarpenterApi};
use crate::scenario::value::{IntOrPercent, Limit};
use crate::time::SimDuration;

impl Validator {
    /// Disruptions by whoever manages capacity.
    pub(super) fn capacity(&mut self, path: &str, disruption: &Disruption, scenario: &Scenario) {
        if let Some(rules) = &disruption.karpenter {
            self.check(disruption.every.is_none(), &format!("{path}.every"), || {
                String::from("Karpenter starts once and then runs; leave `every` out")
            });
            self.karpenter(&format!("{path}.karpenter"), rules);
        }
        if let Some(rules) = &disruption.spot_interruption {
            self.spot_interruption(&format!("{path}.spot_interruption"), rules);
        }
        if let Some(rules) = &disruption.node_group_update {
            self.node_group_update(&format!("{path}.node_group_update"), rules);
        }
        if let Some(NodeGroupScaleIn { retry, .. }) = &disruption.node_group_scale_in {
            self.above_zero(&format!("{path}.node_group_scale_in.retry"), *retry);
        }
        if let Some(rules) = &disruption.az_rebalance {
            self.az_rebalance(&format!("{path}.az_rebalance"), rules, scenario.cluster.zones);
        }
    }

    fn karpenter(&mut self, path: &str, rules: &Karpenter) {
        self.karpenter_api(path, rules);
        if let IntOrPercent::Percent(percent) = rules.budget {
            self.check(percent <= 100, &format!("{path}.budget"), || {
                format!("found {percent}%, but Karpenter's CRD takes 0% to 100%, or a number of nodes")
            });
        }
        for (index, name) in rules.instance_types.iter().enumerate() {
            let path = format!("{path}.instance_types[{index}]");
            self.check(InstanceType::named(name).is_some(), &path, || {
                let known: Vec<&str> = instance_type::ALL.iter().map(|instance| instance.name).collect();
                format!("found \"{name}\", known are {}", known.join(", "))
            });
            self.check(!rules.instance_types[..index].contains(name), &path, || {
                format!("found \"{name}\" a second time; the list is in the order of prices")
            });
        }
        for (name, limit) in [
            ("expire_after", rules.expire_after),
            ("termination_grace_period", rules.termination_grace_period),
        ] {
            if let Some(value) = limit.get() {
                self.above_zero(&format!("{path}.{name}"), value);
            }
        }
        for (name, value) in [
            ("poll", rules.poll),
            ("drain_poll", rules.drain_poll),
            ("instance_poll", rules.instance_poll),
            ("eviction_backoff", rules.eviction_backoff),
            ("eviction_backoff_max", rules.eviction_backoff_max),
            ("replacement_timeout", rules.replacement_timeout),
            ("batch_idle", rules.batch_idle),
        ] {
            self.above_zero(&format!("{path}.{name}"), value);
        }
        self.check(
            rules.batch_max >= rules.batch_idle,
            &format!("{path}.batch_max"),
            || {
                format!(
                    "found {}, shorter than the batch_idle of {}",
                    rules.batch_max, rules.batch_idle
                )
            },
        );
        for (name, dist) in [
            ("poll_phase", &rules.poll_phase),
            ("replacement_ready", &rules.replacement_ready),
            ("terminate_batch", &rules.terminate_batch),
        ] {
            self.dist(&format!("{path}.{name}"), dist);
        }
    }

    /// Settings that the API generation does not know must be left alone.
    fn karpenter_api(&mut self, path: &str, rules: &Karpenter) {
        let usual = Karpenter::default();
        let (api, other, foreign) = match rules.api {
            KarpenterApi::V1 => (
                "v1",
                "v1alpha5",
                vec![
                    (
                        "ttl_seconds_after_empty",
                        rules.ttl_seconds_after_empty != Limit::Unlimited,
                    ),
                    ("consolidation_enabled", rules.consolidation_enabled),
                ],
            ),
            KarpenterApi::V1alpha5 => (
                "v1alpha5",
                "v1",
                vec![
                    (
                        "consolidation_policy",
                        rules.consolidation_policy != usual.consolidation_policy,
                    ),
                    ("consolidate_after", rules.consolidate_after != usual.consolidate_after),
                    ("budget", rules.budget != usual.budget),
                    ("min_drain", rules.min_drain != usual.min_drain),
                    (
                        "termination_grace_period",
                        rules.termination_grace_period != usual.termination_grace_period,
                    ),
                ],
            ),
        };
        for (name, found) in foreign {
            self.check(!found, &format!("{path}.{name}"), || {
                format!("api {api} does not know it, only {other} does; remove it or set `api: {other}`")
            });
        }
        if let Some(ttl) = rules.ttl_seconds_after_empty.get() {
            let path = format!("{path}.ttl_seconds_after_empty");
            self.whole_seconds(&path, ttl, "Karpenter");
            self.check(!rules.consolidation_enabled, &path, || {
                String::from(
                    "found together with consolidation_enabled; Karpenter's webhook refuses it: expected exactly one, \
                     got both: ttlSecondsAfterEmpty, consolidation.enabled",
                )
            });
        }
    }

    fn spot_interruption(&mut self, path: &str, rules: &SpotInterruption) {
        let most = SimDuration::from_secs(120);
        self.check(rules.notice <= most, &format!("{path}.notice"), || {
            format!("found {}, but EC2 gives notice {most} ahead at most", rules.notice)
        });
        self.above_zero(&format!("{path}.retry"), rules.retry);
        self.above_zero(&format!("{path}.drain_timeout"), rules.drain_timeout);
        for (name, count) in [
            ("kube_client_qps", rules.kube_client_qps),
            ("kube_client_burst", rules.kube_client_burst),
        ] {
            self.check(count > 0, &format!("{path}.{name}"), || {
                String::from("found 0, must be at least 1: nothing would ever be evicted")
            });
        }
        self.dist(&format!("{path}.metadata_latency"), &rules.metadata_latency);
        self.dist(&format!("{path}.queue_latency"), &rules.queue_latency);
        if let Some(replacement) = &rules.replacement {
            self.dist(&format!("{path}.replacement"), replacement);
        }
    }

    fn node_group_update(&mut self, path: &str, rules: &NodeGroupUpdate) {
        let (most, text) = match rules.max_unavailable {
            IntOrPercent::Int(count) => (count, format!("{count}")),
            IntOrPercent::Percent(percent) => (percent, format!("{percent}%")),
        };
        let path_of = |name: &str| format!("{path}.{name}");
        self.check((1..=100).contains(&most), &path_of("max_unavailable"), || {
            format!("found {text}, legal is 1 to 100 nodes, or 1% to 100% (EKS)")
        });
        self.above_zero(&path_of("retry"), rules.retry);
        self.dist(&path_of("node_ready"), &rules.node_ready);
    }

    fn az_rebalance(&mut self, path: &str, rules: &AzRebalance, zones: u32) {
        for (name, zone) in [("from_zone", rules.from_zone), ("to_zone", rules.to_zone)] {
            self.check(zone < zones, &format!("{path}.{name}"), || {
                format!(
                    "found {zone}, but the cluster has {zones} zones, numbered from 0 to {}",
                    zones.saturating_sub(1)
                )
            });
        }
        self.check(rules.from_zone != rules.to_zone, &format!("{path}.to_zone"), || {
            format!("found {}, the zone that the nodes leave", rules.to_zone)
        });
        self.dist(&format!("{path}.in_service"), &rules.in_service);
        self.dist(&format!("{path}.node_ready"), &rules.node_ready);
    }
}

impl Scenario {
    /// Two autoscalers would each undo what the other does.
    pub(super) fn validate_autoscalers(&self, v: &mut Validator) {
        const AUTOSCALERS: [&str; 2] = ["karpenter", "cluster_autoscaler"];
        let mut found: Option<(&str, usize)> = None;
        for (index, disruption) in self.disruptions.iter().enumerate() {
            let kinds = disruption.kinds();
            let names = kinds
                .iter()
                .filter(|(name, present)| *present && AUTOSCALERS.contains(name));
            for (name, _) in names {
                if let Some((first, at)) = found {
                    v.check(false, &format!("disruptions[{index}].{name}"), || {
                        format!("found beside disruptions[{at}].{first}; a cluster has one autoscaler of nodes")
                    });
                }
                found = found.or(Some((name, index)));
            }
        }
    }
}
