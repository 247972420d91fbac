//! Nodes that fail, shut down and are short of something; what the pods ask of them; other pods beside them.

use sim_core::scenario::Scenario;
use sim_core::scenario::cluster::OtherWorkload;
use sim_core::scenario::disruption::{Disruption, InstanceTermination, NodeFailure, NodePressureEviction, ZoneFailure};
use sim_core::scenario::instance_type::InstanceType;
use sim_core::scenario::pod::{Resources, TopologyKey, TopologySpread, WhenUnsatisfiable};
use sim_core::scenario::quantity::{Cpu, Memory};
use sim_core::scenario::value::Limit;
use sim_core::time::SimDuration;

use super::chance::Chance;
use crate::support::{ms, secs};

pub(super) fn add(chance: &mut Chance, scenario: &mut Scenario) {
    for _ in 0..chance.between(0, 2) {
        let disruption = disruption(chance, scenario);
        scenario.disruptions.push(disruption);
    }
    lifecycle(chance, scenario);
    let cni = &mut scenario.vpc_cni;
    cni.ip_cooldown_period = secs(chance.pick(&[0, 1, 5, 30]));
    cni.warm_eni_target = chance.count(0, 2);
    cni.eni_attach_time = chance.dist(5_000);
    requests(chance, scenario);
    if chance.one_in(3) {
        let workload = other_workload(chance);
        scenario.cluster.other_workloads.push(workload);
    }
    if chance.one_in(4) {
        scenario.pod.topology_spread.push(TopologySpread {
            topology_key: chance.pick(&[TopologyKey::Zone, TopologyKey::Hostname]),
            max_skew: chance.count(1, 3),
            when_unsatisfiable: chance.pick(&[WhenUnsatisfiable::DoNotSchedule, WhenUnsatisfiable::ScheduleAnyway]),
        });
    }
}

fn disruption(chance: &mut Chance, scenario: &Scenario) -> Disruption {
    let horizon_ms = scenario.horizon.as_ns() / 1_000_000;
    let mut disruption = Disruption {
        at: ms(chance.between(0, horizon_ms)),
        every: chance.one_in(4).then(|| chance.seconds(20, 60)),
        ..Disruption::default()
    };
    let nodes = chance.count(0, 2);
    let reported_terminated = chance.one_in(2);
    match chance.stream.below(5) {
        0 => {
            disruption.node_failure = Some(NodeFailure {
                nodes,
                reported_terminated,
            });
        }
        1 => {
            disruption.zone_failure = Some(ZoneFailure {
                zone: chance.count(0, scenario.cluster.zones - 1),
                reported_terminated,
                alb_nodes: chance.one_in(2),
            });
        }
        2 => {
            disruption.node_pressure_eviction = Some(NodePressureEviction {
                nodes,
                pods_per_node: chance.count(0, 3),
            });
        }
        _ => {
            disruption.instance_termination = Some(InstanceTermination {
                nodes,
                ..Default::default()
            });
        }
    }
    disruption
}

fn lifecycle(chance: &mut Chance, scenario: &mut Scenario) {
    let rules = &mut scenario.node_lifecycle;
    rules.lease_interval = secs(chance.pick(&[1, 10]));
    rules.monitor_grace_period = rules.lease_interval + chance.seconds(1, 40);
    rules.monitor_period = chance.seconds(1, 5);
    rules.cloud_scan_period = chance.seconds(1, 5);
    rules.pod_gc_period = chance.seconds(1, 20);
    rules.pod_gc_quarantine = chance.seconds(0, 20);
    rules.large_cluster_size_threshold = chance.pick(&[0, 50]);
    scenario.pod.unreachable_toleration = match chance.stream.below(3) {
        0 => Limit::Unlimited,
        _ => Limit::At(chance.seconds(0, 20)),
    };
    if chance.one_in(2) {
        let whole = chance.between(1, 150);
        scenario.kubelet.shutdown_grace_period = secs(whole);
        scenario.kubelet.shutdown_grace_period_critical_pods = secs(chance.between(0, whole));
    }
    scenario.ec2.os_shutdown_notice = chance.dist(1_000);
    scenario.ec2.os_shutdown = chance.dist(10_000);
    scenario.ec2.systemd_stop_timeout = chance.seconds(0, 20);
}

/// As much as the nodes still hold at the run's start.
fn requests(chance: &mut Chance, scenario: &mut Scenario) {
    let is_scaled = scenario.disruptions.iter().any(|disruption| disruption.hpa.is_some());
    if chance.one_in(2) && !is_scaled {
        return;
    }
    let cluster = &scenario.cluster;
    let instance = InstanceType::named(&cluster.instance_type).expect("a known type");
    let each = u64::from(scenario.deployment.replicas.div_ceil(cluster.nodes).max(1));
    let system = cluster.system_requests;
    let most = (instance.allocatable().cpu.millicores() - system.cpu.millicores()) / each;
    let most_memory = (instance.allocatable().memory.bytes() - system.memory.bytes()) / each;
    scenario.pod.requests = Resources {
        cpu: Cpu::from_millicores(chance.between(u64::from(is_scaled), most.min(300))),
        memory: Memory::from_bytes(most_memory / chance.between(1, 9)),
    };
}

fn other_workload(chance: &mut Chance) -> OtherWorkload {
    OtherWorkload {
        replicas: chance.profile(12),
        requests: Resources {
            cpu: Cpu::from_millicores(chance.between(0, 300)),
            memory: Memory::from_mebibytes(chance.between(0, 300)),
        },
        termination_grace_period: chance.seconds(0, 30),
        stop_time: chance.dist(5_000),
        lifetime: chance.one_in(2).then(|| {
            let mean: SimDuration = chance.seconds(5, 60);
            sim_core::dist::Dist::Exponential { mean }
        }),
        listens: chance.probability(),
        ..OtherWorkload::default()
    }
}

/// Whatever may rightly keep a fleet from settling: objects that stay behind on lost nodes, pods that never fit.
pub(super) fn calm_down(calm: &mut Scenario) {
    for disruption in &mut calm.disruptions {
        disruption.zone_failure = None;
        if let Some(failure) = &mut disruption.node_failure {
            failure.reported_terminated = true;
        }
        if disruption.kinds().iter().all(|(_, present)| !present) {
            disruption.rollout = Some(sim_core::scenario::disruption::Rollout {});
        }
    }
    calm.pod.requests = Resources {
        cpu: Cpu::from_millicores(1),
        ..Resources::ZERO
    };
    calm.pod.topology_spread.clear();
    calm.cluster.other_workloads.clear();
}
