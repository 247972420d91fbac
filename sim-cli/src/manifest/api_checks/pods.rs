//! Workloads and their pods.

use super::{Checker, entries, is_null, items, key, value, with};
use crate::manifest::fields::Part;
use crate::text::error::Diagnostic;
use crate::text::nearest;
use crate::text::tree::{Node, Value};

impl Checker {
    pub(super) fn workload(&mut self, spec: &Node) {
        self.selector(spec);
        for name in ["strategy", "updateStrategy"] {
            if let Some(strategy) = spec.get(name) {
                self.strategy(strategy);
            }
        }
        let pod = spec.get("template").and_then(|template| template.get("spec"));
        if let Some(pod) = pod {
            self.pod(pod);
        }
    }

    /// A workload finds its pods again by the labels that its template gives them.
    fn selector(&mut self, spec: &Node) {
        let Some(wanted) = spec.get("selector").and_then(|selector| selector.get("matchLabels")) else {
            return;
        };
        let template = spec.get("template");
        let metadata = template.and_then(|template| template.get("metadata"));
        let labels = metadata.and_then(|metadata| metadata.get("labels"));
        for (name, wanted) in entries(wanted) {
            let Some(text) = wanted.as_str() else { continue };
            let label = labels.and_then(|labels| labels.get(name));
            if label.and_then(Node::as_str) == Some(text) {
                continue;
            }
            let title =
                format!("`spec.selector` asks for `{name}: {text}`, which the pods of the template do not have");
            let place = label
                .and_then(value)
                .or_else(|| labels.or(metadata).or(template).and_then(key));
            let diagnostic = with(
                Diagnostic::maybe_at(value(wanted), title),
                place,
                "the labels of the pods",
            );
            self.push(diagnostic.help("the two must agree"));
        }
    }

    fn strategy(&mut self, strategy: &Node) {
        let Some(rolling) = strategy.get("rollingUpdate").filter(|rolling| !is_null(rolling)) else {
            return;
        };
        self.at_most_100_percent(rolling, "maxUnavailable");
        let kind = strategy.get("type");
        if let Some(kind) = kind.filter(|kind| kind.as_str() == Some("Recreate")) {
            let title = "`rollingUpdate` is not allowed with the type `Recreate`";
            let diagnostic = Diagnostic::maybe_at(key(rolling), title);
            self.push(with(diagnostic, value(kind), "the type").help("leave one of the two out"));
        }
    }

    pub(super) fn pod(&mut self, pod: &Node) {
        let has_none = match pod.get("containers").map(|containers| &containers.value) {
            None => true,
            Some(Value::List(containers)) => containers.is_empty(),
            Some(Value::Scalar(scalar)) => scalar.is_null(),
            Some(Value::Map(_)) => false,
        };
        if has_none {
            let place = pod.get("containers").and_then(key).or_else(|| key(pod));
            self.add(place, "the pod's `spec` has no containers; at least one is needed");
        }
        for container in ["containers", "initContainers"]
            .iter()
            .flat_map(|list| items(pod, list))
        {
            for port in items(container, "ports") {
                self.port(port, "containerPort");
            }
            for name in ["readinessProbe", "livenessProbe", "startupProbe"] {
                if let Some(probe) = container.get(name) {
                    self.one_action(name, probe, &["httpGet", "tcpSocket", "exec", "grpc"]);
                    if name != "readinessProbe" {
                        self.success_threshold(name, probe);
                    }
                }
            }
            for name in ["preStop", "postStart"] {
                if let Some(hook) = container.get("lifecycle").and_then(|lifecycle| lifecycle.get(name)) {
                    self.one_action(name, hook, Part::Handler.fields());
                }
            }
        }
    }

    fn one_action(&mut self, name: &str, node: &Node, actions: &[&str]) {
        if is_null(node) {
            return;
        }
        let mut there = entries(node).filter(|(key, value)| actions.contains(&key.as_str()) && !is_null(value));
        let legal = format!("`{}`", actions.join("`, `"));
        let Some((first, node_of_first)) = there.next() else {
            // A misspelt or misplaced one is reported as such.
            let is_known = |name: &str| Part::ALL.iter().any(|part| part.fields().contains(&name));
            let is_stray = |name: &str| is_known(name) || nearest::nearest(name, actions.iter().copied()).is_some();
            let own = Part::Probe.fields();
            let stray = entries(node).any(|(key, value)| {
                let key = key.as_str();
                !is_null(value) && !own.contains(&key) && is_stray(key)
            });
            if !stray {
                let title = format!("`{name}` does nothing: it needs one of {legal}");
                self.add(key(node), title);
            }
            return;
        };
        if let Some((second, node_of_second)) = there.next() {
            let title = format!("`{name}` has both `{first}` and `{second}`; one of them is allowed");
            let diagnostic = Diagnostic::maybe_at(key(node_of_second), title);
            self.push(with(diagnostic, key(node_of_first), "the other one"));
        }
    }

    fn success_threshold(&mut self, name: &str, probe: &Node) {
        if let Some(found) = probe.get("successThreshold")
            && let Some(count) = super::number(found).filter(|count| *count > 1)
        {
            let title = format!("`{name}.successThreshold` is {count}; of this probe it must be 1");
            self.add(value(found), title);
        }
    }
}
