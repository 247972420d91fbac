//! `sim explain`: stories with every instant worked out by hand, settings that do save, traces, and bad input.

mod bad_input;
mod document;
mod remedies;
mod stories;
mod trace_file;

use crate::command::{Outcome, Place, test_name};

/// Every latency is a constant and every chance "never", so that each instant of a story is a sum. Two zones and so two
/// ALB nodes; two pods, of which one goes at 10 s; a request every half second, the first at 0.5 s.
pub(crate) const CONSTANTS: &str = "\
name: constants
horizon: 60s
cluster: { zones: 2, nodes: 2 }
deployment: { replicas: 2 }
pod: { readiness_probe: null }
api_server: { write_latency: 10ms, watch_latency: 20ms }
endpoint_slice_controller: { sync_time: 5ms }
kubelet:
  dispatch: 2ms
  housekeeping: 0s
  pleg_recent_sync: 0
  sigterm_delivery: 4ms
  exit_detect: 30ms
  sandbox_teardown: 200ms
  cni_del_failure: 0
  status_patch: 40ms
  object_delete: 1s
  pod_start: 3s
  start_detect: 500ms
  shutdown_grace_period: 0s
  shutdown_grace_period_critical_pods: 0s
load_balancer_controller:
  watch_latency: 100ms
  reconcile_time: 50ms
  describe_latency: 70ms
  checkpoint_patch: 30ms
elbv2:
  deregister_latency: 60ms
  register_latency: 200ms
  deregister_propagation: 10s
  register_propagation: 2s
  call_failure: 0
network: { rtt_same_zone: 0s, rtt_cross_zone: 0s, keep_alive_race: 0s, dead_ip_silent: 1 }
app: { service_time: 0s, start_up: 2s, reaction_delay: 1ms, restart_delay: 1s }
workload: { open_loop: { rate: 2, arrivals: even } }
disruptions:
  - { at: 10s, scale: { replicas: 1 } }
";

fn place() -> Place {
    Place::new(&test_name()).file("s.yaml", CONSTANTS)
}

/// Runs `sim explain s.yaml` with further arguments; it must succeed.
fn explain(place: &Place, more: &[&str]) -> String {
    told(&place.sim(&[&["explain", "s.yaml"], more].concat()))
}

fn told(outcome: &Outcome) -> String {
    assert_eq!((outcome.status, outcome.stderr.as_str()), (0, ""), "{}", outcome.stdout);
    outcome.stdout.clone()
}
