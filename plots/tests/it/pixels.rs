//! PNGs: they decode, have the size and colours asked for, and are the same bytes every time.

use plots::{Figure, Format, Picture, Theme};
use sim_core::outcome::Status;

use crate::{picture, samples};

/// Width, height and the pixels of a PNG.
fn decoded(bytes: &[u8]) -> (u32, u32, Vec<[u8; 3]>) {
    let mut reader = png::Decoder::new(std::io::Cursor::new(bytes))
        .read_info()
        .expect("a PNG");
    let mut buffer = vec![0; reader.output_buffer_size().expect("a size")];
    let info = reader.next_frame(&mut buffer).expect("a frame");
    assert_eq!(
        (info.color_type, info.bit_depth),
        (png::ColorType::Rgb, png::BitDepth::Eight)
    );
    let pixels = buffer.as_chunks::<3>().0.to_vec();
    (info.width, info.height, pixels)
}

#[test]
fn pngs_have_the_size_and_background_asked_for() {
    for (name, figure) in samples::all() {
        for (theme, width, height) in [(Theme::Light, 800, 450), (Theme::Dark, 1200, 700)] {
            let picture = Picture {
                width,
                height,
                theme,
                format: Format::Png,
            };
            let (found_width, found_height, pixels) = decoded(&figure.draw(&picture).expect("samples are good"));
            assert_eq!((found_width, found_height), (width, height), "{name}");
            let background = theme.background();
            let background = [background.0, background.1, background.2];
            for corner in [0, width as usize - 1, pixels.len() - width as usize, pixels.len() - 1] {
                assert_eq!(pixels[corner], background, "{name}: corner {corner}");
            }
            let drawn = pixels.iter().filter(|pixel| **pixel != background).count();
            assert!(drawn * 50 > pixels.len(), "{name}: hardly anything is drawn");
        }
    }
}

#[test]
fn failures_are_seen_in_their_colours() {
    let png = samples::outcomes()
        .draw(&picture(Format::Png, Theme::Light))
        .expect("samples are good");
    let (_, _, pixels) = decoded(&png);
    for status in [
        Status::Ok,
        Status::BadGateway,
        Status::ServiceUnavailable,
        Status::GatewayTimeout,
    ] {
        let colour = Theme::Light.status(status);
        let count = pixels
            .iter()
            .filter(|pixel| **pixel == [colour.0, colour.1, colour.2])
            .count();
        assert!(count > 200, "{status:?} covers {count} pixels");
    }
}

#[test]
fn same_data_gives_same_bytes() {
    for format in [Format::Svg, Format::Png] {
        let all = || -> Vec<Vec<u8>> {
            let picture = picture(format, Theme::Dark);
            samples::all()
                .iter()
                .map(|(_, figure)| figure.draw(&picture).expect("samples are good"))
                .collect()
        };
        let other = std::thread::spawn({
            move || -> Vec<Vec<u8>> {
                let picture = picture(format, Theme::Dark);
                samples::all()
                    .iter()
                    .map(|(_, figure)| figure.draw(&picture).expect("samples are good"))
                    .collect()
            }
        });
        assert!(all() == other.join().expect("no panic"), "{format:?}");
    }
}
