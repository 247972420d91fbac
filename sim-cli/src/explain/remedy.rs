//! Which setting would have saved a request: candidates per cause, each simulated until one leaves no such request.

mod candidates;

use sim_core::outcome::Cause;

use super::document::{AnchorKind, Hops, Remedy, RemedyStatus, Story, Trial};
use super::survey::Survey;
use super::trial::Bench;
use candidates::Situation;

/// Tries the settings that bear on a story's cause; stops at the first that leaves no request of the cause.
///
/// # Errors
///
/// If the model breaks one of its invariants.
pub(crate) fn remedies(story: &Story, survey: &Survey, bench: &mut Bench<'_>) -> anyhow::Result<Remedy> {
    let cause = story.cause;
    let (cause_count, failures_count) = bench.before(cause);
    let situation = Situation {
        cause,
        anchor: story.anchor,
        removal_ns: story.hops.and_then(|hops: Hops| hops.last_removal_ns),
        longest_removal_ns: survey.longest_removal_ns(),
        scenario: bench.scenario,
    };
    let changes = situation.changes();
    if changes.is_empty() {
        return Ok(Remedy::untried(
            RemedyStatus::NoSetting,
            no_setting(cause, story.anchor.kind),
        ));
    }
    if bench.trials_most() == 0 {
        return Ok(Remedy::untried(RemedyStatus::TooCostly, bench.too_costly()));
    }
    let mut trials: Vec<Trial> = Vec::new();
    let mut text = String::new();
    for change in &changes {
        let Some(trial) = bench.attempt(cause, change)? else {
            text = String::from("The time for trials is spent: further settings were not tried.");
            break;
        };
        let saved = trial.cause_count == Some(0) && saves_most(failures_count, cause_count, &trial);
        trials.push(trial);
        if saved {
            break;
        }
    }
    if text.is_empty() && trials.iter().all(|trial| trial.cause_count != Some(0)) {
        text = format!("None of these brings `{}` to zero.", cause.name());
        if matches!(story.anchor.kind, AnchorKind::PodShutDown | AnchorKind::ServerStopped) {
            text +=
                " Only what announces the end of the pod beforehand can win this race, such as a drain of its node.";
        }
    }
    Ok(Remedy {
        status: RemedyStatus::Tried,
        text,
        before_cause_count: Some(cause_count),
        before_failures_count: Some(failures_count),
        trials,
    })
}

/// Whether most requests of the cause do not fail for another reason instead.
fn saves_most(failures_count: u64, cause_count: u64, trial: &Trial) -> bool {
    let saved = trial
        .failures_count
        .map_or(0, |after| failures_count.saturating_sub(after));
    saved.saturating_mul(2) >= cause_count
}

impl Remedy {
    /// Nothing was simulated again, for this reason.
    pub(crate) fn untried(status: RemedyStatus, text: impl Into<String>) -> Self {
        Self {
            status,
            text: text.into(),
            before_cause_count: None,
            before_failures_count: None,
            trials: Vec::new(),
        }
    }
}

/// What there is to say where no setting of a scenario helps.
fn no_setting(cause: Cause, anchor: AnchorKind) -> &'static str {
    match cause {
        Cause::ApplicationError => "No setting: the application itself answers with an error.",
        Cause::ClosedInFlightAtCrash => "No setting: nothing announces a crash, and the ALB does not repeat requests.",
        Cause::AlbNodeUnreachable => {
            "No setting of the cluster: clients must give up a dead address sooner and try another one."
        }
        Cause::ClientGaveUp => "No setting of the cluster: the client has a timeout of its own.",
        _ if anchor == AnchorKind::ServerStopped => "No setting: nothing announced the end of the server.",
        _ => "No setting of the scenario bears on this.",
    }
}
