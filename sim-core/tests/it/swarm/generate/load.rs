//! What the clients ask for, and the autoscaler that follows it.

use sim_core::dist::{Dist, Probability};
use sim_core::scenario::Scenario;
use sim_core::scenario::disruption::Disruption;
use sim_core::scenario::hpa::{Hpa, ScalingPolicy, SelectPolicy};
use sim_core::scenario::quantity::Cpu;
use sim_core::scenario::workload::{
    Arrivals, ClientConnection, OpenLoop, Profile, ProfileStep, Sessions, Sine, Step, Workload,
};
use sim_core::time::SimDuration;

use super::chance::{Chance, IntoSeconds as _};
use crate::support::{ms, secs};

impl Chance {
    /// A number over time, at most `most`.
    pub(super) fn profile(&mut self, most: u32) -> Profile {
        let most = u64::from(most);
        match self.stream.below(4) {
            0 => Profile::Steps(
                [0, 15, 40]
                    .map(|at| ProfileStep {
                        at: secs(at),
                        value: self.between(0, most),
                    })
                    .to_vec(),
            ),
            1 => Profile::Sine(Sine {
                amplitude: most,
                step_radians: self.pick(&[0.168, 1.0]),
                every: ms(self.between(2_000, 20_000)),
                divide_by: self.between(1, 2),
                add: self.between(0, 1),
            }),
            _ => Profile::Constant(self.between(1, most)),
        }
    }

    pub(super) fn client_timeout(&mut self) -> Option<SimDuration> {
        self.one_in(3).then(|| ms(self.between(20, 5_000)))
    }

    pub(super) fn workload(&mut self) -> Workload {
        let kind = self.stream.below(8);
        let sessions = (kind < 6).then(|| Sessions {
            count: self.profile(30),
            steps: (0..self.between(1, 3))
                .map(|index| Step {
                    request: self.pick(&["fast", "slow"]).into(),
                    think: if index == 0 {
                        Dist::Constant(ms(self.between(300, 2_000)))
                    } else {
                        self.dist(500)
                    },
                })
                .collect(),
            connection: self.pick(&[ClientConnection::New, ClientConnection::KeepAlive]),
            client_timeout: self.client_timeout(),
        });
        let open_loop = (kind > 2 && kind < 7).then(|| OpenLoop {
            rate: self.profile(60),
            arrivals: self.pick(&[Arrivals::Poisson, Arrivals::Even]),
            request: self.pick(&["fast", "slow"]).into(),
            client_timeout: self.client_timeout(),
        });
        Workload { sessions, open_loop }
    }

    /// An autoscaler in one scenario of three, with a load that may move it.
    pub(super) fn autoscaler(&mut self, scenario: &mut Scenario) {
        if !self.one_in(3) {
            return;
        }
        scenario.pod.requests.cpu = Cpu::from_millicores(self.pick(&[10, 50, 250]));
        scenario.app.cpu_share = self.probability();
        scenario.app.idle_cpu = Cpu::from_millicores(self.pick(&[0, 5, 30, 200]));
        let flags = &mut scenario.hpa_controller;
        flags.sync_period = self.pick(&[1, 15]).into_seconds();
        flags.tolerance = Probability::from_permille(self.pick(&[0, 100, 500]));
        flags.cpu_initialization_period = self.pick(&[0, 10, 300]).into_seconds();
        flags.initial_readiness_delay = self.pick(&[0, 30]).into_seconds();
        scenario.metrics_server.resolution = self.seconds(10, 60);
        scenario.metrics_server.latency = self.dist(5_000);
        let mut hpa = Hpa::up_to(self.count(3, 45));
        hpa.min_replicas = self.count(1, hpa.max_replicas);
        hpa.target_cpu_utilization = self.count(1, 150);
        let (up, down) = (&mut hpa.behavior.scale_up, &mut hpa.behavior.scale_down);
        for (window, select_policy, policies) in [
            (&mut up.stabilization_window, &mut up.select_policy, &mut up.policies),
            (
                &mut down.stabilization_window,
                &mut down.select_policy,
                &mut down.policies,
            ),
        ] {
            *window = self.pick(&[0, 20, 300]).into_seconds();
            *select_policy = self.pick(&[
                SelectPolicy::Max,
                SelectPolicy::Max,
                SelectPolicy::Min,
                SelectPolicy::Disabled,
            ]);
            if self.one_in(2) {
                *policies = vec![
                    ScalingPolicy::pods(self.count(1, 5), self.seconds(1, 60)),
                    ScalingPolicy::percent(self.count(1, 150), self.seconds(1, 60)),
                ];
            }
        }
        scenario.disruptions.push(Disruption {
            at: self.seconds(0, 10),
            hpa: Some(hpa),
            ..Disruption::default()
        });
    }
}
