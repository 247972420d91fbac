//! Warnings on health thresholds, DNS, zonal shifts and cut weights.

use alloc::format;
use alloc::string::String;

use super::List;
use crate::scenario::Scenario;
use crate::scenario::health::DnsMinimum;
use crate::scenario::workload::ClientConnection;
use crate::summary::Observations;
use crate::time::SimDuration;

/// Client keep-alive that AWS suggests for load balancers that are to be shifted (alb §8).
const SHORT_KEEP_ALIVE: SimDuration = SimDuration::from_secs(300);

pub(super) fn add(list: &mut List, scenario: &Scenario, totals: &Observations, counted: &dyn Fn(u64) -> String) {
    let health = &scenario.target_group.health;
    if scenario.target_group.cross_zone && health.dns_failover.minimum_healthy_targets != DnsMinimum::default() {
        list.add(
            "dns-threshold-with-cross-zone",
            String::from(
                "With cross-zone on all zones see the same targets and fall below the DNS threshold together, and DNS \
                 then answers with all of them: the threshold changes nothing.",
            ),
            "Switch `target_group.cross_zone` off, or leave the threshold at its default.",
        );
    }
    let shifts = scenario.disruptions.iter().any(|entry| entry.zonal_shift.is_some());
    let keeps = scenario.workload.sessions.as_ref();
    let keeps = keeps.is_some_and(|sessions| sessions.connection == ClientConnection::KeepAlive);
    let keep_alive = scenario.load_balancer.client_keep_alive;
    if shifts && keeps && keep_alive > SHORT_KEEP_ALIVE {
        list.add(
            "client-keep-alive-outlives-shift",
            format!(
                "A zonal shift leaves client connections alone: those to the shifted zone stay in use for up to \
                 {keep_alive}."
            ),
            format!("Set `load_balancer.client_keep_alive` to {SHORT_KEEP_ALIVE} or less, as AWS suggests."),
        );
    }
    if totals.dns_failovers > 0 {
        list.add(
            "zone-below-dns-threshold",
            format!(
                "{} times a zone had fewer healthy targets than its DNS threshold and left DNS; the other zones took \
                 its traffic.",
                counted(totals.dns_failovers)
            ),
            "Keep enough healthy targets in every zone, and room for a zone's traffic in the others.",
        );
    }
    if totals.mitigations > 0 {
        list.add(
            "anomalous-targets",
            format!(
                "{} times an ALB node cut the weight of an anomalous target. How AWS finds and weighs such targets is \
                 not published: the result depends on guesses (`anomaly_detection`).",
                counted(totals.mitigations)
            ),
            "Vary `anomaly_detection` before you rely on automatic target weights.",
        );
    }
}
