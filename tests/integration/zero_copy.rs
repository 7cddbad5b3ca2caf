//! No pixel is copied where none need be: the address that goes in comes out.

use std::sync::Arc;

use arrow_ipc::reader::StreamReader;
use arrow_ipc::writer::StreamWriter;
use ndraster::arrow_array::cast::AsArray;
use ndraster::arrow_array::ffi::{from_ffi, to_ffi};
use ndraster::arrow_array::{Array, RecordBatch, StructArray, make_array};
use ndraster::arrow_schema::Schema;
use ndraster::ndarray::{ArcArray, Array2, Array3, ArrayD, Axis, CowArray, Ix2, Ix3, Slice};
use ndraster::{Band, Raster, RasterArray, RasterArrayBuilder, Result};

fn pixels() -> Array2<f32> {
    Array2::from_shape_fn((64, 100), |(row, col)| (row * 1000 + col) as f32)
}

/// Rows 3 to 8 of an array.
const ROWS: Slice = Slice { start: 3, end: Some(9), step: 1 };

fn address_out(raster: &Raster) -> *const f32 {
    raster.as_array_view::<f32>().unwrap().as_ptr()
}

#[test]
fn an_array_moves() -> Result<()> {
    let array = pixels();
    let address = array.as_ptr();
    assert_eq!(address_out(&Raster::from_ndarray(array)?), address);
    Ok(())
}

#[test]
fn a_sliced_array_moves() -> Result<()> {
    let mut array = pixels();
    array.slice_axis_inplace(Axis(0), ROWS);
    let (address, expected) = (array.as_ptr(), array.clone());
    let raster = Raster::from_ndarray(array)?;
    assert_eq!(address_out(&raster), address);
    assert_eq!(raster.as_array_view2::<f32>()?, expected);
    Ok(())
}

#[test]
fn an_arc_array_moves_if_it_is_the_last_handle_and_is_shared_otherwise() -> Result<()> {
    let alone: ArcArray<f32, Ix2> = pixels().into_shared();
    let address = alone.as_ptr();
    assert_eq!(address_out(&Raster::from_ndarray(alone)?), address);

    let shared = pixels().into_shared();
    let raster = Raster::from_ndarray(shared.clone())?;
    assert_eq!(address_out(&raster), shared.as_ptr());
    drop(shared);
    assert_eq!(raster.as_array_view2::<f32>()?, pixels());
    Ok(())
}

#[test]
fn a_dense_slice_of_a_shared_arc_array_is_shared() -> Result<()> {
    let shared = pixels().into_shared();
    let mut slice = shared.clone();
    slice.slice_axis_inplace(Axis(0), ROWS);
    let (address, expected) = (slice.as_ptr(), slice.to_owned());
    let raster = Raster::from_ndarray(slice)?;
    assert_eq!(address_out(&raster), address);
    assert_eq!(address, shared.row(3).as_ptr());
    drop(shared);
    assert_eq!(raster.as_array_view2::<f32>()?, expected);
    Ok(())
}

#[test]
fn an_owned_cow_array_moves() -> Result<()> {
    let cow: CowArray<'_, f32, Ix2> = pixels().into();
    let address = cow.as_ptr();
    assert_eq!(address_out(&Raster::from_ndarray(cow)?), address);
    Ok(())
}

#[test]
fn an_array_of_any_dimension_type_moves() -> Result<()> {
    let array: ArrayD<f32> = pixels().into_dyn();
    let address = array.as_ptr();
    assert_eq!(address_out(&Raster::from_ndarray(array)?), address);

    let cube = Array3::<f32>::zeros((2, 3, 4));
    let address = cube.as_ptr();
    let raster = Raster::from_bands([Band::from_ndarray(cube)?.with_dim_names(["time", "y", "x"])?])?;
    assert_eq!(raster.as_array_view_dim::<f32, Ix3>()?.as_ptr(), address);
    Ok(())
}

#[test]
fn a_view_outlives_the_handles_that_it_came_through() -> Result<()> {
    let column = RasterArray::from_iter([Raster::from_ndarray(pixels())?]);
    let view = {
        let raster = column.get(0).unwrap();
        let band = raster.band(0)?;
        band.as_array_view2::<f32>()?
    };
    assert_eq!(view, pixels());
    Ok(())
}

#[test]
fn a_clone_shares_pixels_and_not_what_is_set_later() -> Result<()> {
    let raster = Raster::from_ndarray(pixels())?.with_crs("EPSG:4326");
    let view = raster.as_array_view::<f32>()?;
    let other = raster.clone().with_crs("EPSG:3857").with_nodata(1f32)?;
    assert_eq!(address_out(&other), view.as_ptr());
    assert_eq!((raster.crs()?, other.crs()?), (Some("EPSG:4326"), Some("EPSG:3857")));
    assert_eq!((raster.nodata::<f32>()?, other.nodata::<f32>()?), (None, Some(1.0)));
    Ok(())
}

#[test]
fn an_address_stays_through_arrow_and_slices_of_columns() -> Result<()> {
    let array = pixels();
    let address = array.as_ptr();
    let mut column = RasterArrayBuilder::new();
    column.append_null();
    column.append(&Raster::from_ndarray(array)?)?;
    column.append_null();
    let array = StructArray::from(column.finish()?);
    let column = RasterArray::try_from(array.slice(1, 2))?.slice(0, 1)?;
    assert_eq!(column.get(0).unwrap().as_array_view::<f32>()?.as_ptr(), address);
    // Out of the column, and into another.
    let raster = column.get(0).unwrap().to_raster()?.with_crs("EPSG:4326").with_nodata(-1f32)?;
    assert_eq!(address_out(&raster), address);
    let column = RasterArray::from_iter([raster]);
    assert_eq!(column.to_canonical()?.get(0).unwrap().as_array_view::<f32>()?.as_ptr(), address);
    Ok(())
}

#[test]
fn a_large_payload_keeps_its_buffer_and_a_small_one_moves_into_a_block() -> Result<()> {
    let large = Raster::from_ndarray(Array2::<u8>::ones((1, 4097)))?;
    let small = Raster::from_ndarray(Array2::<u8>::ones((1, 4096)))?;
    let column = RasterArray::from_iter([large.clone(), small.clone()]);
    let address = |raster: &Raster| raster.band(0).unwrap().source_data().unwrap().as_ptr();
    let address_in = |row: usize| column.get(row).unwrap().band(0).unwrap().source_data().unwrap().as_ptr();
    assert_eq!(address_in(0), address(&large));
    assert_ne!(address_in(1), address(&small));
    assert_eq!(address_in(1) as usize % 64, 0);
    Ok(())
}

#[test]
fn a_buffer_that_many_rows_share_is_listed_once() -> Result<()> {
    let rasters: Vec<Raster> =
        (0..30).map(|_| Raster::from_ndarray(Array2::<u8>::ones((1, 5000)))).collect::<Result<_>>()?;
    // All of them three times over, and each of them three times in a row.
    let in_turn = rasters.iter().cycle().take(90).cloned();
    let in_a_row = rasters.iter().flat_map(|raster| std::iter::repeat_n(raster, 3)).cloned();
    for column in [in_turn.collect::<RasterArray>(), in_a_row.collect()] {
        let bands = column.as_struct_array().column(4).as_list::<i32>().values().as_struct().clone();
        assert_eq!(bands.column(8).as_binary_view().data_buffers().len(), 30);
        for (row, raster) in column.iter().flatten().enumerate() {
            let address = raster.band(0)?.source_data()?.as_ptr();
            let known = rasters.iter().any(|raster| raster.band(0).unwrap().source_data().unwrap().as_ptr() == address);
            assert!(known, "row {row}");
        }
    }
    Ok(())
}

#[test]
fn in_an_ipc_stream_the_view_points_into_the_batch() -> Result<()> {
    let column = RasterArray::from_iter([Raster::from_ndarray(pixels())?]);
    let schema = Arc::new(Schema::new(vec![column.field("rast")]));
    let batch = RecordBatch::try_new(Arc::clone(&schema), vec![Arc::new(StructArray::from(column))])?;
    let mut stream = Vec::new();
    let mut writer = StreamWriter::try_new(&mut stream, &schema)?;
    writer.write(&batch)?;
    writer.finish()?;
    drop(writer);
    for batch in StreamReader::try_new(stream.as_slice(), None)? {
        let batch = batch?;
        assert_eq!(batch.schema_ref().field(0).extension_type_name(), Some("sedona.raster"));
        let column = RasterArray::from_batch(&batch, "rast")?;
        let view = column.get(0).unwrap().as_array_view2::<f32>()?;
        assert_eq!(view, pixels());
        let payload = column.get(0).unwrap().band(0)?.source_data()?;
        assert_eq!(view.as_ptr().cast(), payload.as_ptr());
    }
    Ok(())
}

#[test]
#[allow(unsafe_code, reason = "arrow imports a C structure by an unsafe call only")]
fn through_the_c_data_interface_the_view_points_into_the_exporters_memory() -> Result<()> {
    let column = RasterArray::from_iter([Some(Raster::from_ndarray(pixels())?), None]);
    let address = column.get(0).unwrap().as_array_view2::<f32>()?.as_ptr();
    let (array, schema) = to_ffi(&column.as_struct_array().to_data())?;
    drop(column);
    // SAFETY: both structures are what `to_ffi` has just made.
    let imported = make_array(unsafe { from_ffi(array, &schema) }?);
    let column = RasterArray::try_from(imported)?;
    let view = column.get(0).unwrap().as_array_view2::<f32>()?;
    assert_eq!((view.as_ptr(), view), (address, pixels().view()));
    assert!(column.is_null(1));
    Ok(())
}

#[test]
fn a_column_passes_arrows_own_validation() -> Result<()> {
    let column = RasterArray::from_iter([Some(Raster::from_ndarray(pixels())?), None]);
    Ok(column.as_struct_array().to_data().validate_full()?)
}
