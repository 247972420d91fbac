//! Changes of manifests, as strategic merge patches: what `kubectl patch` and kustomize take.

use serde_json::{Map, Value as Json, json};

use super::Context;
use crate::import::annotations::{self, PREFIX};
use crate::manifest::Object;
use crate::scenario_file::write::{self, Commented};

/// A change of one object. `null` takes a field away.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Patch {
    /// The object with its changed fields only.
    pub(crate) json: Json,
    /// What to see to before it is applied, for people.
    pub(crate) remarks: Vec<String>,
}

impl Patch {
    /// Of any object of the input.
    pub(crate) fn of(object: &Object, change: Json) -> Self {
        let mut metadata = Map::new();
        metadata.insert("name".to_owned(), Json::from(object.name()));
        if let Some(namespace) = &object.metadata.namespace {
            metadata.insert("namespace".to_owned(), Json::from(namespace.as_str()));
        }
        let mut json = json!({ "apiVersion": object.api_version, "kind": object.kind, "metadata": metadata });
        merge(&mut json, change);
        Self::object(json)
    }

    /// Of the workload's own `spec`.
    pub(crate) fn workload(context: &Context<'_, '_>, spec: &Json) -> Self {
        Self::of(context.imported.route.workload, json!({ "spec": spec }))
    }

    /// Of the pod's `spec`.
    pub(crate) fn pod(context: &Context<'_, '_>, spec: &Json) -> Self {
        let workload = context.imported.route.workload;
        if workload.kind == "Pod" {
            return Self::of(workload, json!({ "spec": spec }));
        }
        Self::of(workload, json!({ "spec": { "template": { "spec": spec } } }))
    }

    /// Of the application's container.
    pub(crate) fn container(context: &Context<'_, '_>, mut container: Json) -> Self {
        let name = context
            .imported
            .containers
            .main
            .name
            .as_ref()
            .map_or("app", |name| name.as_str());
        let mut named = json!({ "name": name });
        merge(&mut named, container.take());
        Self::pod(context, &json!({ "containers": [named] }))
    }

    /// Of the Service.
    pub(crate) fn service(context: &Context<'_, '_>, spec: &Json) -> Self {
        Self::of(context.imported.route.service, json!({ "spec": spec }))
    }

    /// Of an annotation of the controller, where it stands today or on the Ingress.
    pub(crate) fn annotation(context: &Context<'_, '_>, suffix: &str, value: &str) -> Self {
        let route = &context.imported.route;
        let key = format!("{PREFIX}{suffix}");
        let on_service = route.service.metadata.annotation(&key).is_some();
        let object = if on_service { route.service } else { route.entry };
        Self::of(object, json!({ "metadata": { "annotations": { key: value } } }))
    }

    /// Of one pair of an annotation that holds several; the others stay.
    pub(crate) fn attribute(context: &Context<'_, '_>, suffix: &str, key: &str, value: &str) -> Self {
        let found = context.imported.route.annotations().target_group(suffix);
        let pairs = found.map(|found| annotations::map(found.value.as_str()).unwrap_or_default());
        let mut pairs = pairs.unwrap_or_default();
        pairs.retain(|(known, _)| known != key);
        pairs.push((key.to_owned(), value.to_owned()));
        let text: Vec<String> = pairs.iter().map(|(key, value)| format!("{key}={value}")).collect();
        Self::annotation(context, suffix, &text.join(","))
    }

    /// A label of the workload's namespace.
    pub(crate) fn namespace_label(context: &Context<'_, '_>, key: &str, value: &str) -> Self {
        let name = context.imported.route.workload.namespace();
        let json = json!({
            "apiVersion": "v1",
            "kind": "Namespace",
            "metadata": { "name": name, "labels": { key: value } },
        });
        Self::object(json)
    }

    /// A new object beside the workload.
    pub(crate) fn object(json: Json) -> Self {
        let remarks = Vec::new();
        Self { json, remarks }
    }

    /// With something to see to.
    pub(crate) fn remarked(mut self, remark: impl Into<String>) -> Self {
        self.remarks.push(remark.into());
        self
    }

    /// As YAML, the remarks as comments above it.
    pub(crate) fn to_yaml(&self) -> String {
        let yaml = write::commented(&Commented {
            root: &self.json,
            comment: &|_| None,
        });
        let remarks = self.remarks.iter().map(|remark| format!("# {remark}\n"));
        remarks.chain([yaml]).collect()
    }
}

/// All patches as few as possible: those of one object become one.
pub(crate) fn combined<'p>(patches: impl IntoIterator<Item = &'p Patch>) -> Vec<Patch> {
    let mut all: Vec<Patch> = Vec::new();
    let identity = |patch: &Patch| {
        [
            &patch.json["kind"],
            &patch.json["metadata"]["namespace"],
            &patch.json["metadata"]["name"],
        ]
        .map(Clone::clone)
    };
    for patch in patches {
        match all.iter_mut().find(|known| identity(known) == identity(patch)) {
            Some(known) => {
                merge(&mut known.json, patch.json.clone());
                let new = patch.remarks.iter().filter(|remark| !known.remarks.contains(remark));
                let new: Vec<String> = new.cloned().collect();
                known.remarks.extend(new);
            }
            None => all.push(patch.clone()),
        }
    }
    all
}

/// Lays one change over another. Lists of named things merge by name, as in a strategic merge patch.
fn merge(base: &mut Json, over: Json) {
    match (base, over) {
        (Json::Object(base), Json::Object(over)) => {
            for (key, value) in over {
                match base.get_mut(&key) {
                    Some(known) => merge(known, value),
                    None => {
                        base.insert(key, value);
                    }
                }
            }
        }
        (Json::Array(base), Json::Array(over)) => {
            for item in over {
                match base
                    .iter_mut()
                    .find(|known| !item["name"].is_null() && known["name"] == item["name"])
                {
                    Some(known) => merge(known, item),
                    None => base.push(item),
                }
            }
        }
        (base, over) => *base = over,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patches_of_one_object_become_one_and_containers_merge_by_name() {
        let patch =
            |spec: Json| Patch::object(json!({ "kind": "Deployment", "metadata": { "name": "shop" }, "spec": spec }));
        let sleep = patch(
            json!({ "containers": [{ "name": "web", "lifecycle": { "preStop": { "sleep": { "seconds": 20 }, "exec": null } } }] }),
        );
        let grace =
            patch(json!({ "grace": 60, "containers": [{ "name": "web", "command": ["x"] }, { "name": "log" }] }));
        let more = patch(json!({ "grace": 90 }));
        let all = combined([&sleep, &grace, &more]);
        assert_eq!(all.len(), 1);
        assert_eq!(
            all[0].json["spec"],
            json!({
                "containers": [
                    { "name": "web", "lifecycle": { "preStop": { "sleep": { "seconds": 20 }, "exec": null } }, "command": ["x"] },
                    { "name": "log" }
                ],
                "grace": 90
            })
        );
    }
}
