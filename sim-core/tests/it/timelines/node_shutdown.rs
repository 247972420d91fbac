//! Pods that their node takes down on its own: no `deletionTimestamp` announces it (nodes §5.2, kubernetes §5.1.6).

use sim_core::outcome::Cause;
use sim_core::scenario::Scenario;
use sim_core::scenario::disruption::{Disruption, InstanceTermination, NodePressureEviction};

use super::Topic::{Controller, Kubelet, Nodes, Objects, Ready, Server, Slices};
use super::node_losses::tick_always;
use super::{Timeline, constants, even_requests};
use crate::support::{constant, secs};

/// Two nodes with one pod each; the first instance is terminated at 10 s: 3 s until the operating system shuts down,
/// 20 s of its own.
fn termination() -> Scenario {
    let mut scenario = constants();
    tick_always(&mut scenario);
    scenario.deployment.replicas = 2;
    scenario.horizon = secs(60);
    scenario.ec2.os_shutdown_notice = constant(secs(3));
    scenario.ec2.os_shutdown = constant(secs(20));
    scenario.pod.pre_stop.sleep = Some(secs(5));
    scenario.disruptions = vec![Disruption {
        at: secs(10),
        instance_termination: Some(InstanceTermination {
            nodes: 1,
            ..Default::default()
        }),
        ..Disruption::default()
    }];
    scenario
}

/// The same under EKS's AL2023 from Kubernetes 1.34 on: 150 s, of which 30 s for critical pods.
fn graceful() -> Scenario {
    let mut scenario = termination();
    scenario.kubelet.shutdown_grace_period = secs(150);
    scenario.kubelet.shutdown_grace_period_critical_pods = secs(30);
    scenario
}

#[test]
fn a_graceful_shutdown_runs_the_hook_but_announces_nothing() {
    // §5.2: 13 s: grace min(30, 150 - 30); node NotReady one write later; the hook sleeps 5 s; SIGTERM + 4 ms; the
    // server reacts + 1; exit seen + 30; sandbox + 200 = 18.235; terminal status + 40 = 18.275. Only then do slice
    // (+ 20 + 5 + 10 = 18.31) and controller (+ 100 = 18.41; + 50 + 30 + 60 = 18.55) hear of it, and the ReplicaSet
    // (+ 20 + 10 = 18.305). Its registration: reconcile 21.98, + 50, + 70 since a target is not settled, + 30 + 200.
    // The kubelet holds the shutdown up until it has seen the exit, 18.035; 20 s later the instance is off.
    Timeline::of(&graceful()).check(
        &[Nodes, Kubelet, Server, Objects, Ready, Slices, Controller],
        "
        13s node 0 shutting_down
        13s pod 0 shut down by node_shutdown, grace 30
        13s pod 0 app preStop
        13.01s node 0 not_ready
        18s pod 0 app preStop completed
        18.004s pod 0 app SIGTERM
        18.005s pod 0 server draining_closed
        18.005s pod 0 server exited
        18.005s pod 0 app exited
        18.235s pod 0 silent
        18.235s pod 0 server removed
        18.275s pod 0 not Ready
        18.305s pod 2 created
        18.31s pod 0 endpoint left
        18.41s reconcile
        18.55s DeregisterTargets [0]
        21.305s pod 2 containers run
        21.845s pod 2 Ready
        21.88s pod 2 endpoint ready serving
        21.98s reconcile
        22.33s RegisterTargets [2]
        23.305s pod 2 server serving
        38.035s node 0 terminated
        38.035s node 0 deleted
        ",
    );
}

#[test]
fn a_graceful_shutdown_fails_requests_although_grace_and_pre_stop_are_right() {
    // The hook covers nothing, because the removal starts when it is over: from 18.005 until 28.55 every second
    // request meets a closed port, then silence; every third one from 24.33 on, when the replacement is in rotation:
    // 6.1 s at 5 per second and 4.2 s at 3.3 per second are 44.5.
    let mut scenario = graceful();
    scenario.workload.open_loop = even_requests(10, secs(1), secs(50));
    let timeline = Timeline::of(&scenario);
    let failed = |cause| {
        timeline
            .requests()
            .filter(|request| request.cause == Some(cause))
            .count()
    };
    assert!(
        (1..=3).contains(&failed(Cause::RefusedProcessDead)),
        "0.23 s at 5 per second"
    );
    assert!(
        (40..=49).contains(&failed(Cause::SilentPodIp)),
        "{}",
        failed(Cause::SilentPodIp)
    );
}

#[test]
fn without_the_kubelet_there_is_no_hook_and_no_word_until_the_lease_lapses() {
    // §5.2: systemd signals at once: 13 s + 4 ms; the server exits + 1 ms. Nobody tears the sandbox down: connections
    // are refused until the instance is off at 33 s. The lease lapses 50 s after the kubelet stopped: 63 s.
    let mut scenario = termination();
    scenario.horizon = secs(64);
    Timeline::of(&scenario).check(
        &[Nodes, Kubelet, Server, Objects, Ready, Slices],
        "
        13s node 0 shutting_down
        13s pod 0 shut down by os_shutdown, grace 90
        13.004s pod 0 app SIGTERM
        13.005s pod 0 server draining_closed
        13.005s pod 0 server exited
        13.005s pod 0 app exited
        33s node 0 terminated
        33s pod 0 server unreachable
        63s node 0 unknown
        63s node 0 deleted
        63.01s pod 0 not Ready
        63.045s pod 0 endpoint
        ",
    );
}

#[test]
fn containers_that_do_not_stop_delay_the_shutdown_to_its_hard_end() {
    // A server that ignores SIGTERM: systemd kills it after 90 s; the instance goes off with it: 13.004 + 90 + 30 ms
    // until the exit is seen. With a hard end at 60 s it is off at 73 s and nobody sees an exit.
    let mut scenario = termination();
    scenario.app.sigterm = sim_core::scenario::app::SigtermMode::Ignored;
    scenario.horizon = secs(110);
    scenario.node_lifecycle.monitor_grace_period = secs(1000);
    let topics = &[Nodes, Kubelet];
    Timeline::of(&scenario).check(
        topics,
        "
        13s node 0 shutting_down
        13s pod 0 shut down by os_shutdown, grace 90
        13.004s pod 0 app SIGTERM
        103.004s pod 0 app SIGKILL
        103.004s pod 0 app exited
        103.034s node 0 terminated
        ",
    );
    scenario.ec2.os_shutdown_max = secs(60);
    Timeline::of(&scenario).check(
        topics,
        "
        13s node 0 shutting_down
        13s pod 0 shut down by os_shutdown, grace 90
        13.004s pod 0 app SIGTERM
        73s node 0 terminated
        ",
    );
}

#[test]
fn a_hard_eviction_gives_one_second_and_no_word_before_the_end() {
    // kubernetes §5.1.6, §1.3: the hook of 5 s is cut after 1 s; SIGTERM + 4 ms. The pod ends Failed and is replaced
    // only then: 11.005 + 30 + 200 + 40 = 11.275; + 20 + 10.
    let mut scenario = termination();
    scenario.disruptions[0].instance_termination = None;
    scenario.disruptions[0].node_pressure_eviction = Some(NodePressureEviction {
        nodes: 1,
        pods_per_node: 1,
    });
    scenario.horizon = secs(14);
    Timeline::of(&scenario).check(
        &[Kubelet, Objects, Ready],
        "
        10s pod 0 shut down by node_pressure, grace 1
        10s pod 0 app preStop
        11s pod 0 app preStop cut
        11.004s pod 0 app SIGTERM
        11.005s pod 0 app exited
        11.235s pod 0 silent
        11.275s pod 0 not Ready
        11.305s pod 2 created
        ",
    );
}
