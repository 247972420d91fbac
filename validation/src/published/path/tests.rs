use sim_core::rng::{Seed, Streams};

use super::super::observed::tests::of_loads;
use super::*;

const SECOND_CYCLE: [f64; 7] = [504.0, 434.0, 318.0, 305.0, 395.0, 318.0, 164.0];

/// The drawing above, worked by hand. The script's own values around there are 177 and 438.
#[test]
fn a_restart_within_its_lowest_bin_has_a_post_on_either_branch() {
    let restart = Restart::at(&SECOND_CYCLE, 3, 7.0).expect("a restart");
    assert_eq!((restart.bin, restart.before, restart.after), (3, 170.0, 440.0));
}

/// The first window after the change: 511 lies below the left branch (2·576 − 617 = 535), so it is not mixed and 531 is.
/// Left 2·511 − 576 = 446; right 2·617 − 597 = 637, but no more than the highest, 621; 531 misses 2.5 of their mean. The
/// script's own values are 438 and 616.
#[test]
fn a_restart_in_the_bin_after_the_lowest_is_found_there() {
    let restart = Restart::at(&[621.0, 617.0, 576.0, 511.0, 531.0, 617.0, 597.0], 3, 4.0).expect("a restart");
    assert_eq!((restart.bin, restart.before, restart.after), (4, 443.5, 618.5));
}

#[test]
fn the_load_runs_straight_between_readings() {
    let points = [(7.5, 600.0), (22.5, 300.0), (37.5, 100.0)];
    for (minute, load) in [
        (0.0, 600.0),
        (7.5, 600.0),
        (15.0, 450.0),
        (22.5, 300.0),
        (30.0, 200.0),
        (99.0, 100.0),
    ] {
        assert!((between(&points, minute) - load).abs() < 1e-9, "{minute}");
    }
}

/// Steps of 11 minutes from minute 4: 4; 15, 26; 37; 48, 59 (bins of 15). In the mixed bin from 45 on the first post is
/// 48; half of what is left until 59 gives 53.5 as the restart, and 11-minute steps from there.
#[test]
fn a_restart_gives_the_script_new_steps() {
    let restart = Restart {
        bin: 3,
        before: 170.0,
        after: 440.0,
    };
    let (minutes, jumps) = minutes(6, 15.0, (11.0, 4.0), &[restart], &mut || 0.5);
    assert_eq!(minutes, [-7.0, 4.0, 15.0, 26.0, 37.0, 48.0, 53.5, 64.5, 75.5, 86.5]);
    assert_eq!(jumps, [53.5]);
    let load = [504.0, 434.0, 318.0, 305.0, 395.0, 318.0];
    let path = path(&load, 15.0, &minutes, &[restart], &jumps);
    // Bin 1 has two posts, at 15 and 26.
    assert_eq!(path[..3], [(4.0, 504.0), (20.5, 434.0), (37.0, 318.0)]);
    assert_eq!(path[3..], [(48.0, 170.0), (53.5, 440.0), (64.5, 395.0), (81.0, 318.0)]);
}

/// What the plot would show of the drawn posts is what was read, within the errors of reading and the curvature that a
/// straight line misses.
#[test]
fn the_posts_of_a_bin_have_its_reading_as_their_mean() {
    let observed = of_loads(&[613, 575, 511, 401, 267, 170, 42, 42, 112, 212, 344, 472, 530]);
    for draw in 0..50 {
        let Posts(posts) = Posts::draw(&observed, &mut Streams::new(Seed(1), draw).stream("test"));
        for (index, bin) in observed.bins.iter().enumerate() {
            let (start, end) = (place(index) * 15.0, place(index + 1) * 15.0);
            let own: Vec<f64> = posts
                .iter()
                .filter(|post| (start..end).contains(&post.0))
                .map(|post| post.1)
                .collect();
            assert!(!own.is_empty(), "a step takes at most 12 minutes");
            let mean = own.iter().sum::<f64>() / place(own.len());
            assert!((mean - f64::from(bin.load)).abs() <= 7.0 + 30.0, "{index}: {mean}");
        }
    }
}
