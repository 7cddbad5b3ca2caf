//! What hostile input costs: a kilobyte that claims 2^40 or 2^60 pixels, or tiles, or columns, makes nobody allocate
//! more than a few kilobytes.

use ndraster::arrow_array::RecordBatch;
use ndraster::ndarray::{Array2, Array3, Axis, Slice};
use ndraster::{Band, BandRef, ErrorKind, PixelType, Raster, RasterArray, RasterRef, Result, Strips};

use crate::allocations::allocated;
use crate::fixtures::{batches_unchecked, path};
use crate::raw::{RawBand, payload_at};

const FEW: usize = 8 << 10;

/// Sixteen pixels, seen 2^`bits` times; the payload starts that many bytes into its buffer.
fn broadcast(bits: u32, pixel_type: PixelType, offset: usize) -> RasterArray {
    let (height, width) = (1i64 << (bits / 2), 1i64 << (bits - bits / 2));
    let view = Some(vec![[0, 1, 0, height], [1, 2, 0, width]]);
    let data = payload_at(offset, &vec![7; 16 * pixel_type.size()]);
    RasterArray::try_from(RawBand { view, ..RawBand::new(&[4, 4], pixel_type.id(), data) }.column()).unwrap()
}

/// No pixels, and a shape of 2^`bits`.
fn lazy(bits: u32) -> Result<RasterArray> {
    let shape = [1 << (bits / 2), 1 << (bits - bits / 2)];
    Ok(Raster::from_bands([Band::outdb("s3://bucket/dem.tif", shape, PixelType::Float32)?])?.into())
}

/// Fails at once, or at least makes nothing.
fn assert_cheap<R>(name: &str, work: impl FnOnce() -> R) -> R {
    let (_, bytes, result) = allocated(work);
    assert!(bytes < FEW, "{name} allocates {bytes} bytes");
    result
}

type Reader = fn(RasterRef<'_>);

/// Every reader that copies no pixels. What it makes of the input does not matter here.
#[rustfmt::skip]
const READERS: [(&str, Reader); 20] = [
    ("Debug", |raster| drop(format!("{raster:?}"))),
    ("num_bands", |raster| drop(raster.num_bands())),
    ("crs", |raster| drop(raster.crs())),
    ("transform", |raster| drop(raster.transform())),
    ("spatial_dims", |raster| drop(raster.spatial_dims())),
    ("spatial_shape", |raster| drop(raster.spatial_shape())),
    ("width and height", |raster| drop((raster.width(), raster.height()))),
    ("bbox", |raster| drop(raster.bbox())),
    ("bands", |raster| drop(raster.bands().last())),
    ("band_by_name", |raster| drop(raster.band_by_name("red"))),
    ("window", |raster| drop(raster.window(1.., 1..2))),
    ("slice_dim", |raster| drop(raster.slice_dim("x", Slice::new(0, None, -1)))),
    ("to_raster", |raster| drop(raster.to_raster())),
    ("tile_grid", |raster| drop(raster.tile_grid(16, 16))),
    ("as_any_view", |raster| drop(raster.as_any_view())),
    ("as_array_view", |raster| drop(raster.as_array_view::<f32>())),
    ("as_stack_view", |raster| drop(raster.as_stack_view::<f32>())),
    ("to_cow_array", |raster| drop(raster.to_cow_array::<f32>())),
    ("nodata", |raster| drop(raster.bands().map(|band| band?.nodata::<f32>()).last())),
    ("Debug of bands", |raster| drop(raster.bands().map(|band| format!("{band:?}")).last())),
];

fn assert_cheap_readers(raster: RasterRef<'_>) {
    for (name, read) in READERS {
        assert_cheap(name, || read(raster));
    }
    if let Ok(owned) = raster.to_raster() {
        assert_cheap("into_array", || owned.into_array::<f32>().is_ok());
    }
}

fn assert_too_large<R: std::fmt::Debug>(name: &str, work: impl FnOnce() -> Result<R>) {
    let error = assert_cheap(name, work).unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::TooLarge | ErrorKind::NotLoaded), "{name}: {error}");
}

fn assert_copies_refused(band: &BandRef<'_>) {
    assert_too_large("to_array", || band.to_array::<f32>());
    assert_too_large("to_array_exact", || band.to_array_exact::<f64>());
    assert_too_large("to_array_cast", || band.to_array_cast::<u8>());
    assert_too_large("to_array_filled", || band.to_array_filled(0f32));
    let mut small = Array2::<f32>::zeros((2, 2));
    assert_cheap("copy_into", || band.copy_into(small.view_mut()).unwrap_err());
}

#[test]
fn claims_of_many_pixels_cost_nothing() -> Result<()> {
    for bits in [40, 60] {
        let aligned = broadcast(bits, PixelType::Float32, 0);
        let odd = broadcast(bits, PixelType::Float32, 1);
        for column in [&aligned, &odd, &lazy(bits)?] {
            let raster = column.get(0).unwrap();
            assert_cheap_readers(raster);
            assert_copies_refused(&raster.only_band()?);
            assert_too_large("to_stack", || raster.to_stack::<f32>());
            assert_too_large("to_stack_cast", || raster.to_stack_cast::<u8>());
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
fn what_is_malformed_costs_no_more() {
    let folder = std::fs::read_dir(path("malformed")).unwrap();
    let mut files: Vec<String> = folder.map(|file| file.unwrap().file_name().into_string().unwrap()).collect();
    files.sort();
    let mut rows = 0;
    for file in files.iter().filter(|file| file.ends_with(".arrow")) {
        let columns = batches_unchecked(&format!("malformed/{file}"));
        for column in columns.iter().flat_map(RecordBatch::columns) {
            let Ok(column) = assert_cheap("try_from", || RasterArray::try_from(column)) else { continue };
            assert_cheap("Debug of a column", || format!("{column:?}"));
            rows += column.iter().flatten().map(assert_cheap_readers).count();
        }
    }
    assert!(rows > 150, "{rows} rows");
}

#[test]
fn broadcasts_of_a_whole_column_count_together() -> Result<()> {
    // 2^28 bytes each, of which seven may be written out, but not eight: refused before the first is.
    let one = broadcast(28, PixelType::UInt8, 0).get(0).unwrap().to_raster()?;
    let rows = |count| RasterArray::from_iter(vec![one.clone(); count]);
    let eight = rows(8);
    let error = assert_cheap("to_standard", || eight.to_standard().unwrap_err()).to_string();
    assert_eq!(
        error,
        "row 7, band 0: up to this band, broadcasts would be written out as 2147483648 bytes: above 2147483647 take fewer \
         rows at a time (`slice`), or read them through their views"
    );
    let written = broadcast(16, PixelType::UInt8, 0).to_standard()?;
    assert_eq!(written.get(0).unwrap().band(0)?.source_data()?.len(), 1 << 16);
    Ok(())
}

#[test]
fn as_many_tiles_as_can_be_made() -> Result<()> {
    let message = |raster: &Raster, size| assert_cheap("tiles", || raster.tiles(size, size).unwrap_err()).to_string();
    // 2^11 by 2^10 tiles are one too many.
    let raster = Raster::try_from(lazy(41)?)?;
    assert_eq!(
        message(&raster, 1 << 10),
        "2097152 tiles, or bands of them are more than the 2097151 that one call makes: make them larger"
    );
    assert_eq!(raster.tile_grid(1 << 10, 1 << 10)?, (1 << 10, 1 << 11));
    assert_eq!(raster.tiles(1 << 15, 1 << 15)?.len(), 1 << 11);
    Ok(())
}

#[test]
fn rows_without_columns_have_no_tiles_however_many_they_are() -> Result<()> {
    let shapes = [[1 << 60, 0], [0, 1 << 60]];
    for shape in shapes {
        let raster = Raster::from_bands([Band::outdb("", shape, PixelType::UInt8)?])?;
        assert_eq!(raster.tiles(1, 1)?.len(), 0);
        assert_eq!(raster.tile_grid(1, 1)?, (shape[0], shape[1]));
    }
    Ok(())
}

#[test]
fn strips_and_bands_of_nothing_are_counted_too() {
    let strips = || Strips::from_ndarray(Array2::<u8>::zeros((1 << 40, 0)))?.with_rows(1)?.finish();
    assert_too_large("strips", strips);
    let cube = Array3::<u8>::zeros((1 << 40, 0, 3));
    assert_too_large("split", || Band::split(cube, Axis(0)));
}

#[test]
fn many_bands_are_not_listed_one_by_one() -> Result<()> {
    let band = Array2::<u8>::zeros((1, 1));
    let bands = (0..1000).map(|number| Ok(Band::from_ndarray(&band)?.with_name(format!("b{number}"))));
    let column = RasterArray::from(Raster::from_bands(bands.collect::<Result<Vec<_>>>()?)?);
    let raster = column.get(0).unwrap();
    let error = assert_cheap("band_by_name", || raster.band_by_name("red").unwrap_err());
    assert_eq!(
        error.to_string(),
        "row 0: there is no band `red`, only `b0`, `b1`, `b2`, `b3`, `b4`, `b5`, `b6`, `b7`, 992 more"
    );
    assert!(assert_cheap("Debug", || format!("{raster:?}")).contains("num_bands: Ok(1000)"));
    Ok(())
}
