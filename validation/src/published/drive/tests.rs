use sim_core::scenario::cluster::OtherWorkload;
use sim_core::scenario::cluster_autoscaler::ClusterAutoscaler;
use sim_core::scenario::disruption::{Disruption, Scale};
use sim_core::scenario::pod::{Hook, PreStop};
use sim_core::scenario::workload::{Sessions, Step};

use super::super::observed::tests::of_loads;
use super::super::parameters::{COUNT, PARAMETERS};
use super::*;

/// What the built-in scenarios of the script have, in few words.
pub(in super::super) fn script_scenario(era: Era) -> Scenario {
    let mut scenario = Scenario::default();
    scenario.cluster.instance_type = String::from("t4g.xlarge");
    scenario.cluster.other_workloads = vec![OtherWorkload {
        stop_time: Dist::Constant(SimDuration::from_secs(30)),
        ..OtherWorkload::default()
    }];
    scenario.app.service_time = Dist::LogNormal {
        median: SimDuration::from_millis(40),
        p99: SimDuration::from_millis(400),
    };
    scenario.kubelet.sandbox_teardown = Dist::LogNormal {
        median: SimDuration::from_secs(4),
        p99: SimDuration::from_secs(15),
    };
    let step = |request: &str| Step {
        request: String::from(request),
        ..Step::default()
    };
    scenario.workload.sessions = Some(Sessions {
        steps: vec![step("todays_orders"), step("new_order")],
        ..Sessions::default()
    });
    let disruption = Disruption::default();
    scenario.disruptions = vec![
        Disruption {
            scale: Some(Scale::default()),
            ..disruption.clone()
        },
        Disruption {
            cluster_autoscaler: Some(ClusterAutoscaler {
                min_nodes: 4,
                max_nodes: 30,
                ..ClusterAutoscaler::default()
            }),
            ..disruption
        },
    ];
    if era == Era::After {
        scenario.pod.pre_stop = PreStop {
            exec: Some(Hook {
                duration: Dist::Constant(SimDuration::from_secs(120)),
                ..Hook::default()
            }),
            fails_health: true,
            restarts_server_for: Some(SimDuration::from_millis(1500)),
            ..PreStop::default()
        };
    }
    scenario
}

const VALUES: Values = Values([2.0, 1.5, 20.0, 4.0, 12.0, 2.0, 0.1, 1.0]);

fn step(minute: u64, load: u64) -> ScriptStep {
    ScriptStep {
        at: SimDuration::from_secs(60 * minute),
        load,
    }
}

#[test]
fn the_script_sets_a_pod_for_25_workers_and_one_more() {
    assert_eq!([0, 24, 25, 349, 599, 600].map(pods_of), [1, 1, 2, 14, 24, 25]);
}

/// 1.5 sessions per worker; those of a fall end 20 s later, those of a rise begin at once. Where the script is started
/// again within these 20 s, they never end.
#[test]
fn loaders_that_are_scaled_away_go_on_for_a_while() {
    let mut steps = [step(0, 600), step(11, 400), step(22, 500), step(33, 100)].to_vec();
    steps.push(ScriptStep {
        at: SimDuration::from_secs(33 * 60 + 5),
        load: 300,
    });
    let expected = [(0, 900), (11 * 60 + 20, 600), (22 * 60, 750), (33 * 60 + 5, 450)];
    let step = |(second, value): (u64, u64)| ProfileStep {
        at: SimDuration::from_secs(second),
        value,
    };
    assert_eq!(loaders(&steps, 1.5, 20.0), Profile::Steps(expected.map(step).to_vec()));
}

/// A t4g.xlarge has 4 vCPUs less 80m for the kubelet and 150m for system pods: 3770m. 30 of them hold 113,100m, 95 % of
/// which are 107,445m; 25 pods of 2 cores leave 57,445m for 600 loaders: 95m each. At the start 13 pods and 300 loaders
/// request 54,500m, which 15 nodes hold.
#[test]
fn requests_fill_the_published_nodes_at_the_peak() {
    let mut scenario = script_scenario(Era::Before);
    follow(&mut scenario, &[step(0, 300)], 600, &VALUES);
    assert_eq!(scenario.pod.requests.cpu.millicores(), 2000);
    assert_eq!(scenario.cluster.other_workloads[0].requests.cpu.millicores(), 95);
    assert_eq!((scenario.cluster.nodes, scenario.deployment.replicas), (15, 13));
}

#[test]
fn the_platform_takes_the_values_and_keeps_the_shapes() {
    let mut scenario = script_scenario(Era::After);
    platform(&mut scenario, &VALUES, Era::After);
    let log_normal = |median: u64, p99: u64| Dist::LogNormal {
        median: SimDuration::from_millis(median),
        p99: SimDuration::from_millis(p99),
    };
    assert_eq!(scenario.app.service_time, log_normal(100, 1000));
    // 20 s / 12.6 s of the default.
    assert_eq!(scenario.elbv2.deregister_propagation, log_normal(12_000, 19_048));
    assert_eq!(
        scenario.kubelet.sandbox_teardown,
        log_normal(4_000, 15_000),
        "acts before the change alone"
    );
    assert_eq!(
        scenario.pod.pre_stop.restarts_server_for,
        Some(SimDuration::from_secs(1))
    );
    let thinks: Vec<Dist> = scenario
        .workload
        .sessions
        .expect("loaders")
        .steps
        .into_iter()
        .map(|step| step.think)
        .collect();
    let uniform = |min: u64, max: u64| Dist::Uniform {
        min: SimDuration::from_secs(min),
        max: SimDuration::from_secs(max),
    };
    assert_eq!(thinks, [uniform(1, 3), uniform(11, 13)]);
}

#[test]
fn a_part_of_a_file_starts_with_the_step_in_force() {
    let observed = of_loads(&[600, 600, 600, 300, 300, 300]);
    let posts = Posts(vec![
        (-5.0, 600.0),
        (6.0, 600.0),
        (17.0, 500.4),
        (28.0, 400.0),
        (39.0, 300.0),
        (50.0, 300.0),
    ]);
    let steps = script(&observed, Span { from: 1, to: 2 }, &posts);
    assert_eq!(steps, [step(0, 600), step(2, 500), step(13, 400)]);
}

/// Whatever the ranges and the draws give, the model takes.
#[test]
fn every_combination_of_values_is_a_valid_scenario() {
    let observed = of_loads(&[613, 575, 511, 401, 305, 395, 318, 164, 61, 61, 215]);
    let whole = Span { from: 0, to: 11 };
    for draw in 0..200_u32 {
        let corner = Values::at(|place| f64::from((draw >> place) & 1));
        for era in [Era::Before, Era::After] {
            let observed = Observed {
                era,
                ..observed.clone()
            };
            let scenario = scenario(&script_scenario(era), &observed, whole, &corner, Seed(1), draw);
            assert_eq!(scenario.validate(), Ok(()), "{draw}");
            assert_eq!(scenario.horizon, SimDuration::from_secs(11 * 900));
        }
    }
    assert_eq!(PARAMETERS.len(), COUNT);
}
