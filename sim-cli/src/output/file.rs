//! One output, open from before the run until its last byte.

use std::fs::{self, File, OpenOptions};
use std::io::{self, BufWriter, Stdout, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};

use super::ignore_broken_pipe;

/// An open output; what is not [committed](OutputFile::commit) leaves no trace.
#[derive(Debug)]
pub(crate) struct OutputFile {
    name: String,
    /// Nothing once it is committed, or once the reader of stdout went away.
    writer: Option<Writer>,
}

#[derive(Debug)]
enum Writer {
    Stdout(BufWriter<Stdout>),
    InPlace(BufWriter<File>),
    Renamed {
        file: BufWriter<File>,
        temporary: PathBuf,
        target: PathBuf,
    },
}

impl OutputFile {
    /// Opens `path`, or stdout for `-`.
    ///
    /// # Errors
    ///
    /// If the file cannot be written later.
    pub(crate) fn open(path: &Path) -> anyhow::Result<Self> {
        let name = path.display().to_string();
        if path == Path::new("-") {
            return Ok(Self {
                name,
                writer: Some(Writer::Stdout(BufWriter::new(io::stdout()))),
            });
        }
        let writer = open_file(path).with_context(|| format!("cannot write {name}"))?;
        Ok(Self {
            name,
            writer: Some(writer),
        })
    }

    /// The file that would be written, to compare two outputs by; nothing for stdout.
    pub(crate) fn target(&self) -> Option<&Path> {
        match &self.writer {
            Some(Writer::Renamed { target, .. }) => Some(target),
            _ => None,
        }
    }

    /// Whether this is stdout.
    pub(crate) fn is_stdout(&self) -> bool {
        matches!(self.writer, Some(Writer::Stdout(_)))
    }

    /// Makes everything written visible under its name.
    ///
    /// # Errors
    ///
    /// If the last bytes cannot be written or the file cannot be renamed.
    pub(crate) fn commit(mut self) -> anyhow::Result<()> {
        let Some(mut writer) = self.writer.take() else {
            return Ok(());
        };
        let result = match &mut writer {
            Writer::Stdout(stdout) => ignore_broken_pipe(stdout.flush()),
            Writer::InPlace(file) => ignore_broken_pipe(file.flush()),
            Writer::Renamed {
                file,
                temporary,
                target,
            } => file
                .flush()
                .and_then(|()| fs::rename(&*temporary, &*target))
                .inspect_err(|_| {
                    let _ = fs::remove_file(&*temporary);
                }),
        };
        result.with_context(|| format!("cannot write {}", self.name))
    }
}

/// A reader that goes away is no error: the rest is thrown away, and the run goes on for the other outputs.
impl Write for OutputFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.write_all(bytes).map(|()| bytes.len())
    }

    fn write_all(&mut self, bytes: &[u8]) -> io::Result<()> {
        let result = match &mut self.writer {
            None => return Ok(()),
            Some(Writer::Stdout(stdout)) => stdout.write_all(bytes),
            Some(Writer::InPlace(file) | Writer::Renamed { file, .. }) => file.write_all(bytes),
        };
        self.unless_broken(result)
    }

    fn flush(&mut self) -> io::Result<()> {
        let result = match &mut self.writer {
            None => return Ok(()),
            Some(Writer::Stdout(stdout)) => stdout.flush(),
            Some(Writer::InPlace(file) | Writer::Renamed { file, .. }) => file.flush(),
        };
        self.unless_broken(result)
    }
}

impl OutputFile {
    fn unless_broken(&mut self, result: io::Result<()>) -> io::Result<()> {
        if result
            .as_ref()
            .is_err_and(|error| error.kind() == io::ErrorKind::BrokenPipe)
        {
            self.discard();
        }
        ignore_broken_pipe(result)
    }

    fn discard(&mut self) {
        match self.writer.take() {
            // A buffered writer writes what it holds when it is dropped; here that would only fail again.
            Some(Writer::Stdout(stdout)) => drop(stdout.into_parts()),
            Some(Writer::InPlace(file)) => drop(file.into_parts()),
            Some(Writer::Renamed { file, temporary, .. }) => {
                drop(file.into_parts());
                let _ = fs::remove_file(temporary);
            }
            None => {}
        }
    }
}

impl Drop for OutputFile {
    fn drop(&mut self) {
        self.discard();
    }
}

fn open_file(path: &Path) -> anyhow::Result<Writer> {
    match fs::metadata(path) {
        Ok(metadata) if metadata.is_dir() => bail!("it is a directory"),
        Ok(metadata) if !metadata.is_file() => {
            let file = OpenOptions::new().write(true).open(path)?;
            Ok(Writer::InPlace(BufWriter::new(file)))
        }
        // A rename would replace a file that its owner made read-only, and a link instead of what it points to.
        Ok(_) => {
            OpenOptions::new().write(true).open(path)?;
            temporary_beside(&path.canonicalize()?)
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            let directory = match path.parent() {
                Some(parent) if parent != Path::new("") => parent.canonicalize()?,
                _ => Path::new(".").canonicalize()?,
            };
            let Some(name) = path.file_name() else {
                bail!("it has no file name")
            };
            temporary_beside(&directory.join(name))
        }
        Err(error) => Err(error.into()),
    }
}

fn temporary_beside(target: &Path) -> anyhow::Result<Writer> {
    let name = target
        .file_name()
        .map(|name| name.to_string_lossy().into_owned())
        .unwrap_or_default();
    for attempt in 0..100 {
        let temporary = target.with_file_name(format!(".{name}.{}-{attempt}.tmp", std::process::id()));
        match OpenOptions::new().write(true).create_new(true).open(&temporary) {
            Ok(file) => {
                return Ok(Writer::Renamed {
                    file: BufWriter::new(file),
                    temporary,
                    target: target.to_path_buf(),
                });
            }
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            Err(error) => return Err(error.into()),
        }
    }
    bail!("its directory is full of temporary files of earlier runs")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(directory: &Path) -> Vec<String> {
        let mut names: Vec<String> = fs::read_dir(directory)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned())
            .collect();
        names.sort();
        names
    }

    #[test]
    fn a_file_appears_whole_or_not_at_all() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("result.json");
        fs::write(&path, "old").unwrap();

        let mut abandoned = OutputFile::open(&path).unwrap();
        abandoned.write_all(b"half").unwrap();
        drop(abandoned);
        assert_eq!(fs::read_to_string(&path).unwrap(), "old");

        let mut file = OutputFile::open(&path).unwrap();
        file.write_all(b"new").unwrap();
        assert_eq!(
            fs::read_to_string(&path).unwrap(),
            "old",
            "nothing is visible before the commit"
        );
        file.commit().unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "new");
        assert_eq!(names(directory.path()), ["result.json"], "no temporary file is left");
    }

    #[test]
    fn what_cannot_be_written_is_refused_at_once() {
        let directory = tempfile::tempdir().unwrap();
        assert!(OutputFile::open(directory.path()).is_err(), "a directory");
        assert!(
            OutputFile::open(&directory.path().join("missing/result.json")).is_err(),
            "no such directory"
        );
        assert_eq!(names(directory.path()), [""; 0]);
    }

    #[cfg(unix)]
    #[test]
    fn a_link_stays_a_link_and_a_device_a_device() {
        let directory = tempfile::tempdir().unwrap();
        let (real, link) = (directory.path().join("real"), directory.path().join("link"));
        fs::write(&real, "old").unwrap();
        std::os::unix::fs::symlink(&real, &link).unwrap();
        let mut file = OutputFile::open(&link).unwrap();
        assert_eq!(file.target(), Some(real.canonicalize().unwrap().as_path()));
        file.write_all(b"new").unwrap();
        file.commit().unwrap();
        assert_eq!(fs::read_to_string(&real).unwrap(), "new");
        assert!(fs::symlink_metadata(&link).unwrap().is_symlink());

        let mut null = OutputFile::open(Path::new("/dev/null")).unwrap();
        assert_eq!(null.target(), None);
        null.write_all(b"gone").unwrap();
        null.commit().unwrap();
        assert!(!fs::metadata("/dev/null").unwrap().is_file());
    }
}
