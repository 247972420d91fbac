//! What the API would refuse in a `HorizontalPodAutoscaler`, and what makes one useless.

use alloc::format;
use alloc::string::String;

use super::Validator;
use crate::scenario::Scenario;
use crate::scenario::disruption::Disruption;
use crate::scenario::hpa::{Hpa, ScalingPolicy};
use crate::time::SimDuration;

/// Longest period of a policy and longest stabilization window, seconds (`autoscaling/validation`).
const PERIOD_MAX_S: u64 = 1800;
const WINDOW_MAX_S: u64 = 3600;

/// Shortest period between two looks: less is no controller that anybody runs.
const SYNC_PERIOD_MIN: SimDuration = SimDuration::from_secs(1);

/// Shortest resolution that metrics-server starts with.
const RESOLUTION_MIN: SimDuration = SimDuration::from_secs(10);

impl Validator {
    pub(super) fn hpa(&mut self, path: &str, disruption: &Disruption, hpa: &Hpa) {
        self.check(disruption.every.is_none(), &format!("{path}.every"), || {
            String::from("an autoscaler starts once and goes on; leave `every` out")
        });
        let path = format!("{path}.hpa");
        self.check(hpa.min_replicas > 0, &format!("{path}.min_replicas"), || {
            String::from(
                "found 0, but Kubernetes takes at least 1; 0 needs its feature gate HPAScaleToZero and a metric other \
                 than CPU",
            )
        });
        self.check(
            hpa.max_replicas >= hpa.min_replicas,
            &format!("{path}.max_replicas"),
            || {
                format!(
                    "found {}, but Kubernetes wants at least min_replicas, {}",
                    hpa.max_replicas, hpa.min_replicas
                )
            },
        );
        self.count(
            &format!("{path}.target_cpu_utilization"),
            hpa.target_cpu_utilization,
            (1, 100_000),
            "Kubernetes; percent of the CPU request",
        );
        let (up, down) = (&hpa.behavior.scale_up, &hpa.behavior.scale_down);
        for (name, window, policies) in [
            ("scale_up", up.stabilization_window, &up.policies),
            ("scale_down", down.stabilization_window, &down.policies),
        ] {
            let path = format!("{path}.behavior.{name}");
            self.seconds(
                &format!("{path}.stabilization_window"),
                window,
                (0, WINDOW_MAX_S),
                "Kubernetes",
            );
            self.check(!policies.is_empty(), &format!("{path}.policies"), || {
                String::from("found none; Kubernetes would answer `must specify at least one Policy`")
            });
            for (index, policy) in policies.iter().enumerate() {
                self.scaling_policy(&format!("{path}.policies[{index}]"), policy);
            }
        }
    }

    fn scaling_policy(&mut self, path: &str, policy: &ScalingPolicy) {
        self.check(policy.pods.is_some() != policy.percent.is_some(), path, || {
            String::from("expected exactly one of pods, percent")
        });
        for (name, value) in [("pods", policy.pods), ("percent", policy.percent)] {
            if let Some(value) = value {
                self.count(
                    &format!("{path}.{name}"),
                    value,
                    (1, 1_000_000),
                    "Kubernetes wants more than 0",
                );
            }
        }
        self.seconds(
            &format!("{path}.period"),
            policy.period,
            (1, PERIOD_MAX_S),
            "Kubernetes",
        );
    }
}

impl Scenario {
    pub(super) fn validate_hpa(&self, v: &mut Validator) {
        v.check(
            self.hpa_controller.sync_period >= SYNC_PERIOD_MIN,
            "hpa_controller.sync_period",
            || {
                format!(
                    "found {}, expected at least {SYNC_PERIOD_MIN}",
                    self.hpa_controller.sync_period
                )
            },
        );
        let resolution = self.metrics_server.resolution;
        v.check(resolution >= RESOLUTION_MIN, "metrics_server.resolution", || {
            format!("found {resolution}, but metrics-server wants at least {RESOLUTION_MIN}")
        });
        v.dist("metrics_server.latency", &self.metrics_server.latency);
        let with_hpa = |index: &usize| self.disruptions[*index].hpa.is_some();
        let mut hpas = (0..self.disruptions.len()).filter(with_hpa);
        if hpas.next().is_none() {
            return;
        }
        v.check(self.pod.requests.cpu.millicores() > 0, "pod.requests.cpu", || {
            String::from(
                "found 0, but utilisation is a percentage of it; the HorizontalPodAutoscaler would say `missing \
                 request for cpu` and never scale",
            )
        });
        for index in hpas {
            v.check(false, &format!("disruptions[{index}].hpa"), || {
                String::from("found a second one; two autoscalers of one Deployment work against each other")
            });
        }
    }
}
