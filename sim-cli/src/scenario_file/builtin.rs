//! The scenarios and profiles that `sim` brings along.

use crate::text::source::Sources;
use crate::text::tree::Node;
use crate::text::yaml;

/// A YAML file inside the binary.
#[derive(Debug, Clone, Copy)]
pub(crate) struct BuiltIn {
    /// Name it is called by.
    pub(crate) name: &'static str,
    /// Its YAML.
    pub(crate) text: &'static str,
}

impl BuiltIn {
    /// The file's own description, on one line.
    pub(crate) fn description(&self) -> String {
        let mut sources = Sources::default();
        let id = sources.add_argument(self.name, self.text);
        let root = yaml::parse(id, self.text, 0).ok().flatten();
        let description = root
            .as_ref()
            .and_then(|root| root.get("description"))
            .and_then(Node::as_str);
        description
            .unwrap_or_default()
            .split_whitespace()
            .collect::<Vec<_>>()
            .join(" ")
    }
}

macro_rules! built_in {
    ($directory:literal: $($name:literal),+ $(,)?) => {
        &[$(BuiltIn { name: $name, text: include_str!(concat!("../../", $directory, "/", $name, ".yaml")) }),+]
    };
}

/// The scenarios, in the order in which they are best read.
pub(crate) const SCENARIOS: &[BuiltIn] = built_in![
    "scenarios":
    "logistics-before",
    "logistics-after",
    "headline-before",
    "headline-after",
    "rollout",
    "node-drain",
    "cluster-autoscaler-night",
    "node-failure",
    "graceful-node-shutdown",
    "ip-reuse",
    "controller-restart",
    "throttled-5000",
    "zone-failure",
    "karpenter-consolidation",
    "spot-reclaim",
    "instance-targets",
    "keep-alive-race",
    "cold-start-no-gate",
    "cold-start-gated",
    "hpa-evening-drop",
];

/// The profiles; the first is in force where no other is named.
pub(crate) const PROFILES: &[BuiltIn] = built_in!["profiles": "eks", "documented", "eks-stress", "eks-2022-docker"];

/// The file of that name.
pub(super) fn named(list: &'static [BuiltIn], name: &str) -> Option<&'static BuiltIn> {
    list.iter().find(|built_in| built_in.name == name)
}
