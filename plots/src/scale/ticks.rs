//! Ticks that are round numbers, as many as there is room for without two labels touching.

use super::{Scale, exponent, power_of_ten};
use crate::font::{self, Weight};
use crate::number;
use crate::theme::SMALL_PX;

/// Space between two tick labels beside each other, px.
const GAP_X_PX: f64 = 16.0;
/// Distance of two tick labels above each other, px from middle to middle.
const PITCH_Y_PX: f64 = 24.0;
/// Most ticks of an axis, however much room there is.
const TICKS_MAX: usize = 12;

/// One tick.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Tick {
    /// Where, px.
    pub(crate) at: f64,
    /// What it says; empty for a line without a label.
    pub(crate) label: String,
}

/// Which way an axis runs, and so how its labels may collide.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Room {
    /// Labels beside each other.
    Across,
    /// Labels above each other.
    Up,
}

impl Room {
    /// Whether two neighbours keep their distance.
    fn apart(self, one: &Tick, other: &Tick) -> bool {
        let distance = (one.at - other.at).abs();
        match self {
            Room::Up => distance >= PITCH_Y_PX,
            Room::Across => {
                let width = |tick: &Tick| font::width(&tick.label, SMALL_PX, Weight::Regular);
                distance >= f64::midpoint(width(one), width(other)) + GAP_X_PX
            }
        }
    }

    fn all_apart(self, ticks: &[Tick]) -> bool {
        ticks.windows(2).all(|pair| self.apart(&pair[0], &pair[1]))
    }
}

/// Ticks of a linear axis whose labels show `factor` times its values.
pub(crate) fn linear(scale: &Scale, factor: f64, room: Room) -> Vec<Tick> {
    let (low, high) = (scale.low * factor, scale.high * factor);
    let magnitude = exponent(high - low);
    for power in magnitude - 2..=magnitude + 1 {
        for digit in [1.0, 2.0, 5.0] {
            let step = digit * power_of_ten(power);
            let first = libm::ceil(low / step - 1e-9);
            let count = libm::floor(high / step + 1e-9) - first + 1.0;
            if count > TICKS_MAX as f64 {
                continue;
            }
            let decimals = usize::try_from(-power).unwrap_or(0);
            let mut ticks = Vec::new();
            let mut index = 0.0;
            while index < count {
                let value = (first + index) * step;
                ticks.push(Tick {
                    at: scale.at(value / factor),
                    label: number::fixed(value, decimals),
                });
                index += 1.0;
            }
            if room.all_apart(&ticks) {
                return ticks;
            }
        }
    }
    Vec::new()
}

/// Ticks of a logarithmic axis: whole decades, or 1, 2 and 5 of each where there are few.
pub(crate) fn logarithmic(scale: &Scale, factor: f64, room: Room) -> Vec<Tick> {
    let (low, high) = (scale.low * factor, scale.high * factor);
    let decades = exponent(low)..=exponent(high);
    let tick = |digit: f64, power: i32| {
        let value = digit * power_of_ten(power);
        let inside = value >= low * (1.0 - 1e-9) && value <= high * (1.0 + 1e-9);
        inside.then(|| Tick {
            at: scale.at(value / factor),
            label: number::significant(value, 1),
        })
    };
    let few: Vec<Tick> = decades
        .clone()
        .flat_map(|power| [1.0, 2.0, 5.0].into_iter().filter_map(move |digit| tick(digit, power)))
        .collect();
    if exponent(high / low) < 2 && room.all_apart(&few) {
        return few;
    }
    let all: Vec<Tick> = decades.filter_map(|power| tick(1.0, power)).collect();
    for every in 1..=all.len().max(1) {
        let mut some: Vec<Tick> = all.iter().rev().step_by(every).cloned().collect();
        some.reverse();
        if room.all_apart(&some) {
            return some;
        }
    }
    Vec::new()
}

/// Those of the given ticks that fit, earlier ones before later ones; the others keep their line and lose their label.
pub(crate) fn labelled(ticks: Vec<Tick>, room: Room) -> Vec<Tick> {
    let mut kept: Vec<Tick> = Vec::new();
    for mut tick in ticks {
        let free = kept
            .iter()
            .filter(|other| !other.label.is_empty())
            .all(|other| room.apart(other, &tick));
        if !free {
            tick.label.clear();
        }
        kept.push(tick);
    }
    kept
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn labels(ticks: &[Tick]) -> Vec<&str> {
        ticks.iter().map(|tick| tick.label.as_str()).collect()
    }

    #[test]
    fn steps_are_round_and_fill_the_room() {
        let axis = Scale::linear(0.0, 30.0, 0.0, 600.0);
        let shown = linear(&axis, 1.0, Room::Across);
        assert_eq!(labels(&shown), ["0", "5", "10", "15", "20", "25", "30"]);
        let percent = Scale::linear(0.0, 0.032, 0.0, 300.0);
        assert_eq!(
            labels(&linear(&percent, 100.0, Room::Up)),
            ["0.0", "0.5", "1.0", "1.5", "2.0", "2.5", "3.0"]
        );
    }

    #[test]
    fn decades_are_thinned_when_there_are_many() {
        let long = Scale::log(1e-6, 1e6, 0.0, 150.0);
        assert!(labels(&logarithmic(&long, 1.0, Room::Up)).len() <= 7);
        let short = Scale::log(1.0, 40.0, 0.0, 300.0);
        assert_eq!(labels(&logarithmic(&short, 1.0, Room::Up)), ["1", "2", "5", "10", "20"]);
    }

    #[test]
    fn a_label_that_does_not_fit_leaves_its_line() {
        let tick = |at: f64| Tick {
            at,
            label: "word".to_owned(),
        };
        let kept = labelled(vec![tick(0.0), tick(10.0), tick(200.0)], Room::Across);
        assert_eq!(labels(&kept), ["word", "", "word"]);
    }

    proptest! {
        #[test]
        fn labels_never_touch(
            low in -1e12..1e12_f64, span in prop_oneof![1e-6..1.0_f64, 1.0..1e12], length in 30.0..900.0_f64,
            factor in prop_oneof![Just(1.0), Just(100.0), Just(1.0 / 60.0)],
        ) {
            for room in [Room::Across, Room::Up] {
                let axis = Scale::linear(low, low + span, 0.0, length);
                let ticks = linear(&axis, factor, room);
                prop_assert!(room.all_apart(&ticks) && ticks.len() <= TICKS_MAX);
                let positive = low.abs().max(1e-9);
                let axis = Scale::log(positive, positive + span, 0.0, length);
                prop_assert!(room.all_apart(&logarithmic(&axis, factor, room)));
            }
        }

        #[test]
        fn an_axis_of_usual_length_has_at_least_two_ticks(high in 1e-6..1e12_f64) {
            let axis = Scale::linear(0.0, high, 0.0, 600.0);
            prop_assert!(linear(&axis, 1.0, Room::Across).len() >= 2);
        }
    }
}
