//! The events whose size the publication leaves open: a step of the script, its whole falling half, and the headline's fleet.

use sim_core::scenario::Scenario;
use sim_core::time::SimDuration;

use crate::published::drive::{self, ScriptStep};
use crate::published::observed::Era;
use crate::published::parameters::Values;

/// The scenarios of either era.
#[derive(Debug, Clone)]
pub struct FleetScenarios {
    /// The script's fleet of up to 25 pods: `logistics-before`, `logistics-after`.
    pub script: [Scenario; 2],
    /// The headline's fleet of 600 pods: `headline-before`, `headline-after`.
    pub headline: [Scenario; 2],
}

/// Before and after the change, in the order of every pair here.
const ERAS: [Era; 2] = [Era::Before, Era::After];
/// Until the event, so that every loader is in its loop.
const LEAD: SimDuration = SimDuration::from_secs(120);
/// From the event on: a bin of the plots and a minute.
const TAIL: SimDuration = SimDuration::from_secs(960);
/// Minutes per step of the falling half, in the middle of the published 10 to 12.
const STEP: SimDuration = SimDuration::from_secs(660);
/// The script's amplitude and step (published-run, "scaling").
const SINE: (f64, f64) = (1200.0, 0.168);
/// Load workers at the script's peak.
const PEAK: u64 = 600;
/// Requests per second of an API client that is as good as unlimited.
const UNLIMITED_QPS: u32 = 10_000;

/// One event.
#[derive(Debug, Clone)]
pub(super) struct Event {
    pub(super) name: String,
    pub(super) is_falling_half: bool,
    /// Before and after the change.
    pub(super) scenarios: [Scenario; 2],
}

/// Every event.
pub(super) fn all(scenarios: &FleetScenarios, values: &Values) -> Vec<Event> {
    // Loads of the script: its first step down, its two steepest ones near the end, and all at once.
    let mut events: Vec<Event> = [(600, 575), (264, 172), (172, 70), (600, 24)]
        .map(|loads| step(scenarios, values, loads))
        .into();
    events.push(falling_half(scenarios, values));
    events.extend([400, 380, 150].map(|pods| headline(scenarios, values, pods, false)));
    events.push(headline(scenarios, values, 380, true));
    events
}

/// One step of the script, without nodes that go.
fn step(scenarios: &FleetScenarios, values: &Values, (from, to): (u64, u64)) -> Event {
    let steps = [
        ScriptStep {
            at: SimDuration::ZERO,
            load: from,
        },
        ScriptStep { at: LEAD, load: to },
    ];
    let of = |era: usize| {
        let mut scenario = scenarios.script[era].clone();
        scenario.horizon = LEAD + TAIL;
        drive::follow(&mut scenario, &steps, PEAK, values);
        scenario.disruptions.retain(|disruption| disruption.scale.is_some());
        drive::platform(&mut scenario, values, ERAS[era]);
        scenario
    };
    Event {
        name: format!("{} → {} pods", drive::pods_of(from), drive::pods_of(to)),
        is_falling_half: false,
        scenarios: [of(0), of(1)],
    }
}

/// From the script's peak to the end of its half wave, with the nodes.
fn falling_half(scenarios: &FleetScenarios, values: &Values) -> Event {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "the script's own `int`"
    )]
    let load = |k: u32| ((SINE.0 * libm::sin(f64::from(k) * SINE.1)).max(0.0) as u64) / 2;
    let steps: Vec<ScriptStep> = (9..=18_u32)
        .map(|k| ScriptStep {
            at: STEP * u64::from(k - 9),
            load: load(k),
        })
        .collect();
    let of = |era: usize| {
        let mut scenario = scenarios.script[era].clone();
        scenario.horizon = STEP * 9 + TAIL;
        drive::follow(&mut scenario, &steps, PEAK, values);
        drive::platform(&mut scenario, values, ERAS[era]);
        scenario
    };
    let ends = [steps[0], steps[steps.len() - 1]].map(|step| drive::pods_of(step.load));
    Event {
        name: format!("{} → {} pods in {} steps", ends[0], ends[1], steps.len() - 1),
        is_falling_half: true,
        scenarios: [of(0), of(1)],
    }
}

/// The headline's fleet, scaled at once.
fn headline(scenarios: &FleetScenarios, values: &Values, pods: u32, unlimited: bool) -> Event {
    let of = |era: usize| {
        let mut scenario = scenarios.headline[era].clone();
        for disruption in &mut scenario.disruptions {
            disruption.at = LEAD;
            if let Some(scale) = &mut disruption.scale {
                scale.replicas = Some(pods);
            }
        }
        scenario.horizon = LEAD + TAIL;
        scenario.kubelet.sandbox_teardown = scenarios.script[era].kubelet.sandbox_teardown.clone();
        if unlimited {
            scenario.controller_manager.client_qps = UNLIMITED_QPS;
            scenario.controller_manager.client_burst = UNLIMITED_QPS;
        }
        drive::platform(&mut scenario, values, ERAS[era]);
        scenario
    };
    let from = scenarios.headline[0].deployment.replicas;
    let how = if unlimited { ", API client unlimited" } else { "" };
    Event {
        name: format!("{from} → {pods} pods{how}"),
        is_falling_half: false,
        scenarios: [of(0), of(1)],
    }
}
