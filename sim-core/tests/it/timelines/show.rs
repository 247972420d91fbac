//! A trace as lines that a person can compare with a sum on paper.

use sim_core::scenario::Scenario;
use sim_core::summary::RunSummary;
use sim_core::time::{SimDuration, SimTime};
use sim_core::trace::{Fact, RequestRecord, TraceRecord};

use crate::support::run_traced;

/// What a timeline shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Topic {
    /// Creation, DELETE and removal of pod objects.
    Objects,
    /// The Ready condition in the API.
    Ready,
    /// Kubernetes nodes and their instances.
    Nodes,
    /// What the kubelet and the container runtime do.
    Kubelet,
    /// What a new connection to the server meets.
    Server,
    /// Writes of the `EndpointSlice` controller.
    Slices,
    /// What the last kube-proxy has acted on.
    Proxies,
    /// Reconciles of the AWS Load Balancer Controller and its calls.
    Controller,
    /// Target health as `DescribeTargetHealth` shows it.
    Health,
    /// Views of the ALB nodes.
    Views,
    /// Readiness gates of pods, as far as the trace tells them.
    Gates,
    /// Further target groups, and who leads the controller.
    Others,
    /// DNS, zonal shifts, dead ALB nodes and cut weights.
    Zones,
    /// Finished requests.
    Requests,
    /// Looks of the `HorizontalPodAutoscaler`.
    Autoscaler,
}

/// The trace of one run, with instants counted from an origin.
pub(crate) struct Timeline {
    pub(crate) summary: RunSummary,
    pub(crate) trace: Vec<TraceRecord>,
    origin_ns: u64,
}

impl Timeline {
    /// Runs the scenario; instants count from the start of the run.
    pub(crate) fn of(scenario: &Scenario) -> Self {
        let (summary, trace) = run_traced(scenario);
        Self {
            summary,
            trace,
            origin_ns: 0,
        }
    }

    /// Counts from the first DELETE instead.
    pub(crate) fn since_delete(self) -> Self {
        self.since_first(|fact| matches!(fact, Fact::DeletionCommitted { .. }))
    }

    /// Counts from the first fact that is `wanted`.
    pub(crate) fn since_first(self, wanted: impl Fn(&Fact) -> bool) -> Self {
        let first = self.first(wanted);
        self.since(first)
    }

    /// Counts from this instant instead.
    pub(crate) fn since(mut self, origin: SimTime) -> Self {
        self.origin_ns = origin.as_ns();
        self
    }

    /// Numbers the pods in the order of their DELETE, then those that stay in the order of creation: which pods a
    /// scale-down takes out of equal ones is random.
    pub(crate) fn in_order_of_deletion(mut self) -> Self {
        let mut order = Vec::new();
        let deleted = |fact: &Fact| match fact {
            Fact::DeletionCommitted { pod, .. } => Some(*pod),
            _ => None,
        };
        let created = |fact: &Fact| match fact {
            Fact::PodCreated { pod } => Some(*pod),
            _ => None,
        };
        order.extend(self.trace.iter().filter_map(|record| deleted(&record.fact)));
        let rest = self.trace.iter().filter_map(|record| created(&record.fact));
        let rest: Vec<u32> = rest.filter(|pod| !order.contains(pod)).collect();
        order.extend(rest);
        for record in &mut self.trace {
            renumber(&mut record.fact, &order);
        }
        self
    }

    /// Instant of the first fact that is `wanted`.
    pub(crate) fn first(&self, wanted: impl Fn(&Fact) -> bool) -> SimTime {
        self.all(wanted).next().expect("such a fact").0
    }

    /// Every fact that is `wanted`, with its instant since the run's start.
    pub(crate) fn all(&self, wanted: impl Fn(&Fact) -> bool) -> impl Iterator<Item = (SimTime, &Fact)> {
        self.trace
            .iter()
            .filter(move |record| wanted(&record.fact))
            .map(|record| (SimTime::from_ns(record.at_ns), &record.fact))
    }

    pub(crate) fn requests(&self) -> impl Iterator<Item = &RequestRecord> {
        self.trace.iter().filter_map(|record| match &record.fact {
            Fact::Request(request) => Some(request),
            _ => None,
        })
    }

    /// Asserts that the facts of `topics` after the origin (or at it, if it is not the run's start) are these lines.
    pub(crate) fn check(&self, topics: &[Topic], expected: &str) {
        let found: Vec<String> = self
            .trace
            .iter()
            .filter(|record| record.at_ns >= self.origin_ns.max(1))
            .filter_map(|record| {
                let (topic, text) = line(&record.fact)?;
                let at = SimTime::from_ns(record.at_ns - self.origin_ns);
                topics.contains(&topic).then(|| format!("{at} {text}"))
            })
            .collect();
        let expected: Vec<&str> = expected
            .lines()
            .map(str::trim)
            .filter(|line| !line.is_empty())
            .collect();
        let differs = found
            .iter()
            .zip(&expected)
            .position(|(found, expected)| found != expected);
        let at = differs.unwrap_or(found.len().min(expected.len()));
        assert!(
            found == expected,
            "from line {} on\nworked out by hand:\n  {}\nfound:\n  {}\n",
            at + 1,
            expected.join("\n  "),
            found.join("\n  "),
        );
    }
}

/// Replaces each pod by its place in `order`.
fn renumber(fact: &mut Fact, order: &[u32]) {
    let place = |pod: &mut u32| {
        let place = order.iter().position(|known| known == pod).expect("a known pod");
        *pod = u32::try_from(place).expect("few pods");
    };
    match fact {
        Fact::PodCreated { pod }
        | Fact::PodScheduled { pod, .. }
        | Fact::ContainersStarted { pod }
        | Fact::PodReady { pod, .. }
        | Fact::DeletionCommitted { pod, .. }
        | Fact::KillStarted { pod }
        | Fact::PodShutDown { pod, .. }
        | Fact::PreStopStarted { pod, .. }
        | Fact::PreStopEnded { pod, .. }
        | Fact::SigtermSent { pod, .. }
        | Fact::SigkillSent { pod, .. }
        | Fact::ContainerExited { pod, .. }
        | Fact::SandboxRemoved { pod, .. }
        | Fact::PodDeleted { pod }
        | Fact::AddressReused { pod, .. }
        | Fact::ServerChanged { pod, .. }
        | Fact::EndpointWritten { pod, .. }
        | Fact::ReadinessGate { pod, .. }
        | Fact::GateNotInjected { pod }
        | Fact::TargetHealth { target: pod, .. }
        | Fact::TargetOverridden { target: pod, .. }
        | Fact::TargetMitigated { target: pod, .. }
        | Fact::NodeTarget { target: pod, .. } => place(pod),
        Fact::CallAccepted { targets, .. }
        | Fact::OtherCallAccepted { targets, .. }
        | Fact::DeregisteredOutOfBand { targets } => targets.iter_mut().for_each(place),
        Fact::ProxiesUpdated { pods } => pods.iter_mut().for_each(place),
        Fact::Request(request) => request.target.iter_mut().for_each(place),
        Fact::RunStarted { .. }
        | Fact::DisruptionStarted { .. }
        | Fact::NodeChanged { .. }
        | Fact::DnsAnswered { .. }
        | Fact::AlbNodeDied { .. }
        | Fact::ReconcileStarted
        | Fact::OtherReconcileStarted { .. }
        | Fact::LeaderLost
        | Fact::LeaderElected
        | Fact::CallDelayed { .. }
        | Fact::HpaSynced { .. }
        | Fact::RunEnded { .. } => {}
    }
}

/// One fact as a line of a timeline.
fn line(fact: &Fact) -> Option<(Topic, String)> {
    let line = match fact {
        Fact::PodCreated { pod } => (Topic::Objects, format!("pod {pod} created")),
        Fact::PodReady { pod, ready: true } => (Topic::Ready, format!("pod {pod} Ready")),
        Fact::PodReady { pod, ready: false } => (Topic::Ready, format!("pod {pod} not Ready")),
        Fact::DeletionCommitted { pod, grace_period_s } => {
            (Topic::Objects, format!("pod {pod} DELETE, grace {grace_period_s}"))
        }
        Fact::PodDeleted { pod } => (Topic::Objects, format!("pod {pod} gone")),
        Fact::ContainersStarted { pod } => (Topic::Kubelet, format!("pod {pod} containers run")),
        Fact::KillStarted { pod } => (Topic::Kubelet, format!("pod {pod} kill")),
        Fact::PodShutDown {
            pod,
            by,
            grace_period_s,
        } => (
            Topic::Kubelet,
            format!("pod {pod} shut down by {}, grace {grace_period_s}", named(by)),
        ),
        Fact::NodeChanged { node, change } => (Topic::Nodes, format!("node {node} {}", named(change))),
        Fact::PreStopStarted { pod, container } => (Topic::Kubelet, format!("pod {pod} {container} preStop")),
        Fact::PreStopEnded { pod, container, result } => (
            Topic::Kubelet,
            format!("pod {pod} {container} preStop {}", named(result)),
        ),
        Fact::SigtermSent { pod, container } => (Topic::Kubelet, format!("pod {pod} {container} SIGTERM")),
        Fact::SigkillSent { pod, container } => (Topic::Kubelet, format!("pod {pod} {container} SIGKILL")),
        Fact::ContainerExited { pod, container } => (Topic::Kubelet, format!("pod {pod} {container} exited")),
        Fact::SandboxRemoved { pod, silent: true } => (Topic::Kubelet, format!("pod {pod} silent")),
        Fact::SandboxRemoved { pod, silent: false } => (Topic::Kubelet, format!("pod {pod} unreachable")),
        Fact::AddressReused { pod, successor } => {
            let to = successor.map_or(String::from("another workload"), |pod| format!("pod {pod}"));
            (Topic::Kubelet, format!("address of pod {pod} to {to}"))
        }
        Fact::ServerChanged { pod, state } => (Topic::Server, format!("pod {pod} server {}", named(state))),
        Fact::EndpointWritten {
            pod, present: false, ..
        } => (Topic::Slices, format!("pod {pod} endpoint left")),
        Fact::EndpointWritten {
            pod,
            ready,
            serving,
            terminating,
            ..
        } => {
            let flag = |set: bool, name: &str| if set { format!(" {name}") } else { String::new() };
            let flags = [
                flag(*ready, "ready"),
                flag(*serving, "serving"),
                flag(*terminating, "terminating"),
            ];
            (Topic::Slices, format!("pod {pod} endpoint{}", flags.concat()))
        }
        Fact::ProxiesUpdated { pods } => (Topic::Proxies, format!("kube-proxy of every node knows of {pods:?}")),
        Fact::ReconcileStarted => (Topic::Controller, String::from("reconcile")),
        Fact::CallAccepted { call, targets } => (Topic::Controller, format!("{call:?} {targets:?}")),
        Fact::CallDelayed { call, delay_ns } => {
            let delay = SimDuration::from_ns(*delay_ns);
            (Topic::Controller, format!("{call:?} had waited {delay}"))
        }
        Fact::OtherReconcileStarted { binding } => (Topic::Others, format!("binding {binding} reconcile")),
        Fact::OtherCallAccepted { binding, call, targets } => {
            (Topic::Others, format!("binding {binding} {call:?} {targets:?}"))
        }
        Fact::LeaderLost => (Topic::Others, String::from("leader lost")),
        Fact::LeaderElected => (Topic::Others, String::from("leader elected")),
        Fact::DeregisteredOutOfBand { targets } => (Topic::Others, format!("out of band {targets:?}")),
        Fact::ReadinessGate { pod, binding, passes } => (Topic::Gates, format!("pod {pod} gate {binding} {passes}")),
        Fact::GateNotInjected { pod } => (Topic::Gates, format!("pod {pod} without a gate")),
        Fact::TargetHealth { target, state } => (Topic::Health, format!("target {target} {}", named(state))),
        Fact::NodeTarget {
            alb_node,
            target,
            state,
        } => (
            Topic::Views,
            format!("ALB node {alb_node}: target {target} {}", named(state)),
        ),
        Fact::DnsAnswered { zones } => (Topic::Zones, format!("DNS answers with zones {zones:?}")),
        Fact::AlbNodeDied { alb_node } => (Topic::Zones, format!("ALB node {alb_node} died")),
        Fact::TargetOverridden { target, state } => (Topic::Zones, format!("target {target} {}", named(state))),
        Fact::TargetMitigated {
            alb_node,
            target,
            mitigated,
        } => {
            let how = if *mitigated { "cut" } else { "restored" };
            (
                Topic::Zones,
                format!("ALB node {alb_node}: weight of target {target} {how}"),
            )
        }
        Fact::Request(request) => (Topic::Requests, request_line(request)),
        Fact::HpaSynced { .. } => (Topic::Autoscaler, hpa_line(fact)),
        _ => return None,
    };
    Some(line)
}

/// For example `sees 30.4% of 8, 1 unready: wants 4, 9 to 8`.
fn hpa_line(fact: &Fact) -> String {
    let Fact::HpaSynced {
        cpu_utilization_permille,
        ready_count,
        unready_count,
        missing_count,
        current_count,
        recommended_count,
        replicas_count,
    } = fact
    else {
        unreachable!("matched by the caller")
    };
    let seen = cpu_utilization_permille.map_or(String::from("nothing"), |permille| {
        format!("{}.{}% of {ready_count}", permille / 10, permille % 10)
    });
    let others = |count: &u32, name: &str| match count {
        0 => String::new(),
        count => format!(", {count} {name}"),
    };
    let wanted = recommended_count.map_or(String::from("does not ask"), |wanted| format!("wants {wanted}"));
    let change = if current_count == replicas_count {
        format!("{current_count} stay")
    } else {
        format!("{current_count} to {replicas_count}")
    };
    format!(
        "sees {seen}{}{}: {wanted}, {change}",
        others(unready_count, "unready"),
        others(missing_count, "missing")
    )
}

/// For example `issued 9s to pod 0: 502 refused_process_dead`.
fn request_line(request: &RequestRecord) -> String {
    let issued = SimTime::from_ns(request.issued_ns);
    let target = request
        .target
        .map_or(String::from("nobody"), |target| format!("pod {target}"));
    let cause = request
        .cause
        .map_or(String::new(), |cause| format!(" {}", cause.name()));
    format!("issued {issued} to {target}: {}{cause}", request.elb_status_code)
}

/// Name of a unit variant, as the trace's file shows it.
fn named(value: &impl serde::Serialize) -> String {
    let name = serde_json::to_value(value).expect("serialisable");
    String::from(name.as_str().expect("a unit variant"))
}
