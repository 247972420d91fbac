//! Flags of `sim import`, and those that `sim check` shares with it.

use std::path::PathBuf;

use clap::Args;
use sim_core::scenario::preset::Preset;

use crate::import::Options;
use crate::import::disruption::{Asked, SpotHandler};
use crate::text::nearest;

/// Make a scenario from Kubernetes manifests
///
/// Reads any mix of Kubernetes objects (files, directories, standard input), follows Ingress → Service → workload, and
/// prints a scenario in which every value says where it comes from. What no manifest tells is assumed and marked.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  kubectl get deploy,svc,ingress,hpa,pdb -o yaml | sim import - > shop.yaml
  helm template ./chart | sim import - --rate 200/s --app gunicorn-sync
  sim import k8s/ --service shop --disruption rollout --output shop.yaml && sim run shop.yaml")]
pub(crate) struct ImportArgs {
    /// What to import.
    #[command(flatten)]
    pub(crate) input: ManifestInput,
    /// What takes pods away in the scenario [default: scale-down, or rollout of a single pod]
    #[arg(long, value_enum, value_name = "KIND")]
    pub(crate) disruption: Option<Asked>,
    /// Write the scenario here instead of stdout
    #[arg(long, value_name = "FILE|-", default_value = "-")]
    pub(crate) output: PathBuf,
}

/// Which manifests, and what they cannot tell.
#[derive(Debug, Args)]
pub(crate) struct ManifestInput {
    /// Files or directories of Kubernetes YAML or JSON, or `-` for standard input
    #[arg(value_name = "FILE", required = true)]
    pub(crate) files: Vec<String>,
    /// Ingress or `TargetGroupBinding` to follow, where there are several: a name or namespace/name
    #[arg(long, value_name = "NAME")]
    pub(crate) ingress: Option<String>,
    /// Service to follow, where there are several: a name or namespace/name
    #[arg(long, value_name = "NAME")]
    pub(crate) service: Option<String>,
    /// Application server [default: guessed from image, command and port]
    #[arg(long, value_name = "PRESET", value_parser = preset)]
    pub(crate) app: Option<Preset>,
    /// Requests per second of all clients together, for example `200/s` [default: 10/s for each pod]
    #[arg(long, value_name = "RATE", value_parser = rate)]
    pub(crate) rate: Option<u64>,
    /// Closed-loop sessions with a think time of 1 s
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    pub(crate) sessions: Option<u64>,
    /// Pods at the start [default: as the manifests say]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) replicas: Option<u32>,
    /// Nodes [default: enough for the pods]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) nodes: Option<u32>,
    /// EC2 instance type of the nodes [default: from a `NodePool`, or one that holds the pods]
    #[arg(long, value_name = "TYPE")]
    pub(crate) instance_type: Option<String>,
    /// Who acts on the notice of a spot reclaim [default: karpenter where there is a `NodePool`, else a drain as managed
    /// node groups and the Node Termination Handler do it]
    #[arg(long, value_enum, value_name = "WHO")]
    pub(crate) spot_handler: Option<SpotHandler>,
}

impl ManifestInput {
    /// As the importer takes them.
    pub(crate) fn options(&self) -> Options {
        Options {
            ingress: self.ingress.clone(),
            service: self.service.clone(),
            app: self.app,
            rate: self.rate,
            sessions: self.sessions,
            replicas: self.replicas,
            nodes: self.nodes,
            instance_type: self.instance_type.clone(),
            spot_handler: self.spot_handler,
        }
    }
}

/// The preset of that name.
pub(super) fn preset(text: &str) -> Result<Preset, String> {
    serde_json::from_value(serde_json::Value::from(text)).map_err(|_| {
        let names: Vec<String> = Preset::ALL.iter().map(|preset| preset_name(*preset)).collect();
        let near = nearest::nearest(text, names.iter().map(String::as_str));
        let near = near.map_or_else(String::new, |near| format!("; did you mean `{near}`?"));
        format!("expected one of {}{near}", names.join(", "))
    })
}

/// As [`preset`] takes it.
pub(super) fn preset_name(preset: Preset) -> String {
    let name = serde_json::to_value(preset).ok();
    name.as_ref()
        .and_then(|name| name.as_str())
        .unwrap_or_default()
        .to_owned()
}

/// Whole requests per second.
pub(super) fn rate(text: &str) -> Result<u64, String> {
    let number = text.strip_suffix("/s").and_then(|number| number.parse::<u32>().ok());
    match number {
        Some(number) if number > 0 => Ok(u64::from(number)),
        _ => Err("expected whole requests per second, such as \"200/s\"".to_owned()),
    }
}
