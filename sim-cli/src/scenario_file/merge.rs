//! Laying one layer over another, and one `--set` value over the rest.

use super::schema::View;
use crate::text::error::Diagnostic;
use crate::text::path::{Path, Step};
use crate::text::source::Place;
use crate::text::tree::{Node, Origin, Value};

/// Lays `over` over `base`.
///
/// Maps merge key by key, lists and scalars replace. Where the schema allows one of several kinds (a distribution, a
/// value over time), another kind replaces the whole map and only the same kind merges.
pub(super) fn overlay(base: &mut Node, over: Node, view: Option<View<'_>>) {
    let Value::Map(entries) = over.value else {
        *base = over;
        return;
    };
    let alternatives = view.is_some_and(View::is_one_of);
    if let (true, [(key, _)], Value::Map(_)) = (alternatives, entries.as_slice(), &base.value) {
        keep_only(base, key);
    } else if alternatives || !matches!(base.value, Value::Map(_)) {
        *base = Node {
            value: Value::Map(entries),
            origin: over.origin,
        };
        return;
    }
    base.origin = over.origin;
    let Value::Map(below) = &mut base.value else {
        unreachable!("checked above")
    };
    for (key, node) in entries {
        let field = view.and_then(|view| view.field(&key));
        match below.iter_mut().find(|(known, _)| *known == key) {
            Some((_, under)) => overlay(under, node, field),
            None => below.push((key, node)),
        }
    }
}

fn keep_only(node: &mut Node, kept: &str) {
    if let Value::Map(entries) = &mut node.value {
        entries.retain(|(key, _)| key == kept);
    }
}

/// Lays `value` over the place in `root` that `steps` lead to. Each step brings the part of the argument it stands in.
pub(super) fn set(
    root: &mut Node,
    steps: &[(Step, Place)],
    value: Node,
    root_view: View<'_>,
) -> Result<(), Diagnostic> {
    let mut node = root;
    let mut view = Some(root_view);
    let mut path = Path::default();
    let mut here = steps.first().map(|(_, place)| place);
    for (step, place) in steps {
        match step {
            Step::Key(key) => {
                if let Value::List(items) = &node.value {
                    let (list, count) = (path.to_string(), items.len());
                    return Err(
                        Diagnostic::at(place.clone(), format!("`{list}` is a list, found the key `{key}`"))
                            .help(format!("write `{list}[0].{key}` for the first of its {count} items")),
                    );
                }
                if !matches!(node.value, Value::Map(_)) {
                    *node = Node {
                        value: Value::Map(Vec::new()),
                        origin: origin(here.unwrap_or(place)),
                    };
                }
                if view.is_some_and(View::is_one_of) {
                    keep_only(node, key);
                    node.origin = origin(here.unwrap_or(place));
                }
                view = view.and_then(|view| view.field(key));
                path = path.key(key);
                node = child(node, key, &origin(place));
            }
            Step::Index(index) => {
                let found = node.describe();
                let Value::List(items) = &mut node.value else {
                    return Err(Diagnostic::at(
                        place.clone(),
                        format!("`{path}` is {found}, not a list"),
                    ));
                };
                let count = items.len();
                let Some(item) = items.get_mut(*index) else {
                    let title = match count {
                        0 => format!("`{path}` is an empty list, found the index {index}"),
                        1 => format!("`{path}` has 1 item, found the index {index}; the only index is 0"),
                        _ => format!(
                            "`{path}` has {count} items, found the index {index}; the last index is {}",
                            count - 1
                        ),
                    };
                    return Err(Diagnostic::at(place.clone(), title)
                        .help(format!("to replace the whole list write `--set '{path}=[...]'`")));
                };
                view = view.and_then(View::item);
                path = path.index(*index);
                node = item;
            }
        }
        here = Some(place);
    }
    overlay(node, value, view);
    Ok(())
}

fn origin(place: &Place) -> Origin {
    Origin::Text {
        key: place.clone(),
        value: place.clone(),
    }
}

fn child<'n>(node: &'n mut Node, key: &str, origin: &Origin) -> &'n mut Node {
    let Value::Map(entries) = &mut node.value else {
        unreachable!("made a map above")
    };
    let position = entries.iter().position(|(known, _)| known == key).unwrap_or_else(|| {
        let empty = Node {
            value: Value::Scalar(serde_json::Value::Null),
            origin: origin.clone(),
        };
        entries.push((key.to_owned(), empty));
        entries.len() - 1
    });
    &mut entries[position].1
}
