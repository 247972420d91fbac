//! Flags of `sim plot`.

use std::path::PathBuf;

use clap::Args;

use crate::pictures::PictureArgs;

/// Draw pictures of what `sim sweep` or `sim run --trace` wrote
///
/// Takes a sweep's table as CSV, NDJSON or Parquet, or a trace.
#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  sim sweep rollout --vary pod.pre_stop.sleep=0s..30s/2s --output s.csv && sim plot s.csv --plots out",
    mut_arg("plots", |arg| arg.required(true))
)]
pub(crate) struct PlotArgs {
    /// The table or the trace
    #[arg(value_name = "DATA")]
    pub(crate) data: PathBuf,
    /// Pictures.
    #[command(flatten)]
    pub(crate) pictures: PictureArgs,
}
