//! A small run in which everything happens that a rule is about, and the tools to doctor its trace.

use sim_core::check::Violation;
use sim_core::dist::Probability;
use sim_core::scenario::Scenario;
use sim_core::scenario::app::SigtermMode;
use sim_core::scenario::disruption::{Disruption, Scale};
use sim_core::scenario::pod::{Sidecar, SidecarKind};
use sim_core::scenario::workload::{Arrivals, OpenLoop, Profile, Sessions, Step, Workload};
use sim_core::summary::RunSummary;
use sim_core::trace::{Fact, RequestRecord, TraceLevel, TraceRecord};

use crate::support::{constant, instant, ms, run_traced, secs};

/// A run whose trace and summary can be changed.
pub(super) struct Case {
    pub(super) scenario: Scenario,
    pub(super) level: TraceLevel,
    pub(super) trace: Vec<TraceRecord>,
    pub(super) summary: RunSummary,
}

impl Case {
    /// One of three pods goes at 20 s and a new one comes at 60 s.
    ///
    /// ```text
    /// 20 s  DELETE, kill, hook of app; SIGTERM and exit of logger
    /// 23 s  the ALB nodes learn
    /// 25 s  hook over, SIGTERM to app, which ignores it
    /// 30 s  grace over: SIGKILL to app; SIGTERM to proxy, whose turn it is
    /// 31 s  sandbox removed; 32 s object deleted; 35 s deregistration delay over
    /// 60 s  another pod is created; 64 s it serves; then registered, initial, healthy
    /// ```
    pub(super) fn scenario() -> Scenario {
        let mut scenario = instant();
        scenario.horizon = ms(120_010);
        scenario.warm_up = secs(5);
        scenario.cluster.zones = 2;
        scenario.deployment.replicas = 3;
        scenario.pod.termination_grace_period = secs(10);
        scenario.pod.pre_stop.sleep = Some(secs(5));
        scenario.pod.sidecars = [
            ("proxy", SidecarKind::RestartableInit),
            ("logger", SidecarKind::Container),
        ]
        .map(|(name, kind)| Sidecar {
            name: name.into(),
            kind,
            ..Sidecar::default()
        })
        .to_vec();
        scenario.app.sigterm = SigtermMode::Ignored;
        scenario.app.start_up = constant(secs(2));
        scenario.app.service_time = constant(ms(30));
        scenario.app.error_ratio = Probability::new(0.05).expect("a probability");
        scenario.kubelet.pod_start = constant(secs(2));
        scenario.kubelet.sandbox_teardown = constant(secs(1));
        scenario.kubelet.object_delete = constant(secs(1));
        scenario.target_group.deregistration_delay = secs(15);
        scenario.elbv2.deregister_propagation = constant(secs(3));
        scenario.elbv2.register_propagation = constant(secs(1));
        scenario.elbv2.initial_pass_count = 2;
        scenario.workload = Workload {
            sessions: Some(Sessions {
                count: Profile::Constant(2),
                steps: vec![Step {
                    think: constant(ms(500)),
                    ..Step::default()
                }],
                ..Sessions::default()
            }),
            open_loop: Some(OpenLoop {
                rate: Profile::Constant(10),
                arrivals: Arrivals::Even,
                ..OpenLoop::default()
            }),
        };
        scenario.disruptions = [(20, 2), (60, 3)]
            .map(|(at, replicas)| Disruption {
                at: secs(at),
                scale: Some(Scale {
                    replicas: Some(replicas),
                    schedule: None,
                }),
                ..Disruption::default()
            })
            .to_vec();
        scenario
    }

    pub(super) fn new() -> Self {
        Self::of(Self::scenario())
    }

    pub(super) fn of(scenario: Scenario) -> Self {
        let (summary, trace) = run_traced(&scenario);
        Self {
            scenario,
            level: TraceLevel::All,
            trace,
            summary,
        }
    }

    pub(super) fn violations(&self) -> Vec<Violation> {
        super::judge(self)
    }

    /// The pod that is deleted.
    pub(super) fn victim(&self) -> u32 {
        let at = self.find(|fact| matches!(fact, Fact::DeletionCommitted { .. }));
        match self.trace[at].fact {
            Fact::DeletionCommitted { pod, .. } => pod,
            _ => unreachable!("just found"),
        }
    }

    /// The pod that comes later.
    pub(super) fn newcomer(&self) -> u32 {
        self.scenario.deployment.replicas
    }

    /// The same pod, and the node it is scheduled onto.
    pub(super) fn newcomer_and_its_node(&self) -> (u32, u32) {
        let newcomer = self.newcomer();
        let at = self.find(|fact| matches!(fact, Fact::PodScheduled { pod, .. } if *pod == newcomer));
        match self.trace[at].fact {
            Fact::PodScheduled { pod, node } => (pod, node),
            _ => unreachable!("just found"),
        }
    }

    /// Position of the first record that `select` takes.
    pub(super) fn find(&self, select: impl Fn(&Fact) -> bool) -> usize {
        self.trace
            .iter()
            .position(|record| select(&record.fact))
            .expect("the run has such a record")
    }

    /// Position of the first fact about a container of that name.
    pub(super) fn find_of(&self, name: &str, select: impl Fn(&Fact) -> bool) -> usize {
        self.find(|fact| {
            let of_container = match fact {
                Fact::PreStopStarted { container, .. }
                | Fact::PreStopEnded { container, .. }
                | Fact::SigtermSent { container, .. }
                | Fact::SigkillSent { container, .. }
                | Fact::ContainerExited { container, .. } => container == name,
                _ => false,
            };
            of_container && select(fact)
        })
    }

    /// Position of the first request that `select` takes.
    pub(super) fn find_request(&self, select: impl Fn(&RequestRecord) -> bool) -> usize {
        self.find(|fact| matches!(fact, Fact::Request(request) if select(request)))
    }

    /// The request at a position.
    pub(super) fn request(&mut self, at: usize) -> &mut RequestRecord {
        match &mut self.trace[at].fact {
            Fact::Request(request) => request,
            other => panic!("not a request: {other:?}"),
        }
    }

    /// Repeats a record.
    pub(super) fn duplicate(&mut self, at: usize) {
        let record = self.trace[at].clone();
        self.trace.insert(at, record);
    }

    /// Gives a record another instant and the place that belongs to it: the last one of that instant.
    pub(super) fn move_to(&mut self, at: usize, instant_ns: u64) {
        let mut record = self.trace.remove(at);
        record.at_ns = instant_ns;
        let place = self.trace.partition_point(|other| other.at_ns <= instant_ns);
        self.trace.insert(place, record);
    }

    /// Moves a record by that many milliseconds, forward or back.
    pub(super) fn shift(&mut self, at: usize, by_ms: i64) {
        let instant = self.trace[at].at_ns.checked_add_signed(by_ms * 1_000_000);
        self.move_to(at, instant.expect("within the run"));
    }

    /// Puts a fact right after the record at `at`, at the same instant.
    pub(super) fn add_after(&mut self, at: usize, fact: Fact) {
        let at_ns = self.trace[at].at_ns;
        self.trace.insert(at + 1, TraceRecord { at_ns, fact });
    }

    /// Puts a fact right before the last record.
    pub(super) fn add_last(&mut self, fact: Fact) {
        self.add_after(self.trace.len() - 2, fact);
    }
}
