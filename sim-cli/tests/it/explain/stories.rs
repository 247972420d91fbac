//! Stories whose every instant is worked out by hand.

use expect_test::{Expect, expect};

use super::{explain, place};

/// How the instants of [`super::CONSTANTS`] come about:
///
/// * deletion: scale at 10 s, written (10 ms), seen by the Deployment (20 ms), written to the `ReplicaSet` (10 ms),
///   seen (20 ms), the DELETE written (10 ms): 10.070.
/// * kubelet: watch 20 ms and dispatch 2 ms: 10.092; SIGTERM 4 ms: 10.096; the server reacts after 1 ms: 10.097, has
///   nothing in flight and exits. Seen 30 ms later, sandbox gone 200 ms after that: 10.327.
/// * endpoints: watch 20 ms, sync 5 ms, write 10 ms: 10.105, 35 ms after the deletion.
/// * controller: watch 100 ms: 10.205; reconcile 50 ms, checkpoint 30 ms (the target health is cached), the call
///   60 ms: 10.345, 240 ms after the slice.
/// * propagation: 10 s: 20.345, 10.275 s after the deletion. So 11 s are the smallest whole second that outlasts it.
/// * requests come every 500 ms from 0.5 s on: number 30 at 15.5 s, answered after the connect timeout of 10 s.
fn check(more: &[&str], expected: &Expect) {
    expected.assert_eq(&explain(&place(), more));
}

#[test]
fn a_scale_down_is_told_instant_by_instant() {
    check(
        &[],
        &expect![[r#"
            constants  profile eks, replication 0, seed 1
            11 of 119 requests failed

              1. 504 silent_pod_ip  11 requests, 100 % of the failures
                 The pod's network was torn down, so the connection attempt got no answer within the connect
                 timeout.
                 Late hop: propagation.

                 Request 30, the median one in time since the pod's deletion
                 10.000s   -0.070 s  disruption  `scale` starts
                 10.070s   +0.000 s  API server  deletion of pod 0 committed, grace period 30 s
                 10.092s   +0.022 s  kubelet     begins to stop the pod
                 10.096s   +0.026 s  kubelet     SIGTERM to `app`
                 10.097s   +0.027 s  server      drains: listener closed, new connections are refused
                 10.097s   +0.027 s  server      process exited: new connections are refused
                 10.105s   +0.035 s  endpoints   EndpointSlice written: the pod is not ready, still serving
                 10.205s   +0.135 s  controller  saw the change and reconciles the target group
                 10.327s   +0.257 s  kubelet     sandbox torn down: packets to the pod IP meet silence
                 10.345s   +0.275 s  ELBv2       DeregisterTargets accepted
               > 15.500s   +5.430 s  request     request 30 issued: ALB node 0 chooses pod 0
                 20.345s  +10.275 s  ALB node 0  stops choosing the target: it has learned of the
                                                 deregistration
               > 25.500s  +15.430 s  request     no answer within the timeout: 504 to the client
                 Offsets count from the pod's deletion.

                 Hops
                 endpoints 35 ms + controller 240 ms + api_throttle 0 s + propagation 10.000 s = 10.275 s to
                 removal by ALB node 0.

                 Who should have acted earlier
                 Late hop `propagation`: DeregisterTargets was accepted, but this ALB node had not learned
                 of it; that was done 4.845 s after the request. ALB node 0 stopped choosing the target
                 10.248 s after the pod had stopped serving.

                 Which setting would have saved it
                 with pod.pre_stop.sleep=11s: 0 of 11, and 0 of 11 failures in all
                   (outlasts the removal of this target: 10.275 s)
                 Simulated again with the same seed. Requests are not the same ones then, so counts are
                 compared.
        "#]],
    );
}

/// The server dies at SIGTERM, 10.097, with the request of 9.5 s in flight, which would have taken 600 ms.
#[test]
fn a_request_cut_by_sigterm_is_told_from_its_issue_on() {
    check(
        &[
            "--set",
            "app.preset=django-runserver",
            "--set",
            "app.service_time=600ms",
            "--cause",
            "closed_in_flight_at_sigterm",
        ],
        &expect![[r#"
            constants  profile eks, replication 0, seed 1
            12 of 119 requests failed

              1. 502 closed_in_flight_at_sigterm  1 request, 8.33 % of the failures
                 The server exited on SIGTERM without finishing requests in flight.
                 Late hop: endpoints.

                 Request 18, the only one
               >  9.500s   -0.570 s  request     request 18 issued: ALB node 0 chooses pod 0, on a pooled
                                                 connection
                 10.000s   -0.070 s  disruption  `scale` starts
                 10.070s   +0.000 s  API server  deletion of pod 0 committed, grace period 30 s
                 10.092s   +0.022 s  kubelet     begins to stop the pod
                 10.096s   +0.026 s  kubelet     SIGTERM to `app`
                 10.097s   +0.027 s  server      process exited: new connections are refused
               > 10.097s   +0.027 s  request     connection closed with the request in flight: 502 to the
                                                 client
                 10.105s   +0.035 s  endpoints   EndpointSlice written: the pod is not ready, still serving
                 10.205s   +0.135 s  controller  saw the change and reconciles the target group
                 10.327s   +0.257 s  kubelet     sandbox torn down: packets to the pod IP meet silence
                 10.345s   +0.275 s  ELBv2       DeregisterTargets accepted
                 20.345s  +10.275 s  ALB node 0  stops choosing the target: it has learned of the
                                                 deregistration
                 Offsets count from the pod's deletion.

                 Hops
                 endpoints 35 ms + controller 240 ms + api_throttle 0 s + propagation 10.000 s = 10.275 s to
                 removal by ALB node 0.

                 Who should have acted earlier
                 Late hop `endpoints`: the controller did not yet know from the EndpointSlice that the pod
                 was leaving; the slice was written 605 ms after the request. ALB node 0 stopped choosing
                 the target 10.248 s after the pod had stopped serving.

                 Which setting would have saved it
                 with pod.pre_stop.sleep=11s: 0 of 1, and 0 of 12 failures in all
                   (outlasts the removal of this target: 10.275 s)
                 Simulated again with the same seed. Requests are not the same ones then, so counts are
                 compared.
        "#]],
    );
}

/// Connections idle for one second are closed by the server when the next request of their pod is due.
#[test]
fn an_idle_connection_closed_too_early_has_nobody_late() {
    check(
        &[
            "--set",
            "app.keep_alive_timeout=1s",
            "--set",
            "network.keep_alive_race=30ms",
            "--cause",
            "keep_alive_race",
        ],
        &expect![[r#"
            constants  profile eks, replication 0, seed 1
            30 of 119 requests failed

              1. 502 keep_alive_race  19 requests, 63.3 % of the failures
                 The ALB reused an idle connection in the instant in which the server closed it.

                 Request 67, the median one in time of issue
               > 34.000s  +0.000 s  request  request 67 issued: ALB node 1 chooses pod 1, on a pooled
                                             connection
               > 34.000s  +0.000 s  request  pooled connection closed by the server at that instant: 502 to
                                             the client
                 Offsets count from the request.

                 Who should have acted earlier
                 Nobody was late: this is no race between a pod and its removal.

                 Which setting would have saved it
                 with app.keep_alive_timeout=65s: 0 of 19, and 11 of 30 failures in all
                   (above load_balancer.idle_timeout, 60s, so that the ALB closes first)
                 Simulated again with the same seed. Requests are not the same ones then, so counts are
                 compared.
        "#]],
    );
}

/// 119 requests: one every 500 ms before 60 s. 1 - 0.05^(1/119) is 0.0249, rounded up to one digit.
#[test]
fn no_failure_is_an_upper_bound() {
    check(
        &["--set", "disruptions=[]"],
        &expect![[r#"
        constants  profile eks, replication 0, seed 1
        0 of 119 requests failed: below 3 % with 95 % confidence
    "#]],
    );
}
