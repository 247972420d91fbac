//! Finished design points, kept while a sweep runs: what is written is not lost when the process is killed.
//!
//! One JSON document a line: a head with the digest of the plan, then one line per point in the order in which they
//! ended. A last line cut short is taken as not written.

use std::collections::BTreeMap;
use std::fs::{self, File, OpenOptions};
use std::io::{BufRead as _, BufReader, ErrorKind, Write as _};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};
use serde::{Deserialize, Serialize};

use super::point::PointResult;

/// First line.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Head {
    /// Says what this file is.
    sim_sweep_journal: u32,
    /// Of the plan.
    digest: String,
    /// Points of the design.
    points_count: usize,
}

/// The journal of one sweep.
#[derive(Debug)]
pub(crate) struct Journal {
    path: PathBuf,
    file: File,
}

/// Beside the output that it belongs to.
pub(crate) fn path_of(output: &Path) -> PathBuf {
    let mut name = output.file_name().unwrap_or_default().to_os_string();
    name.push(".partial");
    output.with_file_name(name)
}

/// Starts a journal, or goes on with the one of an interrupted sweep; gives the points that are finished already.
///
/// # Errors
///
/// There is one and `resume` is not set, it is of another sweep, it is damaged, or the file system refuses.
pub(crate) fn open(
    path: &Path,
    digest: &str,
    points_count: usize,
    resume: bool,
) -> anyhow::Result<(Journal, BTreeMap<usize, PointResult>)> {
    let head = Head {
        sim_sweep_journal: 1,
        digest: digest.to_owned(),
        points_count,
    };
    let shown = path.display();
    let (mut done, mut keep) = (BTreeMap::new(), None);
    match File::open(path) {
        Ok(_) if !resume => bail!(
            "{shown} holds the finished points of an interrupted sweep; go on with --resume, or remove the file to \
             start anew"
        ),
        Ok(file) => {
            let (points, length) = read(file, path, &head)?;
            done = points;
            keep = Some(length);
        }
        Err(error) if error.kind() == ErrorKind::NotFound => {}
        Err(error) => return Err(error).with_context(|| format!("cannot read {shown}")),
    }
    let cannot_write = || format!("cannot write {shown}");
    let mut file = OpenOptions::new()
        .create(true)
        .append(true)
        .open(path)
        .with_context(cannot_write)?;
    match keep {
        // What follows the last whole line was cut short.
        Some(length) => file.set_len(length).with_context(cannot_write)?,
        None => write_line(&mut file, &head).with_context(cannot_write)?,
    }
    let journal = Journal {
        path: path.to_owned(),
        file,
    };
    Ok((journal, done))
}

/// The points, and the length of the whole lines in bytes.
fn read(file: File, path: &Path, head: &Head) -> anyhow::Result<(BTreeMap<usize, PointResult>, u64)> {
    let shown = path.display();
    let mut reader = BufReader::new(file);
    let (mut line, mut length, mut number) = (Vec::new(), 0_u64, 0);
    let mut done = BTreeMap::new();
    loop {
        line.clear();
        let bytes = reader
            .read_until(b'\n', &mut line)
            .with_context(|| format!("cannot read {shown}"))?;
        if bytes == 0 || line.last() != Some(&b'\n') {
            break;
        }
        number += 1;
        if number == 1 {
            let found: Head = serde_json::from_slice(&line)
                .map_err(|_| anyhow::anyhow!("{shown}:1: expected the head of a sweep's journal"))?;
            if found != *head {
                bail!(
                    "{shown} is of another sweep: its scenario, --vary, design, seed or replications differ; remove \
                     it to start anew"
                );
            }
        } else {
            let point: PointResult = serde_json::from_slice(&line)
                .map_err(|error| anyhow::anyhow!("{shown}:{number}: expected a finished design point: {error}"))?;
            if point.point >= head.points_count {
                bail!("{shown}:{number}: point {} of {}", point.point, head.points_count);
            }
            done.insert(point.point, point);
        }
        length += bytes as u64;
    }
    if number == 0 {
        bail!("{shown}:1: expected the head of a sweep's journal; remove the file to start anew");
    }
    Ok((done, length))
}

fn write_line(file: &mut File, value: &impl Serialize) -> std::io::Result<()> {
    let mut line = serde_json::to_vec(value).expect("plain data is JSON");
    line.push(b'\n');
    // One write, so that a kill leaves a whole line or a cut last one.
    file.write_all(&line)
}

impl Journal {
    /// Adds a finished point.
    ///
    /// # Errors
    ///
    /// If the file system refuses.
    pub(crate) fn add(&mut self, point: &PointResult) -> anyhow::Result<()> {
        write_line(&mut self.file, point).with_context(|| format!("cannot write {}", self.path.display()))
    }

    /// Where it is.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Removes it: the table is written.
    ///
    /// # Errors
    ///
    /// If the file system refuses.
    pub(crate) fn remove(self) -> anyhow::Result<()> {
        fs::remove_file(&self.path).with_context(|| format!("cannot remove {}", self.path.display()))
    }
}

#[cfg(test)]
mod tests {
    use super::super::point::ReplicationRow;
    use super::*;

    fn point(number: usize) -> PointResult {
        let row = ReplicationRow {
            status_counts: [number as u64; 8],
            terminated_pods_count: 1,
            terminating_pod_ns: u64::MAX,
            drain_ns: 3,
            removal_ns: [1, 2, 3, 4],
            race_window_ns: [5, 6, 7, 8],
            events_count: 9,
        };
        PointResult {
            point: number,
            replications: vec![row; 2],
        }
    }

    #[test]
    fn a_journal_cut_anywhere_in_its_last_line_keeps_the_lines_before() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("out.csv.partial");
        let (mut journal, done) = open(&path, "d", 3, true).unwrap();
        assert!(done.is_empty());
        journal.add(&point(2)).unwrap();
        let kept = fs::metadata(&path).unwrap().len();
        journal.add(&point(0)).unwrap();
        let whole = fs::read(&path).unwrap();
        for cut in kept..whole.len() as u64 {
            fs::write(&path, &whole[..usize::try_from(cut).unwrap()]).unwrap();
            let (mut journal, done) = open(&path, "d", 3, true).unwrap();
            assert_eq!(done.keys().copied().collect::<Vec<_>>(), [2], "cut at {cut}");
            assert_eq!(done[&2], point(2));
            journal.add(&point(1)).unwrap();
            let (_, done) = open(&path, "d", 3, true).unwrap();
            assert_eq!(done.keys().copied().collect::<Vec<_>>(), [1, 2]);
        }
    }

    #[test]
    fn another_sweep_and_a_damaged_line_are_refused() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("x.partial");
        let (mut journal, _) = open(&path, "d", 3, false).unwrap();
        journal.add(&point(1)).unwrap();
        let refused =
            |digest: &str, count: usize, resume: bool| open(&path, digest, count, resume).unwrap_err().to_string();
        assert!(refused("d", 3, false).contains("--resume"));
        assert!(refused("e", 3, true).contains("another sweep"));
        assert!(refused("d", 4, true).contains("another sweep"));
        let text = fs::read_to_string(&path).unwrap();
        fs::write(&path, text.replace("\"point\"", "\"paint\"")).unwrap();
        assert!(refused("d", 3, true).contains("x.partial:2: expected a finished design point"));
    }
}
