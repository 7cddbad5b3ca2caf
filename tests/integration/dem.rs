//! The picture that the example `dem` draws is Horn's formula, cell by cell.

use std::fs::File;
use std::io::BufReader;
use std::path::Path;

use ndraster::ndarray::Array2;

#[allow(dead_code, missing_docs, unreachable_pub, reason = "an example, with a `main` of its own")]
#[path = "../../examples/dem/main.rs"]
mod example;

use example::{Outcome, run};

fn outcome(folder: &str) -> Outcome {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(folder);
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("data/jacksboro_fault_dem.npz");
    run(&source, &folder).unwrap()
}

/// Horn's formula as GDAL's manual has it, with slope and aspect as angles, in one loop.
fn horn(metres: &Array2<i16>, east: f64, north: f64) -> Array2<f64> {
    let (height, width) = metres.dim();
    let (zenith, azimuth) = (45f64.to_radians(), 315f64.to_radians());
    let exaggeration = 2.0;
    let mut shade = Array2::zeros((height - 2, width - 2));
    for row in 1..height - 1 {
        for col in 1..width - 1 {
            let z =
                |dr: isize, dc: isize| f64::from(metres[[(row as isize + dr) as usize, (col as isize + dc) as usize]]);
            let dx = ((z(-1, 1) + 2.0 * z(0, 1) + z(1, 1)) - (z(-1, -1) + 2.0 * z(0, -1) + z(1, -1))) / (8.0 * east);
            let dy = ((z(1, -1) + 2.0 * z(1, 0) + z(1, 1)) - (z(-1, -1) + 2.0 * z(-1, 0) + z(-1, 1))) / (8.0 * north);
            let slope = (exaggeration * (dx * dx + dy * dy).sqrt()).atan();
            // The direction that the slope faces, clockwise from north: downhill.
            let aspect = (-dx).atan2(dy);
            let light = zenith.cos() * slope.cos() + zenith.sin() * slope.sin() * (azimuth - aspect).cos();
            shade[[row - 1, col - 1]] = 255.0 * light.max(0.0);
        }
    }
    shade
}

#[test]
fn the_hillshade_is_horns_formula() {
    let outcome = outcome("horn");
    assert_eq!(outcome.metres.dim(), (344, 403));
    // One row is 1/1200 of a degree, that is some 92.8 m from south to north, and less from west to east.
    assert!((outcome.ground.north - 111_320.0 / 1200.0).abs() < 1e-6);
    assert!((outcome.ground.east / outcome.ground.north - 36.59f64.to_radians().cos()).abs() < 1e-3);
    let expected = horn(&outcome.metres, outcome.ground.east, outcome.ground.north);
    assert_eq!(outcome.hillshade.dim(), (342, 401));
    for (index, grey) in outcome.hillshade.indexed_iter() {
        assert!((f64::from(*grey) - expected[index]).abs() <= 1.0, "{index:?}: {grey}, not {}", expected[index]);
    }
}

#[test]
fn the_picture_is_the_hillshade() {
    let outcome = outcome("picture");
    let decoder = png::Decoder::new(BufReader::new(File::open(&outcome.picture).unwrap()));
    let mut reader = decoder.read_info().unwrap();
    let mut pixels = vec![0; reader.output_buffer_size().unwrap()];
    let frame = reader.next_frame(&mut pixels).unwrap();
    assert_eq!((frame.height as usize, frame.width as usize), outcome.hillshade.dim());
    assert_eq!((frame.color_type, frame.bit_depth), (png::ColorType::Grayscale, png::BitDepth::Eight));
    assert_eq!(pixels, outcome.hillshade.as_slice().unwrap());
    // Light and shade are both there.
    assert!(pixels.contains(&0) || *pixels.iter().min().unwrap() < 60);
    assert!(*pixels.iter().max().unwrap() > 220);
}
