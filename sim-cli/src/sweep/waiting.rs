//! Scenarios that wait for their runs: read once, when all design points are checked.

use std::sync::OnceLock;

use rayon::prelude::*;
use sim_core::scenario::Scenario;

use super::Plan;
use crate::scenario_file::{LoadError, Loaded};

/// Most memory for them; those beyond it are read again.
const MOST_BYTES: usize = 1 << 30;

/// Scenarios by design point.
pub(crate) struct Waiting {
    by_point: Vec<OnceLock<Box<Scenario>>>,
    /// Points whose scenarios may wait.
    most: usize,
}

impl Waiting {
    /// None of the plan's scenarios has been read; `base` is the scenario where nothing varies.
    pub(crate) fn new(plan: &Plan, base: &Loaded) -> Self {
        // What is not part of the struct itself, such as the steps of a workload, takes about as much as its text.
        let bytes = size_of::<Scenario>() + base.resolved.to_string().len();
        Self {
            by_point: plan.points.iter().map(|_| OnceLock::new()).collect(),
            most: MOST_BYTES / bytes,
        }
    }

    /// Reads every scenario of the plan, on the threads of the current pool.
    ///
    /// # Errors
    ///
    /// The first point that cannot be run, and why.
    pub(crate) fn read_all(&mut self, plan: &Plan) -> Result<(), (usize, LoadError)> {
        let points = plan.points.par_iter().zip(&self.by_point).enumerate();
        let first_wrong = points.find_map_first(|(index, (levels, waiting))| match plan.scenario(levels) {
            Ok(scenario) => {
                if index < self.most {
                    waiting.set(Box::new(scenario)).expect("each point is read once");
                }
                None
            }
            Err(error) => Some((index, error)),
        });
        first_wrong.map_or(Ok(()), Err)
    }

    /// Each point with its scenario, if it was read; for those who drop it when it has run.
    pub(crate) fn into_points(self) -> impl IndexedParallelIterator<Item = (usize, Option<Box<Scenario>>)> {
        let points = self.by_point.into_par_iter().enumerate();
        points.map(|(index, waiting)| (index, waiting.into_inner()))
    }
}
