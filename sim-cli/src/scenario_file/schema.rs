//! The JSON Schema of the scenario file, generated from the types, and what it says about one place in a file.

use std::sync::OnceLock;

use serde_json::Value as Json;
use sim_core::scenario::Scenario;

use crate::text::nearest;
use crate::text::path::Path;

/// As committed in `schema/scenario.schema.json`.
pub(crate) fn text() -> String {
    let mut text = serde_json::to_string_pretty(document()).expect("a schema is JSON");
    text.push('\n');
    text
}

fn document() -> &'static Json {
    static DOCUMENT: OnceLock<Json> = OnceLock::new();
    DOCUMENT.get_or_init(|| schemars::schema_for!(Scenario).to_value())
}

/// The schema of the whole scenario.
pub(super) fn root() -> View<'static> {
    View::new(document(), document())
}

/// The schema of one value.
#[derive(Debug, Clone, Copy)]
pub(super) struct View<'s> {
    document: &'s Json,
    /// Without references and without "or null".
    body: &'s Json,
    /// Name of the shared definition it is, if it is one.
    name: Option<&'s str>,
    /// Whether `null` is legal.
    pub(super) nullable: bool,
    /// What the field's documentation says.
    description: Option<&'s str>,
}

/// What a value may look like.
#[derive(Debug)]
pub(super) enum Shape<'s> {
    /// A map with known keys; the second list names those that must be there.
    Struct(Vec<&'s str>, Vec<&'s str>),
    /// A map with keys of one's own.
    Map,
    /// A list.
    List,
    /// One of these words.
    Words(Vec<&'s str>),
    /// A scalar, or a map with exactly one of these keys.
    OneOf(Vec<&'s str>),
    /// A scalar.
    Scalar,
}

impl<'s> View<'s> {
    fn new(document: &'s Json, schema: &'s Json) -> Self {
        let mut view = Self {
            document,
            body: schema,
            name: None,
            nullable: false,
            description: None,
        };
        loop {
            view.description = view.description.or_else(|| view.body["description"].as_str());
            if let Some(reference) = view.body["$ref"].as_str() {
                let name = reference.strip_prefix("#/$defs/").expect("definitions are under $defs");
                view.name = Some(name);
                view.body = &document["$defs"][name];
                continue;
            }
            let is_null = |schema: &Json| schema["type"] == "null";
            match view.body["anyOf"].as_array().map(Vec::as_slice) {
                Some([value, null]) if is_null(null) => {
                    view.nullable = true;
                    view.body = value;
                }
                _ => {
                    view.nullable |= view.body["type"]
                        .as_array()
                        .is_some_and(|types| types.iter().any(|t| t == "null"));
                    return view;
                }
            }
        }
    }

    fn sub(self, schema: &'s Json) -> Self {
        Self::new(self.document, schema)
    }

    fn alternatives(self) -> impl Iterator<Item = &'s Json> {
        [&self.body["anyOf"], &self.body["oneOf"]]
            .into_iter()
            .filter_map(Json::as_array)
            .flatten()
    }

    /// Name of the shared definition this is, if it is one.
    pub(super) fn name(self) -> Option<&'s str> {
        self.name
    }

    /// What a value may look like.
    pub(super) fn shape(self) -> Shape<'s> {
        let strings = |list: &'s Json| list.as_array().into_iter().flatten().filter_map(Json::as_str).collect();
        let words: Vec<&str> = self.alternatives().filter_map(|one| one["const"].as_str()).collect();
        if !words.is_empty() && words.len() == self.alternatives().count() {
            return Shape::Words(words);
        }
        if self.body["enum"].is_array() {
            return Shape::Words(strings(&self.body["enum"]));
        }
        let kinds: Vec<&str> = self.alternatives().flat_map(|one| keys(&one["properties"])).collect();
        if !kinds.is_empty() {
            return Shape::OneOf(kinds);
        }
        if self.body["type"] == "array" {
            return Shape::List;
        }
        if self.body["additionalProperties"].is_object() {
            return Shape::Map;
        }
        if self.body["type"] == "object" {
            return Shape::Struct(
                keys(&self.body["properties"]).collect(),
                strings(&self.body["required"]),
            );
        }
        Shape::Scalar
    }

    /// Whether a map here has one kind as its only key, so that another kind replaces it. `scale` is written like that
    /// too: replicas or a schedule.
    pub(super) fn is_one_of(self) -> bool {
        self.name == Some("Scale") || matches!(self.shape(), Shape::OneOf(_))
    }

    /// The schema of the value behind a key.
    pub(super) fn field(self, key: &str) -> Option<Self> {
        let own = self.body["properties"].get(key);
        let of_kind = || self.alternatives().find_map(|one| one["properties"].get(key));
        let of_any_key = || Some(&self.body["additionalProperties"]).filter(|schema| schema.is_object());
        own.or_else(of_kind).or_else(of_any_key).map(|schema| self.sub(schema))
    }

    /// The schema of a list's items.
    pub(super) fn item(self) -> Option<Self> {
        self.body.get("items").map(|schema| self.sub(schema))
    }

    /// What the documentation says after `Source:`, on one line.
    pub(super) fn basis(self) -> Option<String> {
        let (_, basis) = self.description?.split_once("Source:")?;
        let words: Vec<&str> = basis.split_whitespace().collect();
        Some(words.join(" ").trim_end_matches('.').to_owned())
    }

    /// JSON type of a scalar: `integer`, `number`, `boolean` or `string`.
    pub(super) fn scalar_type(self) -> Option<&'s str> {
        match &self.body["type"] {
            Json::Array(types) => types.iter().filter_map(Json::as_str).find(|name| *name != "null"),
            other => other.as_str(),
        }
    }

    /// Largest whole number of that format.
    pub(super) fn maximum(self) -> u64 {
        if self.body["format"] == "uint32" {
            u64::from(u32::MAX)
        } else {
            u64::MAX
        }
    }

    /// Keys of the sections below that are spelt like `key`, as quoted paths: where it belongs when not here.
    pub(super) fn paths_of(self, key: &str) -> Vec<String> {
        let mut paths = Vec::new();
        self.collect_paths_of(&nearest::normal(key), &Path::default(), &mut paths);
        paths
    }

    fn collect_paths_of(self, key: &str, path: &Path, paths: &mut Vec<String>) {
        let Shape::Struct(names, _) = self.shape() else { return };
        for name in names {
            let path = path.key(name);
            if nearest::normal(name) == key {
                paths.push(format!("`{path}`"));
            }
            if let Some(field) = self.field(name) {
                field.collect_paths_of(key, &path, paths);
            }
        }
    }
}

fn keys(properties: &Json) -> impl Iterator<Item = &str> {
    properties
        .as_object()
        .into_iter()
        .flat_map(|map| map.keys().map(String::as_str))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Paths of the fields that show a value of their own and whose documentation has no `Source:`.
    fn without_source(view: View<'_>, path: &Path, found: &mut Vec<String>) {
        match view.shape() {
            Shape::Struct(keys, _) => {
                for key in keys {
                    let (field, path) = (view.field(key).expect("a key of the list"), path.key(key));
                    let is_section = matches!(field.shape(), Shape::Struct(inner, _) if !inner.is_empty());
                    if (!is_section || field.nullable) && field.basis().is_none() {
                        found.push(path.to_string());
                    }
                    without_source(field, &path, found);
                }
            }
            Shape::List => without_source(view.item().expect("a list has items"), &path.index(0), found),
            Shape::Map => without_source(view.field("any").expect("any key is legal"), &path.key("any"), found),
            Shape::Words(_) | Shape::OneOf(_) | Shape::Scalar => {}
        }
    }

    #[test]
    fn every_field_names_its_source() {
        let mut found = Vec::new();
        without_source(root(), &Path::default(), &mut found);
        assert!(
            found.is_empty(),
            "add `Source: …` to the documentation of {found:?} in sim-core/src/scenario"
        );
        // The walk reaches what it claims to reach.
        assert!(root().paths_of("median").is_empty() && !root().paths_of("max_surge").is_empty());
    }
}
