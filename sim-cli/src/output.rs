//! Where results go: files that appear whole or not at all, and stdout.
//!
//! A file is opened before the run, so that a typing error costs nothing, written under a temporary name in the same
//! directory, and renamed when it is complete. What is no regular file (a pipe, `/dev/stdout`) is written in place.

pub(crate) mod access_log;
pub(crate) mod check;
pub(crate) mod csv;
pub(crate) mod file;
pub(crate) mod html;
pub(crate) mod json;
pub(crate) mod series;
pub(crate) mod table;
pub(crate) mod text;
pub(crate) mod trace_file;

pub(crate) use file::OutputFile;

use std::io;

/// Success if the reader of a pipe went away: whoever stops reading has seen enough.
pub(crate) fn ignore_broken_pipe(result: io::Result<()>) -> io::Result<()> {
    match result {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        other => other,
    }
}
