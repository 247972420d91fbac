//! Synthetic names and addresses: well-formed, recognisable as such, and equal in every run of a scenario.

use std::fmt::Write as _;

use sim_core::trace::RequestRecord;

/// Host of every request; `.test` never exists (RFC 6761).
pub(super) const HOST: &str = "shop.example.test";

/// Names that depend on the scenario.
#[derive(Debug)]
pub(super) struct Identity {
    /// Field `elb`.
    pub(super) load_balancer: String,
    /// Field `target_group_arn`.
    pub(super) target_group: String,
    digest: String,
}

impl Identity {
    /// Named after the scenario, as the controller names what it makes (32 characters at most), with the scenario's
    /// digest (16 hex digits) where AWS puts a random id.
    pub(super) fn new(scenario: &str, digest: &str) -> Self {
        let name: String = scenario
            .chars()
            .filter(char::is_ascii_alphanumeric)
            .map(|c| c.to_ascii_lowercase())
            .take(20)
            .collect();
        let name = if name.is_empty() { "unnamed" } else { &name };
        let digest = format!("{digest:0>16.16}");
        Self {
            load_balancer: format!("app/k8s-{name}/{digest}"),
            target_group: format!(
                "arn:aws:elasticloadbalancing:us-east-1:111122223333:targetgroup/k8s-{name}/{digest}"
            ),
            digest,
        }
    }

    /// Field `conn_trace_id`, one for each request as if it had a connection of its own.
    pub(super) fn connection_trace_id(&self, request: &RequestRecord) -> String {
        format!("TID_{}{:016x}", self.digest, request.request)
    }
}

/// Field `client:port`: an address for each session, or for each open-loop request.
pub(super) fn client_address(request: &RequestRecord) -> String {
    let client = request.session.map_or(request.request, u64::from) % (1 << 17);
    // The default range of Linux is 32768 to 60999.
    let port = 32_768 + request.request % 28_232;
    format!(
        "198.{}.{}.{}:{port}",
        18 + (client >> 16),
        client >> 8 & 255,
        client & 255
    )
}

/// Field `target:port` of a pod.
pub(super) fn target_address(pod: u32) -> String {
    // The first address of a subnet is not given to a pod.
    let host = (pod + 1) % (1 << 22);
    format!("10.{}.{}.{}:8080", 64 + (host >> 16), host >> 8 & 255, host & 255)
}

/// The last field; the first four addresses of a subnet belong to AWS.
pub(super) fn alb_node_address(alb_node: u32) -> String {
    let host = alb_node + 4;
    format!("10.0.{}.{}", host >> 8 & 255, host & 255)
}

/// Path of a request kind; what may not stand in a path is percent-encoded.
pub(super) fn path(kind: &str) -> String {
    let mut path = String::with_capacity(kind.len());
    for byte in kind.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte) {
            path.push(char::from(byte));
        } else {
            let _ = write!(path, "%{byte:02X}");
        }
    }
    path
}
