//! Workloads and disruptions that no run could use.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use super::Validator;
use crate::scenario::Scenario;
use crate::scenario::disruption::Disruption;
use crate::scenario::workload::Profile;
use crate::time::SimDuration;

impl Validator {
    pub(super) fn profile(&mut self, path: &str, profile: &Profile) {
        match profile {
            Profile::Constant(_) => {}
            Profile::Steps(steps) => {
                self.check(!steps.is_empty(), path, || {
                    String::from("found no steps, expected at least one")
                });
                let increasing = steps.windows(2).all(|pair| pair[0].at < pair[1].at);
                self.check(increasing, path, || String::from("the steps' `at` must increase"));
            }
            Profile::Sine(sine) => {
                let angle = sine.step_radians;
                self.check(
                    angle > 0.0 && angle < core::f64::consts::PI,
                    &format!("{path}.sine.step_radians"),
                    || format!("found {angle}, expected an angle above 0 and below 3.1415"),
                );
                self.check(!sine.every.is_zero(), &format!("{path}.sine.every"), || {
                    String::from("found 0s, expected a period above zero")
                });
                self.check(sine.divide_by > 0, &format!("{path}.sine.divide_by"), || {
                    String::from("found 0, expected at least 1")
                });
            }
        }
    }

    pub(super) fn disruption(&mut self, index: usize, disruption: &Disruption) {
        let path = format!("disruptions[{index}]");
        let kinds = disruption.kinds();
        self.check(kinds.iter().filter(|(_, present)| *present).count() == 1, &path, || {
            let names: Vec<&str> = kinds.iter().map(|(name, _)| *name).collect();
            format!("expected exactly one of {}", names.join(", "))
        });
        self.check(
            disruption.every != Some(SimDuration::ZERO),
            &format!("{path}.every"),
            || String::from("found 0s, expected a distance above zero"),
        );
        if let Some(scale) = &disruption.scale {
            self.check(
                scale.replicas.is_some() != scale.schedule.is_some(),
                &format!("{path}.scale"),
                || String::from("expected exactly one of replicas, schedule"),
            );
            if let Some(schedule) = &scale.schedule {
                self.profile(&format!("{path}.scale.schedule"), schedule);
            }
        }
        if let Some(hpa) = &disruption.hpa {
            self.hpa(&path, disruption, hpa);
        }
        if let Some(drain) = &disruption.node_drain {
            self.check(!drain.retry.is_zero(), &format!("{path}.node_drain.retry"), || {
                String::from("found 0s, expected a pause above zero")
            });
            self.check(!drain.poll.is_zero(), &format!("{path}.node_drain.poll"), || {
                String::from("found 0s, expected a period above zero")
            });
        }
    }
}

impl Scenario {
    pub(super) fn validate_workload(&self, v: &mut Validator) {
        if let Some(sessions) = &self.workload.sessions {
            v.profile("workload.sessions.count", &sessions.count);
            v.check(!sessions.steps.is_empty(), "workload.sessions.steps", || {
                String::from("found no steps, expected at least one")
            });
            for (index, step) in sessions.steps.iter().enumerate() {
                v.dist(&format!("workload.sessions.steps[{index}].think"), &step.think);
            }
            v.check(
                sessions.client_timeout != Some(SimDuration::ZERO),
                "workload.sessions.client_timeout",
                || String::from("found 0s, expected a time above zero"),
            );
        }
        if let Some(open_loop) = &self.workload.open_loop {
            v.profile("workload.open_loop.rate", &open_loop.rate);
            v.check(
                open_loop.client_timeout != Some(SimDuration::ZERO),
                "workload.open_loop.client_timeout",
                || String::from("found 0s, expected a time above zero"),
            );
        }
    }
}
