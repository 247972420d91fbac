//! Actions in annotations, to which a backend with the port `use-annotation` refers (lbc §3.4).

use serde_json::Value as Json;

use crate::import::annotations::PREFIX;
use crate::manifest::Object;
use crate::text::decode::Spanned;
use crate::text::error::{Diagnostic, Severity};
use crate::text::source::Place;

/// Name and port of a Service.
type Target = (String, Option<Json>);

/// Where an action forwards to.
#[derive(Debug)]
pub(super) struct Action {
    /// Where that stands.
    pub(super) place: Place,
    /// Services with their ports; none for a fixed response or a redirect.
    pub(super) services: Vec<Target>,
    /// What of it leads out of the input, in words.
    pub(super) elsewhere: Option<String>,
}

/// What an action of the Ingress's annotations does.
pub(super) fn targets(ingress: &Object, action: &Spanned<String>) -> Result<Action, Diagnostic> {
    let name = format!("{PREFIX}actions.{}", action.value);
    let Some(text) = ingress.metadata.annotation(&name) else {
        let title = format!("{}: there is no annotation `{name}`", ingress.title());
        return Err(Diagnostic::at(action.place.clone(), title)
            .severity(Severity::Warning)
            .note("the controller answers such requests with a fixed 503 (lbc §3.4)"));
    };
    let json: Json = serde_json::from_str(text.as_str()).map_err(|error| {
        let title = format!("{}: the annotation `{name}` is no JSON: {error}", ingress.title());
        Diagnostic::at(text.place.clone(), title)
            .severity(Severity::Warning)
            .note("the controller builds nothing of this Ingress (FailedBuildModel, lbc §3.5)")
    })?;
    let target = |group: &Json| {
        let name = get(group, "serviceName")?.as_str()?.to_owned();
        Some((name, get(group, "servicePort").cloned()))
    };
    let is_named = |group: &Json| {
        let mut names = ["targetGroupARN", "targetGroupName"].iter();
        names.any(|key| get(group, key).is_some())
    };
    // Either a target group by itself, or several in `forwardConfig`.
    let elsewhere = is_named(&json) || groups(&json).iter().any(is_named);
    Ok(Action {
        place: text.place.clone(),
        services: groups(&json).iter().filter_map(target).collect(),
        elsewhere: elsewhere.then(|| {
            format!(
                "the action `{}` forwards to a target group made elsewhere: nothing in the input tells its pods",
                action.value
            )
        }),
    })
}

/// Actions that forward to several target groups without a weight for each, which the controller refuses.
pub(in crate::import) fn without_weights(ingress: &Object) -> Vec<Diagnostic> {
    let annotations = ingress.metadata.annotations.iter().flatten();
    let actions = annotations.filter(|(name, _)| name.starts_with(&format!("{PREFIX}actions.")));
    let problem = |(name, text): (&String, &Spanned<String>)| {
        let json: Json = serde_json::from_str(text.as_str()).ok()?;
        let groups = groups(&json);
        let lacking = groups.iter().position(|group| get(group, "weight").is_none())?;
        (groups.len() > 1).then(|| {
            let title = format!(
                "`{name}` forwards to {} target groups, and number {} has no weight; each needs one",
                groups.len(),
                lacking + 1
            );
            Diagnostic::at(text.place.clone(), title)
                .severity(Severity::Warning)
                .note("the controller builds nothing of this Ingress (FailedBuildModel, lbc §3.4)")
        })
    };
    actions.filter_map(problem).collect()
}

fn groups(action: &Json) -> &[Json] {
    let forward = get(action, "forwardConfig");
    let groups = forward.and_then(|forward| get(forward, "targetGroups")?.as_array());
    groups.map_or(&[], Vec::as_slice)
}

/// A field of the controller's JSON, whose names match in any case (lbc §3.1).
fn get<'j>(json: &'j Json, key: &str) -> Option<&'j Json> {
    let fields = json.as_object()?;
    fields
        .iter()
        .find(|(name, _)| name.eq_ignore_ascii_case(key))
        .map(|(_, value)| value)
}
