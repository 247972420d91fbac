//! The behaviours, each with its source.

#![expect(clippy::doc_markdown, reason = "the sentences are printed for people")]

macro_rules! behaviours {
    ($( $name:ident => $key:literal, $source:literal, $text:literal; )*) => {
        /// What happens wherever the occasion arises. Names are stable.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
        pub enum Behaviour {
            $( #[doc = $text] $name, )*
        }

        impl Behaviour {
            /// Every behaviour, in the order of the race.
            pub const ALL: &'static [Behaviour] = &[$(Behaviour::$name),*];

            /// Stable name.
            pub const fn name(self) -> &'static str {
                match self { $(Behaviour::$name => $key),* }
            }

            /// What happens, in one sentence.
            pub const fn sentence(self) -> &'static str {
                match self { $(Behaviour::$name => $text),* }
            }

            /// Where that is known from.
            pub const fn source(self) -> &'static str {
                match self { $(Behaviour::$name => $source),* }
            }
        }
    };
}

behaviours! {
    SigtermFollowsHook => "sigterm_follows_hook", "kubernetes §1.3",
        "When the preStop hook of a main container has ended, whatever its result, and not before, the container gets SIGTERM.";
    SigkillEndsGrace => "sigkill_ends_grace", "kubernetes §1.3.1",
        "A container that ignores SIGTERM is killed when the grace period is over, counted from the kill: no sooner, and at most 3 s later.";
    SigkillFloor => "sigkill_floor", "kubernetes §1.3.2",
        "A container whose hook used up the grace period still has 2 s from SIGTERM to SIGKILL, and not 3.";
    RefusesBeforeSilence => "refuses_before_silence", "kubernetes §1.4, §7",
        "Between the exit of a pod's last container and the removal of its sandbox the address refuses connections.";
    DeregistrationFollowsEndpoint => "deregistration_follows_endpoint", "lbc §1.10",
        "The controller deregisters a pod only after its endpoint has stopped being ready or has gone.";
    DeregisterBeforeRegister => "deregister_before_register", "lbc §1.4",
        "Within one reconcile every DeregisterTargets comes before the first RegisterTargets.";
    DrainingForTheDelay => "draining_for_the_delay", "alb §2.4",
        "A deregistered target is shown as draining at once, and as unused when the deregistration delay is over.";
    AlbNodesLearnApart => "alb_nodes_learn_apart", "alb §5.1",
        "The ALB's nodes learn of a deregistration each at its own time.";
    UnhealthyAfterThreshold => "unhealthy_after_threshold", "alb §1.7",
        "An ALB node finds a target that no longer answers unhealthy between (threshold - 1) intervals less one timeout, if a check was under way, and threshold intervals plus one timeout later.";
    HealthyOnlyIfServed => "healthy_only_if_served", "alb §1.6",
        "An ALB node finds a target healthy only while its server serves, or within one timeout after.";
    ReadyWaitsForTheTarget => "ready_waits_for_the_target", "lbc §2.2",
        "With the readiness gate a new pod is Ready only after its target has been described as healthy.";
    RefusalIsImmediate => "refusal_is_immediate", "alb §3.2",
        "A refused connection is a 502 within 1 s, without a time in the access log.";
    SilenceCostsTheConnectTimeout => "silence_costs_the_connect_timeout", "alb §3.2",
        "A connection attempt without an answer is a 504 after the connect timeout, without a time in the access log.";
    FailuresMeetAStoppedServer => "failures_meet_a_stopped_server", "alb §3.1, kubernetes §7",
        "A failure that is blamed on a server's shutdown or absence went to a pod that did not serve at some instant of the request.";
    RaceOnlyOnReused => "race_only_on_reused", "alb §4.1",
        "The keep-alive race is lost on reused connections only.";
    RolloutKeepsSurge => "rollout_keeps_surge", "kubernetes §4.3",
        "A rolling update has no more pods without a deletion timestamp than replicas plus maxSurge, but for seconds in which the deletion that makes room is on its way.";
    RolloutKeepsAvailable => "rollout_keeps_available", "kubernetes §4.3",
        "A rolling update deletes no pod that leaves fewer that have become Ready than replicas less maxUnavailable.";
    ReplacedAtDeletion => "replaced_at_deletion", "kubernetes §4.2",
        "An evicted pod is replaced when it gets its deletion timestamp, not when it is gone.";
}
