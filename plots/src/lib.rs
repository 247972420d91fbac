//! Pictures of runs and sweeps: data in, picture bytes out; opens no file.
//!
//! Nothing of it is built yet: `sim run` writes the data (`--series`, `--trace`) that these pictures will show.
