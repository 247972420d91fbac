//! Nodes enough for the pods: the manifests do not say how many there are.

use sim_core::scenario::cluster::Cluster;
use sim_core::scenario::instance_type::{self, InstanceType};
use sim_core::scenario::pod::Resources;

use super::Importer;
use super::draft::Origin;
use super::route::Route;
use crate::manifest::Body;
use crate::text::error::Diagnostic;

/// What is tried in turn for pods that request much, smallest first.
const LADDER: [&str; 5] = ["m5.large", "m5.xlarge", "m5.2xlarge", "m5.4xlarge", "m5.24xlarge"];

/// Fewest nodes assumed: one in each zone and as many again, so that a drained node's pods find room.
const FEWEST: u64 = 6;

/// Fills the section `cluster`.
pub(super) fn import(importer: &mut Importer<'_>, route: &Route<'_>, requests: Resources) {
    let replicas = importer.replicas();
    let zones = 3;
    importer.draft.set(
        "cluster.zones",
        zones,
        Origin::Assumed("3 zones are assumed".to_owned()),
    );
    let (instance, origin) = instance(importer, requests);
    importer.draft.set("cluster.instance_type", instance.name, origin);
    let per_node = pods_per_node(instance, requests).max(1);
    let (nodes, origin) = if let Some(nodes) = importer.options.nodes {
        (u64::from(nodes), Origin::Flag(format!("--nodes {nodes}")))
    } else if route.workload.kind == "DaemonSet" {
        let why = "a DaemonSet has one pod on each node".to_owned();
        (replicas, Origin::Assumed(why))
    } else {
        // Half as many pods again, for a rollout's surge and a node that is away.
        let nodes = (replicas + replicas / 2).div_ceil(per_node).max(FEWEST);
        (
            nodes,
            Origin::Assumed(format!(
                "enough for {replicas} pods, {per_node} on each node, and half as many again"
            )),
        )
    };
    importer.draft.set("cluster.nodes", nodes, origin);
}

fn instance(importer: &mut Importer<'_>, requests: Resources) -> (InstanceType, Origin) {
    if let Some(name) = importer.options.instance_type.clone() {
        if let Some(instance) = InstanceType::named(&name) {
            return (instance, Origin::Flag(format!("--instance-type {name}")));
        }
        let known = instance_type::ALL.iter().map(|instance| instance.name);
        let title = format!("--instance-type: unknown instance type `{name}`");
        importer.problems.push(Diagnostic::new(title).suggest(&name, known));
    }
    if let Some((instance, origin)) = of_node_pool(importer) {
        return (instance, origin);
    }
    let fits = |name: &&&str| InstanceType::named(name).is_some_and(|instance| pods_per_node(instance, requests) >= 2);
    let name = LADDER
        .iter()
        .find(fits)
        .or(LADDER.last())
        .expect("the list is not empty");
    let instance = InstanceType::named(name).expect("the list has known types");
    (
        instance,
        Origin::Assumed("the smallest m5 that holds at least two of the pods is assumed".to_owned()),
    )
}

/// The first known type that a `NodePool` or `Provisioner` names.
fn of_node_pool(importer: &Importer<'_>) -> Option<(InstanceType, Origin)> {
    importer.manifests.objects.iter().find_map(|object| {
        let requirements = match &object.body {
            Body::NodePool(spec) => spec.template.as_ref()?.spec.as_ref()?.requirements.as_ref()?,
            Body::Provisioner(spec) => spec.requirements.as_ref()?,
            _ => return None,
        };
        let is_type = |key: &str| key == "node.kubernetes.io/instance-type";
        let named = requirements.iter().filter(|requirement| {
            requirement.key.as_ref().is_some_and(|key| is_type(key.as_str()))
                && requirement
                    .operator
                    .as_ref()
                    .is_some_and(|operator| operator.as_str() == "In")
        });
        let mut values = named.flat_map(|requirement| requirement.values.iter().flatten());
        values.find_map(|value| {
            let instance = InstanceType::named(value.as_str())?;
            Some((
                instance,
                Origin::manifest(value, format!("requirements of {}", object.title())),
            ))
        })
    })
}

/// Pods of these requests that a node holds beside those of the system.
fn pods_per_node(instance: InstanceType, requests: Resources) -> u64 {
    let system = Cluster::default();
    let room = instance.allocatable();
    let slots = u64::from(instance.max_pods().saturating_sub(system.system_pods_per_node));
    let of = |room: u64, taken: u64, each: u64| room.saturating_sub(taken).checked_div(each).unwrap_or(u64::MAX);
    slots
        .min(of(
            room.cpu.millicores(),
            system.system_requests.cpu.millicores(),
            requests.cpu.millicores(),
        ))
        .min(of(
            room.memory.bytes(),
            system.system_requests.memory.bytes(),
            requests.memory.bytes(),
        ))
}
