//! Settings that take whole numbers or whole seconds, drawn from a range.

use super::vary::Factor;

/// The factor in steps of one, if its range goes from one whole number to another and its setting takes nothing
/// between whole ones: one end can be used and what lies half of one inside of it cannot. Any other factor as it is.
///
/// Without this a hypercube over `deployment.replicas=4..40` would ask for 12.947 pods, and one over
/// `pod.termination_grace_period=30s..60s` for 37.212 s.
pub(crate) fn in_whole_steps(factor: Factor, is_usable: impl Fn(&str) -> bool) -> Factor {
    let is_whole = factor.whole_ends().is_some_and(|ends| {
        let usable = ends.iter().find(|[end, _]| is_usable(end));
        usable.is_some_and(|[_, inside]| !is_usable(inside))
    });
    if is_whole { factor.with_step_of_one() } else { factor }
}

#[cfg(test)]
mod tests {
    use super::super::vary::parse;
    use super::*;

    /// The levels that shares of the range give, of a setting that takes what `is_usable` says.
    fn levels(text: &str, is_usable: impl Fn(&str) -> bool) -> Vec<String> {
        let factor = in_whole_steps(parse(text).unwrap(), is_usable);
        [0.0, 0.24, 0.26, 0.999].map(|u| factor.at(u).text).into()
    }

    #[test]
    fn a_whole_number_setting_gets_whole_numbers_each_as_often() {
        let is_whole = |text: &str| text.parse::<u32>().is_ok();
        assert_eq!(levels("a=4..7", is_whole), ["4", "4", "5", "7"]);
        // Where one end is beyond what is allowed, the other one tells.
        let is_positive = |text: &str| text.parse::<u32>().is_ok_and(|number| number > 0);
        assert_eq!(levels("a=0..3", is_positive), ["0", "0", "1", "3"]);
        let is_whole = |text: &str| text.trim_end_matches(['s', '%']).parse::<u32>().is_ok();
        assert_eq!(levels("a=4s..7s", is_whole), ["4s", "4s", "5s", "7s"]);
        assert_eq!(levels("a=4%..7%", is_whole), ["4%", "4%", "5%", "7%"]);
    }

    #[test]
    fn any_other_setting_and_range_stays_as_it_is() {
        let is_number = |text: &str| text.trim_end_matches('s').parse::<f64>().is_ok();
        assert_eq!(levels("a=0..1", is_number), ["0", "0.24", "0.26", "0.999"]);
        assert_eq!(levels("a=1s..2s", is_number), ["1s", "1.24s", "1.26s", "1.999s"]);
        let is_whole = |text: &str| text.parse::<u32>().is_ok();
        assert_eq!(levels("a=1.5..2.5", is_whole), ["1.5", "1.74", "1.76", "2.499"]);
        assert_eq!(levels("a=0..2/2", is_whole), ["0", "0", "0", "2"]);
        // What nothing in the range fits tells nothing about it.
        assert_eq!(levels("a=0..1", |_| false), ["0", "0.24", "0.26", "0.999"]);
    }
}
