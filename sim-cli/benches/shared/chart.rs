//! An input such as `helm template` prints for a large chart: many services, and much that has no say.

use std::fmt::Write as _;

/// Services in the chart; five documents each.
pub(crate) const SERVICES: usize = 400;

/// The documents, always the same: 2000 of them, 6 MB.
pub(crate) fn chart() -> String {
    let mut text = String::new();
    for number in 0..SERVICES {
        deployment(&mut text, number);
        service(&mut text, number);
        ingress(&mut text, number);
        config_map(&mut text, number);
        account(&mut text, number);
    }
    text
}

fn head(text: &mut String, file: &str, api_version: &str, kind: &str, name: &str) {
    let _ = write!(
        text,
        "---\n\
         # Source: platform/charts/{name}/templates/{file}.yaml\n\
         apiVersion: {api_version}\n\
         kind: {kind}\n\
         metadata:\n\
         \x20 name: {name}\n\
         \x20 labels:\n\
         \x20   app.kubernetes.io/name: {name}\n\
         \x20   app.kubernetes.io/managed-by: Helm\n\
         \x20   helm.sh/chart: {name}-1.4.2\n"
    );
}

fn deployment(text: &mut String, number: usize) {
    let name = format!("shop-{number}");
    head(text, "deployment", "apps/v1", "Deployment", &name);
    let (replicas, sleep) = (2 + number % 7, 5 + number % 20);
    let _ = write!(
        text,
        "spec:
  replicas: {replicas}
  selector:
    matchLabels:
      app.kubernetes.io/name: {name}
  template:
    metadata:
      labels:
        app.kubernetes.io/name: {name}
    spec:
      serviceAccountName: {name}
      terminationGracePeriodSeconds: 60
      containers:
        - name: app
          image: \"registry.example.com/{name}:1.4.2\"
          command: [\"gunicorn\", \"shop.wsgi\", \"--bind\", \"0.0.0.0:8000\"]
          ports:
            - name: http
              containerPort: 8000
"
    );
    text.push_str("          env:\n");
    for variable in 0..20 {
        let _ = write!(
            text,
            "            - name: SETTING_{variable}\n              value: \"{number} of {variable}\"\n"
        );
    }
    let _ = write!(
        text,
        "          lifecycle:
            preStop:
              exec:
                command: [\"sh\", \"-c\", \"sleep {sleep}\"]
          readinessProbe:
            httpGet:
              path: /healthz
              port: http
            periodSeconds: 5
          resources:
            requests:
              cpu: 250m
              memory: 256Mi
"
    );
}

fn service(text: &mut String, number: usize) {
    let name = format!("shop-{number}");
    head(text, "service", "v1", "Service", &name);
    // A few have a load balancer of their own.
    let kind = if number % 8 == 7 { "LoadBalancer" } else { "ClusterIP" };
    let _ = write!(
        text,
        "spec:
  type: {kind}
  selector:
    app.kubernetes.io/name: {name}
  ports:
    - name: http
      port: 80
      targetPort: http
"
    );
}

fn ingress(text: &mut String, number: usize) {
    let name = format!("shop-{number}");
    head(text, "ingress", "networking.k8s.io/v1", "Ingress", &name);
    let delay = 30 + number % 60;
    let of_alb = format!(
        "    alb.ingress.kubernetes.io/target-type: ip
    alb.ingress.kubernetes.io/healthcheck-path: /healthz
    alb.ingress.kubernetes.io/target-group-attributes: deregistration_delay.timeout_seconds={delay}"
    );
    let of_nginx = "    nginx.ingress.kubernetes.io/proxy-read-timeout: \"60\"";
    // Every fourth is another controller's.
    let (class, annotations) = if number % 4 == 3 {
        ("nginx", of_nginx)
    } else {
        ("alb", of_alb.as_str())
    };
    let _ = write!(
        text,
        "  annotations:
{annotations}
spec:
  ingressClassName: {class}
  rules:
    - host: {name}.example.com
      http:
        paths:
          - path: /
            pathType: Prefix
            backend:
              service:
                name: {name}
                port:
                  name: http
"
    );
}

/// Most of the bytes: files in block scalars, in which nothing means anything.
fn config_map(text: &mut String, number: usize) {
    head(text, "configmap", "v1", "ConfigMap", &format!("shop-{number}"));
    text.push_str("data:\n");
    for file in 0..4 {
        let _ = writeln!(text, "  settings-{file}.conf: |");
        for line in 0..40 {
            let _ = writeln!(
                text,
                "    [section {line}] # größer: \"{number}\" \u{2192} {{not: yaml}} key_{line} = value-{}",
                (number * 31 + line * 7) % 1000
            );
        }
    }
}

fn account(text: &mut String, number: usize) {
    head(
        text,
        "serviceaccount",
        "v1",
        "ServiceAccount",
        &format!("shop-{number}"),
    );
    text.push_str("automountServiceAccountToken: false\n");
}
