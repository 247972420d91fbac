//! Made-up data for every figure: small, without chance, and with the cases that are hard to draw.

use plots::Figure;
use plots::compare::{self, Compare, Driver, Expected};
use plots::distribution::{Distribution, Quantile};
use plots::heat_map::{HeatMap, Levels};
use plots::latency::{self, LatencyEcdf};
use plots::outcomes::{Disruption, Outcomes, PodCounts, Second};
use plots::quantity::{Quantity, Unit};
use plots::race_window::{HopShare, RaceWindow};
use plots::sweep::{self, Sweep};
use plots::timeline::{Chooser, Failure, Lane, RaceTimeline, Reach, Span, Step};
use plots::tornado::{Bar, Index, Tornado};
use plots::trade_off::{self, TradeOff};
use sim_core::outcome::{Hop, Status};

/// Every figure with the name of its file.
pub(crate) fn all() -> Vec<(&'static str, Box<dyn Figure>)> {
    vec![
        ("outcomes", Box::new(outcomes())),
        ("timeline", Box::new(timeline())),
        ("race_window", Box::new(race_window())),
        ("sweep", Box::new(sweep())),
        ("heat_map", Box::new(heat_map())),
        ("trade_off", Box::new(trade_off())),
        ("tornado", Box::new(tornado())),
        ("latency", Box::new(latency())),
        ("compare", Box::new(compare())),
    ]
}

/// Five pods of twelve go at 30 s; the race costs a burst of 502 and 504, and a third of a minute of 503.
pub(crate) fn outcomes() -> Outcomes {
    let wave = |second: f64, height: f64| height * (1.0 + 0.2 * (second / 7.0).sin() + 0.1 * (second * 1.7).sin());
    let burst = |second: f64, from: f64, to: f64, height: f64| {
        if (from..to).contains(&second) {
            height * (1.0 - (second - from) / (to - from))
        } else {
            0.0
        }
    };
    let seconds: Vec<f64> = (0..120).map(f64::from).collect();
    let second = |&at: &f64| Second {
        ok: wave(at, 240.0),
        bad_gateway_502: burst(at, 30.0, 42.0, 31.0) + burst(at, 75.0, 80.0, 9.0),
        service_unavailable_503: burst(at, 76.0, 84.0, 12.0),
        gateway_timeout_504: burst(at, 36.0, 52.0, 14.0),
        client_closed_460: burst(at, 40.0, 60.0, 3.0),
        target_error_500: if at % 13.0 < 0.5 { 1.0 } else { 0.0 },
        other: burst(at, 44.0, 47.0, 2.0),
    };
    let pods = |&at: &f64| PodCounts {
        serving: if at < 30.0 { 25.0 } else { 20.0 },
        not_ready: burst(at, 75.0, 95.0, 2.0).ceil(),
        terminating: if (30.0..62.0).contains(&at) { 5.0 } else { 0.0 },
    };
    let disruption = |at_s: f64, name: &str| Disruption {
        at_s,
        name: name.to_owned(),
    };
    Outcomes {
        title: "Outcomes over time: logistics-before".into(),
        subtitle: "Mean of 20 replications, seed 1. Scale-in from 25 to 20 pods at 30 s, a pod crash at 75 s.".into(),
        seconds: seconds.iter().map(second).collect(),
        pods: seconds.iter().map(pods).collect(),
        disruptions: vec![
            disruption(30.0, "scale 25 → 20"),
            disruption(75.0, "pod_crash"),
            disruption(77.0, "controller_restart"),
        ],
    }
}

/// Four pods whose ends differ: covered by preStop, refusing, silent, reused.
pub(crate) fn timeline() -> RaceTimeline {
    let span = |from_s: f64, to_s: f64| Span { from_s, to_s };
    let choosers = |ends: [f64; 6]| -> Vec<Chooser> {
        let chooser = |(node, &end): (usize, &f64)| Chooser {
            name: format!("ALB node {node}"),
            chooses: vec![span(-100.0, end)],
        };
        ends.iter().enumerate().map(chooser).collect()
    };
    let failures = |status: Status, from: f64, count: u32, step: f64| {
        (0..count).map(move |index| Failure {
            at_s: from + f64::from(index) * step,
            status,
        })
    };
    let lane = |name: &str, deleted_s: f64| Lane {
        name: name.to_owned(),
        deleted_s,
        is_deleted: true,
        states: Vec::new(),
        choosers: Vec::new(),
        failures: Vec::new(),
        steps: Vec::new(),
    };
    RaceTimeline {
        title: "Race timeline: when pods stop serving, and when ALB nodes stop choosing them".into(),
        subtitle: "logistics-before, replication 0, seed 1".into(),
        lanes: vec![
            Lane {
                states: vec![
                    (span(-300.0, 15.1), Reach::Serving),
                    (span(15.1, 16.0), Reach::Refusing),
                    (span(16.0, 600.0), Reach::Silent),
                ],
                choosers: choosers([5.1, 6.3, 4.8, 9.9, 7.2, 5.5]),
                steps: vec![(15.0, Step::Sigterm), (3.1, Step::Deregistered)],
                ..lane("pod 3", 300.0)
            },
            Lane {
                states: vec![
                    (span(-300.0, 0.4), Reach::Serving),
                    (span(0.4, 2.4), Reach::Refusing),
                    (span(2.4, 600.0), Reach::Silent),
                ],
                choosers: choosers([5.0, 6.1, 4.4, 8.2, 11.9, 5.2]),
                failures: failures(Status::BadGateway, 0.4, 22, 0.09)
                    .chain(failures(Status::GatewayTimeout, 2.4, 60, 0.15))
                    .collect(),
                steps: vec![(0.3, Step::Sigterm), (2.9, Step::Deregistered)],
                ..lane("pod 7", 300.2)
            },
            Lane {
                states: vec![
                    (span(-300.0, 0.5), Reach::Serving),
                    (span(0.5, 7.0), Reach::Refusing),
                    (span(7.0, 9.5), Reach::Silent),
                    (span(9.5, 600.0), Reach::Reused),
                ],
                choosers: choosers([6.4, 7.0, 12.8, 9.3, 7.7, 6.1]),
                failures: failures(Status::BadGateway, 0.5, 40, 0.16)
                    .chain(failures(Status::GatewayTimeout, 7.0, 8, 0.3))
                    .chain(failures(Status::WrongTarget, 9.6, 9, 0.33))
                    .collect(),
                steps: vec![(0.5, Step::Sigterm), (4.0, Step::Deregistered)],
                ..lane("pod 12", 301.9)
            },
            Lane {
                states: vec![(span(-300.0, 13.0), Reach::Serving), (span(13.0, 600.0), Reach::Silent)],
                choosers: choosers([6.0, 6.6, 5.8, 8.8, 7.1, 5.9]),
                steps: vec![(3.0, Step::Sigterm), (13.0, Step::Sigkill), (3.6, Step::Deregistered)],
                ..lane("logistics-7c9f4d-x2kqp", 3725.0)
            },
        ],
    }
}

/// Values that pile up around a median with a long tail, at even shares.
fn tail(count: u32, median: f64, spread: f64) -> Vec<f64> {
    let share = |index: u32| (f64::from(index) + 0.5) / f64::from(count);
    // The logistic distribution of the logarithm.
    (0..count)
        .map(|index| median * (share(index) / (1.0 - share(index))).powf(spread))
        .collect()
}

/// Removal around 6 s; preStop covers 10 s of it.
pub(crate) fn race_window() -> RaceWindow {
    let hop = |hop: Hop, mean_s: f64| HopShare { hop, mean_s };
    RaceWindow {
        title: "Race window: removal from the ALB against preStop".into(),
        subtitle: "400 deleted pods in 20 replications of scale-600-to-400".into(),
        removal_s: Distribution::Samples(tail(400, 6.0, 0.22)),
        served_after_deletion_s: Some(Distribution::Samples(tail(60, 10.6, 0.01))),
        pre_stop_covers_s: Some(10.0),
        hops: vec![
            hop(Hop::Endpoints, 0.35),
            hop(Hop::Controller, 1.6),
            hop(Hop::ApiThrottle, 0.4),
            hop(Hop::Propagation, 4.1),
        ],
    }
}

/// Three policies; two of them reach zero, which a logarithmic axis has no place for.
pub(crate) fn sweep() -> Sweep {
    let series = |name: &str, scale: f64, reach: f64| {
        let point = |step: u32| {
            let x = f64::from(step) * 2.5;
            let mean = if x > reach { 0.0 } else { scale * (-x / 3.0).exp() };
            let (low, high) = if mean > 0.0 {
                (mean * 0.7, mean * 1.4)
            } else {
                (0.0, 0.000_02)
            };
            sweep::Point { x, mean, low, high }
        };
        sweep::Series {
            name: name.to_owned(),
            points: (0..=8).map(point).collect(),
        }
    };
    Sweep {
        title: "5xx ratio against the preStop sleep".into(),
        subtitle: "scale-600-to-400, everything else as in the scenario".into(),
        factor: Quantity::new("preStop sleep", Unit::Seconds),
        outcome: Quantity::new("5xx ratio", Unit::Ratio),
        interval: "95 % Student-t interval over 20 replications; Clopper–Pearson where none was seen".into(),
        series_name: "target_group.algorithm".into(),
        series: vec![
            series("round_robin", 0.03, 15.0),
            series("least_outstanding_requests", 0.008, 12.5),
            series("weighted_random", 0.05, 20.0),
        ],
        log_y: true,
        target: Some(0.000_1),
    }
}

/// preStop sleep against grace period, with zeros and a combination that makes no sense.
pub(crate) fn heat_map() -> HeatMap {
    let sleeps = [0.0, 5.0, 10.0, 15.0, 20.0, 30.0];
    let intervals = [5.0, 10.0, 15.0, 30.0, 60.0];
    let cell = |interval: f64, sleep: f64| {
        if interval > 50.0 && sleep > 25.0 {
            return None;
        }
        let ratio = 0.021 * (1.0 + interval / 60.0) * f64::exp(-sleep / 2.6);
        Some(if ratio < 0.000_02 { 0.0 } else { ratio })
    };
    let seconds = |name: &str, levels: &[f64]| Levels {
        name: name.into(),
        levels: levels.iter().map(|value| format!("{value} s")).collect(),
        are_numbers: true,
    };
    HeatMap {
        title: "5xx ratio by preStop sleep and health-check interval".into(),
        subtitle: "scale-600-to-400, mean of 20 replications".into(),
        x: seconds("preStop sleep", &sleeps),
        y: seconds("health-check interval", &intervals),
        outcome: Quantity::new("5xx ratio", Unit::Ratio),
        cells: intervals
            .iter()
            .map(|interval| sleeps.iter().map(|sleep| cell(*interval, *sleep)).collect())
            .collect(),
        log_colour: true,
    }
}

/// Settings between "fast and wrong" and "slow and right".
pub(crate) fn trade_off() -> TradeOff {
    let mut points = Vec::new();
    for sleep in [0, 5, 10, 15, 20, 30, 45] {
        for interval in [5, 15, 30] {
            let seconds = f64::from(sleep);
            let cost = 20.0 * (seconds + 6.0) + f64::from(interval % 15) * 3.0;
            let ratio = 0.02 * (1.0 + f64::from(interval) / 60.0) * f64::exp(-seconds / 2.4);
            points.push(trade_off::Point {
                cost,
                value: if ratio < 0.000_01 { 0.0 } else { ratio },
                high: Some(ratio * 1.3 + 0.000_04),
                label: format!("sleep {sleep} s, check {interval} s"),
                is_efficient: false,
                is_advised: sleep == 20 && interval == 15,
            });
        }
    }
    TradeOff {
        title: "What each second of preStop costs and gains".into(),
        subtitle: "One rollout of 20 pods, mean of 20 replications".into(),
        cost: Quantity::new("pod time spent terminating", Unit::Named("pod-seconds".into())),
        outcome: Quantity::new("5xx ratio", Unit::Ratio),
        points: trade_off::with_efficient(points),
        log_value: true,
        target: Some(0.000_1),
        advised: "advised".into(),
        bound: "at most, with 95 % confidence".into(),
    }
}

/// Nine inputs, one with a name that is too long and one with a negative estimate.
pub(crate) fn tornado() -> Tornado {
    let bar = |name: &str, first: f64, total: f64, half: f64| {
        let index = |mean: f64| Index {
            mean,
            low: mean - half,
            high: mean + half,
        };
        Bar {
            name: name.to_owned(),
            range: if half > 0.02 { "3 s to 20 s" } else { "" }.to_owned(),
            first_order: index(first),
            total: index(total),
        }
    };
    Tornado {
        title: "What the 5xx ratio depends on".into(),
        subtitle: "Sobol indices of the 5xx ratio in scale-600-to-400, 4,096 design points".into(),
        interval: "95 % bootstrap interval".into(),
        bars: vec![
            bar("elbv2.deregister_propagation, median", 0.44, 0.58, 0.05),
            bar("pod.pre_stop.sleep", 0.21, 0.37, 0.04),
            bar("endpoint_slice_controller.sync_time", 0.04, 0.06, 0.02),
            bar(
                "load_balancer_controller.reconcile_time of the target group, median and p99",
                0.07,
                0.11,
                0.03,
            ),
            bar("kubelet.dispatch", 0.02, 0.03, 0.015),
            bar("network.rtt_cross_zone", 0.0, 0.004, 0.004),
            bar("app.service_time", -0.01, 0.02, 0.02),
        ],
    }
}

/// Two runs with a tail that ends in timeouts.
pub(crate) fn latency() -> LatencyEcdf {
    let quantiles = |median: f64, late: f64| {
        let shares = [0.0, 0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99];
        let body = shares.map(|share: f64| Quantile {
            share,
            value: median * ((share + 0.01) / (1.01 - share)).powf(0.35),
        });
        let tail = [(0.995, 0.8), (0.998, 4.0), (0.999, 10.0), (0.9999, 10.2), (1.0, 10.4)];
        let tail = tail.map(|(share, value)| Quantile {
            share,
            value: value * late,
        });
        Distribution::Quantiles(body.into_iter().chain(tail).collect())
    };
    LatencyEcdf {
        title: "Latency from issue to answer".into(),
        subtitle: "Open loop at 120/s, 20 replications; 504 answers take the connect timeout of 10 s".into(),
        series: vec![
            latency::Series {
                name: "logistics-before".into(),
                latency_s: quantiles(0.042, 1.0),
            },
            latency::Series {
                name: "logistics-after".into(),
                latency_s: quantiles(0.031, 0.2),
            },
        ],
        stretch_tail: true,
    }
}

/// Two falls of a load, each with failures; a reading outside of its interval, and bins without one.
pub(crate) fn compare() -> Compare {
    let load = [
        600.0, 590.0, 520.0, 400.0, 260.0, 120.0, 40.0, 110.0, 300.0, 480.0, 590.0, 560.0, 430.0, 250.0, 80.0,
    ];
    let observed_502 = [
        0.0, 0.0, 42.0, 55.0, 90.0, 122.0, 60.0, 0.0, 0.0, 0.0, 0.0, 38.0, 66.0, 160.0, 58.0,
    ];
    let falls = [0, 1, 2, 3, 4, 5, 6, 10, 11, 12, 13, 14];
    let panel = |name: &str, status: Status, factor: f64| {
        let bin = |index: usize| {
            let falls = falls.contains(&index);
            let mean = if falls {
                factor * (20.0 + 8.0 * [0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0][index % 7])
            } else {
                0.0
            };
            let expected = Expected {
                mean,
                low: mean * 0.4,
                high: mean * 1.9,
            };
            compare::Bin {
                observed: (observed_502[index] > 0.0).then_some(observed_502[index] * factor),
                expected,
            }
        };
        compare::Panel {
            name: name.to_owned(),
            status,
            bins: (0..load.len()).map(bin).collect(),
        }
    };
    let span = |first: usize, last: usize, name: &str| compare::Span {
        first,
        last,
        name: name.to_owned(),
    };
    Compare {
        title: "Failures of the published run, observed and predicted".into(),
        subtitle: "before the change; 100 runs of the fitted model, seed 1".into(),
        labels: (0..load.len())
            .map(|bin| format!("{:02}:{:02}", 1 + bin / 4, 15 * (bin % 4)))
            .collect(),
        axis: "start of the bin".into(),
        interval: "90 % prediction interval".into(),
        panels: vec![
            panel("502 per 15 min", Status::BadGateway, 1.0),
            panel("504 per 15 min", Status::GatewayTimeout, 1.4),
        ],
        driver: Some(Driver {
            name: "load workers".into(),
            values: load.to_vec(),
        }),
        spans: vec![span(0, 6, "fitted"), span(10, 14, "predicted")],
        note: "Bins without a marker have no point in the published plot, which counts as zero.".into(),
    }
}
