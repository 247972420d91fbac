//! Runs the command in a directory of its own.

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// What a run left behind.
pub(crate) struct Outcome {
    /// Exit status.
    pub(crate) status: i32,
    /// Data.
    pub(crate) stdout: String,
    /// Everything else.
    pub(crate) stderr: String,
}

/// A directory to run in, empty at the start.
pub(crate) struct Place {
    directory: PathBuf,
}

impl Place {
    /// `name` must be the test's own.
    pub(crate) fn new(name: &str) -> Self {
        let directory = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name.replace("::", "-"));
        if directory.exists() {
            fs::remove_dir_all(&directory).expect("the directory of an earlier run can be removed");
        }
        fs::create_dir_all(&directory).expect("a directory can be made");
        Self { directory }
    }

    /// Writes a file and the directories above it.
    pub(crate) fn file(self, name: &str, contents: impl AsRef<[u8]>) -> Self {
        let path = self.directory.join(name);
        fs::create_dir_all(path.parent().expect("below the directory")).expect("directories can be made");
        fs::write(path, contents).expect("a file can be written");
        self
    }

    /// The directory.
    pub(crate) fn path(&self) -> &Path {
        &self.directory
    }

    /// A file's text.
    pub(crate) fn read(&self, name: &str) -> String {
        fs::read_to_string(self.directory.join(name)).expect("the file is there")
    }

    /// Names of all files in the directory, also hidden ones, sorted.
    pub(crate) fn names(&self) -> Vec<String> {
        self.names_in("")
    }

    /// Names of all files in a directory within, also hidden ones, sorted.
    pub(crate) fn names_in(&self, directory: &str) -> Vec<String> {
        let entries = fs::read_dir(self.directory.join(directory)).expect("the directory is there");
        let mut names: Vec<String> = entries
            .map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned())
            .collect();
        names.sort();
        names
    }

    /// Runs `sim` with these arguments and nothing on standard input.
    pub(crate) fn sim(&self, arguments: &[&str]) -> Outcome {
        self.sim_reading("", arguments)
    }

    /// Runs `sim` with these arguments and that standard input.
    pub(crate) fn sim_reading(&self, input: &str, arguments: &[&str]) -> Outcome {
        let mut child = Command::new(env!("CARGO_BIN_EXE_sim"))
            .args(arguments)
            .current_dir(&self.directory)
            .env_remove("NO_COLOR")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the binary was built");
        child
            .stdin
            .take()
            .expect("piped")
            .write_all(input.as_bytes())
            .expect("the pipe takes it");
        let output = child.wait_with_output().expect("it ends");
        let text = |bytes| String::from_utf8(bytes).expect("UTF-8");
        Outcome {
            status: output.status.code().expect("no signal ended it"),
            stdout: text(output.stdout),
            stderr: text(output.stderr),
        }
    }
}

/// Name of the running test, for [`Place::new`].
pub(crate) fn test_name() -> String {
    std::thread::current()
        .name()
        .expect("tests run in threads of their name")
        .to_owned()
}
