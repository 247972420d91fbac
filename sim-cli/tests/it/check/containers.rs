//! Rules about liveness and further containers: DRN030 to 032.

use expect_test::expect;

use super::{Broken, IMAGE, SLEEP, of};

/// The good container, and an application behind it with this hook.
fn behind(hook: &str) -> String {
    format!(
        "{SLEEP}        - name: app\n          image: shop/web:1\n          ports: [{{containerPort: 8080}}]\n{hook}"
    )
}

#[test]
fn drn030_container_of_the_way_without_the_hook() {
    let broken = Broken::new("DRN030", &[(SLEEP, &behind(""))], &[]);
    broken.finds(&expect![[r#"
        warning 27:17 `app`
        `app`, taken for the server behind the proxy, gets SIGTERM after 0s, while `nginx` waits 30s in preStop
    "#]]);
    broken.but_not(&[(SLEEP, &behind(SLEEP))]);
    broken.until_patched();
    let short = "          lifecycle: {preStop: {exec: {command: [sleep, '5']}}}\n";
    let short = Broken::new("DRN030", &[(SLEEP, &behind(short))], &[]);
    short.finds(&expect![[r#"
        warning 27:17 `app`
        `app`, taken for the server behind the proxy, gets SIGTERM after 5s, while `nginx` waits 30s in preStop
    "#]]);
    short.until_patched();
    // Who answers no requests may stop.
    let exporter = behind("").replace("shop/web:1", "nginx/nginx-prometheus-exporter:1.3");
    broken.but_not(&[(SLEEP, &exporter)]);
}

#[test]
fn drn030_a_proxy_beside_the_application_is_one_too() {
    let app = "          image: shop/web:1\n          command: [gunicorn, shop.wsgi]\n";
    let proxy = format!("{SLEEP}        - name: istio-proxy\n          image: docker.io/istio/proxyv2:1.22.0\n");
    let broken = Broken::new("DRN030", &[(IMAGE, app), (SLEEP, &proxy)], &[]);
    broken.finds(&expect![[r#"
        warning 28:17 `istio-proxy`
        `istio-proxy`, taken for a proxy in front, gets SIGTERM after 0s, while `nginx` waits 30s in preStop
    "#]]);
    broken.until_patched();
    // A restartable init container ends after the application.
    let native = "      initContainers:\n        - name: istio-proxy\n          image: docker.io/istio/proxyv2:1.22.0\n          \
                  restartPolicy: Always\n      containers:\n";
    broken.but_not(&[(IMAGE, app), ("      containers:\n", native)]);
}

#[test]
fn a_hook_that_is_advised_comes_to_all_containers_of_the_way() {
    let none = behind("").replace(SLEEP, "");
    let broken = Broken::new("DRN010", &[(SLEEP, &none)], &[]);
    broken.until_patched();
    let containers = &of(broken.report(), "DRN010")[0]["patches"][0]["spec"]["template"]["spec"]["containers"];
    let sleep = |index: usize| &containers[index]["lifecycle"]["preStop"]["sleep"]["seconds"];
    assert_eq!(
        (&containers[0]["name"], &containers[1]["name"]),
        (&"nginx".into(), &"app".into())
    );
    assert!(sleep(0).is_u64() && sleep(0) == sleep(1), "{containers:#}");
}

/// The good container with this liveness probe.
fn live(probe: &str) -> String {
    format!("{SLEEP}          livenessProbe: {{{probe}}}\n")
}

#[test]
fn drn031_liveness_does_not_wait_for_the_start() {
    let java = "          image: shop/web:1\n          command: [java, -jar, spring-boot.jar]\n";
    let eager = live("httpGet: {path: /livez, port: 80}, periodSeconds: 2, failureThreshold: 3");
    let broken = Broken::new(
        "DRN031",
        &[(IMAGE, java), (SLEEP, &eager)],
        &["--app", "spring-boot-graceful"],
    );
    broken.finds(&expect![[r#"
        warning 28:98 `3`
        the livenessProbe gives a new container 4s, and the server takes about 8s until it listens
    "#]]);
    let patient = live("httpGet: {path: /livez, port: 80}, periodSeconds: 2, failureThreshold: 6");
    broken.but_not(&[(IMAGE, java), (SLEEP, &patient)]);
    broken.but_not(&[
        (IMAGE, java),
        (SLEEP, &eager.replace("{httpGet", "{initialDelaySeconds: 5, httpGet")),
    ]);
    broken.until_patched();
}

#[test]
fn drn032_liveness_as_eager_as_readiness() {
    let same = live("httpGet: {path: /healthz, port: 80}, periodSeconds: 5");
    let broken = Broken::new("DRN032", &[(SLEEP, &same)], &[]);
    broken.finds(&expect![[r#"
        note 27:79 `5`
        the livenessProbe asks the same as the readinessProbe and gives up after 15s, no later
    "#]]);
    broken.but_not(&[(SLEEP, &same.replace("periodSeconds: 5", "periodSeconds: 10"))]);
    broken.but_not(&[(SLEEP, &same.replace("/healthz", "/livez"))]);
    broken.until_patched();
    // The model answers a page of its own at once, so it has nothing to show.
    assert_eq!(broken.shown_in(), Vec::<&str>::new());
}

#[test]
fn drn032_restarts_make_an_overload_worse() {
    let shared = live("httpGet: {path: /orders, port: 80}, periodSeconds: 5, failureThreshold: 1");
    let edits = [
        ("{path: /healthz, port", "{path: /orders, port"),
        (SLEEP, shared.as_str()),
    ];
    // Five workers with 150 ms each serve 33 requests a second; what four pods can bear, the three that remain cannot.
    let slow = [
        "--set",
        "app.service_time=150ms",
        "--app",
        "puma",
        "--rate",
        "125/s",
        "--disruption",
        "scale-down",
    ];
    let broken = Broken::new("DRN032", &edits, &slow);
    broken.finds(&expect![[r#"
        note 27:99 `1`
        the livenessProbe asks the same as the readinessProbe and gives up after 5s, no later
    "#]]);
    let (without, with) = broken.effect("scale-down");
    assert!(without > 0.0 && with < without, "{without} to {with}");
}
