//! Files of this package as GDAL reads them.
//!
//! `manifest.json` has a checksum of each file that GDAL read as expected (`check.py`). As long as a file has its
//! checksum, that still holds. Deflate and Zstandard may give other bytes on another processor, so their files are read
//! by this package alone here. After a change of the writer, run
//!
//! ```text
//! WRITTEN=folder cargo test --test written; python tests/written/check.py folder
//! ```

mod cases;

use std::collections::BTreeMap;
use std::fs;
use std::io::Cursor;
use std::path::Path;

use cases::{Case, cases};
use ndraster_geotiff::{GeoTiff, write_cog_to, write_geotiff_to};

fn write(case: &Case) -> Vec<u8> {
    let writer = Cursor::new(vec![]);
    let written = match case.is_cog {
        true => write_cog_to(&case.raster, writer, &case.options),
        false => write_geotiff_to(&case.raster, writer, &case.options),
    };
    written.unwrap_or_else(|e| panic!("{}: {e:?}", case.name)).into_inner()
}

#[test]
fn files_are_those_that_gdal_read_as_expected() {
    let folder = std::env::var_os("WRITTEN");
    let manifest = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/written/manifest.json");
    let expected: BTreeMap<String, u32> = serde_json::from_str(&fs::read_to_string(manifest).unwrap()).unwrap();
    let mut found = BTreeMap::new();
    for case in cases() {
        let file = write(&case);
        found.insert(case.name.clone(), crc32fast::hash(&file));
        if let Some(folder) = &folder {
            let base = Path::new(folder).join(&case.name);
            fs::write(base.with_extension("tif"), &file).unwrap();
            fs::write(base.with_extension("raw"), &case.expected.pixels).unwrap();
            fs::write(base.with_extension("json"), case.expected.to_json().to_string()).unwrap();
            for (level, (_, pixels)) in case.expected.overviews.iter().enumerate() {
                fs::write(base.with_extension(format!("{level}.raw")), pixels).unwrap();
            }
        }
    }
    if folder.is_none() {
        let depends_on_processor = |name: &str| name.contains("deflate") || name.contains("zstd");
        let differs = |(name, crc): &(&String, &u32)| !depends_on_processor(name) && expected.get(*name) != Some(crc);
        let different: Vec<&String> = found.iter().filter(differs).map(|(name, _)| name).collect();
        assert!(different.is_empty(), "these are not the files that GDAL read: {different:?}");
        assert!(found.keys().eq(expected.keys()), "the manifest has other files than those that are written");
    }
}

/// The reader of this package finds the same, which it does by no code of the writer.
#[test]
fn files_are_read_as_expected() {
    for case in cases() {
        let (name, expected) = (&case.name, &case.expected);
        let file = GeoTiff::from_bytes(write(&case)).unwrap();
        let info = file.info();
        assert_eq!([info.band_names.len(), info.height, info.width], expected.shape, "{name}");
        assert_eq!(info.band_names, expected.names, "{name}");
        assert_eq!(info.nodata, expected.nodata, "{name}");
        let shapes: Vec<[usize; 2]> = expected.overviews.iter().map(|(shape, _)| *shape).collect();
        assert_eq!(info.overviews, shapes, "{name}");
        assert_eq!(pixels(&file), expected.pixels, "{name}");
        for (level, (_, expected)) in expected.overviews.iter().enumerate() {
            assert_eq!(pixels(&file.overview(level).unwrap()), *expected, "{name}, overview {level}");
        }
        let raster = file.read().unwrap();
        let transform = raster.transform().unwrap().to_gdal();
        let expected = expected.transform.unwrap_or([0.0, 1.0, 0.0, 0.0, 0.0, -1.0]);
        let is_close = transform.iter().zip(expected).all(|(ours, other)| (ours - other).abs() <= 1e-15 * other.abs());
        assert!(is_close, "{name}: {transform:?}, not {expected:?}");
    }
}

/// The bytes of all pixels, (band, y, x).
fn pixels(file: &GeoTiff) -> Vec<u8> {
    let raster = file.read().unwrap();
    let bands = raster.as_ref().bands().map(|band| {
        let view = band.unwrap().as_any_view().unwrap();
        ndraster::dispatch!(view, pixels => pixels.iter().flat_map(|pixel| bytemuck::bytes_of(pixel).to_vec()).collect::<Vec<u8>>())
    });
    bands.collect::<Vec<_>>().concat()
}
