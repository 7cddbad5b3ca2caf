//! Columns keep their rows, whether built, sliced, passed on or shared between threads.

use ndraster::arrow_array::{Array, Float64Array, ListArray, StringViewArray, StructArray};
use ndraster::arrow_buffer::Buffer;
use ndraster::ndarray::{Array2, array};
use ndraster::{
    AnyArrayView, Band, BandRef, Error, GeoTransform, PixelType, Raster, RasterArray, RasterArrayBuilder, RasterRef,
    Result, View,
};
use ndraster_test_support::payloads::payloads;
use ndraster_test_support::random::Random;
use ndraster_test_support::raw::{RawBand, payload_at};

/// Rasters that differ in everything that may differ.
fn zoo(random: &mut Random, count: usize) -> Vec<Option<Raster>> {
    let crs = ["EPSG:4326", "a coordinate reference system of more than twelve bytes"];
    (0..count)
        .map(|i| {
            if random.below(6) == 0 {
                return None;
            }
            let shape = (random.below(40), 1 + random.below(60));
            let mut bands = Vec::new();
            for number in 0..1 + random.below(3) {
                let pixels = Array2::from_shape_fn(shape, |_| random.below(250) as u8);
                let mut band = match random.below(5) {
                    0 => Band::outdb(format!("s3://{i}"), [shape.0, shape.1], PixelType::UInt8).unwrap(),
                    1 => Band::from_ndarray(pixels.mapv(f64::from)).unwrap(),
                    _ => Band::from_ndarray(pixels).unwrap().with_nodata(9u8).unwrap(),
                };
                if random.below(2) == 0 {
                    band = band.with_name(format!("band {number}"));
                }
                bands.push(band);
            }
            let mut raster = Raster::from_bands(bands).unwrap();
            if random.below(3) > 0 {
                raster = raster.with_crs(crs[random.below(2)]);
            }
            if random.below(2) > 0 {
                raster =
                    raster.with_transform(GeoTransform::from_gdal([i as f64, 1.0, 0.5, -0.0, 0.25, -1.0]).unwrap());
            }
            Some(raster)
        })
        .collect()
}

fn assert_same(a: &RasterRef<'_>, b: &RasterRef<'_>) -> Result<()> {
    assert_eq!(a.crs()?, b.crs()?);
    assert_eq!(a.transform()?.to_gdal().map(f64::to_bits), b.transform()?.to_gdal().map(f64::to_bits));
    assert_eq!((a.spatial_dims()?, a.spatial_shape()?), (b.spatial_dims()?, b.spatial_shape()?));
    assert_eq!(a.num_bands()?, b.num_bands()?);
    for (a, b) in a.bands().zip(b.bands()) {
        let (a, b) = (a?, b?);
        assert_eq!((a.name(), a.dim_names(), a.view()), (b.name(), b.dim_names(), b.view()));
        assert_eq!(
            (a.pixel_type(), a.nodata_bytes(), a.outdb_uri()),
            (b.pixel_type(), b.nodata_bytes(), b.outdb_uri())
        );
        assert_eq!(a.source_data().ok(), b.source_data().ok());
    }
    Ok(())
}

#[test]
fn appended_rasters_read_back_equal() -> Result<()> {
    let mut random = Random::new(3);
    for _ in 0..60 {
        let count = random.below(30);
        let rasters = zoo(&mut random, count);
        let mut builder = RasterArrayBuilder::new();
        for raster in &rasters {
            builder.append(raster.as_ref())?;
        }
        assert_eq!((builder.len(), builder.is_empty()), (rasters.len(), rasters.is_empty()));
        let column = builder.finish()?;
        column.as_struct_array().to_data().validate_full()?;
        let again: RasterArray = column.iter().map(|r| r.map(|r| r.to_raster()).transpose()).collect::<Result<_>>()?;
        for (row, raster) in rasters.iter().enumerate() {
            assert_eq!((column.is_null(row), again.is_null(row)), (raster.is_none(), raster.is_none()));
            if let (Some(raster), Some(found), Some(again)) = (raster, column.get(row), again.get(row)) {
                assert_same(&raster.as_ref(), &found)?;
                assert_same(&raster.as_ref(), &again)?;
            }
        }
    }
    Ok(())
}

#[test]
fn a_repeated_raster_lists_its_buffer_once() -> Result<()> {
    let raster = Raster::from_ndarray(Array2::<u8>::ones((100, 100)))?;
    let column = RasterArray::from_iter(std::iter::repeat_n(raster, 50));
    assert_eq!(payloads(column.as_struct_array()).data_buffers().len(), 1);
    Ok(())
}

#[test]
fn a_column_of_small_tiles_has_few_buffers_all_aligned() -> Result<()> {
    let tile = |i: usize| Raster::from_ndarray(Array2::from_elem((3, 7), i as f64));
    let column: RasterArray = (0..5000).map(tile).collect::<Result<_>>()?;
    let buffers = payloads(column.as_struct_array()).data_buffers().len();
    assert!(buffers < 10, "{buffers} buffers");
    for (i, raster) in column.iter().enumerate() {
        let view = raster.unwrap().as_array_view2::<f64>()?;
        assert_eq!((view.as_ptr() as usize % 64, view[[2, 6]]), (0, i as f64));
    }
    Ok(())
}

#[test]
fn large_and_small_payloads_in_turns_keep_their_pixels() -> Result<()> {
    let tile = |i: usize| Raster::from_ndarray(Array2::from_elem((1, 13 + 700 * (i % 9)), i as u8));
    let column: RasterArray = (0..200).map(tile).collect::<Result<_>>()?;
    for (i, raster) in column.iter().enumerate() {
        assert!(raster.unwrap().as_array_view2::<u8>()?.iter().all(|pixel| *pixel == i as u8), "row {i}");
    }
    Ok(())
}

#[test]
fn a_repeated_crs_is_stored_once() -> Result<()> {
    let crs = "x".repeat(1000);
    let raster = Raster::from_ndarray(array![[1u8]])?.with_crs(&crs);
    let column = RasterArray::from_iter(std::iter::repeat_n(raster, 100));
    let texts: &StringViewArray = column.as_struct_array().column(0).as_any().downcast_ref().unwrap();
    assert_eq!(texts.data_buffers().iter().map(Buffer::len).sum::<usize>(), 1000);
    assert!(texts.iter().all(|text| text == Some(&crs)));
    Ok(())
}

#[test]
fn a_null_row_is_written_as_sedonadb_writes_it() -> Result<()> {
    let mut column = RasterArrayBuilder::new();
    column.append_null();
    let array = StructArray::from(column.finish()?);
    let list = |i: usize| array.column(i).as_any().downcast_ref::<ListArray>().unwrap().value(0);
    let zeros = list(1);
    assert_eq!(zeros.as_any().downcast_ref::<Float64Array>().unwrap().values(), &[0.0; 6]);
    assert_eq!((list(2).len(), list(3).len(), list(4).len()), (0, 0, 0));
    assert!(array.column(0).is_null(0) && array.column(4).is_valid(0) && array.is_null(0));
    Ok(())
}

#[test]
fn a_raster_that_cannot_be_read_is_not_appended_and_the_column_goes_on() -> Result<()> {
    let bad = RasterArray::try_from(RawBand::new(&[4, 6], 1, payload_at(0, &[0; 23])).column())?;
    let good = Raster::from_ndarray(array![[1u8, 2]])?;
    let mut column = RasterArrayBuilder::new();
    column.append(&good)?;
    assert!(column.append(bad.get(0)).is_err());
    column.append(&good)?;
    assert_eq!(column.finish()?.len(), 2);
    Ok(())
}

#[test]
fn iteration_goes_both_ways_and_skips() -> Result<()> {
    let tile = |i: usize| Raster::from_ndarray(Array2::from_elem((1, 2), i as u8));
    let column: RasterArray = (0..10).map(tile).collect::<Result<_>>()?;
    let first = |raster: Option<RasterRef<'_>>| raster.unwrap().as_array_view2::<u8>().unwrap()[[0, 0]];
    assert_eq!(column.iter().rev().map(first).collect::<Vec<_>>(), [9, 8, 7, 6, 5, 4, 3, 2, 1, 0]);
    assert_eq!(column.iter().skip(3).step_by(2).map(first).collect::<Vec<_>>(), [3, 5, 7, 9]);
    assert_eq!(column.iter().len(), 10);
    Ok(())
}

#[test]
fn every_type_is_send_and_sync() {
    fn shared<T: Send + Sync + 'static>() {}
    shared::<RasterArray>();
    shared::<Raster>();
    shared::<Band>();
    shared::<RasterRef<'static>>();
    shared::<BandRef<'static>>();
    shared::<AnyArrayView<'static>>();
    shared::<ndraster::Iter<'static>>();
    shared::<RasterArrayBuilder>();
    shared::<Error>();
    shared::<(GeoTransform, View, PixelType, ndraster::RasterType, ndraster::ErrorKind)>();
}

/// A handle that is borrowed for long is one that is borrowed for short: this compiles.
#[allow(dead_code, reason = "it must compile, nothing calls it")]
fn handles_are_covariant<'short>(
    raster: RasterRef<'static>,
    band: BandRef<'static>,
) -> (RasterRef<'short>, BandRef<'short>) {
    (raster, band)
}
