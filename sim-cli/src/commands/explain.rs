//! `sim explain`: one failed request per cause, its story, and the setting that would have saved it.

mod trace;

use anyhow::{Context as _, bail};
use sim_core::outcome::Cause;
use sim_core::rng::Seed;
use sim_core::trace::{TraceLevel, TraceRecord};
use validation::interval;

use crate::args::explain::{ExplainArgs, ExplainFormat};
use crate::commands::ExitStatus;
use crate::explain::document::{Explanation, Provenance, Remedy, RemedyStatus, SCHEMA_VERSION, Story};
use crate::explain::{Bench, Budget, Choice, Collector, Survey, remedies, simulate, tell};
use crate::output::{OutputFile, json, text};
use crate::printer::Printer;
use crate::provenance;
use crate::scenario_file::{self, Loaded};
use trace::TraceSource;

/// Confidence of the bound without a failure.
const CONFIDENCE: f64 = 0.95;

/// Where the records come from; both can be read more than once.
enum Records<'a> {
    /// A run of the scenario.
    Run {
        loaded: &'a Loaded,
        seed: Seed,
        replication: u32,
        level: TraceLevel,
    },
    /// A trace that was written.
    Trace(TraceSource),
}

impl Records<'_> {
    fn visit(&self, take: &mut dyn FnMut(&TraceRecord)) -> anyhow::Result<()> {
        match self {
            Records::Run {
                loaded,
                seed,
                replication,
                level,
            } => simulate(&loaded.scenario, *seed, *replication, *level, take).map(|_| ()),
            Records::Trace(trace) => trace.visit(take),
        }
    }

    /// As messages name it.
    fn name(&self) -> String {
        match self {
            Records::Run { .. } => String::from("the run"),
            Records::Trace(trace) => trace.name().to_owned(),
        }
    }
}

/// Runs the command.
///
/// # Errors
///
/// If the scenario or the trace is not usable, what is asked for did not occur, or the result cannot be written.
pub(crate) fn run(args: &ExplainArgs, printer: &Printer) -> anyhow::Result<ExitStatus> {
    if args.trace.as_ref().is_some_and(|path| path.as_os_str() == "-") && args.source.as_deref() == Some("-") {
        bail!("the scenario and --trace both come from standard input; give one of them a file");
    }
    let load = |source: &String| scenario_file::load(source, args.profile.as_deref(), &args.sets);
    let loaded = args.source.as_ref().map(load).transpose()?;
    let mut out = OutputFile::open(&args.output)?;
    let records = records(args, loaded.as_ref())?;

    let warm_up_ns = loaded.as_ref().map_or(0, |loaded| loaded.scenario.warm_up.as_ns());
    let mut survey = Survey::new(warm_up_ns, args.request);
    records.visit(&mut |record| survey.record(record))?;
    if let Some(loaded) = &loaded {
        check_same_scenario(&records, &survey, loaded)?;
    }
    let mut collector = Collector::new(choices(args, &records, &survey)?);
    if survey.failures_count() > 0 {
        records.visit(&mut |record| collector.record(record))?;
    }
    let mut stories: Vec<Story> = collector
        .finish()
        .iter()
        .map(|gathered| tell(gathered, &survey))
        .collect();
    let mut notes = Vec::new();
    add_remedies(args, loaded.as_ref(), &survey, &mut stories, &mut notes)?;
    if let (Records::Trace(_), None) = (&records, &loaded) {
        notes.push(String::from(
            "A trace does not tell its warm-up: failed requests of a warm-up, if there was one, are counted too.",
        ));
    }

    let explanation = explanation(loaded.as_ref(), &records, &survey, stories, notes);
    let color = out.is_stdout() && printer.color_stdout();
    match args.format {
        ExplainFormat::Text => text::write_explanation(&mut out, &explanation, color),
        ExplainFormat::Json => json::write_document(&mut out, &explanation),
    }
    .context("cannot write the result")?;
    out.commit()?;
    Ok(ExitStatus::Success)
}

fn records<'a>(args: &ExplainArgs, loaded: Option<&'a Loaded>) -> anyhow::Result<Records<'a>> {
    if let Some(path) = &args.trace {
        return Ok(Records::Trace(TraceSource::open(path)?));
    }
    Ok(Records::Run {
        loaded: loaded.expect("a scenario is given where no trace is"),
        seed: provenance::seed(args.seed),
        replication: args.replication,
        // A request that is asked for may have succeeded, and then there is something to say.
        level: args.request.map_or(TraceLevel::Failures, |_| TraceLevel::All),
    })
}

fn check_same_scenario(records: &Records<'_>, survey: &Survey, loaded: &Loaded) -> anyhow::Result<()> {
    let (found, given) = (&survey.scenario, &loaded.scenario.name);
    if found != given {
        bail!(
            "{} is of the scenario `{found}`, but the scenario given beside it is `{given}`",
            records.name()
        );
    }
    Ok(())
}

/// The requests to tell of.
fn choices(args: &ExplainArgs, records: &Records<'_>, survey: &Survey) -> anyhow::Result<Vec<Choice>> {
    if let Some(wanted) = args.request {
        return wanted_choice(wanted, records, survey).map(|choice| vec![choice]);
    }
    let occurred = survey.causes();
    if occurred.is_empty() {
        // Nothing to choose from is said by the result, with its bound.
        return Ok(Vec::new());
    }
    for cause in &args.causes {
        if !occurred.iter().any(|(other, _)| other == cause) {
            let all: Vec<String> = occurred
                .iter()
                .map(|(cause, count)| format!("{} ({count})", cause.name()))
                .collect();
            bail!(
                "no request of {} failed with `{}`; these causes occurred: {}",
                records.name(),
                cause.name(),
                all.join(", ")
            );
        }
    }
    let told = |(cause, _): &(Cause, u64)| args.causes.is_empty() || args.causes.contains(cause);
    Ok(occurred
        .iter()
        .filter(|one| told(one))
        .map(|(cause, _)| survey.choose(*cause))
        .collect())
}

fn wanted_choice(wanted: u64, records: &Records<'_>, survey: &Survey) -> anyhow::Result<Choice> {
    let Some(found) = &survey.found else {
        match records {
            Records::Run { .. } => bail!("the run has no request {wanted}"),
            Records::Trace(trace) => bail!(
                "{} has no request {wanted}; a trace has failed requests only, unless it was written with \
                 --trace-requests all",
                trace.name()
            ),
        }
    };
    let Some(cause) = found.cause else {
        bail!(
            "request {wanted} did not fail: it was answered with {} after {}",
            found.elb_status_code,
            crate::explain::span(found.finished_ns - found.issued_ns)
        );
    };
    survey
        .choose_wanted(cause)
        .with_context(|| format!("request {wanted} was issued in the warm-up, which is not counted"))
}

/// Simulates the scenario with other settings where that is wanted and possible.
fn add_remedies(
    args: &ExplainArgs,
    loaded: Option<&Loaded>,
    survey: &Survey,
    stories: &mut [Story],
    notes: &mut Vec<String>,
) -> anyhow::Result<()> {
    if stories.is_empty() {
        return Ok(());
    }
    let untried = match loaded {
        _ if args.no_counterfactual => Some((RemedyStatus::NotAsked, "Not tried: --no-counterfactual.")),
        None => Some((
            RemedyStatus::NoScenario,
            "Not tried: a trace does not hold the scenario; name it beside --trace.",
        )),
        Some(_) => None,
    };
    let Some(loaded) = loaded.filter(|_| untried.is_none()) else {
        let (status, text) = untried.expect("a reason was found");
        for story in stories {
            story.remedy = Remedy::untried(status, text);
        }
        return Ok(());
    };
    let scenario = &loaded.scenario;
    let seed = Seed(survey.seed);
    let before = simulate(scenario, seed, survey.replication, TraceLevel::Off, &mut |_| {})?;
    let mut bench = Bench::new(
        scenario,
        &loaded.resolved,
        seed,
        survey.replication,
        &before,
        Budget::DEFAULT,
    );
    let told: std::collections::BTreeMap<Cause, u64> = survey.causes().into_iter().collect();
    if *bench.causes_before() != told {
        notes.push(String::from(
            "The scenario, simulated with the trace's seed, does not fail as the trace does: settings or values differ, \
             or the trace is of a live run. Trials are compared with the simulated run.",
        ));
    }
    for story in stories {
        story.remedy = remedies(story, survey, &mut bench)?;
    }
    Ok(())
}

fn explanation(
    loaded: Option<&Loaded>,
    records: &Records<'_>,
    survey: &Survey,
    stories: Vec<Story>,
    notes: Vec<String>,
) -> Explanation {
    let failures_count = survey.failures_count();
    let bound = (failures_count == 0 && survey.requests_count > 0)
        .then(|| interval::clopper_pearson_upper(0, survey.requests_count, CONFIDENCE));
    Explanation {
        schema_version: SCHEMA_VERSION,
        provenance: Provenance {
            tool_version: String::from(env!("CARGO_PKG_VERSION")),
            scenario: survey.scenario.clone(),
            scenario_digest: loaded.map(|loaded| loaded.digest.clone()),
            profile: loaded.map(|loaded| loaded.scenario.profile.clone()),
            trace: match records {
                Records::Run { .. } => None,
                Records::Trace(trace) => Some(trace.name().to_owned()),
            },
            seed: survey.seed,
            replication: survey.replication,
        },
        requests_count: survey.requests_count,
        failures_count,
        failure_ratio_ci95_high: bound,
        longest_removal_ns: survey.longest_removal_ns(),
        stories,
        notes,
    }
}
