//! The pod template: grace period, hook, probe, gate.

use super::event::Event;
use super::setting::{Reader, seconds};

/// The dockershim-era hook of the published run edits a source file, which restarts the server (published-run).
const AUTORELOAD_S: f64 = 1.5;

pub(super) fn assign(reader: &mut Reader<'_>, event: Event) {
    if let Some(gate) = reader.flag("readiness_gate") {
        if gate && reader.facts.contains_key("nodes are targets") {
            reader.note("where nodes are targets the controller injects no readiness gate (lbc §2.1)");
        } else {
            reader.set("pod.readiness_gate", gate.to_string());
        }
    }
    if let Some(period) = reader.number("readiness_probe_period_s") {
        reader.set_seconds("pod.readiness_probe.period", period.round());
    }
    if let Some(failures) = reader.number("readiness_probe_failures") {
        reader.set_count("pod.readiness_probe.failure_threshold", failures);
    }
    if let Some(delay) = reader.number("readiness_initial_delay_s") {
        reader.set_seconds("pod.readiness_probe.initial_delay", delay.round());
    }
    grace(reader);
    hook(reader, event);
    health_page(reader);
}

fn grace(reader: &mut Reader<'_>) {
    let grace = if reader.word_is("tgps_s", "set") {
        reader.note("a grace period that is `set`: 30 s above the hook");
        reader.facts.insert("grace above hook", 30.0);
        None
    } else {
        reader.number("tgps_s")
    };
    // The kernel kills what is left when the grace period is over, so a SIGKILL soon after SIGTERM tells its length.
    let killed_after = reader.sigterm_text().and_then(killed_after);
    if let Some(grace) = grace.or(killed_after) {
        reader.set_seconds("pod.termination_grace_period", grace.round());
    }
}

/// `SIGKILL ~3 s after SIGTERM`.
fn killed_after(text: &str) -> Option<f64> {
    let rest = text.split_once("SIGKILL ~").map(|(_, rest)| rest)?;
    rest.split_once(" s after SIGTERM")
        .and_then(|(number, _)| number.parse().ok())
}

fn hook(reader: &mut Reader<'_>, event: Event) {
    let mut hook = reader.number("prestop_sleep_s").unwrap_or(0.0);
    if let Some(wait) = reader.number("drain_wait_s") {
        hook = wait;
        reader.set_seconds("pod.termination_grace_period", (wait + 30.0).round());
        reader.hook_fails_health = event == Event::StopInPlace;
    }
    if reader.word("stop_order") == Some("deregister first") {
        hook = reader.number("dereg_delay_s").unwrap_or(300.0);
        reader.set_seconds("pod.termination_grace_period", (hook + 30.0).round());
    }
    if let Some(after) = reader.number("network_cut_after_dereg_s") {
        // Deregistration is accepted about 0.5 s after the deletion (lbc §1.13): whole seconds come near enough.
        hook = (after + 0.5).round().max(1.0);
        reader.note(
            "a security group taken off a pod's interface: the pod's address falls silent that long after the \
             deregistration, as if its network had been torn down",
        );
        reader.set("network.dead_ip_silent", "1");
        reader.set("kubelet.sandbox_teardown", "1ms");
        reader.set("app.sigterm", "die_now");
        reader.facts.insert("network cut", 1.0);
    }
    if let Some(above) = reader.facts.get("grace above hook").copied() {
        reader.set_seconds("pod.termination_grace_period", (hook + above).round());
    }
    reader.hook_s = hook;
    if hook > 0.0 {
        // `exec` rather than `sleep`: the API refuses a sleep beyond the grace period, a shell does not.
        reader.set("pod.pre_stop.exec", format!("{{ duration: {} }}", seconds(hook)));
    }
    if reader.word("prestop_first_action") == Some("fail health check") {
        reader.hook_fails_health = true;
    }
}

fn health_page(reader: &mut Reader<'_>) {
    match reader.word("hc_path") {
        Some(text) if text.contains("same URI as live traffic") => {
            reader.set("pod.readiness_probe.path", "shared");
            reader.set("target_group.health_check.path", "shared");
        }
        Some(text) => {
            if text.contains("broken by preStop") {
                reader.hook_fails_health = true;
            }
            if text.contains("via sed") {
                reader.note(
                    "a hook that edits a source file under Django's autoreloader: the port is closed for 1.5 s \
                     (published-run, estimate)",
                );
                reader.set("pod.pre_stop.restarts_server_for", seconds(AUTORELOAD_S));
            }
        }
        None => {}
    }
    if reader.hook_fails_health {
        reader.set("pod.pre_stop.fails_health", "true");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sigkill_soon_after_sigterm_tells_the_grace_period() {
        assert_eq!(killed_after("stops serving; SIGKILL ~3 s after SIGTERM"), Some(3.0));
        assert_eq!(killed_after("graceful (Spring, 30 s)"), None);
    }
}
