//! Warnings about what made the control plane wait, and which bottleneck is to blame.

use alloc::format;
use alloc::string::{String, ToString};

use super::observed::{Counted, rounded};
use super::{List, Totals};
use crate::bottleneck::Bottleneck;
use crate::scenario::Scenario;
use crate::time::SimDuration;

/// A deregistration that waits less than this is hidden by the ALB's own propagation.
const WAIT_MATTERS: SimDuration = SimDuration::from_secs(1);

pub(super) fn add(list: &mut List, scenario: &Scenario, totals: &Totals) {
    let counted = |count: u64| {
        Counted {
            count,
            replications_count: totals.replications_count,
        }
        .to_string()
    };
    calls(list, totals);
    deregistrations(list, totals);
    controller(list, scenario, totals, &counted);
}

fn calls(list: &mut List, totals: &Totals) {
    let throttled = totals.observations.throttled;
    if throttled.is_zero() {
        return;
    }
    let of_calls = [
        Bottleneck::ControllerRegistration,
        Bottleneck::AccountRegistration,
        Bottleneck::SdkRetry,
    ];
    let waits = of_calls.map(|bottleneck| (bottleneck, totals.observations.waits.of(bottleneck)));
    let most = waits
        .into_iter()
        .filter(|(_, wait)| wait.count > 0)
        .max_by_key(|(_, wait)| wait.total);
    let blame = most.map_or(String::new(), |(bottleneck, wait)| {
        format!(
            " Most of it, {} with {} at the longest, was for {}.",
            rounded(wait.total),
            rounded(wait.longest),
            bottleneck.label()
        )
    });
    list.add(
        "registration-calls-throttled",
        format!(
            "Calls that register or deregister targets waited {} in total over all replications for a token bucket of \
             the controller or of AWS.{blame}",
            rounded(throttled)
        ),
        "Scale in smaller steps, or raise the controller's `aws-api-throttle` setting together with the account's limit.",
    );
}

fn deregistrations(list: &mut List, totals: &Totals) {
    let deregistrations = &totals.observations.deregistrations;
    let total = deregistrations.slowest.total();
    let Some((bottleneck, share)) = deregistrations.slowest.largest().filter(|_| total >= WAIT_MATTERS) else {
        return;
    };
    list.add(
        "deregistrations-waited",
        format!(
            "The slowest of {} deregistrations waited {} after its pod's deletion, of which {} for {}.",
            deregistrations.count,
            rounded(total),
            rounded(share),
            bottleneck.label()
        ),
        remedy(bottleneck),
    );
}

/// What shortens the wait at a bottleneck, or hides it.
fn remedy(bottleneck: Bottleneck) -> &'static str {
    match bottleneck {
        Bottleneck::ReplicaSetClient | Bottleneck::EndpointSliceClient => {
            "Let a preStop sleep cover it; the limits of the controller manager on EKS cannot be configured."
        }
        Bottleneck::LeaderGap => {
            "Give the load balancer controller a PodDisruptionBudget and nodes that are not drained with the pods, and \
             let preStop outlast 15 s to 2 min."
        }
        Bottleneck::Workers => {
            "Look at what the busy workers waited for themselves: while that is a bucket, more of them \
             (`--targetgroupbinding-max-concurrent-reconciles`) do not help."
        }
        Bottleneck::DescribeLock => "Spread the target groups over several controllers; the lock cannot be configured.",
        Bottleneck::ControllerDescribe | Bottleneck::ControllerRegistration => {
            "Raise the controller's `--aws-api-throttle`, as far as the account's own limit allows."
        }
        Bottleneck::AccountDescribe | Bottleneck::AccountRegistration => {
            "Find the account's other callers, or have AWS raise the limit; the controller's own setting does not help."
        }
        Bottleneck::SdkRetry => "Find out why the calls fail; each retry after the fourth waits 20 s.",
    }
}

fn controller(list: &mut List, scenario: &Scenario, totals: &Totals, counted: &dyn Fn(u64) -> String) {
    let observations = &totals.observations;
    if observations.quota_refusals > 0 {
        list.add(
            "target-group-full",
            format!(
                "{} reconciles failed with `TooManyTargets`: the quota is {} targets per target group. The rest of \
                 such a reconcile is dropped, so pods that are Ready get no traffic.",
                counted(observations.quota_refusals),
                scenario.elbv2.targets_per_target_group_quota
            ),
            "Have the quota raised before the fleet grows, surge included.",
        );
    }
    if observations.gates_not_injected > 0 {
        list.add(
            "gates-not-injected",
            format!(
                "{} pods were created without their readiness gate, because no replica of the load balancer controller \
                 answered the webhook and its failurePolicy is Ignore.",
                counted(observations.gates_not_injected)
            ),
            "Run two replicas with a PodDisruptionBudget; pods keep the lack of a gate until they are replaced.",
        );
    }
    if observations.creations_refused > 0 {
        list.add(
            "pod-creations-refused",
            format!(
                "{} pod creations were refused, because no replica of the load balancer controller answered the \
                 webhook and its failurePolicy is Fail.",
                counted(observations.creations_refused)
            ),
            "Run two replicas with a PodDisruptionBudget, or let the policy be Ignore and watch for missing gates.",
        );
    }
}
