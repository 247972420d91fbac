//! The stories of `sim explain` for people.

use std::fmt::Write as _;

use sim_core::outcome::Hop;

use super::layout::{Paint, wrapped};
use super::number::{grouped, percent, percent_above};
use crate::explain::document::{Explanation, Hops, Remedy, RemedyStatus, Step, Story};
use crate::explain::{instant, offset, span};

/// The result.
pub(super) fn render(explanation: &Explanation, paint: Paint) -> String {
    let mut sections = vec![title(explanation, paint)];
    for (rank, story) in (1..).zip(&explanation.stories) {
        sections.push(cause(rank, story, paint));
        sections.push(timeline(story, paint));
        sections.push(hops(story, paint));
        sections.push(late(story, paint));
        sections.push(remedy(story, paint));
    }
    sections.extend(explanation.notes.iter().map(|note| wrapped(note, "Note: ", "      ")));
    sections.retain(|section| !section.is_empty());
    sections.join("\n")
}

fn title(explanation: &Explanation, paint: Paint) -> String {
    let provenance = &explanation.provenance;
    let from = provenance
        .trace
        .as_ref()
        .map_or_else(String::new, |trace| format!(", from {trace}"));
    let profile = provenance
        .profile
        .as_ref()
        .map_or_else(String::new, |profile| format!("profile {profile}, "));
    let requests = grouped(explanation.requests_count);
    let failed = match (explanation.failures_count, explanation.failure_ratio_ci95_high) {
        (0, Some(bound)) => format!(
            "0 of {requests} requests failed: below {} with 95 % confidence",
            percent_above(bound)
        ),
        (0, None) => String::from("no request was issued"),
        (failed, _) => format!("{} of {requests} requests failed", grouped(failed)),
    };
    format!(
        "{}  {profile}replication {}, seed {}{from}\n{failed}\n",
        paint.bold(&provenance.scenario),
        provenance.replication,
        provenance.seed
    )
}

fn cause(rank: usize, story: &Story, paint: Paint) -> String {
    let code = match story.elb_status_code {
        // No ALB node answered: there is none.
        0 => String::from("---"),
        code => code.to_string(),
    };
    let noun = if story.cause_count == 1 { "request" } else { "requests" };
    let mut section = format!(
        "{rank:>3}. {code} {}  {} {noun}, {} of the failures\n",
        paint.bold(story.cause.name()),
        grouped(story.cause_count),
        percent(story.failures_ratio),
    );
    section.push_str(&wrapped(&story.explanation, "     ", "     "));
    let hops: Vec<String> = ranked(story)
        .iter()
        .map(|(hop, count)| {
            if *count == story.cause_count {
                hop.name().to_owned()
            } else {
                format!("{} {}", hop.name(), grouped(*count))
            }
        })
        .collect();
    if hops != [Hop::None.name()] {
        let _ = writeln!(section, "     Late hop: {}.", hops.join(", "));
    }
    section
}

fn ranked(story: &Story) -> Vec<(Hop, u64)> {
    let mut hops: Vec<(Hop, u64)> = story.hop_counts.iter().map(|(hop, count)| (*hop, *count)).collect();
    hops.sort_by_key(|(hop, count)| (std::cmp::Reverse(*count), *hop));
    hops
}

fn timeline(story: &Story, paint: Paint) -> String {
    let request = &story.request;
    let mut section = format!(
        "     {}\n",
        paint.bold(&format!("Request {}, {}", request.request, request.chosen_as))
    );
    let mut rows: Vec<(String, &Step)> = Vec::new();
    for step in &story.timeline {
        rows.push((instant(step.at_ns), step));
    }
    let width = |of: &dyn Fn(&(String, &Step)) -> usize| rows.iter().map(of).max().unwrap_or(0);
    let at_width = width(&|(at, _)| at.len());
    let offset_width = width(&|(_, step)| offset(step.offset_ns).len());
    let actor_width = width(&|(_, step)| step.actor.len());
    for (at, step) in &rows {
        let mark = if step.is_request { '>' } else { ' ' };
        let since = offset(step.offset_ns);
        let head = format!(
            "   {mark} {at:>at_width$}  {since:>offset_width$}  {:<actor_width$}  ",
            step.actor
        );
        let indent = " ".repeat(head.chars().count());
        let line = wrapped(&step.text, &head, &indent);
        section.push_str(&if step.is_request {
            each_line(&line, |line| paint.red(line))
        } else {
            line
        });
    }
    let _ = writeln!(section, "     Offsets count from {}.", story.anchor.kind.label());
    section
}

/// Each line painted on its own, so that the break is not.
fn each_line(lines: &str, painted: impl Fn(&str) -> String) -> String {
    lines.lines().fold(String::new(), |mut all, line| {
        all.push_str(&painted(line));
        all.push('\n');
        all
    })
}

fn hops(story: &Story, paint: Paint) -> String {
    let Some(hops) = &story.hops else {
        return String::new();
    };
    let parts = parts(hops);
    if parts.is_empty() {
        return String::new();
    }
    let by = match hops.kube_proxy_ns {
        Some(_) => String::from("the last kube-proxy"),
        None => format!("ALB node {}", story.request.alb_node),
    };
    let mut text = format!("{}.", parts.join(" + "));
    if let Some(removal) = hops.removal_ns {
        text = format!("{} = {} to removal by {by}", parts.join(" + "), span(removal));
        if let Some(last) = hops.last_removal_ns.filter(|last| *last > removal) {
            let _ = write!(text, ", {} to that by the last one", span(last));
        }
        text.push('.');
    }
    format!("     {}\n{}", paint.bold("Hops"), wrapped(&text, "     ", "     "))
}

fn parts(hops: &Hops) -> Vec<String> {
    let all = [
        ("endpoints", hops.endpoints_ns),
        ("controller", hops.controller_ns),
        ("api_throttle", hops.api_throttle_ns),
        ("propagation", hops.propagation_ns),
        ("kube_proxy", hops.kube_proxy_ns),
    ];
    all.into_iter()
        .filter_map(|(name, ns)| Some(format!("{name} {}", span(ns?))))
        .collect()
}

fn late(story: &Story, paint: Paint) -> String {
    format!(
        "     {}\n{}",
        paint.bold("Who should have acted earlier"),
        wrapped(&story.late.text, "     ", "     ")
    )
}

fn remedy(story: &Story, paint: Paint) -> String {
    let remedy = &story.remedy;
    let mut section = format!("     {}\n", paint.bold("Which setting would have saved it"));
    if remedy.status == RemedyStatus::Tried {
        section.push_str(&trials(remedy, paint));
    }
    if !remedy.text.is_empty() {
        section.push_str(&wrapped(&remedy.text, "     ", "     "));
    }
    section
}

fn trials(remedy: &Remedy, paint: Paint) -> String {
    let mut section = String::new();
    let before = remedy.before_cause_count.unwrap_or(0);
    let failures = remedy.before_failures_count.unwrap_or(0);
    for trial in &remedy.trials {
        let head = format!("with {}", trial.sets.join(" "));
        let outcome = match (&trial.refused, trial.cause_count, trial.failures_count) {
            (None, Some(cause), Some(all)) => format!(
                "{head}: {} of {}, and {} of {} failures in all",
                grouped(cause),
                grouped(before),
                grouped(all),
                grouped(failures)
            ),
            (refused, ..) => format!("{head}: refused, {}", refused.as_deref().unwrap_or("for no reason")),
        };
        let lines = wrapped(&outcome, "     ", "       ");
        section.push_str(&if trial.cause_count == Some(0) {
            each_line(&lines, |line| paint.bold(line))
        } else {
            lines
        });
        section.push_str(&wrapped(&format!("({})", trial.reason), "       ", "       "));
    }
    let method = "Simulated again with the same seed. Requests are not the same ones then, so counts are compared.";
    section.push_str(&wrapped(method, "     ", "     "));
    section
}
