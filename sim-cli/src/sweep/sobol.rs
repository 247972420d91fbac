//! The Sobol sequence, scrambled by Owen's method (Burley, JCGT 2020).

use sim_core::rng::Seed;

/// Most points of a sequence.
pub(crate) const MOST_POINTS: usize = 1 << 16;

/// Most factors.
pub(crate) const MOST_DIMENSIONS: usize = 256;

/// Coordinate of a point, from 0 to below 1.
///
/// # Panics
///
/// Beyond [`MOST_POINTS`] or [`MOST_DIMENSIONS`].
pub(crate) fn unit(index: usize, dimension: usize, seed: Seed) -> f64 {
    let index = u32::try_from(index).expect("fewer points than 2^16");
    let dimension = u32::try_from(dimension).expect("fewer dimensions than 256");
    #[expect(clippy::cast_possible_truncation, reason = "any 32 bits will do as a scramble")]
    let scramble = (seed.0 ^ (seed.0 >> 32)) as u32;
    f64::from(sobol_burley::sample(index, dimension, scramble))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_of_the_first_2_to_the_n_points_has_an_interval_of_its_own() {
        for dimension in [0, 1, 7] {
            let mut parts: Vec<u64> = (0..64)
                .map(|index| {
                    format!("{:.0}", (unit(index, dimension, Seed(3)) * 64.0).floor())
                        .parse()
                        .unwrap()
                })
                .collect();
            parts.sort_unstable();
            assert_eq!(parts, (0..64).collect::<Vec<u64>>(), "dimension {dimension}");
        }
    }
}
