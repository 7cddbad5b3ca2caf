//! What calls allocate, counted.

use ndraster::arrow_array::{Array, StructArray};
use ndraster::ndarray::{Array2, Array3, ArrayD, Axis, Ix3, IxDyn};
use ndraster::{Band, GeoTransform, Raster, RasterArray, RasterArrayBuilder, Result};
use ndraster_test_support::allocations::allocated;
use ndraster_test_support::raw::{RawBand, payload_at};

#[test]
fn wrapping_64_mib_allocates_a_few_kilobytes() -> Result<()> {
    let array = Array2::<f32>::zeros((4096, 4096));
    let (count, bytes, raster) = allocated(|| Raster::from_ndarray(array));
    assert!(count <= 5, "{count} allocations");
    assert!(bytes <= 1024, "{bytes} bytes");
    let (more, bytes, array) = allocated(|| raster.map(StructArray::from));
    assert!(count + more <= 22, "{count} and {more} allocations");
    assert!(bytes <= 4096, "{bytes} bytes");
    let shared = Array2::<f32>::zeros((4096, 4096)).into_shared();
    let (_, bytes, shared_raster) = allocated(|| Raster::from_ndarray(shared.clone()));
    assert!(bytes <= 4096, "{bytes} bytes");
    assert_eq!(Raster::try_from(array?)?.width()?, shared_raster?.width()?);
    Ok(())
}

#[test]
fn four_bands_allocate_little_more_than_one() -> Result<()> {
    let bands = [1u8, 2, 3, 4].map(|fill| Band::from_ndarray(Array2::from_elem((256, 256), fill)).unwrap());
    let (count, bytes, array) = allocated(|| Raster::from_bands(bands).map(StructArray::from));
    assert!(count <= 36, "{count} allocations");
    assert!(bytes <= 8192, "{bytes} bytes");
    array.map(drop)
}

#[test]
fn other_orders_and_views_are_copied_once() -> Result<()> {
    let size = 1024 * 512;
    let array = Array2::<u8>::zeros((1024, 512));
    let (_, bytes, transposed) = allocated(|| Raster::from_ndarray(array.t()));
    assert!((size..size + 4096).contains(&bytes), "{bytes} bytes");
    let (_, bytes, copied) = allocated(|| Raster::from_ndarray(&array));
    assert!((size..size + 4096).contains(&bytes), "{bytes} bytes");
    let (_, bytes, repacked) = allocated(|| Raster::from_ndarray(array.reversed_axes()));
    assert!((size..size + 4096).contains(&bytes), "{bytes} bytes");
    assert_eq!((transposed?.width()?, copied?.width()?, repacked?.width()?), (1024, 512, 1024));
    Ok(())
}

#[test]
fn changing_and_appending_a_raster_makes_no_arrays_of_it() -> Result<()> {
    let transform = [500.0, 30.0, 0.0, 900.0, 0.0, -30.0];
    let raster = Raster::from_ndarray(Array2::<f32>::ones((64, 64)))?;
    let (count, _, raster) = allocated(|| {
        raster.with_crs("EPSG:4326").with_transform(GeoTransform::from_gdal(transform).unwrap()).with_nodata(0f32)
    });
    assert_eq!(count, 1, "the text");
    let raster = raster?;
    let mut column = RasterArrayBuilder::new();
    column.append(&raster)?;
    (0..100).try_for_each(|_| column.append(&raster))?;
    let (count, _, appended) = allocated(|| (0..20).try_for_each(|_| column.append(&raster)));
    appended?;
    assert!(count <= 8, "{count} allocations, where columns double");
    let column = column.finish()?;
    assert_eq!(column.get(120).unwrap().transform()?.to_gdal(), transform);
    assert_eq!(column.get(120).unwrap().only_band()?.nodata::<f32>()?, Some(0.0));
    Ok(())
}

#[test]
fn borrowing_allocates_nothing_up_to_four_axes() -> Result<()> {
    for ndim in 2..=4 {
        let mut names: Vec<String> = (0..ndim - 2).map(|axis| format!("d{axis}")).collect();
        names.extend(["y".into(), "x".into()]);
        let array = ArrayD::<f32>::zeros(IxDyn(&vec![3; ndim]));
        let raster = Raster::from_bands([Band::from_ndarray(array)?.with_dim_names(names)?])?;
        let array = StructArray::from(raster);
        let (count, _, column) = allocated(|| RasterArray::try_from(array));
        assert_eq!(count, 0, "a column out of {ndim} axes");
        let column = column?;
        let (count, _, view) = allocated(|| column.get(0).unwrap().band(0).unwrap().as_array_view::<f32>());
        assert_eq!((count, view?.ndim()), (0, ndim), "{ndim} axes");
    }
    Ok(())
}

#[test]
fn borrowing_through_a_view_allocates_nothing() -> Result<()> {
    let view = vec![[1, 5, -2, 3], [0, 1, 1, 2]];
    let band = RawBand { view: Some(view), ..RawBand::new(&[4, 6], 1, payload_at(0, &[7; 24])) };
    let column = RasterArray::try_from(band.column())?;
    let (count, _, view) = allocated(|| column.get(0).unwrap().as_array_view::<u8>());
    assert_eq!((count, view?.shape()), (0, [3, 2].as_slice()));
    Ok(())
}

#[test]
fn copying_into_reused_memory_allocates_nothing() -> Result<()> {
    let raster = Raster::from_ndarray(Array2::<f32>::ones((64, 64)))?;
    let mut batch = Array3::<f32>::zeros((4, 64, 64));
    // The first call builds Arrow's arrays of the raster, later calls find them.
    assert_eq!(raster.band(0)?.ndim(), 2);
    let (count, _, copied) = allocated(|| raster.copy_into(batch.index_axis_mut(Axis(0), 2)));
    copied?;
    assert_eq!((count, batch.sum()), (0, 4096.0));
    Ok(())
}

#[test]
fn reading_a_column_of_tiles_allocates_nothing() -> Result<()> {
    let cube = Array3::<f32>::ones((4, 16, 16));
    let column: RasterArray =
        (0..100).map(|_| Raster::from_ndarray(cube.index_axis(Axis(0), 1).to_owned()).unwrap()).collect();
    let (count, _, sum) =
        allocated(|| column.iter().flatten().map(|raster| raster.as_array_view2::<f32>().unwrap().sum()).sum::<f32>());
    assert_eq!((count, sum), (0, 25600.0));
    Ok(())
}

#[test]
fn a_claim_of_many_pixels_allocates_a_few_kilobytes() -> Result<()> {
    // One pixel, shown 2^40 times. At an odd address it must be copied to be read.
    let view = || vec![[0, 0, 0, 1 << 20], [1, 0, 0, 1 << 20]];
    let odd = RawBand { view: Some(view()), ..RawBand::new(&[8, 1], 6, payload_at(1, &[7; 32])) };
    let odd = RasterArray::try_from(odd.column())?;
    let band = odd.get(0).unwrap().band(0)?;
    let (_, bytes, failed) = allocated(|| {
        [band.to_cow_array::<f32>().is_err(), band.to_array::<f32>().is_err(), band.to_array_cast::<u8>().is_err()]
    });
    assert_eq!(failed, [true; 3]);
    assert!(bytes < 4096, "{bytes} bytes");
    let view = view();
    let band = RawBand { view: Some(view), ..RawBand::new(&[1, 1], 6, payload_at(0, &[0; 4])) };
    let column = RasterArray::try_from(band.column())?;
    let band = column.get(0).unwrap().band(0)?;
    assert_eq!(band.as_array_view::<f32>()?.len(), 1 << 40);
    let (_, bytes, failed) = allocated(|| {
        [band.to_array::<f32>().is_err(), band.to_array_exact::<f64>().is_err(), band.to_array_filled(0f32).is_err()]
    });
    assert_eq!(failed, [true; 3]);
    assert!(bytes < 4096, "{bytes} bytes");
    assert!(column.get(0).unwrap().to_stack::<f32>().is_err());
    let (_, bytes, _) = allocated(|| band.as_array_view_dim::<f32, Ix3>().is_err());
    assert!(bytes < 4096, "{bytes} bytes");
    Ok(())
}

#[test]
fn a_misaligned_broadcast_is_copied_once_and_not_as_often_as_it_is_shown() -> Result<()> {
    let view = vec![[0, 3, 0, 500], [1, 0, 0, 600]];
    let payload: Vec<u8> = (0..8).flat_map(|i| (i as f32).to_le_bytes()).collect();
    let band = RawBand { view: Some(view), ..RawBand::new(&[8, 1], 6, payload_at(1, &payload)) };
    let column = RasterArray::try_from(band.column())?;
    let mut target = Array2::<f32>::zeros((600, 500)).reversed_axes();
    let (_, bytes, copied) = allocated(|| column.get(0).unwrap().copy_into(target.view_mut()));
    copied?;
    assert!(target.iter().all(|pixel| *pixel == 3.0));
    assert!(bytes < 1024, "{bytes} bytes");
    assert_eq!(column.get(0).unwrap().to_cow_array::<f32>()?, target.into_dyn());
    Ok(())
}

#[test]
fn a_column_grows_by_as_many_bytes_a_tile_whatever_their_number() -> Result<()> {
    let tile = Raster::from_ndarray(Array2::<f32>::ones((16, 16)))?;
    let bytes = |tiles: usize| {
        let column: RasterArray = (0..tiles).map(|_| tile.clone()).collect();
        column.as_struct_array().get_buffer_memory_size()
    };
    let (some, many) = (bytes(1000) / 1000, bytes(64_000) / 64_000);
    let pixels = 16 * 16 * size_of::<f32>();
    assert!((pixels..pixels + 272).contains(&some), "{some} bytes a tile of 1000");
    assert!((pixels..pixels + 272).contains(&many), "{many} bytes a tile of 64,000");
    Ok(())
}

#[test]
fn a_conversion_allocates_its_result_once() -> Result<()> {
    let raster = Raster::from_ndarray(Array2::<i16>::from_elem((1000, 1000), 7))?.with_nodata(0i16)?;
    let band = raster.band(0)?;
    for (name, size, (_, bytes, ())) in [
        ("to_array_exact", 8, allocated(|| drop(band.to_array_exact::<f64>().unwrap()))),
        ("to_array_cast", 4, allocated(|| drop(band.to_array_cast::<f32>().unwrap()))),
        ("to_array_filled", 4, allocated(|| drop(band.to_array_filled(f32::NAN).unwrap()))),
        ("valid_mask", 1, allocated(|| drop(band.valid_mask().unwrap()))),
    ] {
        let result = size * 1000 * 1000;
        assert!((result..result + 1024).contains(&bytes), "{name} allocates {bytes} bytes for {result}");
    }
    Ok(())
}
