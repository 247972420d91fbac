//! Zones of the load balancer: targets that a zonal shift leaves out, ALB nodes that die.

use alloc::vec::Vec;

use super::Traffic;
use super::count::Outcome;
use super::decision::{Decision, Request};
use super::issue::Route;
use super::server::NO_SESSION;
use crate::outcome::{Cause, Hop};
use crate::scenario::elbv2::Algorithm;
use crate::trace::NodeTargetState;

/// In which of its lists an ALB node has a target.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Listed {
    Nowhere,
    Healthy,
    /// Takes traffic when the node fails open.
    Fallback,
    /// Known, but takes none.
    Unusable,
}

impl Traffic<'_> {
    /// Where a target belongs by one ALB node's view of it.
    pub(super) fn listed(&self, target: u32, view: NodeTargetState, initial_usable: bool) -> Listed {
        match view {
            NodeTargetState::Unknown => Listed::Nowhere,
            _ if self.is_shifted(target) => Listed::Unusable,
            NodeTargetState::Healthy => Listed::Healthy,
            NodeTargetState::Unhealthy => Listed::Fallback,
            NodeTargetState::Initial if initial_usable => Listed::Fallback,
            NodeTargetState::Initial => Listed::Unusable,
        }
    }

    /// Whether a zonal shift leaves the target out.
    pub(super) fn is_shifted(&self, target: u32) -> bool {
        self.shifted_zones != 0 && self.shifted_zones >> self.target_zone(target) & 1 == 1
    }

    /// All targets, registered or not.
    fn targets(&self) -> core::ops::Range<u32> {
        0..u32::try_from(self.targets_count()).expect("fewer than 2^32 targets")
    }

    /// A zonal shift leaves a zone's targets out from now on, or brings them back.
    pub(crate) fn shift_zone(&mut self, now: u64, zone: u8, active: bool, initial_usable: bool) {
        let targets: Vec<u32> = self
            .targets()
            .filter(|target| self.target_zone(*target) == zone)
            .collect();
        let places = |traffic: &Self| -> Vec<Listed> {
            let nodes = 0..traffic.rotations.len();
            let place = |node, target: u32| traffic.listed(target, traffic.view(target, node), initial_usable);
            nodes
                .flat_map(|node| targets.iter().map(move |target| place(node, *target)))
                .collect()
        };
        let before = places(self);
        self.shifted_zones ^= 1 << zone;
        debug_assert_eq!(self.shifted_zones >> zone & 1 == 1, active, "shifts alternate");
        let after = places(self);
        let pairs = (0..self.rotations.len()).flat_map(|node| targets.iter().map(move |target| (node, *target)));
        for ((node, target), (old, new)) in pairs.zip(before.into_iter().zip(after)) {
            if old != new {
                self.move_listing(now, node, target, (old, new), false);
            }
        }
    }

    /// One ALB node dies: it knows nobody any more, and nobody gets an answer to what is in flight.
    pub(crate) fn kill_alb_node(&mut self, now: u64, alb_node: usize, initial_usable: bool) {
        for target in self.targets() {
            if self.view(target, alb_node) != NodeTargetState::Unknown {
                self.set_view(now, alb_node, target, NodeTargetState::Unknown, initial_usable);
            }
        }
        for server in (0..self.servers.len()).map(|index| u32::try_from(index).expect("fewer than 2^32 pods")) {
            let mut open = self.servers[server as usize].open.take();
            let taken =
                |request: &&mut super::open::Open| request.end > now && usize::from(request.alb_node) == alb_node;
            for request in open.iter_mut().filter(taken) {
                let end = (request.issued + self.silence_of(request.session)).max(now);
                self.change(
                    server,
                    request,
                    end,
                    Outcome::failed(Cause::AlbNodeUnreachable, Hop::None),
                );
                self.forget_connection(request.session);
            }
            self.servers[server as usize].open.put_back(open);
        }
        self.rotations[alb_node].dead = true;
    }

    /// How long a client waits for an ALB node that says nothing, ns.
    fn silence_of(&self, session: u32) -> u64 {
        let patience = if session == NO_SESSION {
            self.arriving.client_timeout
        } else {
            self.sessions.client_timeout
        };
        patience.min(self.rules.client_silence)
    }

    /// A client that waited in vain connects anew the next time.
    fn forget_connection(&mut self, session: u32) {
        if session != NO_SESSION {
            self.sessions.states[session as usize].connection_until = 0;
        }
    }

    /// Ends a request that was sent to a dead ALB node.
    #[cold]
    pub(super) fn close_unanswered(&mut self, request: Request) -> u64 {
        self.forget_connection(request.session);
        let end = request.issued + self.silence_of(request.session);
        let decision = Decision::refused(Cause::AlbNodeUnreachable, Hop::None, end);
        self.count(request.issued, end, decision.outcome);
        if self.recorder.is_on() {
            let open = self.open(request, decision, decision.outcome, end);
            self.record_decided(Route::default(), decision, open);
        }
        end
    }

    /// Moves a target between the lists of one ALB node.
    pub(super) fn move_listing(
        &mut self,
        now: u64,
        alb_node: usize,
        target: u32,
        (old, new): (Listed, Listed),
        starts: bool,
    ) {
        self.integrate(now);
        let failed_open = self.rotations[alb_node].fails_open();
        let dead = u64::from(!self.target_serves(target));
        let sizes_before = if failed_open || self.rules.minimum_is_raised {
            self.rotation_sizes(alb_node)
        } else {
            (1, dead)
        };
        let rotation = &mut self.rotations[alb_node];
        match old {
            Listed::Healthy | Listed::Fallback => rotation.remove(target, old == Listed::Healthy),
            Listed::Unusable => rotation.add_unusable(-1),
            Listed::Nowhere => {}
        }
        rotation.slow.remove(&target);
        if starts && self.rules.slow_start > 0 && rotation.healthy.len() > rotation.slow.len() {
            rotation.slow.insert(target, now);
        }
        match new {
            Listed::Healthy | Listed::Fallback => rotation.insert(target, new == Listed::Healthy),
            Listed::Unusable => rotation.add_unusable(1),
            Listed::Nowhere => {}
        }
        let fails_open = rotation.fails_open();
        let counts_requests = self.rules.algorithm == Algorithm::LeastOutstandingRequests;
        if failed_open || fails_open {
            // The list in use changed as a whole.
            let sizes_after = self.rotation_sizes(alb_node);
            self.in_rotation = self.in_rotation + sizes_after.0 - sizes_before.0;
            self.dead_in_rotation = self.dead_in_rotation + sizes_after.1 - sizes_before.1;
            if counts_requests {
                let count = self.targets_count();
                let active = self.rotations[alb_node].active();
                self.outstanding[alb_node].use_targets(active, count);
            }
            return;
        }
        let (was_in, is_in) = (old == Listed::Healthy, new == Listed::Healthy);
        if was_in && !is_in {
            self.in_rotation -= 1;
            self.dead_in_rotation -= dead;
            if counts_requests {
                self.outstanding[alb_node].leave(target);
            }
        } else if is_in && !was_in {
            self.in_rotation += 1;
            self.dead_in_rotation += dead;
            if counts_requests {
                let count = self.targets_count();
                self.outstanding[alb_node].join(target, count);
            }
        }
    }
}
