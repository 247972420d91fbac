//! From manifests to a scenario in which every value says where it comes from.
//!
//! ```text
//! files → objects → Ingress → Service → workload → Draft → scenario file
//! ```
//!
//! Three kinds of trouble are kept apart: what Kubernetes would refuse ends the import; what the load balancer
//! controller or AWS would refuse is reported, and the value that stays in force instead is simulated; what the
//! manifests cannot tell is assumed, and marked.

pub(crate) mod annotations;
mod app;
mod autoscaler;
mod autoscaler_checks;
mod class;
mod cluster;
pub(crate) mod companion;
pub(crate) mod disruption;
pub(crate) mod draft;
mod exclusive;
mod group;
pub(crate) mod hook;
mod ingress_checks;
mod left_out;
mod load;
mod node_pool;
mod numbers;
mod page;
pub(crate) mod pod;
pub(crate) mod pre_stop;
pub(crate) mod refused;
mod resources;
pub(crate) mod route;
mod select;
mod server;
mod shell;
mod target_group;
mod workload;

use serde_json::Value as Json;
use sim_core::scenario::preset::Preset;

use crate::manifest::scaling::HpaSpec;
use crate::manifest::{Body, Manifests, Object};
use crate::scenario_file::{self, Loaded};
use crate::text::error::{Diagnostic, LoadError, Severity};
use crate::text::few::few;
use crate::text::source::Sources;
use disruption::{Asked, SpotHandler, Standard};
use draft::{Draft, Origin};
use pod::Containers;
use refused::Refusal;
use route::Route;

/// What the manifests cannot tell, and which of several things is meant.
#[derive(Debug, Clone, Default)]
pub(crate) struct Options {
    /// Name, or `namespace/name`, of the Ingress or `TargetGroupBinding`.
    pub(crate) ingress: Option<String>,
    /// Name, or `namespace/name`, of the Service.
    pub(crate) service: Option<String>,
    /// The application server.
    pub(crate) app: Option<Preset>,
    /// Requests per second.
    pub(crate) rate: Option<u64>,
    /// Closed-loop sessions.
    pub(crate) sessions: Option<u64>,
    /// Pods at the start.
    pub(crate) replicas: Option<u32>,
    /// Nodes.
    pub(crate) nodes: Option<u32>,
    /// EC2 instance type of the nodes.
    pub(crate) instance_type: Option<String>,
    /// Who acts on the notice of a spot reclaim.
    pub(crate) spot_handler: Option<SpotHandler>,
}

/// An imported scenario.
#[derive(Debug)]
pub(crate) struct Imported<'m> {
    /// The scenario, still without a disruption.
    pub(crate) draft: Draft,
    /// Where it was found.
    pub(crate) route: Route<'m>,
    /// The containers of its pods.
    pub(crate) containers: Containers<'m>,
    /// The preStop hook of the application's container.
    pub(crate) hook: pre_stop::PreStop,
    /// The autoscaler of its workload.
    pub(crate) hpa: Option<(&'m Object, &'m HpaSpec)>,
    /// Who acts on the notice of a spot reclaim, and how that is known.
    pub(crate) spot_handler: (SpotHandler, Origin),
    /// What the controller or AWS would refuse.
    pub(crate) refusals: Vec<Refusal>,
    /// What else there is to know.
    pub(crate) notes: Vec<Diagnostic>,
}

/// A scenario being filled.
pub(crate) struct Importer<'m> {
    manifests: &'m Manifests,
    options: &'m Options,
    draft: Draft,
    notes: Vec<Diagnostic>,
    refusals: Vec<Refusal>,
    /// What Kubernetes would refuse.
    problems: Vec<Diagnostic>,
}

/// Imports one service.
///
/// # Errors
///
/// Nothing leads from a load balancer to pods, more than one thing does, or Kubernetes would refuse an object.
pub(crate) fn import<'m>(manifests: &'m Manifests, options: &'m Options) -> Result<Imported<'m>, Vec<Diagnostic>> {
    let mut notes = Vec::new();
    let route = route::find(
        manifests,
        options.ingress.as_deref(),
        options.service.as_deref(),
        &mut notes,
    )?;
    let mut importer = Importer {
        manifests,
        options,
        draft: Draft::default(),
        notes,
        refusals: Vec::new(),
        problems: Vec::new(),
    };
    importer.head(&route);
    // In the order of the scenario's sections; `deployment` decides about the cluster, so that comes later.
    workload::import(&mut importer, &route);
    let containers = pod::containers(&mut importer, &route);
    target_group::import(&mut importer, &route);
    ingress_checks::check(&mut importer, &route);
    autoscaler_checks::check(&mut importer, &route);
    let Some(containers) = containers else {
        return Err(importer.problems);
    };
    pod::import(&mut importer, &route, &containers);
    let hook = pre_stop::import(&mut importer, &containers);
    let requests = resources::import(&mut importer, &containers);
    app::import(&mut importer, &containers);
    pre_stop::finish(&mut importer, &hook, &containers);
    cluster::import(&mut importer, &route, requests);
    load::import(&mut importer);
    if !importer.problems.is_empty() {
        return Err(importer.problems);
    }
    importer.ignored();
    Ok(Imported {
        hpa: importer.hpa_of(route.workload),
        spot_handler: disruption::spot_handler(manifests, options.spot_handler),
        draft: importer.draft,
        route,
        containers,
        hook,
        refusals: importer.refusals,
        notes: importer.notes,
    })
}

impl<'m> Importer<'m> {
    fn head(&mut self, route: &Route<'_>) {
        let name = route.workload.name();
        let origin = Origin::at(
            route.workload.name_place(),
            format!("name of {}", route.workload.title()),
        );
        self.draft.set("name", name, origin.clone());
        let description = format!(
            "Imported: {} → {} → {}.",
            route.entry.title(),
            route.service.title(),
            route.workload.title()
        );
        self.draft.set("description", description, origin);
        self.draft.set(
            "profile",
            "eks",
            Origin::Assumed("hop latencies of a calm EKS cluster".to_owned()),
        );
        self.draft
            .set("horizon", "360s", Origin::Assumed("six minutes".to_owned()));
        if route.other_target_groups > 0 {
            let why = format!("pods of {} stand in so many target groups more", route.workload.title());
            self.draft.set(
                "load_balancer_controller.other_target_group_bindings",
                route.other_target_groups,
                Origin::at(route.workload.name_place(), why),
            );
        }
    }

    /// Replicas as they stand in the draft.
    fn replicas(&self) -> u64 {
        self.draft
            .get("deployment.replicas")
            .and_then(Json::as_u64)
            .unwrap_or(1)
    }

    /// The autoscaler of a workload.
    fn hpa_of(&self, workload: &Object) -> Option<(&'m Object, &'m HpaSpec)> {
        self.manifests.objects.iter().find_map(|object| match &object.body {
            Body::Hpa(spec) if object.namespace() == workload.namespace() => {
                let target = spec.scale_target_ref.as_ref()?;
                let kind = target.kind.as_ref().map_or("Deployment", |kind| kind.as_str());
                let name = target.name.as_ref().map_or("", |name| name.as_str());
                (kind == workload.kind && name == workload.name()).then_some((object, spec))
            }
            _ => None,
        })
    }

    fn refuse(&mut self, refusal: Refusal) {
        self.refusals.push(refusal);
    }

    /// Says which kinds had no say.
    fn ignored(&mut self) {
        let mut kinds: Vec<String> = Vec::new();
        for ignored in &self.manifests.ignored {
            let kind = format!("{} ({})", ignored.kind, ignored.api_version);
            if !kinds.contains(&kind) {
                kinds.push(kind);
            }
        }
        if !kinds.is_empty() {
            let title = match self.manifests.ignored.len() {
                1 => format!("an object of another kind is left out: {}", few(&kinds, ", ")),
                count => format!("{count} objects of other kinds are left out: {}", few(&kinds, ", ")),
            };
            self.notes.push(Diagnostic::new(title).severity(Severity::Note));
        }
    }
}

impl Imported<'_> {
    /// The scenario file with that disruption, or nothing if there is nothing to disrupt.
    pub(crate) fn with(&self, standard: Standard) -> Option<Draft> {
        let mut draft = self.draft.clone();
        disruption::apply(&mut draft, standard, &self.spot_handler).then_some(draft)
    }

    /// The scenario file with what is asked for, and what else there is to know of it.
    ///
    /// # Errors
    ///
    /// There is nothing to disrupt, or no autoscaler that could.
    pub(crate) fn asked(
        &self,
        asked: Option<Asked>,
        manifests: &Manifests,
    ) -> Result<(Draft, Vec<Diagnostic>), Vec<Diagnostic>> {
        let standard = match asked {
            Some(Asked::Standard(standard)) => self.with(standard),
            None => self.with(Standard::ScaleDown).or_else(|| self.with(Standard::Rollout)),
            Some(Asked::Hpa) => {
                let mut draft = self.draft.clone();
                let missing = || vec![autoscaler::missing(self.route.workload, manifests)];
                let (object, spec) = self.hpa.ok_or_else(missing)?;
                let notes = autoscaler::apply(&mut draft, object, spec)?;
                return Ok((draft, notes));
            }
            Some(Asked::Karpenter) => {
                let mut draft = self.draft.clone();
                let pool = disruption::pool(manifests).ok_or_else(|| vec![node_pool::missing()])?;
                let pods = select::pod_metadata(self.route.workload, self.route.spec);
                let notes = node_pool::apply(&mut draft, pool, pods)?;
                return Ok((draft, notes));
            }
        };
        standard.map(|draft| (draft, Vec::new())).ok_or_else(|| {
            let title = format!(
                "{} has one replica, so there is nothing to scale down",
                self.route.workload.title()
            );
            let help = "choose another one with --disruption, for example `--disruption rollout`";
            vec![Diagnostic::new(title).help(help)]
        })
    }
}

/// Resolves and validates a draft as `sim run` would.
///
/// # Errors
///
/// As for a scenario file with these lines.
pub(crate) fn load(
    draft: &Draft,
    sources: &Sources,
    profile: Option<&str>,
    sets: &[String],
) -> Result<Loaded, LoadError> {
    scenario_file::load_text("imported scenario", draft.to_yaml("", sources), profile, sets)
}
