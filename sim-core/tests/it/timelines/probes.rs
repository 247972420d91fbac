//! The kubelet's probes (kubernetes §2.1). A pod of a scale-up at 1 s is created at 1.07, runs at 4.07, is noticed at
//! 4.57 (first probe at once, §2.1.2) and listens at 6.07; a status takes 40 ms.

use sim_core::scenario::Scenario;
use sim_core::scenario::pod::{HealthPath, Probe};
use sim_core::scenario::value::Limit;

use super::Topic::{Controller, Health, Kubelet, Ready, Server};
use super::{Timeline, constants, even_requests, scale};
use crate::support::{constant, ms, secs};

fn started_pod() -> Scenario {
    let mut scenario = constants();
    scenario.horizon = secs(80);
    scenario.deployment.replicas = 0;
    scenario.disruptions = vec![scale(secs(1), 1)];
    scenario
}

fn every(period_s: u64) -> Probe {
    Probe {
        period: secs(period_s),
        ..Probe::default()
    }
}

#[test]
fn a_readiness_probe_passes_at_its_first_tick_after_the_server_listens() {
    // 4.57 refused, 14.57 passes, + 40.
    let mut scenario = started_pod();
    scenario.pod.readiness_probe = Some(every(10));
    Timeline::of(&scenario).check(&[Ready], "14.61s pod 0 Ready");
}

#[test]
fn a_success_threshold_takes_that_many_ticks() {
    // §2.1.6: 9.57, 14.57 and 19.57 pass, + 40.
    let mut scenario = started_pod();
    scenario.pod.readiness_probe = Some(Probe {
        success_threshold: 3,
        ..every(5)
    });
    Timeline::of(&scenario).check(&[Ready], "19.61s pod 0 Ready");
}

#[test]
fn an_initial_delay_counts_whole_seconds_of_the_container() {
    // §2.1.5: probes each second from 4.57 on; elapsed 0.5, 1.5, 2.5, 3.5: whole seconds 3 ≥ 3 at 7.57.
    let mut scenario = started_pod();
    scenario.pod.readiness_probe = Some(Probe {
        initial_delay: secs(3),
        ..every(1)
    });
    Timeline::of(&scenario).check(&[Ready], "7.61s pod 0 Ready");
}

#[test]
fn readiness_waits_for_the_startup_probe() {
    // §2.1.5: startup at 4.57 refused, 9.57 passes; readiness at once (§2.1.4): 9.57 and, threshold 2, 19.57; + 40.
    let mut scenario = started_pod();
    scenario.pod.startup_probe = Some(every(5));
    scenario.pod.readiness_probe = Some(Probe {
        success_threshold: 2,
        ..every(10)
    });
    Timeline::of(&scenario).check(&[Ready], "19.61s pod 0 Ready");
}

#[test]
fn a_startup_probe_holds_liveness_off() {
    // The server needs 28 s: 32.07. Startup every 5 s: 34.57 passes (the 7th; 30 may fail). A liveness probe with a
    // threshold of 3 would have killed it at 24.57.
    let mut scenario = started_pod();
    scenario.app.start_up = constant(secs(28));
    scenario.pod.startup_probe = Some(Probe {
        failure_threshold: 30,
        ..every(5)
    });
    scenario.pod.liveness_probe = Some(every(10));
    let timeline = Timeline::of(&scenario);
    timeline.check(
        &[Kubelet, Server],
        "
        4.07s pod 0 containers run
        32.07s pod 0 server serving
        ",
    );
    assert_eq!(timeline.summary.observations.probe_restarts, 0);
}

#[test]
fn a_failed_liveness_probe_restarts_the_container() {
    // The server would need 60 s. Refused at 4.57, 14.57, 24.57: SIGTERM + 4, exit + 1, seen + 30, restart + 1 s:
    // 25.605. The probe's worker ticks on (§2.1.2): 34.57, 44.57, 54.57: SIGTERM 54.574, exit 54.575, restart 55.605;
    // 64.57, 74.57, … Without a readiness probe it is Ready from 4.57 + 40 on, until each exit is seen + 40, from
    // each restart + 40.
    let mut scenario = started_pod();
    scenario.app.start_up = constant(secs(60));
    scenario.pod.liveness_probe = Some(every(10));
    let timeline = Timeline::of(&scenario);
    timeline.check(
        &[Kubelet, Server, Ready],
        "
        4.07s pod 0 containers run
        4.61s pod 0 Ready
        24.574s pod 0 app SIGTERM
        24.575s pod 0 server exited
        24.575s pod 0 app exited
        24.645s pod 0 not Ready
        25.605s pod 0 server starting
        25.645s pod 0 Ready
        54.574s pod 0 app SIGTERM
        54.575s pod 0 server exited
        54.575s pod 0 app exited
        54.645s pod 0 not Ready
        55.605s pod 0 server starting
        55.645s pod 0 Ready
        ",
    );
    assert_eq!(timeline.summary.observations.probe_restarts, 2);
}

/// One worker; readiness on a page that users use, every 5 s with a timeout of 1 s: 9.57 passes, Ready 9.61.
fn shared_page(service_s: u64) -> Scenario {
    let mut scenario = started_pod();
    scenario.app.workers = Limit::At(1);
    scenario.app.service_time = constant(secs(service_s));
    scenario.pod.readiness_probe = Some(Probe {
        path: HealthPath::Shared,
        ..every(5)
    });
    scenario
}

#[test]
fn a_shared_readiness_page_times_out_behind_a_queue_and_takes_the_pod_out() {
    // Requests of 3 s at 21, 22, … 30: the worker is busy until 51. Probes of 24.57, 29.57 and 34.57 time out: 35.57,
    // + 40 = 35.61. The controller: + 35 slice, + 100 = 35.745; + 50; the cache is unsettled since the registration
    // (lbc §1.5): + 70; + 30 + 60 = 35.955. The probe of 49.57 would wait 1.43 s; that of 54.57 passes: 54.61. The
    // rest of the registration: 54.61 + 35 + 100 = 54.745; + 50 + 70 + 30 + 200 = 55.095. Before: status with IP
    // 4.61, reconcile 4.745 for nothing; Ready 9.61, 9.745, + 50 + 30 + 200 = 10.025.
    let mut scenario = shared_page(3);
    scenario.workload.open_loop = even_requests(1, secs(20), ms(30_500));
    Timeline::of(&scenario).check(
        &[Ready, Controller],
        "
        4.745s reconcile
        9.61s pod 0 Ready
        9.745s reconcile
        10.025s RegisterTargets [0]
        35.61s pod 0 not Ready
        35.745s reconcile
        35.955s DeregisterTargets [0]
        54.61s pod 0 Ready
        54.745s reconcile
        55.095s RegisterTargets [0]
        ",
    );
}

#[test]
fn a_probe_waits_for_the_request_in_service_too() {
    // One request at 21 keeps the only worker until 41, with nobody else in the queue. Probes of 24.57, 29.57 and
    // 34.57 wait longer than 1 s: 35.57 + 40. That of 39.57 would wait 1.43 s, that of 44.57 passes.
    let mut scenario = shared_page(20);
    scenario.workload.open_loop = even_requests(1, secs(20), ms(21_500));
    Timeline::of(&scenario).check(
        &[Ready],
        "
        9.61s pod 0 Ready
        35.61s pod 0 not Ready
        44.61s pod 0 Ready
        ",
    );
}

#[test]
fn a_check_with_a_longer_timeout_passes_earlier() {
    // Published before it is Ready, it is registered at 5.025 and never taken out: checks of 5 s at 7.025, 22.025,
    // 37.025. The request of 21 keeps the worker until 40: that of 22.025 would wait 18 s and fails, that of 37.025
    // waits 2.975 s and passes, so that no two fail in a row. The probe (1 s) fails at 24.57, 29.57, 34.57 and passes
    // at 39.57.
    let mut scenario = shared_page(19);
    scenario.service.publish_not_ready_addresses = true;
    scenario.target_group.health_check.path = HealthPath::Shared;
    scenario.workload.open_loop = even_requests(1, secs(20), ms(21_500));
    Timeline::of(&scenario).check(
        &[Ready, Health],
        "
        5.025s target 0 initial
        7.025s target 0 healthy
        9.61s pod 0 Ready
        35.61s pod 0 not Ready
        39.61s pod 0 Ready
        ",
    );
}

#[test]
fn a_probe_under_way_fails_even_if_the_next_one_would_pass() {
    // The worker is busy until 36: the probe of 34.57 would wait 1.43 s and is given up at 35.57 (§2.1.1), although
    // from 35.0 on a new one would pass. That of 39.57 does.
    let mut scenario = shared_page(15);
    scenario.workload.open_loop = even_requests(1, secs(20), ms(21_500));
    Timeline::of(&scenario).check(
        &[Ready],
        "
        9.61s pod 0 Ready
        35.61s pod 0 not Ready
        39.61s pod 0 Ready
        ",
    );
}
