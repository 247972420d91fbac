//! A trace that was written, read line by line as often as it takes.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read as _};
use std::path::Path;

use anyhow::{Context as _, bail};
use sim_core::trace::{Fact, SCHEMA_VERSION, TraceRecord};

/// What a line must be.
const EXPECTED: &str = "expected one record as `sim run --trace` writes them, such as \
                        {\"at_ns\":0,\"fact\":\"pod_created\",\"pod\":0}";

/// A trace.
#[derive(Debug)]
pub(super) struct TraceSource {
    name: String,
    lines: Lines,
}

#[derive(Debug)]
enum Lines {
    /// A file: opened anew for each reading.
    File(std::path::PathBuf),
    /// What can be read once only, a pipe say, is kept.
    Kept(Vec<u8>),
}

impl TraceSource {
    /// Of a file, or of standard input for `-`.
    ///
    /// # Errors
    ///
    /// If it cannot be read.
    pub(super) fn open(path: &Path) -> anyhow::Result<Self> {
        let is_stdin = path.as_os_str() == "-";
        let name = if is_stdin {
            String::from("standard input")
        } else {
            path.display().to_string()
        };
        let cannot = || format!("cannot read {name}");
        let mut kept = Vec::new();
        let lines = if is_stdin {
            io::stdin().lock().read_to_end(&mut kept).with_context(cannot)?;
            Lines::Kept(kept)
        } else {
            let mut file = File::open(path).with_context(cannot)?;
            if file.metadata().with_context(cannot)?.is_file() {
                Lines::File(path.to_path_buf())
            } else {
                file.read_to_end(&mut kept).with_context(cannot)?;
                Lines::Kept(kept)
            }
        };
        Ok(Self { name, lines })
    }

    /// As messages name it.
    pub(super) fn name(&self) -> &str {
        &self.name
    }

    /// Hands over every record.
    ///
    /// # Errors
    ///
    /// If it cannot be read or is no whole trace of this version.
    pub(super) fn visit(&self, take: &mut dyn FnMut(&TraceRecord)) -> anyhow::Result<()> {
        match &self.lines {
            Lines::File(path) => {
                let file = File::open(path).with_context(|| format!("cannot read {}", self.name))?;
                self.read(BufReader::new(file), take)
            }
            Lines::Kept(bytes) => self.read(bytes.as_slice(), take),
        }
    }

    fn read(&self, mut lines: impl BufRead, take: &mut dyn FnMut(&TraceRecord)) -> anyhow::Result<()> {
        let name = &self.name;
        let mut text = Vec::new();
        let (mut number, mut last_ns, mut has_ended) = (0_u64, 0, false);
        loop {
            text.clear();
            let read = lines.read_until(b'\n', &mut text);
            if read.with_context(|| format!("cannot read {name}"))? == 0 {
                break;
            }
            number += 1;
            if text.iter().all(u8::is_ascii_whitespace) {
                continue;
            }
            let record: TraceRecord = serde_json::from_slice(&text).map_err(|error| {
                // The line number of the file comes first; the one of the parser is always 1.
                let what = error.to_string();
                let what = what.split(" at line ").next().unwrap_or_default().to_owned();
                anyhow::anyhow!("{name}, line {number}: {what}; {EXPECTED}")
            })?;
            let is_start = matches!(record.fact, Fact::RunStarted { .. });
            if is_start != (number == 1) {
                let found = if is_start {
                    "a second `run_started`"
                } else {
                    "no `run_started`"
                };
                bail!("{name}, line {number}: {found}; expected it in line 1 and there only");
            }
            if has_ended {
                bail!("{name}, line {number}: a record behind `run_ended`; expected nothing more");
            }
            if let Fact::RunStarted { schema_version, .. } = record.fact
                && schema_version != SCHEMA_VERSION
            {
                bail!(
                    "{name}, line {number}: found schema_version {schema_version}; this `sim` reads version \
                     {SCHEMA_VERSION}"
                );
            }
            if record.at_ns < last_ns {
                let at = record.at_ns;
                bail!("{name}, line {number}: at_ns {at} goes back in time; expected at least {last_ns}");
            }
            last_ns = record.at_ns;
            has_ended = matches!(record.fact, Fact::RunEnded { .. });
            take(&record);
        }
        match (number, has_ended) {
            (0, _) => bail!("{name} is empty; {EXPECTED}"),
            (_, true) => Ok(()),
            (_, false) => bail!("{name} ends with line {number}, without `run_ended`; expected a whole trace"),
        }
    }
}
