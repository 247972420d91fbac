//! Settings as assignments.

use sim_core::rng::Seed;

use super::{built_in, case, file};
use crate::cases::format::CaseFile;
use crate::cases::plan::{Log, Phase, Plan, plan, runs};
use crate::cases::prior::Draw;
use crate::cases::study::Study;

/// The plan of a run in one draw.
fn planned(id: &str, label: &str, index: u32) -> (Plan, Log) {
    let case = case(id);
    let run = runs(&case)
        .into_iter()
        .find(|run| run.label == label)
        .expect("a run that a statement needs");
    let mut log = Log::default();
    let plan = plan(&case, &run, &Draw::new(Seed(1), index), &mut log).expect("it can be expressed");
    (plan, log)
}

/// The last value assigned to a path.
fn value<'p>(plan: &'p Plan, path: &str) -> Option<&'p str> {
    let of = plan.assignments.iter().rfind(|(assigned, _)| assigned == path);
    of.map(|(_, value)| value.as_str())
}

#[track_caller]
fn check(plan: &Plan, expected: &[(&str, Option<&str>)]) {
    for (path, expected) in expected {
        assert_eq!(value(plan, path), *expected, "{path} in {:#?}", plan.assignments);
    }
}

#[test]
fn a_stated_hook_grace_delay_and_idle_timeout_are_taken() {
    let (plan, log) = planned("lbc1064-prestop-5-vs-25", "prestop25", 0);
    check(
        &plan,
        &[
            ("profile", Some("eks-2022-docker")),
            ("pod.pre_stop.exec", Some("{ duration: 25000ms }")),
            ("pod.termination_grace_period", Some("60000ms")),
            ("target_group.deregistration_delay", Some("30000ms")),
            ("load_balancer.idle_timeout", Some("30000ms")),
            ("app.drain_timeout", Some("30s")),
            // Nothing is stated, and the controller has defaults.
            ("target_group.health_check.interval", Some("15000ms")),
            ("target_group.health_check.timeout", Some("5000ms")),
            ("pod.readiness_gate", None),
            ("target_group.target_type", None),
        ],
    );
    // siege waits for each of its 25 answers.
    let sessions = value(&plan, "workload.sessions").expect("a closed loop");
    assert!(sessions.starts_with("{ count: 25,"), "{sessions}");
    assert_eq!(plan.events_count, 3);
    let drawn: Vec<&str> = log.drawn.iter().map(|drawn| drawn.setting.as_str()).collect();
    for setting in ["server", "replicas", "requests per second", "zones of the ALB"] {
        assert!(drawn.contains(&setting), "{drawn:?}");
    }
}

#[test]
fn a_chart_of_2026_has_the_default_profile_and_what_each_version_states() {
    let (first, _) = planned("budibase-5s-still-503", "v1", 0);
    check(
        &first,
        &[
            ("profile", None),
            ("pod.pre_stop.exec", Some("{ duration: 5000ms }")),
            ("deployment.max_surge", Some("1")),
            ("deployment.max_unavailable", Some("0")),
            ("deployment.min_ready", Some("10000ms")),
            ("target_group.slow_start", None),
            ("target_group.health_check.interval", Some("15000ms")),
            ("target_group.health_check.unhealthy_threshold", Some("2")),
        ],
    );
    let (second, _) = planned("budibase-5s-still-503", "v2", 0);
    check(
        &second,
        &[
            ("pod.pre_stop.exec", Some("{ duration: 45000ms }")),
            ("pod.termination_grace_period", Some("90000ms")),
            ("deployment.replicas", Some("2")),
            ("target_group.slow_start", Some("30000ms")),
            ("target_group.deregistration_delay", Some("60000ms")),
            ("deployment.max_surge", None),
        ],
    );
}

#[test]
fn servers_on_ec2_restart_in_place_and_nobody_deregisters_them() {
    let (plan, _) = planned("mouda-kill-vs-hc-drain", "kill-directly", 0);
    check(
        &plan,
        &[
            ("profile", None),
            ("app.preset", Some("spring-boot-graceful")),
            ("deployment.replicas", Some("2")),
            ("target_group.health_check.interval", Some("5000ms")),
            ("target_group.health_check.timeout", Some("2000ms")),
            ("target_group.health_check.unhealthy_threshold", Some("3")),
            // ELBv2's own default: no controller sets another.
            ("target_group.health_check.healthy_threshold", Some("5")),
            ("load_balancer_controller.watch_latency", Some("1h")),
            ("kubelet.sandbox_teardown", Some("1h")),
            // On EC2 the servers are the targets, whatever ELBv2 calls them.
            ("target_group.target_type", None),
        ],
    );
    let disruptions = value(&plan, "disruptions").expect("one restart for each server");
    assert_eq!(disruptions.matches("pod_crash").count(), 2, "{disruptions}");

    let (plan, _) = planned("mouda-kill-vs-hc-drain", "fail-hc-then-25s", 0);
    assert!(plan.hook_fails_health);
    check(
        &plan,
        &[
            ("pod.pre_stop.exec", Some("{ duration: 25000ms }")),
            ("pod.pre_stop.fails_health", Some("true")),
            ("disruptions[0].scale.replicas", Some("1")),
        ],
    );
}

#[test]
fn a_run_without_an_interval_above_the_least_keeps_the_default() {
    // 3 s is below the 5 s that ELBv2 takes.
    let (plan, log) = planned("awssample-scaledown-50x", "after", 0);
    check(
        &plan,
        &[
            ("target_group.health_check.interval", Some("15000ms")),
            ("deployment.replicas", Some("25")),
            ("pod.termination_grace_period", Some("30000ms")),
            ("pod.pre_stop.exec", Some("{ duration: 120000ms }")),
            ("pod.pre_stop.restarts_server_for", Some("1500ms")),
            ("app.preset", Some("django-runserver")),
        ],
    );
    assert!(
        log.mapped.iter().any(|text| text.contains("alb §1.3")),
        "{:?}",
        log.mapped
    );
}

#[test]
fn labels_are_words() {
    assert_eq!(
        planned("gce116-only-on-teardown", "startup-phase", 0).0.phase,
        Some(Phase::Start)
    );
    assert_eq!(
        planned("pricelees-dereg-30-trials", "propagation-30-trials", 0)
            .0
            .events_count,
        30
    );
    let (stopped, _) = planned("ecs708-stop-task-3-5s", "stop-task", 0);
    let (drained, _) = planned("ecs708-stop-task-3-5s", "service-scale-down", 0);
    assert_eq!((stopped.hook_s, drained.hook_s), (0.0, 300.0));
}

#[test]
fn all_runs_of_a_draw_have_the_same_unknowns() {
    for index in 0..20 {
        let (nogate, _) = planned("lbc2131-gate-reduces", "nogate", index);
        let (gate, _) = planned("lbc2131-gate-reduces", "gate", index);
        let others = |plan: &Plan| -> Vec<(String, String)> {
            let differs = ["name", "pod.readiness_gate"];
            plan.assignments
                .iter()
                .filter(|(path, _)| !differs.contains(&path.as_str()))
                .cloned()
                .collect()
        };
        assert_eq!(others(&nogate), others(&gate));
    }
}

#[test]
fn what_is_not_understood_is_said() {
    let json = file(|json| {
        json["cases"][0]["settings"]["prestop_sleep_s"] = "a while".into();
        json["cases"][0]["settings"]["other"] = serde_json::json!({ "moon": "full" });
        json["cases"][0]["environment"]["rate"] = "brisk".into();
        json["cases"][0]["runs"][0]["overrides"] = serde_json::json!({});
    });
    let cases = CaseFile::from_json(&json).expect("words are no errors").cases;
    let (_, log) = Study::new(&cases[0], Seed(1)).plans(0);
    let said: Vec<&str> = log.not_understood.iter().map(String::as_str).collect();
    assert_eq!(
        said,
        ["environment.rate: brisk", "moon: full", "prestop_sleep_s: a while"]
    );
}

#[test]
fn every_number_of_every_case_is_mapped_or_named() {
    // A statement's runs, over draws that reach every branch: a value is used or reported, and nothing panics.
    for case in built_in() {
        let study = Study::new(&case, Seed(3));
        for index in 0..8 {
            let (plans, _) = study.plans(index);
            for (label, plan) in plans {
                assert!(plan.events_count > 0, "{}: {label}", case.id);
                assert!(plan.assignments.len() > 5, "{}: {label}", case.id);
            }
        }
    }
}
