//! Fields at a wrong place: the usual trace of wrong indentation. `kubectl` refuses them, but does not say where they
//! belong.

use super::fields::Part;
use crate::text::error::Diagnostic;
use crate::text::nearest;
use crate::text::tree::{Node, Value};

/// Fields of the workload `node` that Kubernetes does not know where they stand, but knows elsewhere or by a similar
/// name. Others may be of a newer version and are passed over.
pub(crate) fn problems(kind: &str, node: &Node) -> Vec<Diagnostic> {
    let mut finder = Finder::default();
    match (kind, node.get("spec")) {
        ("Deployment" | "StatefulSet" | "DaemonSet" | "ReplicaSet", Some(spec)) => finder.workload(spec),
        ("Pod", Some(spec)) => finder.pod(spec),
        _ => {}
    }
    finder.problems
}

#[derive(Default)]
struct Finder {
    problems: Vec<Diagnostic>,
}

impl Finder {
    fn workload(&mut self, node: &Node) {
        self.check(Part::Workload, node);
        if let Some(template) = node.get("template") {
            self.check(Part::Template, template);
            if let Some(pod) = template.get("spec") {
                self.pod(pod);
            }
        }
    }

    fn pod(&mut self, node: &Node) {
        self.check(Part::Pod, node);
        for list in ["containers", "initContainers"] {
            for container in items(node, list) {
                self.container(container);
            }
        }
    }

    fn container(&mut self, node: &Node) {
        self.check(Part::Container, node);
        for (list, part) in [("env", Part::Env), ("ports", Part::Port)] {
            for item in items(node, list) {
                self.check(part, item);
            }
        }
        for name in ["readinessProbe", "livenessProbe", "startupProbe"] {
            if let Some(probe) = node.get(name) {
                self.check(Part::Probe, probe);
                self.action(probe);
            }
        }
        if let Some(resources) = node.get("resources") {
            self.check(Part::Resources, resources);
        }
        if let Some(lifecycle) = node.get("lifecycle") {
            self.check(Part::Lifecycle, lifecycle);
            for name in ["preStop", "postStart"] {
                if let Some(hook) = lifecycle.get(name) {
                    self.check(Part::Handler, hook);
                    self.action(hook);
                }
            }
        }
    }

    /// What a hook or a probe does.
    fn action(&mut self, node: &Node) {
        for (name, part) in [("httpGet", Part::HttpGet), ("exec", Part::Exec)] {
            if let Some(action) = node.get(name) {
                self.check(part, action);
            }
        }
    }

    fn check(&mut self, part: Part, node: &Node) {
        let Value::Map(entries) = &node.value else { return };
        let legal = part.fields();
        for (key, value) in entries.iter().filter(|(key, _)| !legal.contains(&key.as_str())) {
            let owners: Vec<&str> = Part::ALL
                .iter()
                .filter(|other| other.fields().contains(&key.as_str()))
                .map(|other| other.title())
                .collect();
            let near = nearest::nearest(key, legal.iter().copied());
            let help = match (owners.as_slice(), near) {
                ([], None) => continue,
                ([], Some(near)) => format!("did you mean `{near}`?"),
                (owners, _) => format!(
                    "it belongs in {}: check the indentation of this line",
                    owners.join(" or ")
                ),
            };
            let title = format!("{} has no field `{key}`", part.title());
            let place = value.origin.key_place().cloned();
            self.problems.push(Diagnostic::maybe_at(place, title).help(help));
        }
    }
}

fn items<'n>(node: &'n Node, key: &str) -> &'n [Node] {
    match node.get(key).map(|node| &node.value) {
        Some(Value::List(items)) => items,
        _ => &[],
    }
}
