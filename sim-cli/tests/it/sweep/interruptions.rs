//! Sweeps that are interrupted or killed keep what is finished, and go on to the same bytes.

use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use super::place;
use crate::command::Place;

/// Beyond it a sweep that writes nothing is stuck, however busy the machine is.
const PATIENCE: Duration = Duration::from_mins(2);

/// A busy machine may wake the test only when the sweep is done; then it is done once more.
const ATTEMPTS: u32 = 20;

/// A sweep of 41 points, one after the other.
fn arguments(output: &str) -> Vec<&str> {
    let vary = "pod.pre_stop.sleep=0s..20s/500ms";
    let mut arguments = vec!["sweep", "s.yaml", "--vary", vary, "--replications", "20"];
    arguments.extend(["--threads", "1", "--output", output]);
    arguments
}

/// Finished points in the journal of `cut.csv`.
fn kept(place: &Place) -> usize {
    let text = std::fs::read_to_string(place.path().join("cut.csv.partial")).unwrap_or_default();
    text.lines().count().saturating_sub(1)
}

fn spawn(place: &Place, arguments: &[&str]) -> Child {
    Command::new(env!("CARGO_BIN_EXE_sim"))
        .args(arguments)
        .current_dir(place.path())
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the binary was built")
}

fn wait(child: &mut Child, until: impl Fn(&mut Child) -> bool) {
    let started = Instant::now();
    while !until(child) {
        if started.elapsed() > PATIENCE {
            child.kill().expect("its number is its own");
            panic!("nothing happened for {PATIENCE:?}");
        }
        std::thread::sleep(Duration::from_millis(2));
    }
}

/// Starts the sweep or goes on with it, and ends it by `how` once it has kept two more points; nothing if it was done
/// before that.
fn cut(place: &Place, how: impl Fn(&mut Child)) -> Option<Output> {
    let before = kept(place);
    let mut child = spawn(place, &[arguments("cut.csv"), vec!["--resume"]].concat());
    wait(&mut child, |child| {
        kept(place) >= before + 2 || child.try_wait().expect("it can be asked").is_some()
    });
    how(&mut child);
    let output = child.wait_with_output().expect("it ends");
    (!output.status.success()).then_some(output)
}

/// Cuts the sweep twice, goes on to its end, and compares it with one that nothing cut.
fn twice(place: &Place, how: impl Fn(&mut Child), check: impl Fn(&Output, usize)) {
    let whole = place.sim(&arguments("whole.csv"));
    assert_eq!(whole.status, 0, "{}", whole.stderr);
    for _ in 0..ATTEMPTS {
        let mut before = 0;
        let both = (0..2).all(|_| {
            let Some(output) = cut(place, &how) else { return false };
            let now = kept(place);
            assert!(now >= before + 2, "{now} points after {before}");
            assert!(!place.path().join("cut.csv").exists(), "the table is whole or absent");
            check(&output, now);
            before = now;
            true
        });
        if both {
            let refused = place.sim(&arguments("cut.csv"));
            assert_eq!(refused.status, 2);
            assert!(refused.stderr.contains("go on with --resume"), "{}", refused.stderr);
            let resumed = place.sim(&[arguments("cut.csv"), vec!["--resume"]].concat());
            let finished = format!("{before} of 41 design points are finished already\n");
            assert_eq!((resumed.status, resumed.stderr), (0, finished));
            assert_eq!(place.read("cut.csv"), place.read("whole.csv"));
            assert!(!place.path().join("cut.csv.partial").exists(), "the journal is gone");
            return;
        }
        std::fs::remove_file(place.path().join("cut.csv")).expect("it was done, so the table is there");
    }
    panic!("{ATTEMPTS} sweeps were done before they could be cut");
}

/// What a terminal does at Ctrl-C.
fn interrupt(child: &mut Child) {
    let kill = Command::new("kill").args(["-INT", &child.id().to_string()]).status();
    // It has not been waited for, so the number is still its own.
    assert!(kill.expect("there is `kill`").success());
}

#[test]
fn a_killed_sweep_goes_on_and_ends_with_the_same_bytes() {
    twice(
        &place(),
        |child| child.kill().expect("its number is its own"),
        |_, _| {},
    );
}

#[test]
fn an_interrupted_sweep_says_what_it_kept_and_ends_with_the_same_bytes() {
    twice(&place(), interrupt, |output, kept| {
        let said = String::from_utf8_lossy(&output.stderr);
        let last = said.lines().last().unwrap_or_default();
        assert_eq!(output.status.code(), Some(2), "{said}");
        assert_eq!(
            last,
            format!("error: interrupted; {kept} of 41 design points are kept in cut.csv.partial, go on with --resume")
        );
        assert!(output.stdout.is_empty(), "no half table");
    });
}

#[test]
fn an_interruption_does_not_wait_for_a_point_that_takes_hours() {
    let place = place();
    let mut child = spawn(
        &place,
        &[
            "sweep",
            "s.yaml",
            "--vary",
            "pod.pre_stop.sleep=5s",
            "--until-half-width",
            "0.0000001%",
            "--max-replications",
            "4000000000",
            "--output",
            "cut.csv",
        ],
    );
    // The journal's head is written when Ctrl-C is taken already.
    wait(&mut child, |_| place.path().join("cut.csv.partial").exists());
    interrupt(&mut child);
    wait(&mut child, |child| child.try_wait().expect("it can be asked").is_some());
    let output = child.wait_with_output().expect("it ended");
    assert_eq!(output.status.code(), Some(2));
    assert_eq!(
        String::from_utf8_lossy(&output.stderr),
        "error: interrupted; 0 of 1 design points are kept in cut.csv.partial, go on with --resume\n"
    );
    assert_eq!(place.names(), ["cut.csv.partial", "s.yaml"], "nothing half-written");
}
