//! Rules about the application server: DRN004, 007, 013.

use expect_test::expect;
use serde_json::Value;

use super::{Broken, IMAGE, SLEEP};

/// Mean failures of a cause in each disruption.
fn cause(predictions: &Value, name: &str) -> Vec<f64> {
    let all = predictions.as_array().expect("an array");
    all.iter()
        .map(|prediction| prediction["causes_per_event"][name].as_f64().unwrap_or(0.0))
        .collect()
}

#[test]
fn drn004_keep_alive_shorter_than_the_idle_timeout() {
    let uvicorn = "          image: shop/web:1\n          command: [uvicorn, shop:app]\n";
    // Few enough requests for connections to idle 5 s, and a window wide enough to hit.
    let more = &["--rate", "3/s", "--set", "network.keep_alive_race=400ms"];
    let broken = Broken::new("DRN004", &[(IMAGE, uvicorn)], more);
    broken.finds(&expect![[r#"
        warning 24:21 `uvicorn`
        uvicorn (guessed from `uvicorn` in `command`) closes idle connections after 5s, the ALB's idle timeout is 1m
    "#]]);
    let long = "          image: shop/web:1\n          command: [uvicorn, shop:app, --timeout-keep-alive, '65']\n";
    broken.but_not(&[(IMAGE, long)]);
    let without = cause(&broken.report()["predictions"], "keep_alive_race");
    let with = cause(&broken.report()["predictions_with_all_fixes"], "keep_alive_race");
    assert!(without.iter().all(|mean| *mean > 1.0), "{without:?}");
    // A connection that the ALB always closes first cannot be closed under a request.
    assert_eq!(with, [0.0; 4]);
    let (before, after) = broken.effect("scale-down");
    assert!(after < before, "{before} to {after}");
}

#[test]
fn drn004_is_a_note_where_nothing_tells_the_server() {
    let idle =
        "  annotations:\n    alb.ingress.kubernetes.io/load-balancer-attributes: idle_timeout.timeout_seconds=90\n";
    let broken = Broken::new("DRN004", &[("  annotations:\n", idle)], &[]);
    broken.finds(&expect![[r#"
        warning 23:18 `nginx:1.27`
        nginx-quit (guessed from image `nginx:1.27`) closes idle connections after 1m15s, the ALB's idle timeout is 1m30s
    "#]]);
    broken.but_not(&[]);
}

#[test]
fn drn007_sigterm_never_arrives() {
    let shell = |script: &str| format!("          image: shop/web:1\n          command: [sh, -c, {script}]\n");
    let deaf = shell("'gunicorn shop.wsgi; true'");
    let broken = Broken::new("DRN007", &[(IMAGE, &deaf)], &[]);
    broken.finds(&expect![[r#"
        warning 24:21 `sh`
        gunicorn-sync (guessed from `gunicorn` in `command`): a shell is PID 1 and does not pass SIGTERM on, so it works on until SIGKILL
    "#]]);
    broken.but_not(&[(IMAGE, &shell("'exec gunicorn shop.wsgi'"))]);
    broken.but_not(&[(
        IMAGE,
        "          image: shop/web:1\n          command: [gunicorn, shop.wsgi]\n",
    )]);
}

#[test]
fn drn007_obeying_sigterm_is_no_fix_without_a_hook() {
    let broken = Broken::new(
        "DRN007",
        &[(IMAGE, "          image: node:22\n"), (SLEEP, "")],
        &["--rate", "60/s", "--disruption", "rollout"],
    );
    broken.finds(&expect![[r#"
        warning 23:18 `node:22`
        node-http (guessed from image `node:22`): it is PID 1 and has no handler, so it works on until SIGKILL
    "#]]);
    // Only what is in flight at SIGKILL fails today; a server that stops at once would fail much more, so the fix
    // brings the sleep with it.
    let obeying = broken.again(&["--set", "app.sigterm=drain"]);
    let rollout = |report: &Value| report["predictions"][0]["five_xx_per_event"].as_f64().expect("a mean");
    assert!(rollout(&obeying) > 10.0 * rollout(broken.report()));
    let (without, with) = broken.effect("rollout");
    assert!(with <= without, "{without} to {with}");
}

#[test]
fn drn013_server_that_dies_at_once() {
    let go = [(SLEEP, "")];
    let broken = Broken::new(
        "DRN013",
        &go,
        &["--app", "go-default", "--rate", "150/s", "--disruption", "rollout"],
    );
    broken.finds(&expect![[r#"
        warning 23:18 `nginx:1.27`
        go-default exits on SIGTERM without finishing its requests
    "#]]);
    let cut = |predictions: &Value| cause(predictions, "closed_in_flight_at_sigterm");
    assert!(
        cut(&broken.report()["predictions"])[0] > 0.0,
        "{:#}",
        broken.report()["predictions"][0]
    );
    // A drain finishes what is in flight.
    let with = cut(&broken.report()["predictions_with_all_fixes"]);
    assert!(with[0] < f64::EPSILON, "{with:?}");
    let good = Broken::new("DRN013", &go, &["--app", "go-shutdown"]);
    good.finds(&expect![[""]]);
}

#[test]
fn drn013_is_a_note_behind_a_hook_that_leaves_nothing_in_flight() {
    let hidden = Broken::new("DRN013", &[], &["--app", "go-default"]);
    hidden.finds(&expect![[r#"
        note 23:18 `nginx:1.27`
        go-default exits on SIGTERM without finishing its requests
    "#]]);
    for disruption in hidden.shown_in() {
        let (without, with) = hidden.effect(disruption);
        assert!(without + with < f64::EPSILON, "{disruption}: {without} to {with}");
    }
}
