//! Kubernetes quantities that mean nothing.

use expect_test::expect;

use super::check;

#[test]
fn cpu_with_an_unknown_suffix() {
    check(
        "pod: { requests: { cpu: 250mi } }\n",
        &expect![[r#"
        error: `pod.requests.cpu`: "250mi" has the unknown suffix "mi"; Kubernetes knows n, u, m, k, M, G, T, P, E and Ki, Mi, Gi, Ti, Pi, Ei
         --> s.yaml:1:25
          |
        1 | pod: { requests: { cpu: 250mi } }
          |                         ^^^^^
    "#]],
    );
}

#[test]
fn cpu_finer_than_a_millicore() {
    check(
        "pod: { requests: { cpu: 0.0005 } }\n",
        &expect![[r#"
        error: `pod.requests.cpu`: "0.0005" is finer than a millicore; Kubernetes takes CPU in steps of "1m"
         --> s.yaml:1:25
          |
        1 | pod: { requests: { cpu: 0.0005 } }
          |                         ^^^^^^
    "#]],
    );
}

#[test]
fn negative_cpu() {
    check(
        "pod: { requests: { cpu: -1 } }\n",
        &expect![[r#"
        error: `pod.requests.cpu`: "-1" is negative; a quantity is zero or more, such as "250m" or "1.5"
         --> s.yaml:1:25
          |
        1 | pod: { requests: { cpu: -1 } }
          |                         ^^
    "#]],
    );
}

#[test]
fn memory_in_thousandths() {
    check(
        "pod: { requests: { memory: 400m } }\n",
        &expect![[r#"
        error: `pod.requests.memory`: "400m" is not a whole number of bytes; "m" is a thousandth, "M" or "Mi" a million
         --> s.yaml:1:28
          |
        1 | pod: { requests: { memory: 400m } }
          |                            ^^^^
    "#]],
    );
}

#[test]
fn memory_in_place_of_the_map() {
    check(
        "pod: { requests: 256Mi }\n",
        &expect![[r#"
        error: `pod.requests`: expected a map, found the text "256Mi"
         --> s.yaml:1:18
          |
        1 | pod: { requests: 256Mi }
          |                  ^^^^^
          |
          = note: legal keys: cpu, memory
    "#]],
    );
}

#[test]
fn memory_as_a_list() {
    check(
        "pod: { requests: { memory: [256Mi] } }\n",
        &expect![[r#"
        error: `pod.requests.memory`: expected memory such as `256Mi` or `1Gi`, found a list
         --> s.yaml:1:20
          |
        1 | pod: { requests: { memory: [256Mi] } }
          |                    ^^^^^^
    "#]],
    );
}
