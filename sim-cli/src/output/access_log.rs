//! `--access-log`: requests in the order and format of ALB access logs, so that tools made for those read a
//! prediction.
//!
//! All 34 fields are there. What the model knows is the model's: the two instants, the three processing times (−1 by
//! the rules of AWS), both status codes, which client, target and ALB node. Everything else is synthetic, well-formed
//! and the same in every run: see [`AccessLog`]. A real log is one file per ALB node and five minutes; this one holds
//! all ALB nodes, in the order of field `time`.

mod calendar;
mod identity;

use std::io::{self, Write};

use sim_core::trace::{Fact, RequestRecord, TraceRecord};

use super::OutputFile;
use calendar::Instant;
use identity::Identity;

/// Bytes of a request as the log counts them: headers of a plain client; bodies are not modelled.
const RECEIVED_BYTES: u32 = 180;
/// Bytes of an answer of the application; bodies are not modelled.
const SENT_BYTES: u32 = 1024;

/// Writes the requests of one run. The first error stops it and is kept.
///
/// Listener on port 80 of a load balancer in the documentation account 111122223333. Clients have addresses in
/// 198.18.0.0/15 (benchmarking, RFC 2544), one per session; pods in 10.64.0.0/10 and ALB nodes in 10.0.0.0/16.
#[derive(Debug)]
pub(crate) struct AccessLog {
    out: OutputFile,
    identity: Identity,
    result: io::Result<()>,
}

impl AccessLog {
    /// Of a scenario of that name and digest.
    pub(crate) fn new(out: OutputFile, scenario: &str, digest: &str) -> Self {
        Self {
            out,
            identity: Identity::new(scenario, digest),
            result: Ok(()),
        }
    }

    /// Takes one record; those that are no requests are left out, and those that no ALB node lived to log.
    pub(crate) fn record(&mut self, record: &TraceRecord) {
        if let (Fact::Request(request), true) = (&record.fact, self.result.is_ok())
            && request.elb_status_code != 0
        {
            self.result = write_line(&mut self.out, &self.identity, request);
        }
    }

    /// The file, complete.
    pub(crate) fn finish(self) -> io::Result<OutputFile> {
        self.result.map(|()| self.out)
    }
}

fn write_line(out: &mut impl Write, identity: &Identity, request: &RequestRecord) -> io::Result<()> {
    let finished = Instant::at(request.finished_ns);
    let created = Instant::at(request.issued_ns);
    let target = request.target.map(identity::target_address);
    let target = target.as_deref().unwrap_or("-");
    let target_status = request
        .target_status_code
        .map_or_else(|| String::from("-"), |code| code.to_string());
    write!(
        out,
        "http {finished} {} {} {target} ",
        identity.load_balancer,
        identity::client_address(request)
    )?;
    write!(
        out,
        "{} {} {} ",
        Seconds(request.request_processing_ns),
        Seconds(request.target_processing_ns),
        Seconds(request.response_processing_ns)
    )?;
    write!(
        out,
        "{} {target_status} {RECEIVED_BYTES} {} ",
        request.elb_status_code,
        sent_bytes(request)
    )?;
    write!(
        out,
        "\"GET http://{}:80/{} HTTP/1.1\" ",
        identity::HOST,
        identity::path(&request.kind)
    )?;
    write!(out, "\"drain-simulator\" - - {} ", identity.target_group)?;
    write!(
        out,
        "\"Root=1-{:08x}-{:024x}\" \"-\" \"-\" 1 {created} ",
        created.unix_seconds(),
        request.request
    )?;
    write!(
        out,
        "\"forward\" \"-\" \"-\" \"{target}\" \"{target_status}\" \"-\" \"-\" "
    )?;
    writeln!(
        out,
        "{} \"-\" \"-\" \"-\" {}",
        identity.connection_trace_id(request),
        identity::alb_node_address(request.alb_node)
    )
}

/// The ALB's own error pages have these sizes in published lines; an answer of the target is synthetic, and a client
/// that left gets nothing.
fn sent_bytes(request: &RequestRecord) -> u32 {
    match (request.target_status_code, request.elb_status_code) {
        (Some(_), _) => SENT_BYTES,
        (None, 460) => 0,
        (None, 502) => 277,
        (None, 504) => 282,
        (None, _) => 337,
    }
}

/// Seconds with three decimals, or −1.
struct Seconds(Option<u64>);

impl std::fmt::Display for Seconds {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.0 {
            None => f.write_str("-1"),
            Some(ns) => {
                let ms = (ns + 500_000) / 1_000_000;
                write!(f, "{}.{:03}", ms / 1000, ms % 1000)
            }
        }
    }
}

#[cfg(test)]
mod tests;
