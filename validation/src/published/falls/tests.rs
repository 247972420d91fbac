use super::super::observed::Era;
use super::super::observed::tests::of_loads;
use super::*;

fn found(loads: &[u32]) -> Vec<(usize, usize, bool)> {
    falls(&of_loads(loads))
        .iter()
        .map(|fall| (fall.first, fall.last, fall.disturbed))
        .collect()
}

/// The loads of the published file, worked by hand: from the first reading to the second 42 and one more; from 620 to the
/// second 61 and one more, with the restart at 305, whose rise of 90 is below a sixth of 620.
#[test]
fn the_published_cycles_have_two_falling_halves_the_second_disturbed() {
    let loads = [
        613, 575, 511, 401, 267, 170, 42, 42, 112, 212, 344, 472, 530, 588, 620, 613, 581, 504, 434, 318, 305, 395,
        318, 164, 61, 61, 215, 305, 395, 504, 581, 613, 620,
    ];
    assert_eq!(found(&loads), [(0, 8, false), (14, 26, true)]);
    assert_eq!(restarts(&of_loads(&loads)), [20]);
}

/// After the change: from 621 to the restart at 511 and one more; from 617, the peak after it, to 59 and one more.
#[test]
fn the_published_windows_after_the_change_are_two_the_first_disturbed() {
    let loads = [
        531, 597, 621, 617, 576, 511, 531, 617, 597, 531, 438, 312, 169, 63, 59, 214, 312, 434, 531, 580, 613,
    ];
    let observed = Observed {
        era: Era::After,
        ..of_loads(&loads)
    };
    let found: Vec<_> = falls(&observed)
        .iter()
        .map(|fall| (fall.first, fall.last, fall.disturbed))
        .collect();
    assert_eq!(found, [(2, 6, true), (7, 15, false)]);
}

#[test]
fn a_load_that_only_grows_or_only_trembles_has_no_falling_half() {
    assert_eq!(found(&[10, 100, 200, 300, 400]), []);
    // 600 · 1/6 = 100 is not more than a sixth.
    assert_eq!(found(&[600, 500, 600, 520, 600]), []);
}

#[test]
fn a_fall_that_the_file_does_not_see_the_end_of_ends_with_it() {
    assert_eq!(found(&[100, 600, 400, 200, 100]), [(1, 4, false)]);
    assert_eq!(found(&[600, 400, 200]), [(0, 2, false)]);
}

#[test]
fn a_flat_trough_belongs_to_the_fall_as_far_as_reading_can_tell() {
    // 42, 49 and 35 are the same within 7; 80 is not, and is the one bin more.
    assert_eq!(found(&[600, 300, 42, 49, 42, 80, 300, 600]), [(0, 5, false)]);
}
