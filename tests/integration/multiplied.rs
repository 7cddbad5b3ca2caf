//! What columns cost that multiply a few bytes. No call makes more than 2^31 - 1 bytes of them, and what would be more is
//! refused before it is made.

use std::collections::BTreeMap;

use ndraster::ndarray::{ArrayD, Axis};
use ndraster::{Band, Error, ErrorKind, PixelType, Raster, RasterArray, RasterArrayBuilder, Result, Strips};
use ndraster_test_support::allocations::allocated;
use ndraster_test_support::hostile::{KINDS, bytes_held, bytes_shown, shared_bands_of_shared_texts};
use ndraster_test_support::readers::{Call, Copies, READERS, Reader, failures_of_column};

/// Calls a reader on a column, on its first row, or on the first band of that row. Returns what it allocates in all: lists
/// that grow by doubling count about twice.
fn cost(reader: &Reader, column: &RasterArray) -> (usize, Result<()>) {
    let raster = column.get(0).unwrap();
    let (_, bytes, result) = match reader.call {
        Call::Column(read) => allocated(|| read(column)),
        Call::Raster(read) => allocated(|| read(&raster)),
        Call::Band(read) => match raster.band(0) {
            Ok(band) => allocated(|| read(&band)),
            Err(error) => (0, 0, Err(error)),
        },
    };
    (bytes, result)
}

#[test]
fn a_result_grows_as_what_the_rows_show() {
    for kind in KINDS {
        for scale in [kind.small, 2 * kind.small, 4 * kind.small] {
            let column = (kind.make)(scale);
            let (held, shown) = (bytes_held(&column), bytes_shown(&column));
            for reader in READERS {
                let (bytes, result) = cost(reader, &column);
                assert!(
                    bytes <= 6 * (held + shown) + (64 << 10),
                    "{} of {} at {scale}: {bytes} bytes for {held} held and {shown} shown: {result:?}",
                    reader.name,
                    kind.name
                );
            }
        }
    }
}

/// The largest number of bytes that a call allocates for each byte of a column of about a megabyte, besides 128 KiB.
/// SECURITY.md has this table.
const WORST: &[(&str, usize)] = &[
    ("metadata, views, messages, `Debug`, `Display`", 12),
    ("pixels of a row: arrays, stacks, masks", 24),
    ("a row as a raster: `window`, `tiles`, `slice_dim`, `select_bands`, `load_with`, `map`, `to_raster`", 52),
    ("a column: `to_canonical`, `to_standard`, `to_offset_types`, `to_compact`, `to_aligned`, `load_with`", 24),
    ("a mosaic", 12),
];

/// Which row of the table a reader belongs to.
fn group(reader: &Reader) -> usize {
    let method = reader.name.rsplit("::").next().unwrap();
    match reader.call {
        Call::Column(_) if method.contains("mosaic") => 4,
        Call::Column(_) => 3,
        Call::Band(_) | Call::Raster(_) if reader.copies == Copies::Shown && method.contains("array") => 1,
        _ if method.contains("stack") || method.contains("pixels") || method.contains("into") => 1,
        Call::Raster(_)
            if ["window", "clip", "tiles", "slice", "select", "load_with", "map", "to_", "transpose"]
                .iter()
                .any(|m| method.contains(m)) =>
        {
            2
        }
        _ => 0,
    }
}

#[test]
fn a_megabyte_costs_what_the_table_says_call_by_call() {
    let mut worst: BTreeMap<usize, (f64, &str, &str)> = BTreeMap::new();
    let mut refused = 0;
    for kind in KINDS {
        let column = (kind.make)(kind.large);
        let held = bytes_held(&column);
        for reader in READERS {
            let (bytes, result) = cost(reader, &column);
            if let Err(error) = result {
                refused += usize::from(error.kind() == ErrorKind::TooLarge);
                assert!(error.to_string().len() < 1024, "{}: {error}", reader.name);
            }
            let ratio = bytes.saturating_sub(128 << 10) as f64 / held as f64;
            let entry = worst.entry(group(reader)).or_insert((0.0, "", ""));
            if ratio > entry.0 {
                *entry = (ratio, reader.name, kind.name);
            }
        }
    }
    // `cargo test multiplied -- --nocapture` shows what is behind the table.
    println!("{worst:#?}, {refused} refused");
    for (group, (ratio, call, kind)) in worst {
        let (name, most) = WORST[group];
        assert!(ratio <= most as f64, "{name}: {call} allocates {ratio} bytes a byte of {kind}");
    }
    assert!(refused >= 20, "{refused}");
    let documented = include_str!("../../SECURITY.md");
    for (name, most) in WORST {
        assert!(documented.contains(&format!("| {name} | {most} |")), "SECURITY.md does not say {most} for {name}");
    }
}

#[test]
fn a_column_that_claims_too_much_is_named_by_its_row() {
    for (name, call) in [("dim names", "to_canonical"), ("dim names", "to_compact"), ("one payload", "to_standard")] {
        let kind = KINDS.iter().find(|kind| kind.name.contains(name)).unwrap();
        let column = (kind.make)(kind.large);
        let error = match call {
            "to_canonical" => column.to_canonical(),
            "to_compact" => column.to_compact(),
            _ => column.to_standard(),
        };
        let error = error.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::TooLarge);
        assert!(error.row().is_some_and(|row| row > 1000), "{call}: {error}");
        let most = error.row().unwrap();
        // What comes before that row is written.
        assert!(column.slice(0, 100).unwrap().to_canonical().is_ok());
        assert!(most < column.len());
    }
}

#[test]
fn parts_count_as_what_their_axes_take() -> Result<()> {
    let axes = KINDS.iter().find(|kind| kind.name.contains("64 axes")).unwrap();
    let mut before = None;
    for extent in [8, 16, 32] {
        let column = (axes.make)(extent);
        let raster = column.get(0).unwrap();
        let (_, bytes, tiles) = allocated(|| raster.tiles(1, 1));
        assert_eq!(tiles?.len(), extent * extent);
        let each = bytes / (extent * extent);
        // A source shape, a view, offsets and names: 3 KiB, of lists that grow by doubling.
        assert!((3 << 10..32 << 10).contains(&each), "{each} bytes a tile");
        assert!(before.is_none_or(|before: usize| each <= before + before / 4), "{before:?}, {each}");
        before = Some(each);
    }
    // A million tiles of 64 axes would take 3 GiB.
    let column = (axes.make)(1 << 10);
    let (_, bytes, refused) = allocated(|| column.get(0).unwrap().tiles(1, 1));
    assert_eq!(
        refused.unwrap_err().to_string(),
        "row 0: 1048576 tiles, or bands of them are more than the 308457 that one call makes: make them larger"
    );
    assert!(bytes < 64 << 10, "{bytes}");
    let raster = Raster::from_bands([Band::outdb("", [1 << 10, 1 << 8], PixelType::UInt8)?])?;
    assert_eq!(raster.tiles(1, 1)?.len(), 1 << 18);
    Ok(())
}

#[test]
fn strips_and_split_bands_of_64_axes_are_counted_by_their_axes() -> Result<()> {
    let shape = |rows: usize| [vec![rows], vec![1; 63]].concat();
    let names = || {
        (0..64).map(|axis| match axis {
            0 => "y".to_owned(),
            63 => "x".to_owned(),
            _ => format!("d{axis}"),
        })
    };
    let strips = |rows| {
        let array = ArrayD::<u8>::zeros(shape(rows));
        let strips = Strips::from_ndarray(array)?.with_rows(1)?.with_dim_names(names())?;
        let (_, bytes, column) = allocated(|| strips.finish());
        Ok((bytes, column?.len()))
    };
    let (bytes, len) = strips(100)?;
    assert!(len == 100 && bytes < 100 * (24 << 10), "{bytes}");
    let error: Error = strips(1 << 20).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::TooLarge);
    let split = |rows| {
        let array = ArrayD::<u8>::zeros([shape(rows), vec![1]].concat());
        let (_, bytes, bands) = allocated(|| Band::split(array, Axis(0)));
        (bytes, bands.map(|bands| bands.len()))
    };
    let (bytes, bands) = split(100);
    assert!(bands.unwrap() == 100 && bytes < 100 * (24 << 10), "{bytes}");
    let (bytes, refused) = split(1 << 20);
    assert_eq!(refused.unwrap_err().kind(), ErrorKind::TooLarge);
    assert!(bytes < 64 << 10, "{bytes}");
    Ok(())
}

#[test]
fn rows_that_share_bands_with_long_texts_are_refused_before_the_texts_are_read() {
    let column = shared_bands_of_shared_texts(100);
    let (_, bytes, failed) = allocated(|| failures_of_column(&column));
    let copying: Vec<_> = failed.iter().filter(|(_, message)| message.contains("bytes up to here")).collect();
    assert!(copying.len() >= 7, "{failed:?}");
    for (name, message) in copying {
        assert!(message.starts_with("row 20: the result would have "), "{name}: {message}");
    }
    assert!(bytes < 1 << 20, "{bytes}");
    assert!(column.slice(0, 1).unwrap().to_canonical().is_ok());
}

#[test]
fn the_builder_refuses_a_row_before_it_copies_it() {
    let kind = KINDS.iter().find(|kind| kind.name.contains("name, a URI")).unwrap();
    let column = (kind.make)(kind.large);
    let mut builder = RasterArrayBuilder::new();
    let (_, bytes, refused) = allocated(|| builder.append(column.get(0)));
    assert_eq!(refused.unwrap_err().kind(), ErrorKind::TooLarge);
    assert!(bytes < 4 << 20, "{bytes}, of metadata");
}
