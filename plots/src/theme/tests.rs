//! Contrast of text, and distances between colours for normal and for colour-blind eyes.

use sim_core::outcome::Status;

use super::{Rgb, Theme};

/// Simulation of complete colour blindness in linear RGB: Machado, Oliveira and Fernandes (2009), severity 1.
const VISIONS: [(&str, [[f64; 3]; 3]); 4] = [
    ("normal", [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]]),
    (
        "protanopia",
        [
            [0.152_286, 1.052_583, -0.204_868],
            [0.114_503, 0.786_281, 0.099_216],
            [-0.003_882, -0.048_116, 1.051_998],
        ],
    ),
    (
        "deuteranopia",
        [
            [0.367_322, 0.860_646, -0.227_968],
            [0.280_085, 0.672_501, 0.047_413],
            [-0.011_820, 0.042_940, 0.968_881],
        ],
    ),
    (
        "tritanopia",
        [
            [1.255_528, -0.076_749, -0.178_779],
            [-0.078_411, 0.930_809, 0.147_602],
            [0.004_733, 0.691_367, 0.303_900],
        ],
    ),
];

/// Distance (CIE76, in CIELAB under D65) that colours keep at least: several times the just noticeable 2.3.
const DISTANCE_MIN: f64 = 12.0;

fn lab(colour: Rgb, vision: &[[f64; 3]; 3]) -> [f64; 3] {
    let linear = colour.linear();
    let seen = vision.map(|row| (row[0] * linear[0] + row[1] * linear[1] + row[2] * linear[2]).clamp(0.0, 1.0));
    let xyz = [
        (0.4124 * seen[0] + 0.3576 * seen[1] + 0.1805 * seen[2]) / 0.9505,
        0.2126 * seen[0] + 0.7152 * seen[1] + 0.0722 * seen[2],
        (0.0193 * seen[0] + 0.1192 * seen[1] + 0.9505 * seen[2]) / 1.089,
    ];
    let [x, y, z] = xyz.map(|t| {
        if t > 0.008_856 {
            libm::cbrt(t)
        } else {
            7.787 * t + 16.0 / 116.0
        }
    });
    [116.0 * y - 16.0, 500.0 * (x - y), 200.0 * (y - z)]
}

fn distance(a: Rgb, b: Rgb, vision: &[[f64; 3]; 3]) -> f64 {
    let (a, b) = (lab(a, vision), lab(b, vision));
    libm::sqrt((0..3).map(|i| (a[i] - b[i]) * (a[i] - b[i])).sum())
}

fn assert_apart(name: &str, colours: &[Rgb]) {
    for (i, &a) in colours.iter().enumerate() {
        for &b in &colours[i + 1..] {
            for (vision, matrix) in &VISIONS {
                let found = distance(a, b, matrix);
                assert!(
                    found > DISTANCE_MIN,
                    "{name}: {a:?} and {b:?} are {found:.1} apart in {vision}"
                );
            }
        }
    }
}

#[test]
fn statuses_and_lines_stay_apart_for_colour_blind_eyes() {
    for theme in [Theme::Light, Theme::Dark] {
        // Answers of other applications and missing answers share a colour: both are rare and drawn as "other".
        let statuses = Status::ALL.into_iter().filter(|status| *status != Status::Unanswered);
        let statuses: Vec<Rgb> = statuses.map(|status| theme.status(status)).collect();
        assert_apart("statuses", &statuses);
        let lines: Vec<Rgb> = (0..Theme::SERIES).map(|i| theme.series(i)).collect();
        assert_apart("lines", &lines);
    }
}

#[test]
fn text_is_readable_and_data_is_visible() {
    for theme in [Theme::Light, Theme::Dark] {
        for text in [theme.text(), theme.muted()] {
            let contrast = text.contrast(theme.background());
            assert!(contrast >= 4.5, "{theme:?}: {text:?} has {contrast:.1}");
        }
        let data = Status::ALL.into_iter().map(|status| theme.status(status));
        for colour in data.chain((0..Theme::SERIES).map(|i| theme.series(i))) {
            let contrast = colour.contrast(theme.background());
            assert!(contrast >= 2.2, "{theme:?}: {colour:?} has {contrast:.1}");
        }
    }
}

#[test]
fn levels_grow_lighter_and_carry_readable_text() {
    let mut before = -1.0;
    for step in 0..=100 {
        let colour = Theme::level(f64::from(step) / 100.0);
        assert!(colour.luminance() > before, "level {step} is not lighter");
        before = colour.luminance();
        let contrast = colour.readable().contrast(colour);
        assert!(contrast >= 4.3, "level {step}: {contrast:.2}");
    }
    assert_eq!(Theme::level(f64::from(-1)), Theme::level(0.0));
    assert_eq!(Theme::level(2.0), Rgb(0xFE, 0xE8, 0x38));
}

#[test]
fn contrast_agrees_with_the_ends_of_its_scale() {
    let (black, white) = (Rgb(0, 0, 0), Rgb(255, 255, 255));
    assert!((black.contrast(white) - 21.0).abs() < 1e-9 && (white.contrast(white) - 1.0).abs() < 1e-9);
    // 0x77 is the well-known grey just below 4.5 on white.
    assert!((Rgb(0x77, 0x77, 0x77).contrast(white) - 4.478).abs() < 1e-3);
}
