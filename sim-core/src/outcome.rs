//! How a request ends: its status, its cause, and the hop that lost the race.
//!
//! The rules are those of the ALB's documented error causes (alb §3) and of the kernel's answers (kubernetes §7).

use serde::{Deserialize, Serialize};

/// `elb_status_code` classes the model produces.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum Status {
    /// The target answered 200.
    Ok = 0,
    /// The client gave up first (alb §3.1).
    ClientClosed = 1,
    /// The target answered 500 itself.
    TargetError = 2,
    /// Bad gateway, by the ALB.
    BadGateway = 3,
    /// Service unavailable, by the ALB.
    ServiceUnavailable = 4,
    /// Gateway timeout, by the ALB.
    GatewayTimeout = 5,
    /// A target of another application answered 404.
    WrongTarget = 6,
    /// No answer from the ALB at all, and so no status code: the client's connect or read timeout.
    Unanswered = 7,
}

impl Status {
    /// Number of statuses.
    pub const COUNT: usize = 8;

    /// Every status.
    pub const ALL: [Status; Self::COUNT] = [
        Status::Ok,
        Status::ClientClosed,
        Status::TargetError,
        Status::BadGateway,
        Status::ServiceUnavailable,
        Status::GatewayTimeout,
        Status::WrongTarget,
        Status::Unanswered,
    ];

    /// The HTTP status code as in field `elb_status_code` of an access log; 0, which is no code, where no ALB node
    /// answered and no log has the request.
    pub const fn code(self) -> u16 {
        match self {
            Status::Ok => 200,
            Status::ClientClosed => 460,
            Status::TargetError => 500,
            Status::BadGateway => 502,
            Status::ServiceUnavailable => 503,
            Status::GatewayTimeout => 504,
            Status::WrongTarget => 404,
            Status::Unanswered => 0,
        }
    }

    /// Whether a target answered: the status is its own.
    pub const fn is_by_target(self) -> bool {
        matches!(self, Status::Ok | Status::TargetError | Status::WrongTarget)
    }

    /// Whether the code is 500 or above.
    pub const fn is_five_xx(self) -> bool {
        self.code() >= 500
    }
}

macro_rules! causes {
    ($( $(#[$doc:meta])* $name:ident => $key:literal, $status:ident, $text:literal; )*) => {
        /// Why a request failed. Names are stable.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(rename_all = "snake_case")]
        #[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
        #[repr(u8)]
        pub enum Cause {
            $( $(#[$doc])* $name, )*
        }

        impl Cause {
            /// Every cause, in the order of declaration.
            pub const ALL: &'static [Cause] = &[$(Cause::$name),*];

            /// Stable name in machine output.
            pub const fn name(self) -> &'static str {
                match self { $(Cause::$name => $key),* }
            }

            /// The status the client sees.
            pub const fn status(self) -> Status {
                match self { $(Cause::$name => Status::$status),* }
            }

            /// One plain sentence for people.
            pub const fn explanation(self) -> &'static str {
                match self { $(Cause::$name => $text),* }
            }
        }
    };
}

causes! {
    /// SYN answered by RST: the listener is closed while the process drains.
    RefusedListenerClosed => "refused_listener_closed", BadGateway,
        "The server had closed its listening socket to drain, but the pod was still chosen: connection refused.";
    /// SYN answered by RST: no process, sandbox alive.
    RefusedProcessDead => "refused_process_dead", BadGateway,
        "The server process was gone while its pod IP still answered, and the pod was still chosen: connection refused.";
    /// SYN answered by RST: the container runs but the server does not listen yet.
    RefusedNotListening => "refused_not_listening", BadGateway,
        "The pod was in rotation before its server listened: connection refused.";
    /// SYN answered by RST: a preStop hook restarts the server.
    RefusedServerRestart => "refused_server_restart", BadGateway,
        "The preStop hook restarted the server, whose port was closed meanwhile: connection refused.";
    /// The connection waited in the accept queue when the listener closed, or nobody ever accepted it.
    ResetInAcceptQueue => "reset_in_accept_queue", BadGateway,
        "The kernel had accepted the connection but the server never did; it was reset when the listening socket closed.";
    /// In service when the server exited on SIGTERM.
    ClosedInFlightAtSigterm => "closed_in_flight_at_sigterm", BadGateway,
        "The server exited on SIGTERM without finishing requests in flight.";
    /// In service when a preStop hook restarted the server.
    ClosedInFlightAtRestart => "closed_in_flight_at_restart", BadGateway,
        "The preStop hook restarted the server, which cut its requests in flight.";
    /// In service when the drain's own timeout ran out.
    ClosedAtDrainTimeout => "closed_at_drain_timeout", BadGateway,
        "The server's own shutdown timeout ran out with the request still in flight.";
    /// In service at SIGKILL.
    KilledInFlight => "killed_in_flight", BadGateway,
        "The grace period ran out and SIGKILL cut the request in flight.";
    /// In service when the process crashed.
    ClosedInFlightAtCrash => "closed_in_flight_at_crash", BadGateway,
        "The server process died with the request in flight.";
    /// Written on a pooled connection while the server closed it.
    KeepAliveRace => "keep_alive_race", BadGateway,
        "The ALB reused an idle connection in the instant in which the server closed it.";
    /// Deregistration delay over with the request in flight.
    DeregistrationDelayExpired => "deregistration_delay_expired", BadGateway,
        "The deregistration delay ran out before the request was answered.";
    /// In flight when its target turned unhealthy and the ALB was told to cut such requests.
    CutWhenUnhealthy => "cut_when_unhealthy", BadGateway,
        "The target turned unhealthy and its requests in flight were cut.";
    /// ICMP unreachable for a removed pod IP.
    IcmpUnreachable => "icmp_unreachable", BadGateway,
        "The pod IP was gone and its node answered with ICMP host unreachable.";
    /// SYN to a removed pod IP: no answer.
    SilentPodIp => "silent_pod_ip", GatewayTimeout,
        "The pod's network was torn down, so the connection attempt got no answer within the connect timeout.";
    /// The node is gone: no answer to a SYN, or none to a request.
    SilentNode => "silent_node", GatewayTimeout,
        "The pod's node was gone, so neither a connection attempt nor a request on an old connection got an answer.";
    /// The address belongs to a pod of another workload, which answers.
    WrongPod => "wrong_pod", WrongTarget,
        "The pod's address had been given to a pod of another workload, which answered in its place.";
    /// The address belongs to a pod of another workload, which does not listen on the port.
    RefusedByWrongPod => "refused_by_wrong_pod", BadGateway,
        "The pod's address had been given to a pod of another workload, which did not listen on its port: connection refused.";
    /// Connected, but no answer before the idle timeout.
    ResponseTimeout => "response_timeout", GatewayTimeout,
        "The target accepted the request but did not answer before the ALB's idle timeout.";
    /// Accept queue full: SYN dropped until the connect timeout.
    BacklogOverflow => "backlog_overflow", GatewayTimeout,
        "The server's accept queue stayed full, so the connection attempt timed out.";
    /// Target group empty, as this ALB node knows it.
    NoRegisteredTarget => "no_registered_target", ServiceUnavailable,
        "The ALB node knew no registered target.";
    /// Only targets that may not take traffic.
    OnlyUnusableTargets => "only_unusable_targets", ServiceUnavailable,
        "Every target the ALB node knew was initial or draining and may not take traffic.";
    /// Fail open sent the request to a target that is not ready.
    FailOpenNotReady => "fail_open_not_ready", BadGateway,
        "Too few targets were healthy, so the ALB failed open and sent the request to one that did not serve.";
    /// Sent to an ALB node that is gone with its zone; not an answer of the load balancer.
    AlbNodeUnreachable => "alb_node_unreachable", Unanswered,
        "The ALB node that the client had connected to or found in its DNS cache was gone: the client got no answer at all.";
    /// The client's own timeout.
    ClientGaveUp => "client_gave_up", ClientClosed,
        "The client gave up before the answer.";
    /// The application's own 500.
    ApplicationError => "application_error", TargetError,
        "The application itself answered 500.";
    /// kube-proxy of the target node knew no endpoint and rejected the connection.
    NoEndpointRejected => "no_endpoint_rejected", BadGateway,
        "The target was a node whose kube-proxy knew no pod to forward to and rejected the connection.";
    /// kube-proxy of the target node knew no endpoint and dropped the connection's packets.
    NoEndpointDropped => "no_endpoint_dropped", GatewayTimeout,
        "The target was a node whose kube-proxy knew no pod to forward to and dropped the connection attempt.";
}

impl Cause {
    /// Number of causes.
    pub const COUNT: usize = Self::ALL.len();
}

/// Which hop had not yet done its part when the ALB node chose the target.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[repr(u8)]
pub enum Hop {
    /// Not a race: the answer itself was late, missing or an error.
    None,
    /// Nothing had announced the failure: the health check or readiness probe had not noticed yet.
    HealthCheck,
    /// The `EndpointSlice` did not yet show the pod as terminating.
    Endpoints,
    /// The controller had not yet called `DeregisterTargets`.
    Controller,
    /// The controller waited for its token bucket or for AWS throttling.
    ApiThrottle,
    /// The call was accepted, but this ALB node had not learned of it.
    Propagation,
    /// The target was registered, but not yet fit to serve.
    Registration,
    /// The `EndpointSlice` was written, but kube-proxy of the target node still chose the pod.
    KubeProxy,
}

impl Hop {
    /// Number of hops.
    pub const COUNT: usize = 8;

    /// Every hop, in the order of the pipeline; kube-proxy, which takes the place of all from the controller on where
    /// targets are nodes, comes last.
    pub const ALL: [Hop; Self::COUNT] = [
        Hop::None,
        Hop::HealthCheck,
        Hop::Endpoints,
        Hop::Controller,
        Hop::ApiThrottle,
        Hop::Propagation,
        Hop::Registration,
        Hop::KubeProxy,
    ];

    /// Stable name in machine output.
    pub const fn name(self) -> &'static str {
        match self {
            Hop::None => "none",
            Hop::HealthCheck => "health_check",
            Hop::Endpoints => "endpoints",
            Hop::Controller => "controller",
            Hop::ApiThrottle => "api_throttle",
            Hop::Propagation => "propagation",
            Hop::Registration => "registration",
            Hop::KubeProxy => "kube_proxy",
        }
    }
}
