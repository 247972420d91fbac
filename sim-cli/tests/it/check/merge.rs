//! Applies strategic merge patches as `kubectl patch` and kustomize do, as far as the patches of `sim check` need it.

use saphyr_parser::{Event, Parser, ScalarStyle, StrInput};
use serde_json::{Map, Value, json};

/// The objects of manifests with patches applied; a patch of an object that is not there makes it.
pub(crate) fn patched(manifest: &str, patches: &[&Value]) -> String {
    let mut objects = documents(manifest);
    for patch in patches {
        match objects.iter_mut().find(|object| identity(object) == identity(patch)) {
            Some(object) => merge(object, patch),
            None => objects.push((*patch).clone()),
        }
    }
    let list = json!({ "apiVersion": "v1", "kind": "List", "items": objects });
    serde_json::to_string_pretty(&list).expect("a value is JSON")
}

fn identity(object: &Value) -> (&Value, &Value, &str) {
    let namespace = object["metadata"]["namespace"].as_str();
    (
        &object["kind"],
        &object["metadata"]["name"],
        namespace.unwrap_or("default"),
    )
}

/// Maps merge, `null` removes, lists of named things merge by name, all other lists are replaced.
fn merge(base: &mut Value, patch: &Value) {
    match (&mut *base, patch) {
        (Value::Object(base), Value::Object(patch)) => {
            for (key, value) in patch {
                if value.is_null() {
                    base.shift_remove(key);
                } else {
                    let slot = base.entry(key).or_insert(Value::Null);
                    merge(slot, value);
                }
            }
        }
        (Value::Array(base), Value::Array(patch)) if patch.iter().all(|item| item["name"].is_string()) => {
            for item in patch {
                match base.iter_mut().find(|known| known["name"] == item["name"]) {
                    Some(known) => merge(known, item),
                    None => base.push(without_nulls(item)),
                }
            }
        }
        (base, patch) => *base = without_nulls(patch),
    }
}

fn without_nulls(patch: &Value) -> Value {
    let Value::Object(fields) = patch else {
        return patch.clone();
    };
    let there = fields.iter().filter(|(_, value)| !value.is_null());
    there.map(|(key, value)| (key.clone(), without_nulls(value))).collect()
}

/// All documents of a YAML text without anchors and tags.
fn documents(text: &str) -> Vec<Value> {
    let mut parser = Parser::new_from_str(text);
    let mut all = Vec::new();
    loop {
        match next(&mut parser) {
            Event::StreamEnd => return all,
            Event::DocumentStart(_) => {
                let first = next(&mut parser);
                all.push(value(&mut parser, first));
            }
            _ => {}
        }
    }
}

fn next<'t>(parser: &mut Parser<'t, StrInput<'t>>) -> Event<'t> {
    parser.next().expect("the stream goes on").expect("YAML").0
}

fn value<'t>(parser: &mut Parser<'t, StrInput<'t>>, event: Event<'t>) -> Value {
    match event {
        Event::Scalar(text, ScalarStyle::Plain, ..) => match text.as_ref() {
            "" | "null" | "~" => Value::Null,
            "true" => Value::Bool(true),
            "false" => Value::Bool(false),
            text => text.parse::<i64>().map_or_else(|_| Value::from(text), Value::from),
        },
        Event::Scalar(text, ..) => Value::from(text.as_ref()),
        Event::SequenceStart(..) => {
            let mut items = Vec::new();
            loop {
                match next(parser) {
                    Event::SequenceEnd => return Value::Array(items),
                    event => items.push(value(parser, event)),
                }
            }
        }
        Event::MappingStart(..) => {
            let mut fields = Map::new();
            loop {
                match next(parser) {
                    Event::MappingEnd => return Value::Object(fields),
                    Event::Scalar(key, ..) => {
                        let event = next(parser);
                        let value = value(parser, event);
                        fields.insert(key.into_owned(), value);
                    }
                    other => panic!("a key is a scalar, not {other:?}"),
                }
            }
        }
        other => panic!("no value starts with {other:?}"),
    }
}

#[test]
fn patches_merge_as_kubernetes_merges_them() {
    let base = "\
kind: Deployment
metadata: {name: web, namespace: default}
spec:
  replicas: 3
  containers:
    - {name: app, image: \"nginx:1.27\", hook: {exec: {command: [sleep, '5']}}}
    - {name: log, args: [a, b]}
";
    let patch = json!({
        "kind": "Deployment",
        "metadata": { "name": "web" },
        "spec": {
            "replicas": null,
            "containers": [{ "name": "app", "hook": { "exec": null, "sleep": 20 } }, { "name": "log", "args": ["c"] }],
        },
    });
    let budget =
        json!({ "kind": "PodDisruptionBudget", "metadata": { "name": "web" }, "spec": { "minAvailable": null } });
    let all: Value = serde_json::from_str(&patched(base, &[&patch, &budget])).expect("JSON");
    assert_eq!(
        all["items"],
        json!([
            {
                "kind": "Deployment",
                "metadata": { "name": "web", "namespace": "default" },
                "spec": { "containers": [
                    { "name": "app", "image": "nginx:1.27", "hook": { "sleep": 20 } },
                    { "name": "log", "args": ["c"] },
                ] },
            },
            { "kind": "PodDisruptionBudget", "metadata": { "name": "web" }, "spec": { "minAvailable": null } },
        ])
    );
}
