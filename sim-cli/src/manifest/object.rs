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
use super::{api_checks, fields, kinds, misplaced, octal, shape};
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
    /// Lists without any object.
    empty_lists: Vec<Place>,
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
    /// Where its kind stands.
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

    /// Where its name stands, or its kind.
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
    /// Adds the objects of one document of that text. What is wrong with it goes to `problems`.
    pub(crate) fn add(&mut self, text: &str, document: &Node, problems: &mut Vec<Diagnostic>) {
        if let Err(diagnostic) = self.add_object(text, document, problems) {
            problems.push(diagnostic);
        }
    }

    fn add_object(&mut self, text: &str, node: &Node, problems: &mut Vec<Diagnostic>) -> Result<(), Diagnostic> {
        let place = node.origin.key_place().cloned();
        if !matches!(node.value, Value::Map(_)) {
            return Err(shape::no_map(node));
        }
        let word = |key: &str| match node.get(key) {
            None => Err(shape::incomplete(node, place.clone())),
            Some(found) => decode::<Spanned<String>>(found).map_err(|error| error.note(format!("this is `{key}`"))),
        };
        let (kind, api_version) = (word("kind")?, word("apiVersion")?);
        if kind.ends_with("List") {
            return self.add_list(text, node, &kind, problems);
        }
        let Some((known, read)) = reader(kinds::group_of(&api_version), &kind.value) else {
            if let Some(diagnostic) = kinds::problem(&api_version, &kind) {
                return Err(diagnostic);
            }
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
        let mut found = misplaced::problems(known, node);
        found.extend(api_checks::problems(known, &api_version, node));
        found.extend(octal::problems(text, node));
        problems.extend(found.into_iter().map(title));
        let (metadata, body) = read(node).map_err(|error| title(as_written(text, error)))?;
        self.objects.push(Object {
            kind: known,
            api_version: api_version.value,
            metadata,
            place: kind.place,
            body,
        });
        Ok(())
    }

    fn add_list(
        &mut self,
        text: &str,
        node: &Node,
        kind: &Spanned<String>,
        problems: &mut Vec<Diagnostic>,
    ) -> Result<(), Diagnostic> {
        let Some(items) = node.get("items") else {
            let title = format!("a {} without `items`", kind.value);
            return Err(Diagnostic::maybe_at(node.origin.key_place().cloned(), title));
        };
        let Value::List(objects) = &items.value else {
            if items.value == Value::Scalar(Json::Null) {
                self.empty_lists.extend(items.origin.key_place().cloned());
                return Ok(());
            }
            let title = format!("`items`: found {}, expected a list of objects", items.describe());
            return Err(Diagnostic::maybe_at(items.origin.key_place().cloned(), title));
        };
        if objects.is_empty() {
            self.empty_lists.extend(items.origin.key_place().cloned());
        }
        for object in objects {
            self.add(text, object, problems);
        }
        Ok(())
    }

    /// The list that was to hold the objects, if there is no object at all.
    pub(crate) fn nothing_listed(&self) -> Option<Diagnostic> {
        let place = self.empty_lists.first()?;
        (self.objects.is_empty() && self.ignored.is_empty()).then(|| {
            Diagnostic::at(place.clone(), "this list has no items")
                .help("the query that made it found nothing: is it the right namespace and context?")
        })
    }

    /// Two objects of one kind and name: the API would keep the last one only.
    pub(crate) fn duplicates(&self) -> Vec<Diagnostic> {
        let mut seen: BTreeMap<(&str, &str, &str), &Object> = BTreeMap::new();
        let mut problems = Vec::new();
        for object in self.objects.iter().filter(|object| object.metadata.name.is_some()) {
            let key = (object.kind, object.namespace(), object.name());
            if let Some(first) = seen.get(&key) {
                let title = format!("{} stands here a second time", object.title());
                let diagnostic = Diagnostic::at(object.place.clone(), title);
                problems.push(
                    diagnostic
                        .context(first.place.clone(), "first here")
                        .help("the cluster keeps only the one applied last; leave the other out"),
                );
            } else {
                seen.insert(key, object);
            }
        }
        problems
    }
}

/// Says of a plain word such as `yes` that it is a boolean to `kubectl`.
fn as_written(text: &str, error: Diagnostic) -> Diagnostic {
    let written = error
        .place()
        .and_then(|place| text.get(place.span.clone()))
        .unwrap_or_default();
    let is_word = ["true", "false"].iter().all(|word| !written.eq_ignore_ascii_case(word));
    if is_word && error.title().ends_with(", expected text") && written.bytes().all(|byte| byte.is_ascii_alphabetic()) {
        let note = format!("kubectl reads `{written}` as a boolean (YAML 1.1): in quotes, `\"{written}\"`, it is text");
        return error.without_help().note(note);
    }
    error
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
