//! Presets: what common servers do on SIGTERM with their default settings (kubernetes §6.2).

use alloc::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::app::{App, IdleOnDrain, ListenerOnDrain, ResponseOnDrain, SigtermMode};
use super::quantity::Cpu;
use super::value::Limit;
use crate::dist::{Dist, Probability};
use crate::time::SimDuration;

/// An application server with its default shutdown behaviour.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub enum Preset {
    /// Django `runserver` with its autoreloader: dies at once.
    DjangoRunserver,
    /// gunicorn, `sync` workers: no keep-alive; the listener stays open, unaccepted, until the last worker exits.
    GunicornSync,
    /// gunicorn 27, `gthread` workers: keep-alive 2 s.
    GunicornGthread,
    /// uvicorn: closes the listener and idle connections, finishes what is in flight.
    Uvicorn,
    /// Node.js without a SIGTERM handler: ignores the signal as PID 1.
    NodeHttp,
    /// Node.js ≥ 19 with `server.close()` in a handler.
    NodeClose,
    /// nginx on SIGTERM ("fast shutdown"): cuts everything.
    NginxTerm,
    /// nginx on SIGQUIT (graceful; the official image's `STOPSIGNAL`).
    NginxQuit,
    /// Spring Boot ≥ 3.4, graceful by default.
    SpringBootGraceful,
    /// Spring Boot < 3.4 (`server.shutdown=immediate`).
    SpringBootImmediate,
    /// Go `net/http` without signal code: the runtime exits even as PID 1.
    GoDefault,
    /// Go `Server.Shutdown`.
    GoShutdown,
    /// axum (tokio, hyper) without signal code: ignores SIGTERM as PID 1.
    AxumDefault,
    /// axum with `with_graceful_shutdown`.
    AxumGraceful,
    /// Puma, single mode.
    Puma,
}

impl Preset {
    /// Every preset, in the order of the documentation.
    pub const ALL: [Preset; 15] = [
        Preset::DjangoRunserver,
        Preset::GunicornSync,
        Preset::GunicornGthread,
        Preset::Uvicorn,
        Preset::NodeHttp,
        Preset::NodeClose,
        Preset::NginxTerm,
        Preset::NginxQuit,
        Preset::SpringBootGraceful,
        Preset::SpringBootImmediate,
        Preset::GoDefault,
        Preset::GoShutdown,
        Preset::AxumDefault,
        Preset::AxumGraceful,
        Preset::Puma,
    ];

    /// All fields of the application as this server ships.
    pub fn app(self) -> App {
        let secs = SimDuration::from_secs;
        let ms = SimDuration::from_millis;
        // A draining server that closes its listener and idle connections and announces the close.
        let graceful = App {
            preset: self,
            workers: Limit::Unlimited,
            backlog: 4096,
            service_time: Dist::LogNormal {
                median: ms(20),
                p99: ms(200),
            },
            requests: BTreeMap::new(),
            cpu_share: Probability::from_permille(800),
            idle_cpu: Cpu::from_millicores(5),
            error_ratio: Probability::ZERO,
            start_up: Dist::Constant(secs(2)),
            keep_alive_timeout: Limit::Unlimited,
            pid_1: true,
            sigterm: SigtermMode::Drain,
            listener_on_drain: ListenerOnDrain::CloseNow,
            idle_on_drain: IdleOnDrain::FinNow,
            response_on_drain: ResponseOnDrain::CloseHeader,
            waits_for_idle: false,
            drain_timeout: Limit::Unlimited,
            reaction_delay: Dist::Constant(ms(1)),
            restart_delay: Dist::Constant(secs(1)),
        };
        let loop_tick = Dist::Uniform {
            min: SimDuration::ZERO,
            max: ms(100),
        };
        match self {
            // One thread per connection; backlog 10; refused within 10 ms.
            Preset::DjangoRunserver => App {
                backlog: 10,
                sigterm: SigtermMode::DieNow,
                reaction_delay: Dist::Constant(ms(10)),
                ..graceful
            },
            // Workers: gunicorn's own rule of (2 × CPU) + 1 on two CPUs; its bare default is one.
            Preset::GunicornSync => App {
                workers: Limit::At(5),
                backlog: 2048,
                keep_alive_timeout: Limit::At(SimDuration::ZERO),
                listener_on_drain: ListenerOnDrain::OpenUnacceptedUntilExit,
                drain_timeout: Limit::At(secs(30)),
                reaction_delay: loop_tick,
                ..graceful
            },
            // Five processes of four threads: an estimate, the bare default is one of one.
            Preset::GunicornGthread => App {
                workers: Limit::At(20),
                backlog: 2048,
                keep_alive_timeout: Limit::At(secs(2)),
                listener_on_drain: ListenerOnDrain::OpenUnacceptedUntilExit,
                idle_on_drain: IdleOnDrain::ServedThenClose,
                waits_for_idle: true,
                drain_timeout: Limit::At(secs(30)),
                reaction_delay: loop_tick,
                ..graceful
            },
            Preset::Uvicorn => App {
                backlog: 2048,
                keep_alive_timeout: Limit::At(secs(5)),
                reaction_delay: loop_tick,
                ..graceful
            },
            Preset::NodeHttp => App {
                backlog: 511,
                keep_alive_timeout: Limit::At(secs(5)),
                sigterm: SigtermMode::NoHandler,
                ..graceful
            },
            Preset::NodeClose => App {
                backlog: 511,
                keep_alive_timeout: Limit::At(secs(5)),
                response_on_drain: ResponseOnDrain::KeepAlive,
                waits_for_idle: true,
                ..graceful
            },
            Preset::NginxTerm => App {
                backlog: 511,
                keep_alive_timeout: Limit::At(secs(75)),
                sigterm: SigtermMode::DieNow,
                ..graceful
            },
            Preset::NginxQuit => App {
                backlog: 511,
                keep_alive_timeout: Limit::At(secs(75)),
                ..graceful
            },
            // Tomcat: 200 threads (its documented default), backlog 100, keep-alive 60 s (its `connectionTimeout` in Boot is unset; 20–60 s, verify).
            Preset::SpringBootGraceful => App {
                workers: Limit::At(200),
                backlog: 100,
                keep_alive_timeout: Limit::At(secs(60)),
                drain_timeout: Limit::At(secs(30)),
                start_up: Dist::Constant(secs(8)),
                ..graceful
            },
            Preset::SpringBootImmediate => App {
                workers: Limit::At(200),
                backlog: 100,
                keep_alive_timeout: Limit::At(secs(60)),
                sigterm: SigtermMode::DieNow,
                start_up: Dist::Constant(secs(8)),
                ..graceful
            },
            Preset::GoDefault => App {
                sigterm: SigtermMode::DieNow,
                ..graceful
            },
            Preset::GoShutdown => graceful,
            Preset::AxumDefault => App {
                backlog: 1024,
                sigterm: SigtermMode::NoHandler,
                ..graceful
            },
            Preset::AxumGraceful => App {
                backlog: 1024,
                ..graceful
            },
            // Five threads: Puma's documented default on MRI; keep-alive 65 s since 8.x.
            Preset::Puma => App {
                workers: Limit::At(5),
                backlog: 1024,
                keep_alive_timeout: Limit::At(secs(65)),
                ..graceful
            },
        }
    }
}
