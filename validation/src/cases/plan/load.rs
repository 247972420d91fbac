//! Who sends requests, and how many.

use super::event::Event;
use super::setting::{Reader, seconds};
use crate::cases::prior::{Prior, RATE, Sourced};
use crate::cases::words;

/// Words of a rate, and what they are taken for; the first that occurs decides.
const RATES: &[(&str, Prior, &str)] = &[
    ("0.1 s probe", Prior::Uniform(10.0, 10.0), "the words"),
    ("low throughput", Prior::LogUniform(0.2, 5.0), "the words; estimate"),
    ("production", Prior::LogUniform(10.0, 500.0), "the word; estimate"),
    ("peak load", Prior::LogUniform(50.0, 500.0), "the words; estimate"),
    ("k6 ramp", Prior::LogUniform(5.0, 200.0), "the words; estimate"),
    ("test suite", Prior::LogUniform(0.2, 5.0), "the words; estimate"),
    ("preview env", Prior::LogUniform(0.2, 5.0), "the words; estimate"),
    ("CI bursts", Prior::LogUniform(5.0, 50.0), "the words; estimate"),
    (
        "load workers scale to ~600",
        Prior::LogUniform(20.0, 100.0),
        "published-run: 600 loaders of two requests in some 14 s at the peak, fewer while the fleet shrinks",
    ),
];

/// Tools that wait for each answer, and how many requests they have under way at a time by default.
const TOOLS: &[(&str, f64)] = &[
    ("siege -c 1", 1.0),
    // `concurrent` of siege's own configuration.
    ("siege", 25.0),
    // `-c` of fortio.
    ("fortio", 4.0),
    ("curl", 1.0),
    ("WebClient", 1.0),
    ("e2e test", 1.0),
];

/// Requests of a steady run, so that a share of one in a hundred thousand shows.
const STEADY_REQUESTS: f64 = 400_000.0;

/// Longest run of a steady event; a quiet service is looked at for several of them.
const DAY_S: f64 = 86_400.0;

/// Days of a quiet service at most: a share of one in a hundred thousand hardly shows in fewer, and more cost too much.
const MOST_DAYS: f64 = 7.0;

/// Night to peak of a day's traffic: estimate.
const NIGHT_SHARE: f64 = 0.1;

/// Mean think time of those sessions that stand for a rate too low for whole requests per second.
const THINK_S: f64 = 10.0;

pub(super) fn assign(reader: &mut Reader<'_>, event: Event) {
    if reader.facts.contains_key("request duration") {
        reader.note("one request, sent just before the deregistration, as one tries it by hand");
        reader.set(
            "workload.open_loop",
            // Evenly spaced at ten a second for a little more than a tenth of it: one, at 20.1 s.
            "{ rate: { steps: [ { at: 0s, value: 0 }, { at: 20s, value: 10 }, { at: 20150ms, value: 0 } ] }, arrivals: even }",
        );
        // The answer, whatever it is, comes within the idle timeout.
        reader.set("horizon", "90s");
        return;
    }
    let rate = rate(reader);
    let text = reader.case.environment.rate.as_deref().unwrap_or_default();
    if event != Event::Steady {
        return constant(reader, rate);
    }
    if text.contains("k6 ramp") {
        reader.note("a load test that ramps up and down within 20 minutes");
        return wave(reader, rate, 1200.0, 0.0);
    }
    if text.contains("CI bursts") {
        reader.events_count = 1;
        return bursts(reader, rate);
    }
    reader.note(
        "days of traffic between a tenth of its peak and the peak, until there are 400,000 requests or a week is over; \
         a busy service's day is shortened",
    );
    // The mean of a half sine is 2/π of its height.
    let mean = rate * (NIGHT_SHARE + (1.0 - NIGHT_SHARE) * std::f64::consts::FRAC_2_PI);
    let length = STEADY_REQUESTS / mean;
    reader.events_count = super::event::whole((length / DAY_S).ceil().min(MOST_DAYS));
    wave(reader, rate, length.clamp(3600.0, DAY_S), NIGHT_SHARE);
}

fn rate(reader: &mut Reader<'_>) -> f64 {
    if let Some(rate) = reader.number("request_rate_rps") {
        return rate;
    }
    let Some(text) = reader.case.environment.rate.as_deref() else {
        return reader.draw("requests per second", RATE);
    };
    if let Some((_, prior, source)) = RATES.iter().find(|(word, ..)| text.contains(word)) {
        return reader.draw("requests per second", Sourced { prior: *prior, source });
    }
    let stated = words::number_before(text, " rps").or_else(|| words::number_before(text, " req/s"));
    stated.unwrap_or_else(|| {
        reader.unread("environment.rate", text);
        reader.draw("requests per second", RATE)
    })
}

/// The same rate all the time, from a tool that waits for its answers or from many clients.
fn constant(reader: &mut Reader<'_>, rate: f64) {
    let environment = &reader.case.environment;
    let tool = environment.load_tool.as_deref().unwrap_or_default();
    let threads = words::number_before(environment.rate.as_deref().unwrap_or_default(), " threads");
    let known = TOOLS
        .iter()
        .find(|(word, _)| tool.contains(word))
        .map(|(_, count)| *count);
    if let Some(count) = known {
        let count = threads.unwrap_or(count);
        return sessions(reader, &format!("{count:.0}"), &seconds(count / rate));
    }
    if rate < 10.0 {
        let think = format!("{{ exponential: {{ mean: {} }} }}", seconds(THINK_S));
        return sessions(reader, &format!("{:.0}", (rate * THINK_S).round().max(1.0)), &think);
    }
    reader.set("workload.open_loop", format!("{{ rate: {rate:.0} }}"));
}

fn sessions(reader: &mut Reader<'_>, count: &str, think: &str) {
    reader.set(
        "workload.sessions",
        format!("{{ count: {count}, steps: [ {{ request: request, think: {think} }} ] }}"),
    );
}

/// Half a sine wave over the run in 24 steps, on top of `night` of its peak.
fn wave(reader: &mut Reader<'_>, peak: f64, length_s: f64, night: f64) {
    reader.set("horizon", seconds(length_s));
    // Whole requests per second are too coarse for a small service: sessions with a pause then stand for them.
    let (scale, small) = if peak < 100.0 { (THINK_S, true) } else { (1.0, false) };
    let (least, most) = ((peak * night * scale).round().max(1.0), (peak * scale).round().max(2.0));
    let profile = format!(
        "{{ sine: {{ amplitude: {:.0}, step_radians: 0.13, every: {}, add: {least:.0} }} }}",
        (most - least).max(1.0),
        seconds(length_s / 24.0)
    );
    if small {
        let think = format!("{{ exponential: {{ mean: {} }} }}", seconds(THINK_S));
        sessions(reader, &profile, &think);
    } else {
        reader.set("workload.open_loop", format!("{{ rate: {profile} }}"));
    }
}

/// A minute of requests, half an hour of nothing, over a day.
fn bursts(reader: &mut Reader<'_>, rate: f64) {
    reader.note("bursts: a minute of requests every half hour, for a day");
    let value = (rate * THINK_S).round().max(1.0);
    let steps: Vec<String> = (0..48)
        .map(|index| {
            let at = f64::from(index) * 1800.0;
            let (from, to) = (seconds(at), seconds(at + 60.0));
            format!("{{ at: {from}, value: {value:.0} }}, {{ at: {to}, value: 0 }}")
        })
        .collect();
    reader.set("horizon", "24h");
    let profile = format!("{{ steps: [ {} ] }}", steps.join(", "));
    let think = format!("{{ exponential: {{ mean: {} }} }}", seconds(THINK_S));
    sessions(reader, &profile, &think);
}
