//! Letters: their widths, lines that fit, and their pixels.
//!
//! The fonts are subsets of DejaVu Sans that are compiled in, so that no system font is needed and a text is as wide
//! everywhere. An SVG names the font and falls back to others of about the same width.

use std::sync::OnceLock;

use ab_glyph::{Font, FontRef, Glyph, PxScale, ScaleFont, point};

/// Families for viewers of SVG: the font measured here, one of the same widths, any.
pub(crate) const FAMILIES: &str = "DejaVu Sans, Verdana, sans-serif";
/// Height of capitals over the size.
pub(crate) const CAPITALS: f64 = 0.729;
/// Height of small letters over the size: what SVG calls `ex`.
pub(crate) const SMALL_LETTERS: f64 = 0.547;
/// Most characters of one text; more are cut before anything is measured.
const CHARACTERS_MAX: usize = 400;

/// Weight of a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Weight {
    /// For all but titles.
    Regular,
    /// For titles and what must be seen first.
    Bold,
}

fn font(weight: Weight) -> &'static FontRef<'static> {
    static REGULAR: OnceLock<FontRef<'static>> = OnceLock::new();
    static BOLD: OnceLock<FontRef<'static>> = OnceLock::new();
    let load = |bytes: &'static [u8]| FontRef::try_from_slice(bytes).expect("the font compiled in is a font");
    match weight {
        Weight::Regular => REGULAR.get_or_init(|| load(include_bytes!("../assets/DejaVuSans.ttf"))),
        Weight::Bold => BOLD.get_or_init(|| load(include_bytes!("../assets/DejaVuSans-Bold.ttf"))),
    }
}

/// The font at a size in px per em.
#[allow(clippy::cast_possible_truncation, reason = "sizes are small")]
fn scaled(size: f64, weight: Weight) -> ab_glyph::PxScaleFont<&'static FontRef<'static>> {
    let font = font(weight);
    let em = font.units_per_em().expect("the font compiled in has an em");
    font.as_scaled(PxScale::from(size as f32 * font.height_unscaled() / em))
}

/// Width of a letter at a size of one px per em.
fn advance(letter: char, weight: Weight) -> f64 {
    let font = font(weight);
    let em = font.units_per_em().expect("the font compiled in has an em");
    f64::from(font.h_advance_unscaled(font.glyph_id(letter)) / em)
}

/// Widths of the letters of Latin-1, which are most that are ever measured.
fn latin(weight: Weight) -> &'static [f64] {
    static REGULAR: OnceLock<Vec<f64>> = OnceLock::new();
    static BOLD: OnceLock<Vec<f64>> = OnceLock::new();
    let table = match weight {
        Weight::Regular => &REGULAR,
        Weight::Bold => &BOLD,
    };
    table.get_or_init(|| ('\u{0}'..='\u{FF}').map(|letter| advance(letter, weight)).collect())
}

/// Width of a text, px.
pub(crate) fn width(text: &str, size: f64, weight: Weight) -> f64 {
    let table = latin(weight);
    let of = |letter: char| {
        let known = table.get(letter as usize).copied();
        known.unwrap_or_else(|| advance(letter, weight))
    };
    text.chars().map(of).sum::<f64>() * size
}

/// Calls `pixel` with the place and coverage, from 0 to 1, of every pixel of a text whose baseline starts at 0, 0.
#[allow(
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    reason = "pixels of a picture"
)]
pub(crate) fn pixels(text: &str, size: f64, weight: Weight, mut pixel: impl FnMut(i32, i32, f64)) {
    let font = scaled(size, weight);
    let mut x = 0.0_f32;
    for letter in text.chars() {
        let id = font.glyph_id(letter);
        let glyph: Glyph = id.with_scale_and_position(font.scale(), point(x, 0.0));
        x += font.h_advance(id);
        if let Some(outline) = font.outline_glyph(glyph) {
            let bounds = outline.px_bounds();
            let (left, top) = (bounds.min.x as i32, bounds.min.y as i32);
            outline.draw(|dx, dy, coverage| {
                let offset = |by: u32| i32::try_from(by).unwrap_or(i32::MAX);
                pixel(left + offset(dx), top + offset(dy), f64::from(coverage));
            });
        }
    }
}

/// A text without what neither XML nor one line can hold: control characters become spaces.
pub(crate) fn clean(text: &str) -> String {
    let direction = |c: char| ('\u{202A}'..='\u{202E}').contains(&c) || ('\u{2066}'..='\u{2069}').contains(&c);
    text.chars()
        .take(CHARACTERS_MAX)
        .filter(|&c| !direction(c))
        .map(|c| {
            if c.is_control() || ('\u{FFFE}'..='\u{FFFF}').contains(&c) {
                ' '
            } else {
                c
            }
        })
        .collect::<String>()
        .split_whitespace()
        .collect::<Vec<_>>()
        .join(" ")
}

/// The text, or its beginning with an ellipsis, so that it is no wider than `room`.
pub(crate) fn shorten(text: &str, size: f64, weight: Weight, room: f64) -> String {
    let text = clean(text);
    if width(&text, size, weight) <= room {
        return text;
    }
    let mut letters: Vec<char> = text.chars().collect();
    while letters.pop().is_some() {
        let kept: String = letters.iter().collect();
        let kept = format!("{}…", kept.trim_end());
        if width(&kept, size, weight) <= room {
            return kept;
        }
    }
    String::new()
}

/// The text in at most `lines` lines no wider than `room`, broken at spaces; what does not fit ends in an ellipsis.
pub(crate) fn wrap(text: &str, size: f64, weight: Weight, room: f64, lines: usize) -> Vec<String> {
    let text = clean(text);
    let mut wrapped: Vec<String> = Vec::new();
    let mut rest: Vec<&str> = text.split(' ').filter(|word| !word.is_empty()).collect();
    while !rest.is_empty() {
        if wrapped.len() + 1 == lines {
            wrapped.push(shorten(&rest.join(" "), size, weight, room));
            break;
        }
        let mut taken = 1;
        while taken < rest.len() && width(&rest[..=taken].join(" "), size, weight) <= room {
            taken += 1;
        }
        wrapped.push(shorten(&rest[..taken].join(" "), size, weight, room));
        rest.drain(..taken);
    }
    wrapped
}

#[cfg(test)]
mod tests {
    use super::*;

    const REGULAR: Weight = Weight::Regular;

    #[test]
    fn widths_grow_with_text_and_size() {
        let one = width("0", 100.0, REGULAR);
        assert!(
            (one - 63.6).abs() < 0.1,
            "a digit of DejaVu Sans is 0.636 em wide, not {one}"
        );
        assert!((width("00", 50.0, REGULAR) - one).abs() < 0.01);
        assert!(width("0", 100.0, Weight::Bold) > one);
    }

    #[test]
    fn long_texts_are_shortened_and_wrapped_within_their_room() {
        let text = "the last ALB node stops choosing the pod long after its server has gone";
        assert_eq!(shorten("short", 12.0, REGULAR, 100.0), "short");
        assert!(shorten(text, 12.0, REGULAR, 100.0).ends_with('…'));
        assert_eq!(shorten(text, 12.0, REGULAR, 1.0), "");
        let lines = wrap(text, 12.0, REGULAR, 120.0, 3);
        assert_eq!(lines.len(), 3);
        assert!(lines.iter().all(|line| width(line, 12.0, REGULAR) <= 120.0));
        assert!(lines[2].ends_with('…') && !lines[0].ends_with('…'));
        assert!(wrap("  ", 12.0, REGULAR, 150.0, 3).is_empty());
    }

    #[test]
    fn what_xml_cannot_hold_is_gone() {
        assert_eq!(clean("a\u{0}b\nc\u{202E}d \u{FFFF} <&>"), "a b cd <&>");
    }

    #[test]
    fn letters_keep_within_their_line() {
        let mut covered = 0.0;
        pixels("Hg", 40.0, REGULAR, |x, y, coverage| {
            assert!((-1..70).contains(&x) && (-32..12).contains(&y), "{x}, {y}");
            covered += coverage;
        });
        assert!(covered > 200.0);
    }
}
