//! Which objects there are in a set of texts, and which of them matter.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value as Json;

use super::karpenter::{NodePoolSpec, ProvisionerSpec};
use super::meta::Metadata;
use super::network::{IngressClassParamsSpec, IngressClassSpec, IngressSpec, ServiceSpec, TargetGroupBindingSpec};
use super::pod::PodSpec;
use super::scaling::{HpaSpec, PdbSpec};
use super::workload::WorkloadSpec;
use super::{fields, misplaced};
use crate::text::decode::{Spanned, decode};
use crate::text::error::Diagnostic;
use crate::text::source::Place;
use crate::text::tree::{Node, Value};

/// Everything in the texts, in their order.
#[derive(Debug, Default)]
pub(crate) struct Manifests {
    /// What matters.
    pub(crate) objects: Vec<Object>,
    /// What does not.
    pub(crate) ignored: Vec<Ignored>,
}

/// An object that matters.
#[derive(Debug)]
pub(crate) struct Object {
    /// Its kind as the API spells it.
    pub(crate) kind: &'static str,
    /// Its `apiVersion`.
    pub(crate) api_version: String,
    /// Names, labels, annotations.
    pub(crate) metadata: Metadata,
    /// Where it starts.
    pub(crate) place: Place,
    /// The rest of it.
    pub(crate) body: Body,
}

/// An object of a kind that has no say here.
#[derive(Debug)]
pub(crate) struct Ignored {
    /// Its kind.
    pub(crate) kind: String,
    /// Its API group and version.
    pub(crate) api_version: String,
}

/// An object's own part.
#[derive(Debug)]
pub(crate) enum Body {
    /// What owns pods, or a pod on its own.
    Workload(Box<WorkloadSpec>),
    /// A Service.
    Service(ServiceSpec),
    /// An Ingress.
    Ingress(IngressSpec),
    /// A class of Ingresses.
    IngressClass(IngressClassSpec),
    /// Parameters of a class.
    IngressClassParams(IngressClassParamsSpec),
    /// Somebody else's target group, bound to a Service.
    TargetGroupBinding(TargetGroupBindingSpec),
    /// An autoscaler.
    Hpa(HpaSpec),
    /// A budget.
    Pdb(PdbSpec),
    /// A namespace; its labels matter.
    Namespace,
    /// Karpenter's nodes.
    NodePool(NodePoolSpec),
    /// The same before `NodePool`.
    Provisioner(ProvisionerSpec),
}

impl Object {
    /// Its name, or a word for none.
    pub(crate) fn name(&self) -> &str {
        let name = self.metadata.name.as_ref().or(self.metadata.generate_name.as_ref());
        name.map_or("(unnamed)", |name| name.as_str())
    }

    /// Its namespace; the API's default where it names none.
    pub(crate) fn namespace(&self) -> &str {
        self.metadata
            .namespace
            .as_ref()
            .map_or("default", |namespace| namespace.as_str())
    }

    /// As people call it: `Deployment shop`.
    pub(crate) fn title(&self) -> String {
        format!("{} {}", self.kind, self.name())
    }

    /// Where its name stands, or where it starts.
    pub(crate) fn name_place(&self) -> Place {
        let name = self.metadata.name.as_ref().or(self.metadata.generate_name.as_ref());
        name.map_or_else(|| self.place.clone(), |name| name.place.clone())
    }
}

/// The common shape of all objects.
#[derive(Deserialize)]
#[serde(default)]
struct Whole<S> {
    metadata: Metadata,
    spec: Option<S>,
}

impl<S> Default for Whole<S> {
    fn default() -> Self {
        Self {
            metadata: Metadata::default(),
            spec: None,
        }
    }
}

impl Manifests {
    /// Adds the objects of one document. What is wrong with it goes to `problems`.
    pub(crate) fn add(&mut self, document: &Node, problems: &mut Vec<Diagnostic>) {
        if let Err(diagnostic) = self.add_object(document, problems) {
            problems.push(diagnostic);
        }
    }

    fn add_object(&mut self, node: &Node, problems: &mut Vec<Diagnostic>) -> Result<(), Diagnostic> {
        let place = node.origin.key_place().cloned();
        if !matches!(node.value, Value::Map(_)) {
            let title = format!("expected a Kubernetes object, found {}", node.describe());
            return Err(Diagnostic::maybe_at(place, title).help("an object starts with `apiVersion:` and `kind:`"));
        }
        let text = |key: &str| match node.get(key) {
            None => Err(
                Diagnostic::maybe_at(place.clone(), format!("a Kubernetes object without `{key}`"))
                    .help("every object needs `apiVersion` and `kind`, such as `apps/v1` and `Deployment`"),
            ),
            Some(found) => decode::<Spanned<String>>(found).map_err(|error| error.note(format!("this is `{key}`"))),
        };
        let (kind, api_version) = (text("kind")?, text("apiVersion")?);
        if kind.ends_with("List") {
            return self.add_list(node, &kind, problems);
        }
        let group = api_version.rsplit_once('/').map_or("", |(group, _)| group);
        let Some((known, read)) = reader(group, &kind.value) else {
            self.ignored.push(Ignored {
                kind: kind.value,
                api_version: api_version.value,
            });
            return Ok(());
        };
        let title = |diagnostic: Diagnostic| {
            let name = node.get("metadata").and_then(|metadata| metadata.get("name"));
            let name = name.and_then(Node::as_str).unwrap_or("(unnamed)");
            diagnostic.prefixed(&format!("{known} {name}: "))
        };
        problems.extend(misplaced::problems(known, node).into_iter().map(title));
        let (metadata, body) = read(node).map_err(title)?;
        self.objects.push(Object {
            kind: known,
            api_version: api_version.value,
            metadata,
            place: place.unwrap_or(kind.place),
            body,
        });
        Ok(())
    }

    fn add_list(&mut self, node: &Node, kind: &str, problems: &mut Vec<Diagnostic>) -> Result<(), Diagnostic> {
        let Some(items) = node.get("items") else {
            let title = format!("a {kind} without `items`");
            return Err(Diagnostic::maybe_at(node.origin.key_place().cloned(), title));
        };
        let Value::List(objects) = &items.value else {
            if items.value == Value::Scalar(Json::Null) {
                return Ok(());
            }
            let title = format!("`items`: found {}, expected a list of objects", items.describe());
            return Err(Diagnostic::maybe_at(items.origin.key_place().cloned(), title));
        };
        for object in objects {
            self.add(object, problems);
        }
        Ok(())
    }

    /// Two objects of one kind and name: the API would keep the last one only.
    pub(crate) fn duplicates(&self) -> Vec<Diagnostic> {
        let mut seen: BTreeMap<(&str, &str, &str), &Object> = BTreeMap::new();
        let mut problems = Vec::new();
        for object in self.objects.iter().filter(|object| object.metadata.name.is_some()) {
            let key = (object.kind, object.namespace(), object.name());
            if let Some(first) = seen.get(&key) {
                let title = format!("{} stands here a second time", object.title());
                let diagnostic = Diagnostic::at(object.name_place(), title);
                problems.push(
                    diagnostic
                        .context(first.name_place(), "first here")
                        .help("the cluster keeps only the one applied last; leave the other out"),
                );
            } else {
                seen.insert(key, object);
            }
        }
        problems
    }
}

type Read = fn(&Node) -> Result<(Metadata, Body), Diagnostic>;

/// How a kind is read; nothing for a kind that has no say here.
fn reader(group: &str, kind: &str) -> Option<(&'static str, Read)> {
    let workload: Read = |node| whole(node, |spec| Body::Workload(Box::new(spec)));
    Some(match (group, kind) {
        ("apps" | "extensions", "Deployment") => ("Deployment", workload),
        ("apps", "StatefulSet") => ("StatefulSet", workload),
        ("apps" | "extensions", "DaemonSet") => ("DaemonSet", workload),
        ("apps" | "extensions", "ReplicaSet") => ("ReplicaSet", workload),
        ("", "Pod") => ("Pod", |node| {
            whole(node, |spec: PodSpec| Body::Workload(Box::new(spec.into())))
        }),
        ("", "Service") => ("Service", |node| whole(node, Body::Service)),
        ("networking.k8s.io" | "extensions", "Ingress") => ("Ingress", |node| whole(node, Body::Ingress)),
        ("networking.k8s.io", "IngressClass") => ("IngressClass", |node| whole(node, Body::IngressClass)),
        ("elbv2.k8s.aws", "IngressClassParams") => ("IngressClassParams", |node| whole(node, Body::IngressClassParams)),
        ("elbv2.k8s.aws", "TargetGroupBinding") => ("TargetGroupBinding", |node| whole(node, Body::TargetGroupBinding)),
        ("autoscaling", "HorizontalPodAutoscaler") => ("HorizontalPodAutoscaler", |node| whole(node, Body::Hpa)),
        ("policy", "PodDisruptionBudget") => ("PodDisruptionBudget", |node| whole(node, Body::Pdb)),
        ("", "Namespace") => ("Namespace", |node| whole(node, |_: fields::Nothing| Body::Namespace)),
        ("karpenter.sh", "NodePool") => ("NodePool", |node| whole(node, Body::NodePool)),
        ("karpenter.sh", "Provisioner") => ("Provisioner", |node| whole(node, Body::Provisioner)),
        _ => return None,
    })
}

fn whole<S: DeserializeOwned + Default>(node: &Node, body: impl Fn(S) -> Body) -> Result<(Metadata, Body), Diagnostic> {
    let whole: Whole<S> = decode(node)?;
    Ok((whole.metadata, body(whole.spec.unwrap_or_default())))
}
