//! Writes every figure, light and dark, as SVG and PNG, into a directory: `cargo run --example gallery -- DIR`.

mod real;
mod samples;

use std::path::PathBuf;
use std::{env, fs, io};

use plots::{Format, Picture, Theme};

fn main() -> io::Result<()> {
    let directory = env::args_os()
        .nth(1)
        .map_or_else(|| PathBuf::from("gallery"), PathBuf::from);
    fs::create_dir_all(&directory)?;
    for (name, figure) in samples::all().into_iter().chain(real::all()) {
        for (theme, suffix) in [(Theme::Light, "light"), (Theme::Dark, "dark")] {
            for (format, extension) in [(Format::Svg, "svg"), (Format::Png, "png")] {
                let picture = Picture {
                    theme,
                    format,
                    height: if name.contains("timeline") { 640 } else { 560 },
                    ..Picture::default()
                };
                let bytes = figure.draw(&picture).map_err(io::Error::other)?;
                fs::write(directory.join(format!("{name}_{suffix}.{extension}")), bytes)?;
            }
        }
    }
    Ok(())
}
