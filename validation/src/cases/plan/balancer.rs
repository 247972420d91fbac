//! The target group, its health check, and the load balancer.

use super::event::Event;
use super::setting::Reader;

/// Least interval of an ELBv2 health check, seconds (alb §1.1).
const LEAST_INTERVAL: f64 = 5.0;

/// Interval, timeout, thresholds: what the controller sends (alb §1.1, lbc §3.3).
const BY_CONTROLLER: [f64; 4] = [15.0, 5.0, 2.0, 2.0];

/// The same where nobody but ELBv2 has a default (alb §1.1).
const BY_ELBV2: [f64; 4] = [30.0, 5.0, 5.0, 2.0];

pub(super) fn assign(reader: &mut Reader<'_>, event: Event) {
    health_check(reader);
    if let Some(delay) = reader.number("dereg_delay_s") {
        reader.set_seconds("target_group.deregistration_delay", delay.round());
    }
    if let Some(duration) = reader.number("slow_start_s") {
        reader.set_seconds("target_group.slow_start", duration.round());
    }
    if let Some(timeout) = reader.number("lb_idle_timeout_s") {
        reader.set_seconds("load_balancer.idle_timeout", timeout.round());
    }
    if let Some(lag) = reader.number("controller_lag_s") {
        reader.note("a controller that acts late: its watch is");
        reader.set_seconds("load_balancer_controller.watch_latency", lag);
    }
    if event.is_in_place() {
        reader.note("servers outside of Kubernetes keep their registration: the controller sees nothing");
        reader.set("load_balancer_controller.watch_latency", "1h");
    }
    if event != Event::Steady && !reader.is_kubernetes() && !reader.facts.contains_key("network cut") {
        // A host, and not a pod's own network: the kernel refuses what nobody listens for (kubernetes §7, state C).
        reader.set("kubelet.sandbox_teardown", "1h");
        reader.note("outside of Kubernetes the host outlives the server and refuses connections");
    }
    if let Some(healthy) = reader.number("alb_healthy_s") {
        let ready = reader.number("pod_ready_s").unwrap_or_default();
        reader.note(
            "a target that is healthy after a stated time: its registration takes what the pod's start leaves of it",
        );
        reader.set_seconds("elbv2.register_propagation", (healthy - ready).max(0.0));
    }
}

fn health_check(reader: &mut Reader<'_>) {
    let defaults = if reader.is_kubernetes() {
        BY_CONTROLLER
    } else {
        BY_ELBV2
    };
    let mut interval = reader.number("hc_interval_s");
    let mut unhealthy = reader.number("hc_unhealthy_threshold");
    if let Some(product) = reader.number("hc_interval_x_threshold_s") {
        interval = Some(product / 2.0);
        unhealthy = Some(2.0);
        reader.note("interval times threshold: a threshold of 2");
    }
    if reader.word("hc_interval_x_threshold").is_some() {
        reader.note("interval times threshold `longer than the error window`: the defaults of ELBv2");
    }
    if reader.word("hc_tuning").is_some() {
        reader.note("a health check tuned below the readiness probe: the least that ELBv2 takes");
        interval = Some(LEAST_INTERVAL);
        unhealthy = Some(2.0);
    }
    if let Some(low) = interval.filter(|interval| *interval < LEAST_INTERVAL) {
        reader.note(format!(
            "an interval of {low} s is below the least of ELBv2, which refuses it: the default stays (alb §1.3)"
        ));
        interval = None;
    }
    let interval = interval.unwrap_or(defaults[0]);
    // ELBv2 refuses a timeout that is not below the interval (alb §1.3), so an unstated one was below it.
    let timeout = reader.number("hc_timeout_s").unwrap_or(defaults[1].min(interval - 1.0));
    let healthy = reader.number("hc_healthy_threshold").unwrap_or(defaults[2]);
    let unhealthy = unhealthy.unwrap_or(defaults[3]);
    reader.set_seconds("target_group.health_check.interval", interval.round());
    reader.set_seconds("target_group.health_check.timeout", timeout.round());
    reader.set_count("target_group.health_check.healthy_threshold", healthy);
    reader.set_count("target_group.health_check.unhealthy_threshold", unhealthy);
}
