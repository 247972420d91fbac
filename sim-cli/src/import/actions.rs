//! Actions that an Ingress names in place of a Service (`use-annotation`, lbc §3.4).

use serde_json::Value as Json;

use super::annotations::PREFIX;
use crate::manifest::Object;

/// Where an action forwards to.
#[derive(Debug, Default)]
pub(super) struct Action {
    /// Services with their ports; none for a fixed response or a redirect.
    pub(super) services: Vec<(String, Option<Json>)>,
    /// What of it leads out of the input, in words.
    pub(super) elsewhere: Option<String>,
}

/// What an action of the Ingress's annotations does.
///
/// # Errors
///
/// The annotation is not there, or the controller cannot read it.
pub(super) fn targets(ingress: &Object, action: &str) -> Result<Action, String> {
    let suffix = format!("actions.{action}");
    let Some(text) = ingress.metadata.annotation(&format!("{PREFIX}{suffix}")) else {
        return Err(format!("there is no annotation `{PREFIX}{suffix}`"));
    };
    let json: Json = serde_json::from_str(text.as_str())
        .map_err(|error| format!("the annotation `{PREFIX}{suffix}` is not JSON: {error}"))?;
    // Either field by itself, or several groups in `forwardConfig`.
    let mut groups: Vec<&Json> = vec![&json];
    if let Some(forward) = get(&json, "forwardConfig") {
        groups.extend(
            get(forward, "targetGroups")
                .and_then(Json::as_array)
                .into_iter()
                .flatten(),
        );
    }
    let target = |group: &Json| {
        let name = get(group, "serviceName")?.as_str()?.to_owned();
        Some((name, get(group, "servicePort").cloned()))
    };
    let is_named = |group: &&Json| {
        ["targetGroupARN", "targetGroupName"]
            .iter()
            .any(|key| get(group, key).is_some())
    };
    let elsewhere = groups.iter().any(is_named);
    Ok(Action {
        services: groups.into_iter().filter_map(target).collect(),
        elsewhere: elsewhere.then(|| {
            format!("the action `{action}` forwards to a target group made elsewhere: nothing in the input tells its pods")
        }),
    })
}

/// A field of the controller's JSON, whose names match in any case (lbc §3.1).
fn get<'j>(json: &'j Json, key: &str) -> Option<&'j Json> {
    let fields = json.as_object()?;
    fields
        .iter()
        .find(|(name, _)| name.eq_ignore_ascii_case(key))
        .map(|(_, value)| value)
}
