//! Texts that people write and that `sim` reads: YAML into trees that know the place of every value, and problems
//! shown at their lines.

pub(crate) mod case_file;
mod chars;
pub(crate) mod csv_table;
pub(crate) mod decode;
pub(crate) mod error;
pub(crate) mod few;
pub(crate) mod nearest;
pub(crate) mod path;
pub(crate) mod scalar;
pub(crate) mod source;
pub(crate) mod tree;
pub(crate) mod yaml;
