//! How many pods, on what.

use serde_json::Value;

use super::event::Event;
use super::setting::Reader;
use crate::cases::prior::{NODES, Prior, REPLICAS, Sourced, ZONES};
use crate::cases::words;

/// What other parts need to know of it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Fleet {
    pub(super) replicas: f64,
}

/// First month without dockershim on EKS: 1.24 came in November 2022.
const CONTAINERD_SINCE: (u32, u32) = (2022, 11);

pub(super) fn assign(reader: &mut Reader<'_>, event: Event) -> Fleet {
    if reader.is_kubernetes() && year_and_month(&reader.case.date).is_some_and(|date| date < CONTAINERD_SINCE) {
        reader.set("profile", "eks-2022-docker");
        reader.note("a cluster reported before November 2022 has the profile `eks-2022-docker`");
    }
    target_type(reader, event);
    let zones = reader.draw_word("zones of the ALB", ZONES);
    reader.set("cluster.zones", zones);
    let nodes = reader.draw("Kubernetes nodes", NODES);
    reader.set_count("cluster.nodes", nodes);
    let replicas = replicas(reader).max(if event == Event::ScaleDown { 2.0 } else { 1.0 });
    reader.set_count("deployment.replicas", replicas);
    if reader.platform_has("StatefulSet") {
        reader.note("a StatefulSet replaces one pod at a time, and removes it first: no surge, one unavailable");
        reader.set("deployment.max_surge", "0");
        reader.set("deployment.max_unavailable", "1");
    }
    for (setting, path) in [
        ("max_surge", "deployment.max_surge"),
        ("max_unavailable", "deployment.max_unavailable"),
    ] {
        if let Some(value) = reader.count_or_share(setting) {
            reader.set(path, value);
        }
    }
    if let Some(seconds) = reader.number("min_ready_s") {
        reader.set_seconds("deployment.min_ready", seconds.round());
    }
    if let Some(pods) = reader.number("pdb_min_available") {
        reader.set_count("pod_disruption_budget.min_available", pods);
    }
    Fleet { replicas }
}

fn replicas(reader: &mut Reader<'_>) -> f64 {
    if let Some(replicas) = reader.number("replicas") {
        return replicas;
    }
    match reader.case.environment.replicas.clone() {
        None | Some(Value::Null) => {}
        Some(Value::Number(number)) => return number.as_f64().unwrap_or(1.0),
        Some(Value::String(text)) if text.starts_with("1 in Dev, more elsewhere") => {
            let meaning = Sourced {
                prior: Prior::Whole(1, 6),
                source: "the words",
            };
            return reader.draw("replicas", meaning);
        }
        Some(Value::String(text)) => {
            if let Some(number) = words::number_before(&text, " pods") {
                reader.note(format!("replicas from the environment's text: {number}"));
                return number;
            }
            reader.unread("environment.replicas", &text);
        }
        Some(other) => reader.unread("environment.replicas", &other.to_string()),
    }
    reader.draw("replicas", REPLICAS)
}

/// What is registered, and whether that is nodes.
fn target_type(reader: &mut Reader<'_>, event: Event) {
    let text = reader
        .word("target_type")
        .or(reader.case.environment.target_type.as_deref());
    let kind = match text {
        // Servers that are targets themselves are the model's pods: no kube-proxy is in between.
        Some("instance") if !reader.is_kubernetes() => "ip",
        Some("instance") => "instance",
        Some("ip or instance unknown") => {
            let either = Sourced {
                prior: Prior::Choice(&["ip", "instance"]),
                source: "the words",
            };
            reader.draw_word("target type", either)
        }
        _ => "ip",
    };
    if text.is_none() && event != Event::Steady {
        reader.note("the target type is not stated: pods");
    }
    if kind == "instance" {
        reader.set("target_group.target_type", "instance");
        reader.facts.insert("nodes are targets", 1.0);
    }
}

/// The first year that a date's text names, and the month behind it if there is one (else January).
fn year_and_month(date: &str) -> Option<(u32, u32)> {
    let is_year = |word: &&str| word.len() == 4 && word.bytes().all(|byte| byte.is_ascii_digit());
    let words: Vec<&str> = date
        .split(|c: char| !c.is_ascii_digit())
        .filter(|word| !word.is_empty())
        .collect();
    let at = words.iter().position(is_year)?;
    let year = words[at].parse().ok()?;
    let month = words
        .get(at + 1)
        .filter(|word| word.len() == 2)
        .and_then(|word| word.parse().ok());
    Some((year, month.filter(|month| (1..=12).contains(month)).unwrap_or(1)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_read_as_people_write_them() {
        let dates = [
            ("2022-06-30", Some((2022, 6))),
            ("2022-2023 (inferred)", Some((2022, 1))),
            ("2019-11 / 2019-12", Some((2019, 11))),
            ("2024 or earlier", Some((2024, 1))),
            ("2026-05-12 (blog)", Some((2026, 5))),
            ("unknown", None),
        ];
        for (text, expected) in dates {
            assert_eq!(year_and_month(text), expected, "{text}");
        }
    }
}
