//! The state at the start of a run: a fleet that has long been steady.

use crate::event::Event;
use crate::id::PodId;
use crate::k8s::node::{Machine, NodeReady, PodRef};
use crate::k8s::pod::{Endpoint, Life, Pod, PodView, ProbeKind};
use crate::outcome::Hop;
use crate::recorder::Recorder;
use crate::rng::{Seed, Streams};
use crate::scenario::Scenario;
use crate::scenario::instance_type::InstanceType;
use crate::time::{SimDuration, SimTime};
use crate::trace::{Fact, SCHEMA_VERSION, ServerState, TraceLevel, TraceSink};
use crate::traffic::Traffic;
use crate::traffic::server::Server;
use crate::watch::{Answer, Watch};
use crate::world::World;

/// Age of the fleet at the run's start: old enough that all pods fall into one age octave of the victim ranking
/// (kubernetes §4.1), so that victims are picked at random.
const FLEET_AGE: SimDuration = SimDuration::from_secs(24 * 3600);

impl<'a> World<'a> {
    pub(super) fn new(
        scenario: &'a Scenario,
        seed: Seed,
        replication: u32,
        level: TraceLevel,
        sink: &'a mut dyn TraceSink,
    ) -> Self {
        let streams = Streams::new(seed, replication);
        let traffic = Traffic::new(scenario, &streams, replication, Recorder::new(level, sink));
        let mut world = World::empty(scenario, traffic, &streams);
        let name = scenario.name.clone();
        world.fact(|| Fact::RunStarted {
            schema_version: SCHEMA_VERSION,
            scenario: name,
            seed: seed.0,
            replication,
        });
        let instance = InstanceType::named(&scenario.cluster.instance_type).expect("a validated instance type");
        for node in 0..scenario.cluster.nodes {
            let zone = u8::try_from(node % scenario.cluster.zones).expect("at most six zones");
            let node = world.new_node(instance, zone);
            let object = world.node_mut(node);
            object.machine = Machine::Running;
            object.present = true;
            object.ready = NodeReady::True;
        }
        for _ in 0..scenario.deployment.replicas {
            world.add_steady_pod();
        }
        world.add_steady_others();
        world.add_steady_node_targets();
        for rotation in &mut world.traffic.rotations {
            // A fleet that has long been steady has its slow start behind it.
            rotation.slow.clear();
        }
        world.traffic.spread_cursors();
        world.start_dns();
        for (index, disruption) in (0u32..).zip(&scenario.disruptions) {
            world.schedule(disruption.at, Event::DisruptionDue { disruption: index });
        }
        world.begin_resyncs();
        world.profile_changed();
        world.schedule(SimDuration::from_secs(1), Event::SecondEnded);
        if scenario.disruptions.iter().any(|disruption| disruption.hpa.is_some()) {
            world.metrics_server_starts();
        }
        world
    }

    /// Adds the object and the server of a pod that is not scheduled yet.
    pub(crate) fn add_pod(&mut self, revision: u32, gated: bool) -> PodId {
        let uid = self.latencies.pod_uid.next_u64();
        let pod = PodId::at(self.pods.len());
        self.pods.push(Pod::new(revision, uid, gated));
        let ns = |duration: SimDuration| u32::try_from(duration.as_ns()).unwrap_or(u32::MAX);
        let (same, cross) = (
            self.latencies.rtt_same_zone.draw(),
            self.latencies.rtt_cross_zone.draw(),
        );
        self.traffic.add_server(Server::new(0, ns(same), ns(cross)));
        if !self.has_node_targets() {
            self.traffic.add_target();
            self.elbv2.add_target();
        }
        self.add_other_targets(pod);
        self.deployment.pod_added();
        pod
    }

    fn add_steady_pod(&mut self) {
        let gated = self.injects_gates();
        let pod = self.add_pod(0, gated);
        let node = self
            .pick_node(self.scenario.pod.requests)
            // A spread that the nodes cannot keep is not what the run is about.
            .or_else(|| self.pick_node_for_other(self.scenario.pod.requests))
            .expect("validated: the nodes hold the replicas");
        self.bind(pod, node);
        self.give_steady_address(PodRef::App(pod), node);
        self.fact(|| Fact::PodCreated { pod: pod.0 });
        self.fact(|| Fact::PodScheduled {
            pod: pod.0,
            node: node.0,
        });
        self.fact(|| Fact::ServerChanged {
            pod: pod.0,
            state: ServerState::Serving,
        });
        self.fact(|| Fact::PodReady {
            pod: pod.0,
            ready: true,
        });
        let view = PodView {
            has_ip: true,
            ready: true,
            deleting: false,
            terminal: false,
        };
        let endpoint = Endpoint {
            ready: true,
            serving: true,
            terminating: false,
        };
        let object = self.pod_mut(pod);
        object.life = Life::Running;
        object.process = 1;
        object.containers_ready = true;
        object.gate = true;
        object.started_up = true;
        object.view = view;
        object.age_before_run = FLEET_AGE;
        object.available = true;
        object.endpoints_view = view;
        object.written = Some(endpoint);
        object.lbc_endpoint = Some(endpoint);
        object.registered = true;
        self.settle_other_targets(pod);
        self.deployment.steady_pod(pod);
        self.endpoints.assign_slice(&mut self.pods[pod.index()]);
        let server = &mut self.traffic.servers[pod.index()];
        server.state = ServerState::Serving;
        server.stage = Hop::HealthCheck;
        for probe in ProbeKind::ALL {
            if probe == ProbeKind::Startup {
                continue;
            }
            let Some(period) = self.probe_rules(probe).map(|rules| rules.period) else {
                continue;
            };
            let first = SimTime::from_ns(self.latencies.probe_phase.next_u64() % period.as_ns());
            let object = &mut self.pods[pod.index()];
            object.probing_since[probe as usize] = Some(first);
            object.probes[probe as usize] = Some(Watch::new(first, period, Answer::Pass));
        }
        if !self.has_node_targets() {
            self.add_steady_target(pod.into(), true);
        }
    }
}
