//! From what was observed to a scenario: the published script, driven by the observed load.
//!
//! Every 10 to 12 minutes the script sets `x/50 + 1` application pods and `x/2` load workers (published-run, "scaling"),
//! so that `load/25 + 1` pods belong to a load. What is not known of it each run draws ([`super::path`]).

use sim_core::dist::Dist;
use sim_core::rng::{Seed, Streams};
use sim_core::scenario::Scenario;
use sim_core::scenario::instance_type::InstanceType;
use sim_core::scenario::quantity::Cpu;
use sim_core::scenario::workload::{Profile, ProfileStep};
use sim_core::time::SimDuration;

use super::observed::{Era, Observed};
use super::parameters::{Values, index};
use super::path::Posts;

/// Load workers per application pod: `x/50` pods and `x/2` workers.
const WORKERS_PER_POD: u64 = 25;
/// Share of the nodes' CPU that the pods of the highest load request: nearly all of the published 30 nodes, and yet so
/// that every pod finds a place (estimate). Pods without one would be the first to go when the fleet shrinks, unnoticed.
const PEAK_SHARE: (u64, u64) = (95, 100);
/// Sleep of a loader at the end of each loop, seconds.
const LOADER_SLEEP: f64 = 10.0;

/// Bins of a file, the first and the one after the last.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Span {
    pub(super) from: usize,
    pub(super) to: usize,
}

/// One step of the script.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct ScriptStep {
    /// Since the start of the run.
    pub(super) at: SimDuration,
    /// Load workers from then on.
    pub(super) load: u64,
}

/// Application pods that the script sets with a load.
pub(super) fn pods_of(load: u64) -> u64 {
    load / WORKERS_PER_POD + 1
}

/// The scenario of one run over a part of a file.
pub(super) fn scenario(
    base: &Scenario,
    observed: &Observed,
    span: Span,
    values: &Values,
    seed: Seed,
    draw: u32,
) -> Scenario {
    let posts = Posts::draw(observed, &mut Streams::new(seed, draw).stream("published.posts"));
    let steps = script(observed, span, &posts);
    let mut scenario = base.clone();
    scenario.horizon = minutes(length(observed, span));
    follow(&mut scenario, &steps, u64::from(observed.peak()), values);
    platform(&mut scenario, values, observed.era);
    scenario
}

/// Sets what does not depend on the load: the platform, the server and the loaders' loop.
pub(super) fn platform(scenario: &mut Scenario, values: &Values, era: Era) {
    let Values(value) = values;
    if let Some(sessions) = &mut scenario.workload.sessions {
        let call = value[index::METRIC_CALL];
        let spread = |sleep: f64| Dist::Uniform {
            min: seconds(sleep + 0.5 * call),
            max: seconds(sleep + 1.5 * call),
        };
        let last = sessions.steps.len().saturating_sub(1);
        for (number, step) in sessions.steps.iter_mut().enumerate() {
            step.think = spread(if number == last { LOADER_SLEEP } else { 0.0 });
        }
    }
    stretch(&mut scenario.elbv2.deregister_propagation, value[index::PROPAGATION]);
    stretch(&mut scenario.app.service_time, value[index::SERVICE]);
    match era {
        Era::Before => stretch(&mut scenario.kubelet.sandbox_teardown, value[index::TEARDOWN]),
        Era::After => scenario.pod.pre_stop.restarts_server_for = Some(seconds(value[index::RESTART])),
    }
}

/// Sets what follows the load: pods, loaders, their CPU requests, and the nodes at the start. `peak` is the highest load
/// of the whole file.
pub(super) fn follow(scenario: &mut Scenario, steps: &[ScriptStep], peak: u64, values: &Values) {
    let Values(value) = values;
    let app = whole(1000.0 * value[index::APP_CPU]).max(1);
    scenario.pod.requests.cpu = Cpu::from_millicores(app);
    let autoscaler = scenario
        .disruptions
        .iter()
        .find_map(|disruption| disruption.cluster_autoscaler.as_ref());
    let (least, most) = autoscaler.map_or((1, scenario.cluster.nodes), |limits| {
        (limits.min_nodes, limits.max_nodes)
    });
    let room = room(scenario);
    let at_peak = room * u64::from(most) * PEAK_SHARE.0 / PEAK_SHARE.1;
    let loader = (at_peak.saturating_sub(app * pods_of(peak)) / peak.max(1)).max(1);
    let profile = |value: &dyn Fn(u64) -> u64| {
        let step = |step: &ScriptStep| ProfileStep {
            at: step.at,
            value: value(step.load),
        };
        Profile::Steps(steps.iter().map(step).collect())
    };
    for other in &mut scenario.cluster.other_workloads {
        other.requests.cpu = Cpu::from_millicores(loader);
        other.replicas = profile(&|load| load);
    }
    let first = steps[0].load;
    let demand = app * pods_of(first) + loader * first;
    let nodes = u32::try_from(demand.div_ceil(room)).expect("a bounded load");
    scenario.cluster.nodes = nodes.clamp(least, most);
    scenario.deployment.replicas = u32::try_from(pods_of(first)).expect("a bounded load");
    for scale in scenario
        .disruptions
        .iter_mut()
        .filter_map(|disruption| disruption.scale.as_mut())
    {
        scale.schedule = Some(profile(&pods_of));
    }
    if let Some(sessions) = &mut scenario.workload.sessions {
        sessions.count = loaders(steps, value[index::SESSIONS], value[index::LOADER_STOP]);
    }
}

/// Sessions of the loaders: those that are scaled away go on for a while, unless the script sets more before.
fn loaders(steps: &[ScriptStep], per_worker: f64, stop: f64) -> Profile {
    let mut profile: Vec<ProfileStep> = Vec::with_capacity(steps.len());
    let mut before = 0;
    for step in steps {
        let falls = step.load < before;
        before = step.load;
        let at = step.at + seconds(if falls { stop } else { 0.0 });
        profile.retain(|earlier| earlier.at < at);
        #[expect(clippy::cast_precision_loss, reason = "a bounded load")]
        let value = whole(step.load as f64 * per_worker);
        profile.push(ProfileStep { at, value });
    }
    Profile::Steps(profile)
}

/// Thousandths of a core that the pods of a workload may request on one node.
fn room(scenario: &Scenario) -> u64 {
    let instance = InstanceType::named(&scenario.cluster.instance_type).expect("a validated instance type");
    instance.allocatable().cpu.millicores() - scenario.cluster.system_requests.cpu.millicores()
}

/// The script's steps in a part of the file, counted from its start. The first is the one in force there.
fn script(observed: &Observed, span: Span, Posts(posts): &Posts) -> Vec<ScriptStep> {
    #[expect(clippy::cast_precision_loss, reason = "a few hundred bins")]
    let start = span.from as f64 * f64::from(observed.bin_minutes);
    let end = start + length(observed, span);
    let mut steps: Vec<ScriptStep> = Vec::new();
    for (minute, load) in posts.iter().filter(|(minute, _)| *minute < end) {
        let step = ScriptStep {
            at: minutes((minute - start).max(0.0)),
            load: whole(*load),
        };
        // What was set before the start, or within the same second, is no longer in force.
        steps.retain(|before| before.at < step.at);
        steps.push(step);
    }
    steps
}

fn length(observed: &Observed, span: Span) -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "a few hundred bins")]
    let bins = (span.to - span.from) as f64;
    bins * f64::from(observed.bin_minutes)
}

/// The same distribution with another median.
fn stretch(dist: &mut Dist, median: f64) {
    *dist = match dist {
        Dist::LogNormal { median: old, p99 } => {
            let ratio = sim_core::stats::seconds(*p99) / sim_core::stats::seconds(*old);
            Dist::LogNormal {
                median: seconds(median),
                p99: seconds(median * ratio),
            }
        }
        _ => Dist::Constant(seconds(median)),
    };
}

/// To the nearest millisecond, so that a fitted file says all that a run depends on.
fn seconds(value: f64) -> SimDuration {
    SimDuration::from_millis(whole(1000.0 * value))
}

/// To the nearest second, at which the script's clock ticks.
fn minutes(value: f64) -> SimDuration {
    SimDuration::from_secs(whole(60.0 * value))
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "bounded by the ranges and the file's limits; casts saturate"
)]
fn whole(value: f64) -> u64 {
    value.round().max(0.0) as u64
}

#[cfg(test)]
pub(super) mod tests;
