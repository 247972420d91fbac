use super::*;

fn paths(scenario: &Scenario, manifests_only: bool) -> Vec<&'static str> {
    of(scenario, manifests_only).iter().map(Lever::path).collect()
}

#[test]
fn a_lever_is_offered_only_where_there_is_something_to_pull() {
    let mut scenario = Scenario::default();
    // The controller's default of 15 s, and two failed checks.
    let health_check = "target_group.health_check.interval";
    assert_eq!(
        paths(&scenario, false),
        ["pod.readiness_gate", health_check, health_check]
    );
    scenario.pod.readiness_gate = true;
    scenario.target_group.health_check.interval = SimDuration::from_secs(5);
    assert_eq!(paths(&scenario, false), [""; 0]);
    scenario.app.keep_alive_timeout = Limit::At(SimDuration::from_secs(20));
    scenario.app.sigterm = SigtermMode::DieNow;
    assert_eq!(
        paths(&scenario, false),
        ["app.keep_alive_timeout", "load_balancer.idle_timeout", "app.sigterm"]
    );
    assert_eq!(paths(&scenario, true), ["load_balancer.idle_timeout"]);
    scenario.target_group.deregistration_delay = SimDuration::ZERO;
    let delay = &delay(&scenario)[0];
    assert_eq!(delay.sets, [("target_group.deregistration_delay", "30s".to_owned())]);
}

#[test]
fn health_checks_are_a_ladder_of_what_elbv2_takes() {
    let mut scenario = Scenario::default();
    scenario.target_group.health_check.interval = SimDuration::from_secs(30);
    scenario.target_group.health_check.timeout = SimDuration::from_secs(12);
    scenario.target_group.health_check.unhealthy_threshold = 3;
    let steps: Vec<String> = health_check(&scenario)
        .iter()
        .map(|lever| {
            let values: Vec<&str> = lever.sets.iter().map(|(_, value)| value.as_str()).collect();
            values.join(" ")
        })
        .collect();
    // 30 s with two failed checks instead of three is milder than any shorter interval.
    let expected = ["2", "15s 2", "10s 9s 2", "5s 4s 2"];
    assert_eq!(steps, expected);
    assert_eq!(health_check(&scenario)[2].label(), "health_check.interval=10s");
}
