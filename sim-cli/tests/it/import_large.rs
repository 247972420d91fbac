//! An input as large as `helm template` makes them: the right service out of 400, and few words about the rest.

use expect_test::expect;
use sim_cli::fuzzing::import_service;

#[path = "../../benches/shared/chart.rs"]
mod chart;

fn chart() -> Vec<u8> {
    chart::chart().into_bytes()
}

#[test]
fn the_chosen_service_of_a_large_chart_is_imported() {
    let text = chart();
    let documents = text.split(|byte| *byte == b'\n').filter(|line| *line == b"---").count();
    assert_eq!((documents, text.len() / 1_000_000), (2000, 6));
    let (scenario, notes) = import_service(text, "shop-200").expect("the chart is valid");
    let told: Vec<&str> = scenario
        .lines()
        .filter(|line| {
            let keys = [
                "name:",
                "replicas:",
                "termination_grace_period:",
                "pre_stop:",
                "duration:",
                "deregistration_delay:",
            ];
            keys.iter().any(|key| line.trim_start().starts_with(key))
        })
        .collect();
    expect![[r#"
        name: shop-200  # <stdin>:62706 name of Deployment shop-200
          replicas: 6  # <stdin>:62712 spec.replicas
          deregistration_delay: 50s  # <stdin>:62815 annotation alb.ingress.kubernetes.io/target-group-attributes: deregistration_delay.timeout_seconds
          termination_grace_period: 60s  # <stdin>:62722 spec.template.spec.terminationGracePeriodSeconds
          pre_stop:
              duration: 5s  # <stdin>:62774 spec.template.spec.containers[0].lifecycle.preStop.exec.command
              replicas: 4  # not in the manifests: a scale-down by a third is simulated, change me"#]].assert_eq(&told.join("\n"));
    expect![[r#"
        note: 100 Ingresses are of classes that are not the AWS Load Balancer Controller's: left out
            --> <stdin>:1057:21
             |
        1057 |   ingressClassName: nginx
             |                     ^^^^^
             |
             = note: shop-3 (nginx), shop-7 (nginx), shop-11 (nginx), shop-15 (nginx), shop-19 (nginx), shop-23 (nginx), shop-27 (nginx), shop-31 (nginx), shop-35 (nginx), shop-39 (nginx), shop-43 (nginx), shop-47 (nginx), and 88 more

        note: 50 Services are given load balancers of their own, which are no ALBs: those are left out
            --> <stdin>:2291:9
             |
        2291 |   type: LoadBalancer
             |         ^^^^^^^^^^^^
             |
             = note: shop-7, shop-15, shop-23, shop-31, shop-39, shop-47, shop-55, shop-63, shop-71, shop-79, shop-87, shop-95, and 38 more

        note: without `--workers` gunicorn starts as many as WEB_CONCURRENCY says, or one: set `app.workers`
             --> <stdin>:62725:18
              |
        62725 |           image: "registry.example.com/shop-200:1.4.2"
              |                  ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^

        note: 800 objects of other kinds are left out: ConfigMap (v1), ServiceAccount (v1)"#]].assert_eq(&notes);
}

#[test]
fn a_choice_among_400_services_is_short() {
    let error = import_service(chart(), "shop").expect_err("there is none of that name");
    expect![[r#"
        error: nothing in the input matches --service shop
         |
         = note: there is: --ingress shop-0 --service shop-0; --ingress shop-1 --service shop-1; --ingress shop-2 --service shop-2; --ingress shop-4 --service shop-4; --ingress shop-5 --service shop-5; --ingress shop-6 --service shop-6; --ingress shop-8 --service shop-8; --ingress shop-9 --service shop-9; --ingress shop-10 --service shop-10; --ingress shop-12 --service shop-12; --ingress shop-13 --service shop-13; --ingress shop-14 --service shop-14; and 288 more

        note: 100 Ingresses are of classes that are not the AWS Load Balancer Controller's: left out
            --> <stdin>:1057:21
             |
        1057 |   ingressClassName: nginx
             |                     ^^^^^
             |
             = note: shop-3 (nginx), shop-7 (nginx), shop-11 (nginx), shop-15 (nginx), shop-19 (nginx), shop-23 (nginx), shop-27 (nginx), shop-31 (nginx), shop-35 (nginx), shop-39 (nginx), shop-43 (nginx), shop-47 (nginx), and 88 more

        note: 50 Services are given load balancers of their own, which are no ALBs: those are left out
            --> <stdin>:2291:9
             |
        2291 |   type: LoadBalancer
             |         ^^^^^^^^^^^^
             |
             = note: shop-7, shop-15, shop-23, shop-31, shop-39, shop-47, shop-55, shop-63, shop-71, shop-79, shop-87, shop-95, and 38 more"#]].assert_eq(&error);
}
