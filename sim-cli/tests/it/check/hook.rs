//! Rules about preStop and the grace period: DRN001, 009 to 012, 014, 026, 028.

use expect_test::expect;

use super::{Broken, IMAGE, SLEEP, of};

/// A hook that runs these words.
fn exec(words: &str) -> String {
    format!("          lifecycle: {{preStop: {{exec: {{command: {words}}}}}}}\n")
}

/// Django's development server, which dies at once and restarts when a source file changes.
const RUNSERVER: &str = "          image: shop/web:1\n          command: [python, manage.py, runserver, 0.0.0.0:80]\n";

const ALL: [&str; 4] = ["scale-down", "rollout", "node-drain", "spot-reclaim"];

#[test]
fn drn001_hook_longer_than_grace() {
    let hook = exec("[sleep, '90']");
    let broken = Broken::new("DRN001", &[(SLEEP, &hook)], &[]);
    broken.finds(&expect![[r#"
        error 26:57 `'90'`
        preStop runs 1m30s, but the grace period is 1m: the hook is cut after 1m
    "#]]);
    broken.but_not(&[(SLEEP, &hook), ("Seconds: 60", "Seconds: 120")]);
    broken.until_patched();
    for disruption in ALL {
        // The server drains, and all requests are short: 2 s are enough for them, so that there is nothing to save.
        let (without, with) = broken.effect(disruption);
        assert!(with <= without, "{disruption}: {without} to {with}");
    }
    // One fault is told once.
    assert!(of(broken.report(), "DRN010").is_empty());
}

#[test]
fn drn001_is_a_warning_where_the_hook_is_guessed() {
    let hook = exec("[sh, -c, 'while pgrep job; do sleep 1; done; sleep 600']");
    let broken = Broken::new("DRN001", &[(SLEEP, &hook)], &[]);
    broken.finds(&expect![[r#"
        warning 26:58 `'while pgrep job; do sleep 1; done; sleep 600'`
        preStop runs 10m5s, but the grace period is 1m: the hook is cut after 1m
    "#]]);
}

#[test]
fn drn009_hook_that_fails_at_once() {
    let hook = exec("[sleep, '30']");
    let distroless = "          image: gcr.io/distroless/nginx:1\n";
    let broken = Broken::new("DRN009", &[(SLEEP, &hook), (IMAGE, distroless)], &[]);
    broken.finds(&expect![[r#"
        warning 26:57 `'30'`
        preStop needs `sleep`, which the image `gcr.io/distroless/nginx:1` probably does not have
    "#]]);
    broken.but_not(&[(SLEEP, &hook)]);
    broken.but_not(&[(IMAGE, distroless)]);
    broken.until_patched();
    assert!(of(broken.report(), "DRN010").is_empty());
    let (without, with) = broken.effect("rollout");
    // The same sleep by the kubelet: what it outlasts cannot fail.
    assert!(without > 10.0 && with == 0.0, "{without} to {with}");

    let broken = Broken::new("DRN009", &[(SLEEP, &exec("['sleep 30']"))], &[]);
    broken.finds(&expect![[r#"
        error 26:50 `'sleep 30'`
        preStop fails at once: `sleep 30` is one word and so taken for the name of a program; there is no shell to split it
    "#]]);
    broken.but_not(&[(SLEEP, &hook)]);
    broken.until_patched();
}

#[test]
fn drn010_hook_shorter_than_the_removal() {
    let broken = Broken::new("DRN010", &[(SLEEP, "")], &[]);
    broken.finds(&expect![[r#"
        warning 22:17 `nginx`
        there is no preStop hook, and the removal of a pod from the ALB takes up to 21 s here (99 %)
    "#]]);
    broken.but_not(&[]);
    broken.until_patched();
    for disruption in ALL {
        // 99 % of the removals are shorter than the sleep, so of a few pods hardly one can fail a request.
        let (without, with) = broken.effect(disruption);
        assert!(
            without > 10.0 && with < without / 100.0,
            "{disruption}: {without} to {with}"
        );
    }
    let short = Broken::new("DRN010", &[("seconds: 30", "seconds: 5")], &[]);
    short.finds(&expect![[r#"
        warning 26:50 `5`
        preStop covers 5s, and the removal of a pod from the ALB takes up to 21 s here (99 %)
    "#]]);
    short.until_patched();
    let (without_any, _) = broken.effect("rollout");
    let (without, _) = short.effect("rollout");
    assert!(
        without > 0.0 && without < without_any,
        "5 s are better than nothing: {without}"
    );
}

#[test]
fn drn010_rests_on_the_way_of_the_targets() {
    let instance = &[
        ("target-type: ip", "target-type: instance"),
        (
            "ports: [{port: 80, targetPort: 80}]",
            "type: NodePort\n  ports: [{port: 80, targetPort: 80}]",
        ),
        ("seconds: 30", "seconds: 14"),
    ];
    // kube-proxy forgets a pod sooner than the ALB does: 14 s are enough where targets are nodes, and not for pods.
    let broken = Broken::new("DRN010", &[("seconds: 30", "seconds: 14")], &[]);
    broken.finds(&expect![[r#"
        warning 26:50 `14`
        preStop covers 14s, and the removal of a pod from the ALB takes up to 21 s here (99 %)
    "#]]);
    broken.but_not(instance);
    let none = Broken::new("DRN010", &[instance[0], instance[1], (SLEEP, "")], &[]);
    none.finds(&expect![[r#"
        warning 22:17 `nginx`
        there is no preStop hook, and the removal of a pod from the ALB takes up to 8 s here (99 %)
    "#]]);
    none.until_patched();
    let (without, with) = none.effect("rollout");
    assert!(without > 0.0 && with < without, "{without} to {with}");
}

#[test]
fn drn010_is_a_note_where_nothing_tells_how_long_the_hook_takes() {
    let hook = "          lifecycle: {preStop: {httpGet: {path: /drain, port: 80}}}\n";
    let broken = Broken::new("DRN010", &[(SLEEP, hook)], &[]);
    broken.finds(&expect![[r#"
        note 26:49 `/drain`
        preStop covers 0s, and the removal of a pod from the ALB takes up to 21 s here (99 %)
    "#]]);
    broken.until_patched();
}

#[test]
fn drn010_leaves_alone_what_serves_until_it_is_killed() {
    let node = [(SLEEP, ""), (IMAGE, "          image: node:22\n")];
    let broken = Broken::new("DRN010", &[(SLEEP, "")], &[]);
    // PID 1 without a handler works on through the whole grace period.
    broken.but_not(&node);
}

#[test]
fn drn011_sleep_behind_the_stop() {
    let hook = exec("[sh, -c, 'nginx -s quit; sleep 30']");
    let broken = Broken::new("DRN011", &[(SLEEP, &hook)], &[]);
    broken.finds(&expect![[r#"
        error 26:58 `'nginx -s quit; sleep 30'`
        preStop tells the server to stop and then sleeps 30s
    "#]]);
    broken.but_not(&[(SLEEP, &exec("[sh, -c, 'sleep 30; nginx -s quit']"))]);
    broken.until_patched();
    assert!(of(broken.report(), "DRN010").is_empty());
    let (without, with) = broken.effect("scale-down");
    assert!(without > 10.0 && with == 0.0, "{without} to {with}");
}

#[test]
fn drn012_hook_that_restarts_the_server() {
    let hook = exec("[sh, -c, \"sed -i 's/200/503/' shop/health.py; sleep 30\"]");
    let broken = Broken::new("DRN012", &[(SLEEP, &hook), (IMAGE, RUNSERVER)], &[]);
    broken.finds(&expect![[r#"
        warning 27:58 `"sed -i 's/200/503/' shop/health.py; sleep 30"`
        preStop changes a source file, so the server's autoreloader closes the port for about 1.5s
    "#]]);
    // gunicorn does not look at source files.
    let gunicorn = "          image: shop/web:1\n          command: [gunicorn, shop.wsgi]\n";
    broken.but_not(&[(SLEEP, &hook), (IMAGE, gunicorn)]);
    broken.until_patched();
    let (without, with) = broken.effect("rollout");
    assert!(without > 10.0 && with < 1.0, "{without} to {with}");
    let causes = &broken.report()["predictions"][1]["causes_per_event"];
    assert!(causes["refused_server_restart"].as_f64() > Some(10.0), "{causes}");
}

#[test]
fn drn014_no_room_for_the_drain() {
    let broken = Broken::new("DRN014", &[("Seconds: 60", "Seconds: 32")], &[]);
    broken.finds(&expect![[r#"
        warning 20:38 `32`
        preStop takes 30s of the grace period of 32s, and the server may need 10 s to finish its requests
    "#]]);
    broken.but_not(&[("Seconds: 60", "Seconds: 40")]);
    broken.until_patched();
    // What ignores SIGTERM or dies of it at once needs no room.
    broken.but_not(&[("Seconds: 60", "Seconds: 32"), (IMAGE, "          image: node:22\n")]);
    broken.but_not(&[("Seconds: 60", "Seconds: 32"), (IMAGE, RUNSERVER)]);

    // Requests of 8 to 20 s meet SIGKILL 2 s after the hook; with the advised grace none does.
    let slow = ["--set", "app.service_time={ uniform: { min: 8s, max: 20s } }"];
    let slow = Broken::new("DRN014", &[("Seconds: 60", "Seconds: 32")], &slow);
    slow.finds(&expect![[r#"
        warning 20:38 `32`
        preStop takes 30s of the grace period of 32s, and the server may need 20 s to finish its requests
    "#]]);
    let (without, with) = slow.effect("scale-down");
    assert!(with < without, "{without} to {with}");

    let short = Broken::new("DRN014", &[("Seconds: 60", "Seconds: 5"), (SLEEP, "")], &[]);
    short.finds(&expect![[r#"
        warning 20:38 `5`
        the grace period is 5s, and the server may need 10 s to finish its requests
    "#]]);
    short.until_patched();
}

#[test]
fn drn026_health_page_that_fails_too_late() {
    let hook = |seconds: u32| exec(&format!("[sh, -c, 'touch /tmp/unhealthy; sleep {seconds}']"));
    let broken = Broken::new("DRN026", &[(SLEEP, &hook(25))], &[]);
    broken.finds(&expect![[r#"
        note 26:58 `'touch /tmp/unhealthy; sleep 25'`
        preStop makes the health page fail, but the ALB needs up to 30s to notice, and the hook ends after 25s
    "#]]);
    // Two checks 15 s apart need up to 30 s.
    broken.but_not(&[(SLEEP, &hook(30))]);
}

#[test]
fn drn028_hook_far_too_long() {
    let long = &[("seconds: 30", "seconds: 300"), ("Seconds: 60", "Seconds: 330")];
    let broken = Broken::new("DRN028", long, &[]);
    broken.finds(&expect![[r#"
        note 26:50 `300`
        preStop runs 5m, while 99 % of the removals are over after 22 s
    "#]]);
    broken.but_not(&[("seconds: 30", "seconds: 90"), ("Seconds: 60", "Seconds: 330")]);
}
