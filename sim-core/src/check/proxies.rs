//! kube-proxy: what it has acted on, and where it may still send new connections.

use alloc::format;
use alloc::vec::Vec;

use super::Log;
use super::rule::{Rule, Subject};
use crate::scenario::Scenario;
use crate::scenario::elbv2::TargetType;
use crate::time::SimTime;
use crate::trace::{Fact, RequestRecord};

/// What the trace has said of one pod behind the nodes.
#[derive(Debug, Clone, Copy, Default)]
struct Behind {
    /// Writes of its endpoint that some kube-proxy may not have acted on.
    under_way: u32,
    /// Its endpoint is one that kube-proxy never chooses.
    unusable: bool,
    /// When the last kube-proxy had acted on that.
    left_at: Option<u64>,
}

/// The pods behind the nodes of a trace.
#[derive(Debug, Default)]
pub(super) struct Proxied {
    pods: Vec<Behind>,
}

impl Proxied {
    fn entry(&mut self, pod: u32) -> &mut Behind {
        let index = pod as usize;
        if self.pods.len() <= index {
            self.pods.resize(index + 1, Behind::default());
        }
        &mut self.pods[index]
    }

    pub(super) fn check(&mut self, fact: &Fact, log: &mut Log) {
        match fact {
            Fact::EndpointWritten {
                pod,
                ready,
                serving,
                terminating,
                ..
            } => {
                let behind = self.entry(*pod);
                behind.under_way += 1;
                behind.unusable = !(*ready || *serving && *terminating);
                if !behind.unusable {
                    behind.left_at = None;
                }
            }
            Fact::ProxiesUpdated { pods } => {
                let now = log.now;
                for pod in pods {
                    let behind = self.entry(*pod);
                    let before = *behind;
                    behind.under_way = before.under_way.saturating_sub(1);
                    if behind.unusable && behind.under_way == 0 {
                        behind.left_at = behind.left_at.or(Some(now));
                    }
                    log.check(
                        before.under_way > 0,
                        Rule::ProxiesUpdated,
                        || Subject::Pod(*pod),
                        || format!("no write of its endpoint is under way: {before:?}"),
                    );
                }
            }
            _ => {}
        }
    }

    /// Judges where a target forwarded a request, if targets are nodes.
    pub(super) fn check_request(&self, request: &RequestRecord, scenario: &Scenario, log: &mut Log) {
        let subject = || Subject::Request(request.request);
        let nodes = scenario.target_group.target_type == TargetType::Instance;
        let answered = request.target_status_code.is_some();
        let fine = match request.pod {
            Some(_) => nodes && request.target.is_some(),
            None => !(nodes && answered),
        };
        log.check(fine, Rule::RequestFields, subject, || {
            format!("expected a pod exactly behind a node that forwarded it, found {request:?}")
        });
        let Some(pod) = request.pod.filter(|_| !request.reused_connection) else {
            return;
        };
        let behind = self.pods.get(pod as usize).copied().unwrap_or_default();
        let late = behind.left_at.is_some_and(|left_at| left_at <= request.issued_ns);
        log.check(!late, Rule::ForwardedAfterRemoval, subject, || {
            format!(
                "issued at {} to pod {pod}, which every kube-proxy had taken out at {:?}",
                SimTime::from_ns(request.issued_ns),
                behind.left_at.map(SimTime::from_ns)
            )
        });
    }
}
