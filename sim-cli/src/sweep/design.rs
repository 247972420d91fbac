//! Which combinations of levels are run.

use clap::ValueEnum;
use sim_core::rng::{Seed, Streams};

use super::sobol;
use super::vary::{Factor, Level};

/// Most design points of one sweep.
const MOST_POINTS: usize = 10_000_000;

/// How design points are chosen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Design {
    /// Every combination of all levels
    Grid,
    /// `--points` combinations, each factor's range in as many equal parts, one from each part
    LatinHypercube,
    /// `--points` combinations of a Sobol sequence, which fills the space evenly
    Sobol,
}

/// The level of each factor at each point. The last factor of a grid varies fastest.
///
/// # Errors
///
/// Too many points, or a range without a step in a grid.
pub(crate) fn points(design: Design, factors: &[Factor], count: usize, seed: Seed) -> Result<Vec<Vec<Level>>, String> {
    match design {
        Design::Grid => grid(factors),
        Design::LatinHypercube => Ok(latin_hypercube(factors, count, seed)),
        Design::Sobol => Ok((0..count)
            .map(|index| {
                let dimensions = factors.iter().enumerate();
                dimensions
                    .map(|(dimension, factor)| factor.at(sobol::unit(index, dimension, seed)))
                    .collect()
            })
            .collect()),
    }
}

fn grid(factors: &[Factor]) -> Result<Vec<Vec<Level>>, String> {
    let lists: Vec<Vec<Level>> = factors.iter().map(Factor::list).collect::<Result<_, String>>()?;
    let count = lists
        .iter()
        .try_fold(1_usize, |count, list| count.checked_mul(list.len()));
    if count.is_none_or(|count| count > MOST_POINTS) {
        return Err(format!(
            "the grid has more than {MOST_POINTS} design points; choose wider steps or another --design"
        ));
    }
    let mut points = vec![Vec::new()];
    for list in &lists {
        points = points
            .into_iter()
            .flat_map(|point: Vec<Level>| {
                list.iter().map(move |level| {
                    let mut longer = point.clone();
                    longer.push(level.clone());
                    longer
                })
            })
            .collect();
    }
    Ok(points)
}

/// One point in each of `count` equal parts of each factor, in an order drawn per factor (`McKay`, Beckman and Conover 1979).
fn latin_hypercube(factors: &[Factor], count: usize, seed: Seed) -> Vec<Vec<Level>> {
    let streams = Streams::new(seed, 0);
    let mut points = vec![Vec::with_capacity(factors.len()); count];
    for (index, factor) in factors.iter().enumerate() {
        let mut stream = streams.stream_indexed("sweep.latin_hypercube", index as u64);
        let mut parts: Vec<usize> = (0..count).collect();
        for last in (1..count).rev() {
            let other = stream.below(u32::try_from(last + 1).expect("fewer points than 2^32"));
            parts.swap(last, other as usize);
        }
        for (point, part) in points.iter_mut().zip(parts) {
            #[expect(clippy::cast_precision_loss, reason = "fewer points than 2^52")]
            let u = (part as f64 + stream.unit()) / count as f64;
            // Rounding may reach 1.
            point.push(factor.at(u.min(1.0 - f64::EPSILON)));
        }
    }
    points
}

#[cfg(test)]
mod tests {
    use super::super::vary::parse;
    use super::*;

    #[test]
    fn a_grid_has_every_combination_once() {
        let factors = [parse("a=1,2").unwrap(), parse("b=x,y,z").unwrap()];
        let points = points(Design::Grid, &factors, 0, Seed(1)).unwrap();
        let texts: Vec<String> = points
            .iter()
            .map(|point| point.iter().map(|level| level.text.as_str()).collect())
            .collect();
        assert_eq!(texts, ["1x", "1y", "1z", "2x", "2y", "2z"]);
    }

    #[test]
    fn a_latin_hypercube_has_one_point_in_each_part_of_each_factor() {
        let factors = [parse("a=0s..100s").unwrap(), parse("b=0..100").unwrap()];
        let points = points(Design::LatinHypercube, &factors, 50, Seed(7)).unwrap();
        for factor in 0..2 {
            let mut parts: Vec<u64> = points
                .iter()
                .map(|point| {
                    format!("{:.0}", (point[factor].number.unwrap() / 2.0).floor())
                        .parse()
                        .unwrap()
                })
                .collect();
            parts.sort_unstable();
            assert_eq!(parts, (0..50).collect::<Vec<u64>>());
        }
    }

    #[test]
    fn too_large_a_grid_is_refused_before_it_is_made() {
        let wide = parse("a=0..99999/1").unwrap();
        let error = points(Design::Grid, &[wide.clone(), wide], 0, Seed(1)).unwrap_err();
        assert!(error.contains("10000000 design points"), "{error}");
    }
}
