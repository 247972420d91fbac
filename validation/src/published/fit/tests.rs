use sim_core::rng::{Seed, Streams};

use super::*;
use crate::published::parameters::index;

/// Values at places drawn evenly.
fn candidates(count: u32) -> Vec<Values> {
    let mut stream = Streams::new(Seed(5), 0).stream("test.candidates");
    (0..count)
        .map(|_| {
            let places = [(); COUNT].map(|()| stream.unit());
            Values::at(|place| places[place])
        })
        .collect()
}

/// A window whose 502 grow and whose 504 shrink with the teardown, and both grow with the sessions.
fn window(scatter: f64) -> WindowSurfaces {
    let mut stream = Streams::new(Seed(6), 0).stream("test.window");
    let places: Vec<[f64; COUNT]> = candidates(200).iter().map(Values::centred).collect();
    let totals: Vec<[f64; 2]> = places
        .iter()
        .map(|place| {
            let common = 1.0 + scatter * (2.0 * stream.unit() - 1.0);
            let rate = 0.25 * place[index::SESSIONS];
            let split = 0.7 * place[index::TEARDOWN];
            [exp(5.0 + rate + split) * common, exp(5.0 + rate - split) * common]
        })
        .collect();
    WindowSurfaces::fit(&places, &totals, &[index::SESSIONS, index::TEARDOWN])
}

fn exactly(count: f64) -> Total {
    Total { count, reading: 0.0 }
}

/// 502 at e^(5 + 0.7·0.5) and 504 at e^(5 − 0.7·0.5) belong to a teardown at three quarters of its range.
#[test]
fn what_made_the_counts_is_found_again() {
    let window = window(0.05);
    let totals = [exactly(exp(5.35)), exactly(exp(4.65))];
    let posterior = Posterior::sample(&candidates(20_000), &[(&window, totals)], 400, Seed(1));
    let truth = PARAMETERS[index::TEARDOWN].at(0.75);
    let found = posterior.marginals[index::TEARDOWN];
    assert!((found.low..=found.high).contains(&truth), "{truth}: {found:?}");
    let width = PARAMETERS[index::TEARDOWN].place(found.high) - PARAMETERS[index::TEARDOWN].place(found.low);
    assert!(width < 0.25, "the range itself is 0.9 wide, the fit {width}");
    // What nothing depends on stays as it was: the median of an even range is its middle.
    let untouched = posterior.marginals[index::APP_CPU];
    let place = |value: f64| PARAMETERS[index::APP_CPU].place(value);
    assert!((place(untouched.median) - 0.5).abs() < 0.1, "{untouched:?}");
    assert!(place(untouched.high) - place(untouched.low) > 0.8, "{untouched:?}");
    assert!(posterior.effective > 100.0, "{}", posterior.effective);
}

#[test]
fn errors_of_reading_widen_the_fit() {
    let window = window(0.0);
    let width = |reading: f64| {
        let totals = [exp(5.35), exp(4.65)].map(|count| Total { count, reading });
        let posterior = Posterior::sample(&candidates(20_000), &[(&window, totals)], 10, Seed(1));
        let found = posterior.marginals[index::TEARDOWN];
        PARAMETERS[index::TEARDOWN].place(found.high) - PARAMETERS[index::TEARDOWN].place(found.low)
    };
    assert!(width(900.0) > 1.5 * width(0.0), "{} and {}", width(900.0), width(0.0));
}

/// Runs of the same values whose codes rise and fall together are one observation rather than two.
#[test]
fn codes_that_scatter_together_are_known_to() {
    assert!(window(0.4).correlation > 0.9, "{}", window(0.4).correlation);
}

/// Four candidates with weights 1, 0, 2, 1 give 25, 0, 50 and 25 of a hundred draws.
#[test]
fn draws_come_in_proportion_to_their_weights() {
    let candidates: Vec<Values> = (0..4).map(|number| Values([f64::from(number); COUNT])).collect();
    let draws = systematic(&candidates, &[1.0, 0.0, 2.0, 1.0], 4.0, 100, Seed(9));
    let count = |number: f64| draws.iter().filter(|draw| (draw.0[0] - number).abs() < 0.5).count();
    assert_eq!([0.0, 1.0, 2.0, 3.0].map(count), [25, 0, 50, 25]);
}

#[test]
fn a_given_posterior_has_the_quantiles_of_its_draws() {
    let draws: Vec<Values> = (0..=100).map(|number| Values([f64::from(number); COUNT])).collect();
    let posterior = Posterior::given(draws);
    let found = posterior.marginals[3];
    assert!((found.low - 5.0).abs() < 1e-9 && (found.median - 50.0).abs() < 1e-9 && (found.high - 95.0).abs() < 1e-9);
}
