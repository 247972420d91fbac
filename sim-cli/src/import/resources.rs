//! What a pod requests, and its further containers.

use std::str::FromStr;

use sim_core::scenario::pod::Resources;
use sim_core::scenario::quantity::{Cpu, Memory, ParseQuantityError};

use super::draft::Origin;
use super::pod::Containers;
use super::{Importer, pre_stop};
use crate::manifest::meta::Scalar;
use crate::manifest::pod::Container;
use crate::text::error::{Diagnostic, Severity};
use crate::text::source::Place;

/// Variable by which Istio's sidecar is told how long to drain.
const ISTIO_DRAIN: &str = "TERMINATION_DRAIN_DURATION_SECONDS";

/// Fills `pod.requests` and `pod.sidecars`; gives what one pod requests.
pub(super) fn import(importer: &mut Importer<'_>, containers: &Containers<'_>) -> Resources {
    let main = containers.pod.containers.iter().flatten();
    let sidecars = containers
        .pod
        .init_containers
        .iter()
        .flatten()
        .filter(|container| is_sidecar(container));
    let all: Vec<&Container> = main.chain(sidecars).collect();
    let mut total = Resources::ZERO;
    for (name, path) in [("cpu", "pod.requests.cpu"), ("memory", "pod.requests.memory")] {
        let mut first: Option<Place> = None;
        let mut parts = 0;
        let (mut millicores, mut bytes) = (0, 0);
        for container in &all {
            let resources = container.resources.as_ref();
            let requests = resources.and_then(|resources| resources.requests.as_ref()?.get(name));
            // Without requests the limits count, as the API server sets them.
            let limits = resources.and_then(|resources| resources.limits.as_ref()?.get(name));
            let Some(quantity) = requests.or(limits) else { continue };
            first.get_or_insert_with(|| quantity.place.clone());
            parts += 1;
            if name == "cpu" {
                millicores += importer.quantity::<Cpu>(quantity).map_or(0, Cpu::millicores);
            } else {
                bytes += importer.quantity::<Memory>(quantity).map_or(0, Memory::bytes);
            }
        }
        let (cpu, memory) = (Cpu::from_millicores(millicores), Memory::from_bytes(bytes));
        let text = if name == "cpu" {
            cpu.to_string()
        } else {
            memory.to_string()
        };
        if name == "cpu" {
            total.cpu = cpu;
        } else {
            total.memory = memory;
        }
        let origin = match first {
            Some(place) => {
                let origin = Origin::at(place, format!("resources.requests.{name}"));
                if parts > 1 {
                    origin.remark(format!("summed over {parts} containers"))
                } else {
                    origin
                }
            }
            None => Origin::Default("nothing is requested"),
        };
        importer.draft.set(path, text, origin);
    }
    import_sidecars(importer, containers);
    total
}

fn is_sidecar(container: &Container) -> bool {
    container
        .restart_policy
        .as_ref()
        .is_some_and(|policy| policy.as_str() == "Always")
}

fn import_sidecars(importer: &mut Importer<'_>, containers: &Containers<'_>) {
    let ordinary = containers.pod.containers.iter().flatten().enumerate();
    let ordinary = ordinary.filter(|(index, _)| *index != containers.index);
    let restartable = containers.pod.init_containers.iter().flatten().enumerate();
    let restartable = restartable.filter(|(_, container)| is_sidecar(container));
    let all = ordinary
        .map(|(index, container)| {
            (
                format!("{}.containers[{index}]", containers.prefix),
                container,
                "container",
            )
        })
        .chain(restartable.map(|(index, container)| {
            (
                format!("{}.initContainers[{index}]", containers.prefix),
                container,
                "restartable_init",
            )
        }));
    for (index, (field, container, kind)) in all.enumerate() {
        let base = format!("pod.sidecars[{index}]");
        let name = container.name.as_ref();
        let origin = name.map_or_else(
            || Origin::Guess("the container has no name".to_owned()),
            |name| Origin::manifest(name, field.clone()),
        );
        let called = name.map_or_else(|| format!("container-{index}"), |name| name.value.clone());
        importer.draft.set(&format!("{base}.name"), called, origin.clone());
        let policy = container.restart_policy.as_ref().filter(|_| kind == "restartable_init");
        let origin = policy.map_or(origin, |policy| {
            Origin::manifest(policy, format!("{field}.restartPolicy"))
        });
        importer.draft.set(&format!("{base}.kind"), kind, origin);
        let pre_stop = container
            .lifecycle
            .as_ref()
            .and_then(|lifecycle| lifecycle.pre_stop.as_ref());
        if let Some((sleep, origin)) = pre_stop.and_then(|handler| pre_stop::sleep_of(importer, handler, &field)) {
            importer.draft.set(&format!("{base}.pre_stop_sleep"), sleep, origin);
        }
        let istio = container.env.iter().flatten().find_map(|variable| {
            let name = variable.name.as_ref()?;
            (name.as_str() == ISTIO_DRAIN).then_some(variable.value.as_ref()?)
        });
        if let Some((value, seconds)) = istio.and_then(|value| Some((value, value.parse::<u32>().ok()?))) {
            let origin = Origin::manifest(value, format!("{field}.env: {ISTIO_DRAIN}"));
            let why = "guess: Istio's agent drains that long after SIGTERM";
            importer
                .draft
                .set(&format!("{base}.stop_time"), format!("{seconds}s"), origin.remark(why));
        }
        if container.readiness_probe.is_some() {
            let title = "the readinessProbe of a further container is not simulated: the pod is Ready without it";
            let place = name.map(|name| name.place.clone());
            importer
                .notes
                .push(Diagnostic::maybe_at(place, title).severity(Severity::Note));
        }
    }
}

impl Importer<'_> {
    fn quantity<Q: FromStr<Err = ParseQuantityError>>(&mut self, quantity: &Scalar) -> Option<Q> {
        let text = quantity
            .value
            .as_str()
            .map_or_else(|| quantity.value.to_string(), str::to_owned);
        match text.parse() {
            Ok(value) => Some(value),
            // Legal in Kubernetes, which rounds it up.
            Err(error @ ParseQuantityError::FinerThanMillicore { .. }) => {
                self.notes
                    .push(Diagnostic::at(quantity.place.clone(), error.to_string()).severity(Severity::Note));
                None
            }
            Err(error) => {
                self.problems
                    .push(Diagnostic::at(quantity.place.clone(), error.to_string()));
                None
            }
        }
    }
}
