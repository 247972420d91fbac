//! What all objects have: names, labels, annotations, and selectors over labels.

use std::collections::BTreeMap;

use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value as Json;

use crate::text::decode::Spanned;

/// Words by words, as labels and annotations are.
pub(crate) type Words = BTreeMap<String, Spanned<String>>;

/// Reads [`Words`]; a key with nothing behind it counts as absent.
pub(super) fn words<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Words>, D::Error> {
    let words: Option<BTreeMap<String, Option<Spanned<String>>>> = Option::deserialize(deserializer)?;
    Ok(words.map(|words| {
        words
            .into_iter()
            .filter_map(|(key, value)| Some((key, value?)))
            .collect()
    }))
}

/// [`words`] with the place of the whole.
pub(super) fn words_with_place<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Spanned<Words>>, D::Error> {
    let words: Option<Spanned<BTreeMap<String, Option<Spanned<String>>>>> = Option::deserialize(deserializer)?;
    Ok(words.map(|words| Spanned {
        value: words
            .value
            .into_iter()
            .filter_map(|(key, value)| Some((key, value?)))
            .collect(),
        place: words.place,
    }))
}

/// A number or a text, as the API's `IntOrString` and `Quantity` are written.
pub(crate) type Scalar = Spanned<Json>;

/// `metadata`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct Metadata {
    /// Its name.
    pub(crate) name: Option<Spanned<String>>,
    /// What its name begins with, where there is none yet.
    pub(crate) generate_name: Option<Spanned<String>>,
    /// Its namespace.
    pub(crate) namespace: Option<Spanned<String>>,
    /// Its labels.
    #[serde(deserialize_with = "words")]
    pub(crate) labels: Option<Words>,
    /// Its annotations.
    #[serde(deserialize_with = "words")]
    pub(crate) annotations: Option<Words>,
    /// The API server's own name for it: only what was read from a cluster has one.
    pub(crate) uid: Option<Spanned<String>>,
    /// Who made it: a `ReplicaSet` of a Deployment says so here.
    pub(crate) owner_references: Option<Vec<OwnerReference>>,
}

/// One of `metadata.ownerReferences`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct OwnerReference {
    /// Kind of the owner.
    pub(crate) kind: Option<Spanned<String>>,
    /// Name of the owner.
    pub(crate) name: Option<Spanned<String>>,
}

impl Metadata {
    /// A label's value.
    pub(crate) fn label(&self, key: &str) -> Option<&Spanned<String>> {
        self.labels.as_ref()?.get(key)
    }

    /// An annotation's value.
    pub(crate) fn annotation(&self, key: &str) -> Option<&Spanned<String>> {
        self.annotations.as_ref()?.get(key)
    }
}

/// `spec.selector` of what owns pods.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct LabelSelector {
    /// Labels that must be there with this value.
    #[serde(deserialize_with = "words")]
    pub(crate) match_labels: Option<Words>,
    /// Further conditions.
    pub(crate) match_expressions: Option<Vec<Requirement>>,
}

/// One of `matchExpressions`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct Requirement {
    /// The label.
    pub(crate) key: Option<Spanned<String>>,
    /// `In`, `NotIn`, `Exists` or `DoesNotExist`.
    pub(crate) operator: Option<Spanned<String>>,
    /// What it is compared with.
    pub(crate) values: Option<Vec<Spanned<String>>>,
}

impl LabelSelector {
    /// Whether it selects what has these labels. One without conditions selects everything.
    pub(crate) fn selects(&self, labels: Option<&Words>) -> bool {
        let value = |key: &str| labels.and_then(|labels| labels.get(key)).map(|value| value.as_str());
        let equal = self
            .match_labels
            .iter()
            .flatten()
            .all(|(key, wanted)| value(key) == Some(wanted.as_str()));
        equal
            && self.match_expressions.iter().flatten().all(|requirement| {
                let key = requirement.key.as_ref().map_or("", |key| key.as_str());
                let among = |found: &str| requirement.values.iter().flatten().any(|value| value.as_str() == found);
                match requirement.operator.as_ref().map_or("", |operator| operator.as_str()) {
                    "In" => value(key).is_some_and(among),
                    "NotIn" => !value(key).is_some_and(among),
                    "Exists" => value(key).is_some(),
                    "DoesNotExist" => value(key).is_none(),
                    _ => false,
                }
            })
    }
}
