//! The corpus read by the API's own types and another reader of YAML, against what is read here.
//!
//! Agreement says that names and types of the fields are the API's, and that both readers found the same values. It says
//! nothing of kinds that are no part of Kubernetes, and of its old APIs, which the types no longer have.

mod fields;

use std::fs;
use std::path::Path;

use k8s_openapi::api::{apps, autoscaling, core, networking, policy};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value as Json, json};

use super::{Body, Manifests, Object, files};
use crate::text::source::Sources;

/// What the types no longer have (kind, API), and the API server neither.
const GONE: [(&str, &str); 5] = [
    ("Ingress", "extensions/v1beta1"),
    ("Ingress", "networking.k8s.io/v1beta1"),
    ("HorizontalPodAutoscaler", "autoscaling/v2beta1"),
    ("HorizontalPodAutoscaler", "autoscaling/v2beta2"),
    ("PodDisruptionBudget", "policy/v1beta1"),
];

/// Kinds of others that are read here.
const FOREIGN: [&str; 4] = ["IngressClassParams", "TargetGroupBinding", "NodePool", "Provisioner"];

/// Maps whose keys are the user's: both must have the same ones.
const OF_USERS: [&str; 5] = ["labels", "annotations", "matchLabels", "requests", "limits"];

/// The object as the official type of its API has it; nothing for an API without one.
fn official(object: &Json) -> Option<Result<Json, String>> {
    fn through<T: DeserializeOwned + Serialize>(object: &Json) -> Result<Json, String> {
        let typed = serde_json::from_value::<T>(object.clone()).and_then(serde_json::to_value);
        typed.map_err(|error| error.to_string())
    }
    Some(match (object["apiVersion"].as_str()?, object["kind"].as_str()?) {
        ("apps/v1", "Deployment") => through::<apps::v1::Deployment>(object),
        ("apps/v1", "StatefulSet") => through::<apps::v1::StatefulSet>(object),
        ("apps/v1", "DaemonSet") => through::<apps::v1::DaemonSet>(object),
        ("apps/v1", "ReplicaSet") => through::<apps::v1::ReplicaSet>(object),
        ("v1", "Pod") => through::<core::v1::Pod>(object),
        ("v1", "Service") => through::<core::v1::Service>(object),
        ("v1", "Namespace") => through::<core::v1::Namespace>(object),
        ("networking.k8s.io/v1", "Ingress") => through::<networking::v1::Ingress>(object),
        ("networking.k8s.io/v1", "IngressClass") => through::<networking::v1::IngressClass>(object),
        ("autoscaling/v2", "HorizontalPodAutoscaler") => through::<autoscaling::v2::HorizontalPodAutoscaler>(object),
        ("autoscaling/v1", "HorizontalPodAutoscaler") => through::<autoscaling::v1::HorizontalPodAutoscaler>(object),
        ("policy/v1", "PodDisruptionBudget") => through::<policy::v1::PodDisruptionBudget>(object),
        _ => return None,
    })
}

/// The object as it is read here, `null` where nothing was read.
fn ours(object: &Object) -> Json {
    let spec = match &object.body {
        Body::Workload(spec) if object.kind == "Pod" => {
            let template = spec.template.as_ref().expect("made for the pod");
            json!(template.spec)
        }
        Body::Workload(spec) => json!(spec),
        Body::Service(spec) => json!(spec),
        Body::Ingress(spec) => json!(spec),
        Body::IngressClass(spec) => json!(spec),
        Body::Hpa(spec) => json!(spec),
        Body::Pdb(spec) => json!(spec),
        Body::Namespace => Json::Null,
        Body::IngressClassParams(_) | Body::TargetGroupBinding(_) | Body::NodePool(_) | Body::Provisioner(_) => {
            unreachable!("no kinds of Kubernetes")
        }
    };
    json!({ "kind": object.kind, "apiVersion": object.api_version, "metadata": object.metadata, "spec": spec })
}

/// The objects of a text, those of lists too.
fn objects(text: &str) -> Vec<Json> {
    // As `kubectl`: `on` is no boolean, and `0644` is of base 8.
    let options = serde_saphyr::options! {
        strict_booleans: true,
        legacy_octal_numbers: true,
    };
    let documents: Vec<Json> = serde_saphyr::from_multiple_with_options(text, options).expect("YAML");
    let mut objects = Vec::new();
    for document in documents {
        match document {
            Json::Null => {}
            Json::Object(ref list) if list.get("kind").and_then(Json::as_str) == Some("List") => {
                objects.extend(list["items"].as_array().expect("items").iter().cloned());
            }
            object => objects.push(object),
        }
    }
    objects
}

/// Collects where `ours` differs from `official` at any leaf.
fn compare(path: &str, ours: &Json, official: &Json, differences: &mut Vec<String>) {
    let mut differs = || differences.push(format!("{path}: {ours}, officially {official}"));
    match (ours, official) {
        // What the API requires is there in its types, empty, even where the text leaves it out.
        (Json::Null, Json::Null) => {}
        (Json::Null, Json::Object(map)) if map.is_empty() => {}
        (Json::Null, Json::Array(items)) if items.is_empty() => {}
        (Json::Object(ours), Json::Object(official)) => {
            let name = path.rsplit('.').next().unwrap_or_default();
            let of_users = OF_USERS.contains(&name) || path == "Service.spec.selector";
            if of_users && ours.len() != official.len() {
                differs();
            }
            for (key, value) in ours {
                compare(
                    &format!("{path}.{key}"),
                    value,
                    official.get(key).unwrap_or(&Json::Null),
                    differences,
                );
            }
        }
        (Json::Array(ours), Json::Array(official)) if ours.len() == official.len() => {
            for (index, (ours, official)) in ours.iter().zip(official).enumerate() {
                compare(&format!("{path}[{index}]"), ours, official, differences);
            }
        }
        // A `Quantity` is text there, whatever the manifest has.
        (Json::Number(number), Json::String(text)) if *text == number.to_string() => {}
        // Nothing read, and nothing in the text.
        (Json::Object(ours), Json::Null) if ours.values().all(Json::is_null) => {}
        (ours, official) if ours == official => {}
        _ => differs(),
    }
}

#[test]
fn official_types_and_another_reader_agree_on_every_field_of_the_corpus() {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/manifests");
    let (mut differences, mut compared, mut gone) = (Vec::new(), 0, Vec::new());
    for entry in fs::read_dir(&corpus).expect("the corpus is there") {
        let path = entry.expect("an entry").path();
        let is_manifest = path
            .extension()
            .is_some_and(|ending| ending == "yaml" || ending == "json");
        if !is_manifest {
            continue;
        }
        let file = path.file_name().expect("a name").to_string_lossy().into_owned();
        let bytes = fs::read(&path).expect("the file can be read");
        let mut problems = Vec::new();
        let (mut sources, mut manifests) = (Sources::default(), Manifests::default());
        files::add_text(&file, bytes.clone(), &mut sources, &mut manifests, &mut problems);
        let text = String::from_utf8(bytes).expect("UTF-8");
        let all = objects(&text);
        if !problems.is_empty() {
            let refused = all.iter().filter_map(official).any(|typed| typed.is_err());
            assert!(refused, "{file}: refused only here: {problems:?}");
            continue;
        }
        assert_eq!(all.len(), manifests.objects.len() + manifests.ignored.len(), "{file}");
        let mut ours_next = manifests.objects.iter().peekable();
        for object in &all {
            let is_ours = |ours: &&Object| {
                object["kind"] == ours.kind && object["metadata"]["name"] == ours.name() && {
                    let namespace = object["metadata"]["namespace"].as_str();
                    namespace.unwrap_or("default") == ours.namespace()
                }
            };
            let Some(read) = ours_next.next_if(is_ours) else {
                assert!(official(object).is_none(), "{file}: not read: {object}");
                continue;
            };
            let api = object["apiVersion"].as_str().unwrap_or_default();
            match official(object) {
                Some(Ok(official)) => {
                    compared += 1;
                    let mut found = Vec::new();
                    compare(read.kind, &ours(read), &official, &mut found);
                    differences.extend(found.into_iter().map(|found| format!("{file}: {found}")));
                }
                Some(Err(error)) => differences.push(format!("{file}: {}: {error}", read.title())),
                None if FOREIGN.contains(&read.kind) => {}
                None => gone.push((read.kind, api.to_owned())),
            }
        }
        assert!(
            ours_next.next().is_none(),
            "{file}: objects that the other reader has not"
        );
    }
    assert!(differences.is_empty(), "{}", differences.join("\n"));
    for (kind, api) in &gone {
        assert!(GONE.contains(&(kind, api)), "{kind} of {api} has no official type");
    }
    for known in GONE {
        assert!(
            gone.iter().any(|(kind, api)| (*kind, api.as_str()) == known),
            "{known:?} is not there"
        );
    }
    assert!(compared > 250, "only {compared} objects were compared");
}
