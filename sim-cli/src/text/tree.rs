//! A scenario before it has types: maps, lists and scalars that know where they come from.

use serde_json::Value as Json;

use super::path::{Path, Step};
use super::source::Place;

/// A value and its origin.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Node {
    /// The value.
    pub(crate) value: Value,
    /// Where it comes from.
    pub(crate) origin: Origin,
}

/// A map keeps the order it was written in.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Value {
    /// Null, boolean, number or text.
    Scalar(Json),
    /// A list.
    List(Vec<Node>),
    /// A map without duplicate keys.
    Map(Vec<(String, Node)>),
}

/// Where a value comes from.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Origin {
    /// The types' defaults.
    Default,
    /// The fields of the application preset of that name.
    Preset(String),
    /// A text.
    Text {
        /// The key in front of the value, or the item's first token in a list.
        key: Place,
        /// The value; empty where nothing was written.
        value: Place,
    },
}

impl Origin {
    /// The part of a text to point at when the value is wrong.
    pub(crate) fn value_place(&self) -> Option<&Place> {
        match self {
            Origin::Text { key, value } => Some(if value.span.is_empty() { key } else { value }),
            Origin::Default | Origin::Preset(_) => None,
        }
    }

    /// The part of a text to point at when the key is wrong, or the whole that stands behind it.
    pub(crate) fn key_place(&self) -> Option<&Place> {
        match self {
            Origin::Text { key, .. } => Some(key),
            Origin::Default | Origin::Preset(_) => None,
        }
    }
}

impl Node {
    /// The same origin for every part of `json`.
    pub(crate) fn from_json(json: Json, origin: &Origin) -> Self {
        let value = match json {
            Json::Array(items) => Value::List(items.into_iter().map(|item| Self::from_json(item, origin)).collect()),
            Json::Object(map) => Value::Map(
                map.into_iter()
                    .map(|(key, value)| (key, Self::from_json(value, origin)))
                    .collect(),
            ),
            scalar => Value::Scalar(scalar),
        };
        Self {
            value,
            origin: origin.clone(),
        }
    }

    /// The value without origins.
    pub(crate) fn to_json(&self) -> Json {
        match &self.value {
            Value::Scalar(scalar) => scalar.clone(),
            Value::List(items) => items.iter().map(Node::to_json).collect(),
            Value::Map(entries) => entries
                .iter()
                .map(|(key, node)| (key.clone(), node.to_json()))
                .collect(),
        }
    }

    /// Number of values in it, itself included.
    pub(crate) fn size(&self) -> usize {
        match &self.value {
            Value::Scalar(_) => 1,
            Value::List(items) => 1 + items.iter().map(Node::size).sum::<usize>(),
            Value::Map(entries) => 1 + entries.iter().map(|(_, node)| node.size()).sum::<usize>(),
        }
    }

    /// The value behind a key of a map.
    pub(crate) fn get(&self, key: &str) -> Option<&Node> {
        match &self.value {
            Value::Map(entries) => entries.iter().find(|(name, _)| name == key).map(|(_, node)| node),
            Value::Scalar(_) | Value::List(_) => None,
        }
    }

    /// The text, if it is one.
    pub(crate) fn as_str(&self) -> Option<&str> {
        match &self.value {
            Value::Scalar(Json::String(text)) => Some(text),
            _ => None,
        }
    }

    fn step(&self, step: &Step) -> Option<&Node> {
        match (step, &self.value) {
            (Step::Key(key), _) => self.get(key),
            (Step::Index(index), Value::List(items)) => items.get(*index),
            (Step::Index(_), _) => None,
        }
    }

    /// The node at `path`, or the deepest one on the way there, and whether it is the former.
    pub(crate) fn find(&self, path: &Path) -> (&Node, bool) {
        let mut node = self;
        for step in &path.steps {
            match node.step(step) {
                Some(next) => node = next,
                None => return (node, false),
            }
        }
        (node, true)
    }

    /// Reads a path as the model writes it. Keys of the tree are tried first, so that a key with a dot in it is found.
    pub(crate) fn path_of(&self, text: &str) -> Path {
        let mut path = Path::default();
        let (mut node, mut rest) = (Some(self), text);
        while !rest.is_empty() {
            rest = rest.strip_prefix('.').unwrap_or(rest);
            let indexed = rest.strip_prefix('[').and_then(|tail| tail.split_once(']'));
            let step = if let Some((digits, tail)) = indexed {
                rest = tail;
                Step::Index(digits.parse().unwrap_or(usize::MAX))
            } else {
                let known = node.and_then(|node| node.longest_key_before(rest));
                let length = known
                    .unwrap_or_else(|| rest.find(['.', '[']).unwrap_or(rest.len()))
                    .max(1);
                let (key, tail) = rest.split_at(length.min(rest.len()));
                rest = tail;
                Step::Key(key.to_owned())
            };
            node = node.and_then(|node| node.step(&step));
            path.steps.push(step);
        }
        path
    }

    fn longest_key_before(&self, rest: &str) -> Option<usize> {
        let Value::Map(entries) = &self.value else { return None };
        let ends = |key: &str| {
            rest.strip_prefix(key)
                .is_some_and(|tail| tail.is_empty() || tail.starts_with(['.', '[']))
        };
        entries
            .iter()
            .map(|(key, _)| key.as_str())
            .filter(|key| ends(key))
            .map(str::len)
            .max()
    }

    /// What it is, in words.
    pub(crate) fn describe(&self) -> String {
        match &self.value {
            Value::Scalar(Json::Null) => "nothing".to_owned(),
            Value::Scalar(Json::String(text)) => format!("the text {text:?}"),
            Value::Scalar(Json::Number(number)) => format!("the number {number}"),
            Value::Scalar(other) => other.to_string(),
            Value::List(items) if items.is_empty() => "an empty list".to_owned(),
            Value::List(_) => "a list".to_owned(),
            Value::Map(entries) if entries.is_empty() => "an empty map".to_owned(),
            Value::Map(_) => "a map".to_owned(),
        }
    }
}
