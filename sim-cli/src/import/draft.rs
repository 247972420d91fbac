//! A scenario in the making: values, each with where it comes from.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use serde_json::{Map, Value as Json};

use crate::scenario_file::write::{self, Commented};
use crate::text::decode::Spanned;
use crate::text::source::{Place, Sources};

/// Where a value comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Origin {
    /// It stands in a manifest.
    Manifest {
        /// There.
        place: Place,
        /// In this field of the object, named as in `kubectl explain`.
        field: String,
        /// What was made of it, where it is more than the same value.
        remark: Option<String>,
    },
    /// The manifests leave it to whoever has this default.
    Default(&'static str),
    /// A flag.
    Flag(String),
    /// Concluded from the manifests, and may be wrong.
    Guess(String),
    /// Nothing tells; somebody has to.
    Assumed(String),
}

impl Origin {
    /// A value of a manifest.
    pub(crate) fn manifest<T>(value: &Spanned<T>, field: impl Into<String>) -> Self {
        Self::at(value.place.clone(), field)
    }

    /// A value at that place of a manifest.
    pub(crate) fn at(place: Place, field: impl Into<String>) -> Self {
        Origin::Manifest {
            place,
            field: field.into(),
            remark: None,
        }
    }

    /// Says what was made of it.
    pub(crate) fn remark(self, text: impl Into<String>) -> Self {
        match self {
            Origin::Manifest { place, field, .. } => Origin::Manifest {
                place,
                field,
                remark: Some(text.into()),
            },
            other => other,
        }
    }

    /// As in the comment behind the value.
    pub(crate) fn describe(&self, sources: &Sources) -> String {
        match self {
            Origin::Manifest { place, field, remark } => {
                let mut text = format!("{}:{} {field}", sources.get(place.source).name, sources.line(place));
                if let Some(remark) = remark {
                    let _ = write!(text, "; {remark}");
                }
                text
            }
            Origin::Default(whose) => (*whose).to_owned(),
            Origin::Flag(flag) => flag.clone(),
            Origin::Guess(why) => format!("guess: {why}"),
            Origin::Assumed(why) => format!("not in the manifests: {why}, change me"),
        }
    }
}

/// Values by their path in the scenario, in the order in which they were set.
#[derive(Debug, Clone, Default)]
pub(crate) struct Draft {
    tree: Map<String, Json>,
    origins: BTreeMap<String, Origin>,
}

impl Draft {
    /// Sets a value; an earlier one of the same path is replaced. Paths are keys joined by dots, and `[n]` for the
    /// n-th item of a list, of which the first n must be there.
    pub(crate) fn set(&mut self, path: &str, value: impl Into<Json>, origin: Origin) {
        let (mut map, mut rest) = (&mut self.tree, path);
        loop {
            let (step, tail) = rest
                .split_once('.')
                .map_or((rest, None), |(step, tail)| (step, Some(tail)));
            let (key, index) = match step.split_once('[') {
                Some((key, index)) => (key, index.trim_end_matches(']').parse::<usize>().ok()),
                None => (step, None),
            };
            let slot = map.entry(key).or_insert(Json::Null);
            let slot = match index {
                None => slot,
                Some(index) => {
                    if !slot.is_array() {
                        *slot = Json::Array(Vec::new());
                    }
                    let items = slot.as_array_mut().expect("made one above");
                    if index == items.len() {
                        items.push(Json::Null);
                    }
                    &mut items[index]
                }
            };
            let Some(tail) = tail else {
                *slot = value.into();
                break;
            };
            if !slot.is_object() {
                *slot = Json::Object(Map::new());
            }
            map = slot.as_object_mut().expect("made one above");
            rest = tail;
        }
        self.origins.insert(path.to_owned(), origin);
    }

    /// A value.
    pub(crate) fn get(&self, path: &str) -> Option<&Json> {
        path.split('.').try_fold(None, |at: Option<&Json>, step| {
            Some(Some(match at {
                None => self.tree.get(step)?,
                Some(json) => json.get(step)?,
            }))
        })?
    }

    /// Where a value comes from.
    pub(crate) fn origin(&self, path: &str) -> Option<&Origin> {
        self.origins.get(path)
    }

    /// Values that may be wrong, by their path, and what they were concluded from.
    pub(crate) fn guesses(&self) -> impl Iterator<Item = (&str, &str)> {
        self.origins.iter().filter_map(|(path, origin)| {
            let why = match origin {
                Origin::Guess(why) => why,
                Origin::Manifest {
                    remark: Some(remark), ..
                } => remark.strip_prefix("guess: ")?,
                _ => return None,
            };
            Some((path.as_str(), why))
        })
    }

    /// Its place in a manifest, if it comes from one.
    pub(crate) fn place(&self, path: &str) -> Option<&Place> {
        match self.origins.get(path) {
            Some(Origin::Manifest { place, .. }) => Some(place),
            _ => None,
        }
    }

    /// The scenario file, each value followed by where it comes from.
    pub(crate) fn to_yaml(&self, heading: &str, sources: &Sources) -> String {
        let mut out = String::new();
        for line in heading.lines() {
            let _ = writeln!(out, "{}", format!("# {line}").trim_end());
        }
        let comment = |path: &str| self.comment(path, sources);
        out.push_str(&write::commented(&Commented {
            root: &Json::Object(self.tree.clone()),
            comment: &comment,
        }));
        out
    }

    /// The comment behind a leaf: its own origin, or that of the value it is a part of.
    fn comment(&self, path: &str, sources: &Sources) -> Option<String> {
        let mut path = path;
        loop {
            if let Some(origin) = self.origins.get(path) {
                return Some(origin.describe(sources));
            }
            path = &path[..path.rfind(['.', '['])?];
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn values_stand_where_their_path_says_and_keep_the_order_of_writing() {
        let mut draft = Draft::default();
        draft.set("name", "shop", Origin::Default("a"));
        draft.set("pod.pre_stop.sleep", "15s", Origin::Assumed("b".to_owned()));
        draft.set("pod.sidecars[0].name", "envoy", Origin::Guess("c".to_owned()));
        draft.set("pod.sidecars[0].kind", "container", Origin::Guess("d".to_owned()));
        draft.set(
            "pod.sidecars[1]",
            json!({ "name": "log" }),
            Origin::Guess("e".to_owned()),
        );
        draft.set("name", "other", Origin::Flag("--set name=other".to_owned()));
        let yaml = draft.to_yaml("A shop.\n\nLate.", &Sources::default());
        assert_eq!(
            yaml,
            "# A shop.\n#\n# Late.\n\
             name: other  # --set name=other\n\
             pod:\n\
             \x20 pre_stop:\n\
             \x20   sleep: 15s  # not in the manifests: b, change me\n\
             \x20 sidecars:\n\
             \x20   - name: envoy  # guess: c\n\
             \x20     kind: container  # guess: d\n\
             \x20   - name: log  # guess: e\n"
        );
        assert_eq!(draft.get("pod.pre_stop.sleep"), Some(&json!("15s")));
        assert_eq!(draft.get("pod.grace"), None);
    }
}
