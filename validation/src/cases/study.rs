//! One case from its runs to its report.

use sim_core::rng::Seed;

use super::evaluate::{Judgement, judge};
use super::expectation::{Expectation, Statement, variant_name};
use super::format::Case;
use super::measure::Runs;
use super::metric::{Codes, Metric};
use super::plan::{Log, NotExpressible, Plan, RunSpec, plan, runs, with_label};
use super::prior::{Draw, case_seed};
use super::report::{CaseReport, StatementReport, found};
use super::verdict::{Share, softened_to, together, verdict};
use super::{Explanation, words};

/// A case and the runs that its statements need.
#[derive(Debug)]
pub struct Study<'c> {
    case: &'c Case,
    seed: Seed,
    runs: Vec<(RunSpec, Option<NotExpressible>)>,
}

impl<'c> Study<'c> {
    /// Of a case; `seed` is that of all cases.
    pub fn new(case: &'c Case, seed: Seed) -> Self {
        let seed = case_seed(seed, &case.id);
        let draw = Draw::new(seed, 0);
        let runs = runs(case)
            .into_iter()
            .map(|run| {
                let problem = plan(case, &run, &draw, &mut Log::default()).err();
                (run, problem)
            })
            .collect();
        Self { case, seed, runs }
    }

    /// The seed of its simulations.
    pub fn seed(&self) -> Seed {
        self.seed
    }

    /// The runs of one draw with their labels, and what their settings were taken for.
    ///
    /// # Panics
    ///
    /// If a run can be expressed in one draw and not in another.
    pub fn plans(&self, index: u32) -> (Vec<(String, Plan)>, Log) {
        let draw = Draw::new(self.seed, index);
        let mut log = Log::default();
        let plans = self
            .runs
            .iter()
            .filter(|(_, problem)| problem.is_none())
            .map(|(run, _)| {
                let plan =
                    plan(self.case, run, &draw, &mut log).expect("what can be expressed does not hang on the draw");
                (run.label.clone(), plan)
            })
            .collect();
        (plans, log)
    }

    /// What the draws say; `draws` has the runs of each in the order of [`Study::plans`].
    pub fn conclude(&self, draws: &[Runs], log: &Log, explanation: Option<&Explanation>) -> CaseReport {
        let made = self
            .runs
            .iter()
            .filter(|(run, problem)| run.is_listed && problem.is_none());
        let listed: Vec<&str> = made.map(|(run, _)| run.label.as_str()).collect();
        let judged: Vec<Result<Vec<Judgement>, String>> = self
            .case
            .expectations
            .iter()
            .map(|expectation| {
                self.obstacle(expectation)?;
                Ok(draws.iter().map(|runs| judge(expectation, runs, &listed)).collect())
            })
            .collect();
        let statements: Vec<StatementReport> = self
            .case
            .expectations
            .iter()
            .zip(&judged)
            .map(|(expectation, judged)| statement(expectation, judged))
            .collect();

        let of_draw = |index: usize| {
            let hard = self.case.expectations.iter().zip(&judged);
            together(hard.filter_map(move |(expectation, judged)| {
                let judgements = judged.as_ref().ok().filter(|_| expectation.strength.is_none())?;
                Some(&judgements[index])
            }))
        };
        let joint: Vec<bool> = (0..draws.len()).filter_map(of_draw).collect();
        let holds = joint.iter().filter(|holds| **holds).count();
        let joint = Share::of(holds as u64, joint.len() as u64);
        let soft: Vec<(Share, f64)> = self
            .case
            .expectations
            .iter()
            .zip(&statements)
            .filter_map(|(expectation, statement)| statement.share.zip(softened_to(expectation)))
            .collect();
        let is_complete = judged.iter().all(Result::is_ok);
        let verdict = verdict(joint, &soft, is_complete);
        let weakest = statements
            .iter()
            .enumerate()
            .filter_map(|(index, statement)| Some((index, statement.share?.probability)))
            .min_by(|(_, left), (_, right)| left.total_cmp(right));
        CaseReport {
            id: self.case.id.clone(),
            source: self.case.source.clone(),
            grade: String::from(self.case.grade.name()),
            category: self.case.category.clone(),
            applicability: self.case.applicability.clone(),
            is_core: self.case.is_core(),
            counts: self.case.counts(),
            verdict,
            share: joint,
            weakest: weakest.map(|(index, _)| statements[index].text.clone()),
            statements,
            drawn: log.drawn.iter().map(Into::into).collect(),
            mapped: log.mapped.iter().cloned().collect(),
            not_understood: log.not_understood.iter().cloned().collect(),
            moved: explanation.map(|known| known.moved.clone()).unwrap_or_default(),
            explanation: explanation.and_then(|known| known.why.clone()),
        }
    }

    /// Why a statement cannot be judged.
    fn obstacle(&self, expectation: &Expectation) -> Result<(), String> {
        for metric in metrics(expectation) {
            if let Metric::OfAnotherMechanism(name) = metric {
                return Err(format!("the model has nothing that `{name}` would measure"));
            }
            if matches!(metric, Metric::Count(Codes::ConnectionError)) {
                return Err(String::from(
                    "an ALB answers with a code; the model has no connection errors of its kind",
                ));
            }
        }
        if let Some(when) = expectation
            .when
            .as_deref()
            .filter(|when| *when != words::HOOK_OUTLASTS_PROPAGATION)
        {
            return Err(format!("`when: {when}` is not understood"));
        }
        let labels = labels(expectation);
        let about = |run: &RunSpec| match labels.as_slice() {
            [] => run.is_listed,
            labels => labels.contains(&run.label),
        };
        // Two runs that differ in nothing that is understood cannot be told apart.
        let problem = self
            .runs
            .iter()
            .filter(|(run, _)| about(run))
            .find_map(|(_, problem)| problem.as_ref());
        match problem {
            Some(NotExpressible(reason)) => Err(reason.clone()),
            None => self.distinguishes(&labels),
        }
    }

    /// Whether the runs that an order compares differ in anything.
    fn distinguishes(&self, labels: &[String]) -> Result<(), String> {
        let plans: Vec<Plan> = labels
            .iter()
            .filter_map(|label| self.runs.iter().find(|(run, _)| run.label == *label))
            .filter_map(|(run, _)| plan(self.case, run, &Draw::new(self.seed, 0), &mut Log::default()).ok())
            .collect();
        let without_name = |plan: &Plan| Plan {
            assignments: plan.assignments[1..].to_vec(),
            ..plan.clone()
        };
        for (index, plan) in plans.iter().enumerate() {
            if let Some(same) = plans[..index]
                .iter()
                .position(|other| without_name(other) == without_name(plan))
            {
                return Err(format!(
                    "the runs `{}` and `{}` differ in nothing that is understood",
                    labels[same], labels[index]
                ));
            }
        }
        Ok(())
    }
}

fn metrics(expectation: &Expectation) -> Vec<&Metric> {
    match &expectation.statement {
        Statement::Relation { metric, .. }
        | Statement::Between { metric, .. }
        | Statement::Order { metric, .. }
        | Statement::Counterfactual { metric, .. } => vec![metric],
        Statement::Metrics(metrics) => metrics.items().collect(),
    }
}

/// Labels of the runs that a statement names; none if it is about all of the file.
fn labels(expectation: &Expectation) -> Vec<String> {
    let mut labels: Vec<String> = match &expectation.statement {
        Statement::Order { runs, .. } => runs.items().cloned().collect(),
        Statement::Counterfactual { variants, .. } => variants.items().map(variant_name).collect(),
        _ => Vec::new(),
    };
    match (&expectation.with, &expectation.run) {
        (Some(with), run) => labels.push(with_label(run.as_deref(), with)),
        (None, Some(run)) => labels.push(run.clone()),
        (None, None) => {}
    }
    labels
}

fn statement(expectation: &Expectation, judged: &Result<Vec<Judgement>, String>) -> StatementReport {
    let judgements = judged.as_deref().unwrap_or_default();
    StatementReport {
        text: expectation.to_string(),
        share: Share::of_judgements(judgements.iter()),
        needed: softened_to(expectation),
        found: found(judgements),
        obstacle: judged.as_ref().err().cloned(),
    }
}
