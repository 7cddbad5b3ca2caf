//! The first errors that a user meets say what, where and which call to make instead. Their messages are compared whole.

use std::sync::Arc;

use ndraster::arrow_array::{Array, ArrayRef, Int8Array, Int32Array, RecordBatch};
use ndraster::arrow_schema::{ArrowError, DataType, Field, Schema};
use ndraster::ndarray::{Array2, Array3, Ix2, Ix3, array};
use ndraster::{
    Band, Error, ErrorKind, GeoTransform, PixelType, Raster, RasterArray, RasterArrayBuilder, Registration, Result,
    Strips,
};
use ndraster_test_support::raw::{RawBand, payload_at};

fn message_of<T: std::fmt::Debug>(result: Result<T>, kind: ErrorKind) -> String {
    let error = result.unwrap_err();
    assert_eq!(error.kind(), kind);
    error.to_string()
}

#[test]
fn another_pixel_type_is_an_error_that_names_the_conversions() -> Result<()> {
    let column = RasterArray::from_iter([Raster::from_ndarray(array![[1u8, 2]])?]);
    let raster = column.get(0).unwrap();
    let message = "row 0, band 0: its pixels are uint8, not float32: ask for `u8`, or convert with \
                   `to_array_exact::<f32>()` (exact), `to_array_filled` (nodata), `to_array_cast::<f32>()` or \
                   `copy_into_cast`, several bands with `to_stack_cast::<f32>()`";
    assert_eq!(message_of(raster.as_array_view::<f32>(), ErrorKind::PixelType), message);
    assert_eq!(message_of(raster.to_array::<f32>(), ErrorKind::PixelType), message);
    assert_eq!(message_of(raster.nodata::<f32>(), ErrorKind::PixelType), message);
    assert_eq!(message_of(raster.copy_into(Array2::<f32>::zeros((1, 2)).view_mut()), ErrorKind::PixelType), message);
    Ok(())
}

#[test]
fn another_number_of_axes_is_an_error_that_names_them() -> Result<()> {
    let raster = Raster::from_ndarray(array![[1u8, 2]])?;
    assert_eq!(
        message_of(raster.as_array_view_dim::<u8, Ix3>(), ErrorKind::Shape),
        "band 0: it has 2 axes [\"y\", \"x\"], not 3: ask for `Ix2`, or take the call for any number, which has no `2` and \
         no `_dim` in its name, such as `as_array_view`"
    );
    assert_eq!(raster.as_array_view_dim::<u8, Ix2>()?.len(), 2);
    let mut target = Array2::<u8>::zeros((2, 1));
    assert_eq!(
        message_of(raster.copy_into(target.view_mut()), ErrorKind::Shape),
        "band 0: its dims are y 1, x 2: the target must have the shape [1, 2], not [2, 1]"
    );
    Ok(())
}

#[test]
fn pixels_that_are_not_loaded_are_an_error_that_names_their_uri() -> Result<()> {
    let raster = Raster::from_bands([Band::outdb("s3://bucket/dem.tif", [2, 3], PixelType::Int16)?])?;
    let message =
        "band 0: its pixels are not loaded, only known to be at `s3://bucket/dem.tif`: load them first (`load_with`)";
    assert_eq!(message_of(raster.as_array_view::<i16>(), ErrorKind::NotLoaded), message);
    assert_eq!(message_of(raster.to_cow_array::<i16>(), ErrorKind::NotLoaded), message);
    assert_eq!(message_of(raster.band(0)?.source_data(), ErrorKind::NotLoaded), message);
    Ok(())
}

#[test]
fn a_misaligned_payload_is_an_error_that_names_to_cow_array() -> Result<()> {
    let inline = Raster::from_ndarray(array![[0.5f64]])?;
    assert_eq!(
        message_of(inline.as_array_view::<f64>(), ErrorKind::Misaligned),
        "band 0: a single float64 pixel is stored inside of Arrow's 16-byte view, where no 8-byte number may be \
         borrowed: copy it with `to_array`, or read any band with `to_cow_array`, of any type with `to_any_cow_array`"
    );
    let data = payload_at(2, &[0; 24]);
    let column = RasterArray::try_from(RawBand::new(&[2, 3], PixelType::Float32.id(), data).column())?;
    let raster = column.get(0).unwrap();
    assert_eq!(
        message_of(raster.as_array_view::<f32>(), ErrorKind::Misaligned),
        "row 0, band 0: its writer put the pixels at an address that is no multiple of 4, as float32 needs: copy them \
         with `to_array`, or only where needed with `to_cow_array`, of any type with `to_any_cow_array`"
    );
    assert_eq!(raster.to_cow_array::<f32>()?.sum(), 0.0);
    Ok(())
}

#[test]
fn a_column_of_another_type_is_an_error_that_says_what_was_found() {
    let numbers: ArrayRef = Arc::new(Int32Array::from(vec![1, 2]));
    assert_eq!(
        message_of(RasterArray::try_from(&numbers), ErrorKind::Schema),
        "a raster column is a Struct of crs, transform, spatial_dims, spatial_shape and bands, found Int32"
    );
    let schema = Schema::new(vec![Field::new("id", numbers.data_type().clone(), true)]);
    let batch = RecordBatch::try_new(Arc::new(schema), vec![numbers]).unwrap();
    assert_eq!(
        message_of(RasterArray::from_batch(&batch, "rast"), ErrorKind::NotFound),
        "the batch has no column `rast`, only [\"id\"]"
    );
}

#[test]
fn a_null_row_is_no_raster_and_a_missing_row_is_none() -> Result<()> {
    let mut column = RasterArrayBuilder::new();
    column.append_null();
    let column = column.finish()?;
    assert!(column.get(0).is_none() && column.get(1).is_none() && column.is_null(1));
    assert_eq!(message_of(Raster::try_from(column.clone()), ErrorKind::Null), "the only row of the column is null");
    assert_eq!(
        message_of(Raster::try_from(column.slice(0, 0)?), ErrorKind::Shape),
        "a raster is a column of one row, this one has 0"
    );
    assert_eq!(
        message_of(column.slice(1, usize::MAX), ErrorKind::NotFound),
        format!("slice: {} rows from row 1 on, of a column of 1", usize::MAX)
    );
    Ok(())
}

#[test]
fn several_bands_where_one_is_meant_are_an_error_that_says_how_to_choose() -> Result<()> {
    let bands = [1u8, 2].map(|fill| Band::from_ndarray(Array2::from_elem((2, 3), fill)).unwrap());
    let raster = Raster::from_bands(bands)?;
    assert_eq!(
        message_of(raster.as_array_view::<u8>(), ErrorKind::Shape),
        "the raster has 2 bands, not one: take one with `band(i)` or `select_bands([i])`, or all with `as_stack_view` or `to_stack`"
    );
    // What can be meant of all bands is.
    let with_nodata = raster.clone().with_nodata(0u8)?;
    assert!(with_nodata.bands().all(|band| band.is_ok_and(|band| band.nodata_bytes() == Some(&[0]))));
    assert_eq!(
        message_of(raster.clone().with_nodata(0i16), ErrorKind::PixelType),
        "band 0: nodata 0 is int16, where the pixels are uint8: give it as `u8`"
    );
    assert_eq!(
        message_of(raster.as_stack_view::<u8>(), ErrorKind::Layout),
        "the bands' pixels do not lie evenly spaced in one data buffer, as a view of them all needs: copy them with \
         `to_stack`"
    );
    Ok(())
}

#[test]
fn an_error_goes_through_arrow_and_back() -> Result<()> {
    let error = Raster::from_ndarray(array![[1u8]])?.band(3).unwrap_err();
    let ArrowError::ExternalError(external) = ArrowError::from(error) else { panic!("not external") };
    assert_eq!(external.downcast_ref::<Error>().unwrap().kind(), ErrorKind::NotFound);
    // An error of arrow's own comes back as it was.
    let error = Error::from(ArrowError::DivideByZero);
    assert!(std::error::Error::source(&error).is_some());
    assert!(matches!(ArrowError::from(error), ArrowError::DivideByZero));
    Ok(())
}

#[test]
fn another_crates_error_goes_through_arrow_with_its_source() {
    let error = Error::other("7%".parse::<f64>().unwrap_err());
    assert_eq!((error.kind(), error.to_string().as_str()), (ErrorKind::Other, "invalid float literal"));
    let ArrowError::ExternalError(external) = ArrowError::from(error) else { panic!("not external") };
    let error = external.downcast_ref::<Error>().unwrap();
    assert!(std::error::Error::source(error).unwrap().is::<std::num::ParseFloatError>());
    assert_eq!(Error::other("too few pixels").to_string(), "too few pixels");
    assert!(matches!(ArrowError::from(Error::other(ArrowError::DivideByZero)), ArrowError::DivideByZero));
}

#[test]
fn debug_shows_no_pixels() -> Result<()> {
    let raster = Raster::from_ndarray(Array2::<u8>::from_elem((2, 3), 123))?.with_crs("EPSG:4326");
    let column = RasterArray::from_iter([Some(raster.clone()), None]);
    for text in [format!("{raster:?}"), format!("{column:?}"), format!("{:?}", raster.band(0)?)] {
        assert!(!text.contains("123"), "{text}");
        assert!(text.contains("UInt8") && text.contains("[2, 3]"), "{text}");
    }
    let text = format!("{raster:?}");
    assert!(text.starts_with("Raster {") && text.contains("crs: Some(\"EPSG:4326\")"), "{text}");
    assert!(format!("{:?}", raster.as_ref()).starts_with("RasterRef {"));
    let text = format!("{:?}", Band::from_ndarray(Array2::<u8>::from_elem((2, 3), 123))?);
    assert!(!text.contains("123"), "{text}");
    Ok(())
}

#[test]
fn a_large_band_that_is_not_loaded_says_so_whatever_is_asked_of_it() -> Result<()> {
    // 2.5 gigabytes of pixels, which would be too many to copy if they were there.
    let band = Band::outdb("s3://bucket/dem.tif", [50_000, 50_000], PixelType::UInt8)?.with_nodata(0u8)?;
    let raster = Raster::from_bands([band])?;
    let band = raster.band(0)?;
    let errors = [
        band.to_array::<u8>().unwrap_err(),
        band.to_array_exact::<f32>().unwrap_err(),
        band.to_array_cast::<f32>().unwrap_err(),
        band.to_array_filled(f32::NAN).unwrap_err(),
        band.valid_mask().unwrap_err(),
        band.as_array_view::<u8>().unwrap_err(),
    ];
    assert_eq!(errors.map(|error| error.kind()), [ErrorKind::NotLoaded; 6]);
    Ok(())
}

#[test]
fn messages_and_debug_show_the_first_of_what_is_long() -> Result<()> {
    let long = |name: &str| name.repeat(100 << 10);
    let band = |number: usize| {
        let dims = [format!("{number}{}", long("t")), "y".into(), "x".into()];
        let band = Band::from_ndarray(Array3::<u8>::zeros((2, 1, 1)))?.with_dim_names(dims)?;
        Ok(band.with_name(long("n")).with_outdb_format(long("f")))
    };
    let bands = (0..100).map(band).collect::<Result<Vec<_>>>()?;
    let raster = Raster::from_bands(bands)?.with_crs(long("c"));
    let column = RasterArray::from(raster.clone());
    let row = column.get(0).unwrap();
    let messages = [
        row.slice_dim("time", ..).unwrap_err(),
        row.slice_dim(&long("s"), ..).unwrap_err(),
        row.band_by_name(&long("b")).unwrap_err(),
        row.transpose_dims([long("a"), long("b")]).unwrap_err(),
        row.as_stack_view::<u8>().unwrap_err(),
        row.to_stack::<u8>().unwrap_err(),
        row.band(0)?.as_array_view2::<u8>().unwrap_err(),
        raster.clone().with_spatial_dims(&long("x"), "y").unwrap_err(),
        Band::from_ndarray(Array3::<u8>::zeros((1, 1, 1)))?.with_dim_names([long("a")]).unwrap_err(),
        Band::from_ndarray(Array3::<u8>::zeros((1, 1, 1)))?
            .with_dim_names([long("a"), long("a"), long("b")])
            .unwrap_err(),
        long("p").parse::<PixelType>().unwrap_err(),
        RasterArray::from_batch(&batch(&long("column")), &long("name")).unwrap_err(),
        RasterArray::from_batch(&batch("raster"), &long("name")).unwrap_err(),
        GeoTransform::from_bbox([1e308, 2e-308, -1e308, 3e-308], 4, 4, Registration::Pixel).unwrap_err(),
        Error::other(long("message")),
    ];
    for error in &messages {
        let message = error.to_string();
        assert!(message.len() < 1024, "{message}");
        assert!(format!("{error:?}").len() < 1100, "{error:?}");
        assert!(!message.ends_with('…') || message.starts_with("message"), "what to do was cut off: {message}");
    }
    assert_eq!(
        messages[0].to_string(),
        format!(
            "row 0: no band has a dimension `time`: the bands' dims are [\"0{0}… (102401 bytes)\", \"y\", \"x\"], [\"1{0}… \
             (102401 bytes)\", \"y\", \"x\"], [\"2{0}… (102401 bytes)\", \"y\", \"x\"]",
            "t".repeat(39)
        )
    );
    // Eight rows of eight bands each.
    let rows: RasterArray = vec![raster.clone(); 9].into_iter().collect();
    for shown in
        [format!("{rows:?}"), format!("{rows:#?}"), format!("{rows}"), format!("{raster:?}"), raster.to_string()]
    {
        assert!(shown.len() < 64 << 10, "{} bytes", shown.len());
        assert!(shown.contains("… (102400 bytes)"));
    }
    let strips = Strips::from_ndarray(Array2::<f64>::zeros((1000, 1000)))?;
    assert_eq!(format!("{strips:?}"), "Strips { shape: [1000, 1000], pixel_type: Float64, dim_names: None, .. }");
    Ok(())
}

/// A batch of one column, which is no raster column.
fn batch(name: &str) -> RecordBatch {
    let field = Field::new(name, DataType::Int8, true);
    RecordBatch::try_new(Arc::new(Schema::new(vec![field])), vec![Arc::new(Int8Array::from(vec![1]))]).unwrap()
}
