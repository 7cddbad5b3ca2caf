//! What a malformed or hostile column costs: a kilobyte that claims 2^40 or 2^60 pixels, tiles or columns makes no call
//! allocate more than a few kilobytes.

use ndraster::arrow_array::RecordBatch;
use ndraster::ndarray::{Array2, Array3, Axis};
use ndraster::{Band, ErrorKind, PixelType, Raster, RasterArray, RasterRef, Result, Strips};
use ndraster_test_support::allocations::allocated;
use ndraster_test_support::fixtures::{batches_unchecked, path};
use ndraster_test_support::raw::{RawBand, payload_at};
use ndraster_test_support::readers::{Call, Copies, READERS, Reader};

const FEW: usize = 8 << 10;

/// Returns sixteen pixels, shown 2^`bits` times. The payload starts `offset` bytes into its buffer.
fn broadcast(bits: u32, pixel_type: PixelType, offset: usize) -> RasterArray {
    let (height, width) = (1i64 << (bits / 2), 1i64 << (bits - bits / 2));
    let view = Some(vec![[0, 1, 0, height], [1, 2, 0, width]]);
    let data = payload_at(offset, &vec![7; 16 * pixel_type.size()]);
    RasterArray::try_from(RawBand { view, ..RawBand::new(&[4, 4], pixel_type.id(), data) }.column()).unwrap()
}

/// Returns an out-of-db band of 2^`bits` pixels.
fn outdb(bits: u32) -> Result<RasterArray> {
    let shape = [1 << (bits / 2), 1 << (bits - bits / 2)];
    Ok(Raster::from_bands([Band::outdb("s3://bucket/dem.tif", shape, PixelType::Float32)?])?.into())
}

/// Asserts that a call allocates no more than a few kilobytes.
fn assert_cheap<R>(name: &str, work: impl FnOnce() -> R) -> R {
    let (_, bytes, result) = allocated(work);
    assert!(bytes < FEW, "{name} allocates {bytes} bytes");
    result
}

/// Readers that write the metadata of up to four rows anew, about a kilobyte each, in memory that grows by doubling.
const WRITERS: [&str; 9] = [
    "RasterArray::load_with",
    "RasterArray::to_aligned",
    "RasterArray::to_canonical",
    "RasterArray::to_compact",
    "RasterArray::to_offset_types",
    "RasterArray::to_standard",
    "Raster::to_standard",
    "RasterRef::tiles",
    "RasterRef::tiles_with_overlap",
];

/// Asserts that a reader is cheap, and returns what it makes of the column, of a row, or of every band of the row.
fn read_cheaply(reader: &Reader, column: &RasterArray, raster: &RasterRef<'_>) -> Result<()> {
    let name = reader.name;
    let most = if WRITERS.contains(&name) { 4 * FEW } else { FEW };
    let is_cheap = |read: &dyn Fn() -> Result<()>| {
        let (_, bytes, result) = allocated(read);
        assert!(bytes < most, "{name} allocates {bytes} bytes");
        result
    };
    match reader.call {
        Call::Column(read) => is_cheap(&|| read(column)),
        Call::Raster(read) => is_cheap(&|| read(raster)),
        Call::Band(read) => raster.bands().flatten().try_for_each(|band| is_cheap(&|| read(&band))),
    }
}

/// Asserts that every reader is cheap, and that those which copy what a band shows refuse to, unless there is nothing to copy.
fn assert_claim_is_refused(column: &RasterArray) {
    let raster = column.get(0).unwrap();
    let is_borrowed = raster.as_any_view().is_ok();
    for reader in READERS {
        let result = read_cheaply(reader, column, &raster);
        let method = reader.name.rsplit("::").next().unwrap();
        let expected: &[ErrorKind] = match (reader.copies, method) {
            (Copies::Nothing | Copies::Stored, _) => continue,
            // Without nodata there is no mask.
            (_, "valid_mask" | "valid_mask2") => &[],
            (_, "to_cow_array" | "to_any_cow_array" | "valid_pixels") if is_borrowed => &[],
            // These do not ask whether rasters fit each other where nothing is put together.
            (_, "to_mosaic") => &[ErrorKind::TooLarge, ErrorKind::NotLoaded],
            // The table takes a target that does not fit for read.
            (_, "copy_mosaic_into" | "copy_batch_into" | "copy_batch_into_cast" | "copy_batch_into_filled") => continue,
            // A band that is not loaded keeps its view.
            (_, "to_standard") if !raster.only_band().unwrap().is_loaded() => &[],
            // The target is smaller than the claim.
            (_, "copy_into" | "copy_into_cast" | "copy_into_filled") => &[ErrorKind::Shape, ErrorKind::NotLoaded],
            _ => &[ErrorKind::TooLarge, ErrorKind::NotLoaded],
        };
        match result {
            Ok(()) => assert!(expected.is_empty(), "{} copies", reader.name),
            Err(error) => assert!(expected.contains(&error.kind()), "{}: {error}", reader.name),
        }
    }
    if let Ok(owned) = raster.to_raster() {
        assert_cheap("into_array", || owned.into_array::<f32>().is_ok());
    }
}

fn assert_too_large<R: std::fmt::Debug>(name: &str, work: impl FnOnce() -> Result<R>) {
    let error = assert_cheap(name, work).unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::TooLarge | ErrorKind::NotLoaded), "{name}: {error}");
}

#[test]
fn a_claim_of_many_pixels_costs_a_few_kilobytes() -> Result<()> {
    for bits in [40, 60] {
        let aligned = broadcast(bits, PixelType::Float32, 0);
        let odd = broadcast(bits, PixelType::Float32, 1);
        for column in [&aligned, &odd, &outdb(bits)?] {
            let raster = column.get(0).unwrap();
            assert_claim_is_refused(column);
            assert_too_large("tiles", || raster.tiles(16, 16));
            assert_too_large("x_coords", || raster.transform()?.x_coords(raster.width()? << 8));
        }
        assert_too_large("to_standard", || aligned.to_standard());
        assert_too_large("to_standard of a raster", || odd.get(0).unwrap().to_raster()?.to_standard());
        let masked = broadcast(bits, PixelType::UInt8, 0).get(0).unwrap().to_raster()?.with_nodata(3u8)?;
        assert_too_large("valid_mask", || masked.valid_mask());
        assert_eq!(aligned.get(0).unwrap().as_array_view::<f32>()?.len(), 1 << bits);
    }
    Ok(())
}

#[test]
fn a_malformed_row_costs_a_few_kilobytes() {
    let folder = std::fs::read_dir(path("malformed")).unwrap();
    let mut files: Vec<String> = folder.map(|file| file.unwrap().file_name().into_string().unwrap()).collect();
    files.sort();
    let mut rows = 0;
    for file in files.iter().filter(|file| file.ends_with(".arrow")) {
        let columns = batches_unchecked(&format!("malformed/{file}"));
        for column in columns.iter().flat_map(RecordBatch::columns) {
            let Ok(column) = assert_cheap("try_from", || RasterArray::try_from(column)) else { continue };
            for raster in column.iter().flatten() {
                rows += 1;
                for reader in READERS {
                    let _ = read_cheaply(reader, &column, &raster);
                }
                if let Ok(owned) = raster.to_raster() {
                    assert_cheap("into_array", || owned.into_array::<f32>().is_ok());
                }
            }
        }
    }
    assert!(rows > 150, "{rows} rows");
}

#[test]
fn broadcasts_of_a_column_are_limited_together() -> Result<()> {
    // 2^28 bytes each, of which seven may be written out, but not eight: refused before the first is.
    let one = broadcast(28, PixelType::UInt8, 0).get(0).unwrap().to_raster()?;
    let rows = |count| RasterArray::from_iter(vec![one.clone(); count]);
    let eight = rows(8);
    let error = assert_cheap("to_standard", || eight.to_standard().unwrap_err()).to_string();
    assert_eq!(
        error,
        "row 7, band 0: the result would have 2147484672 bytes up to here, from 128 bytes in memory: above 2147483647 take \
         fewer rows at a time (`slice`), or read them through their views"
    );
    let written = broadcast(16, PixelType::UInt8, 0).to_standard()?;
    assert_eq!(written.get(0).unwrap().band(0)?.source_data()?.len(), 1 << 16);
    Ok(())
}

#[test]
fn one_call_makes_at_most_2097151_tiles() -> Result<()> {
    let message = |raster: &Raster, size| assert_cheap("tiles", || raster.tiles(size, size).unwrap_err()).to_string();
    // 2^11 by 2^10 tiles are one too many.
    let raster = Raster::try_from(outdb(41)?)?;
    assert_eq!(
        message(&raster, 1 << 10),
        "2097152 tiles, or bands of them are more than the 2097151 that one call makes: make them larger"
    );
    assert_eq!(raster.tile_grid(1 << 10, 1 << 10)?, (1 << 10, 1 << 11));
    assert_eq!(raster.tiles(1 << 15, 1 << 15)?.len(), 1 << 11);
    Ok(())
}

#[test]
fn a_raster_without_pixels_has_no_tiles_whatever_its_height() -> Result<()> {
    let shapes = [[1 << 60, 0], [0, 1 << 60]];
    for shape in shapes {
        let raster = Raster::from_bands([Band::outdb("", shape, PixelType::UInt8)?])?;
        assert_eq!(raster.tiles(1, 1)?.len(), 0);
        assert_eq!(raster.tile_grid(1, 1)?, (shape[0], shape[1]));
    }
    Ok(())
}

#[test]
fn more_strips_or_bands_than_can_be_made_are_refused_even_without_pixels() {
    let strips = || Strips::from_ndarray(Array2::<u8>::zeros((1 << 40, 0)))?.with_rows(1)?.finish();
    assert_too_large("strips", strips);
    let cube = Array3::<u8>::zeros((1 << 40, 0, 3));
    assert_too_large("split", || Band::split(cube, Axis(0)));
}

#[test]
fn an_error_names_the_first_eight_of_many_bands() -> Result<()> {
    let band = Array2::<u8>::zeros((1, 1));
    let bands = (0..1000).map(|number| Ok(Band::from_ndarray(&band)?.with_name(format!("b{number}"))));
    let column = RasterArray::from(Raster::from_bands(bands.collect::<Result<Vec<_>>>()?)?);
    let raster = column.get(0).unwrap();
    let error = assert_cheap("band_by_name", || raster.band_by_name("red").unwrap_err());
    assert_eq!(
        error.to_string(),
        "row 0: there is no band `red`, only `b0`, `b1`, `b2`, `b3`, `b4`, `b5`, `b6`, `b7`, 992 more"
    );
    assert!(assert_cheap("Debug", || format!("{raster:?}")).contains("num_bands: 1000"));
    Ok(())
}
