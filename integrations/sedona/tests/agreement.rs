//! ndraster reads the columns that SedonaDB writes, and SedonaDB reads those that ndraster writes.

use arrow_array::{Array, StructArray};
use arrow_buffer::{Buffer, ToByteSlice};
use arrow_schema::{DataType, Field, Fields};
use ndarray::{Array2, Array3, ArrayD, Axis, IxDyn, Slice};
use ndraster::{
    Band, GeoTransform, MemoryLayout, Pixel, PixelType, Raster, RasterArray, RasterArrayBuilder, RasterType,
    Registration, Strips,
};
use ndraster_sedona::assert_same_reading;
use sedona_raster::builder::{RasterBuilder, StartBandArgs};
use sedona_raster::view_entries::{ViewEntries, ViewEntry};
use sedona_schema::raster::{BandDataType, RasterSchema};

type Result<T = ()> = std::result::Result<T, Box<dyn std::error::Error>>;

fn assert_same_fields(path: &str, ours: &Fields, theirs: &Fields) {
    assert_eq!(ours.len(), theirs.len(), "{path}");
    for (ours, theirs) in ours.iter().zip(theirs) {
        assert_same_field(&format!("{path}.{}", theirs.name()), ours, theirs);
    }
}

fn assert_same_field(path: &str, ours: &Field, theirs: &Field) {
    assert_eq!(ours.name(), theirs.name(), "{path}");
    assert_eq!(ours.is_nullable(), theirs.is_nullable(), "{path}");
    assert_eq!(ours.metadata(), theirs.metadata(), "{path}");
    match (ours.data_type(), theirs.data_type()) {
        (DataType::List(ours), DataType::List(theirs)) => {
            assert_same_field(&format!("{path}.{}", theirs.name()), ours, theirs);
        }
        (DataType::Struct(ours), DataType::Struct(theirs)) => assert_same_fields(path, ours, theirs),
        (ours, theirs) => assert_eq!(ours, theirs, "{path}"),
    }
}

#[test]
fn the_storage_type_is_sedonas_field_by_field() {
    let DataType::Struct(ours) = RasterType::storage_type() else { panic!("not a struct") };
    assert_same_fields("raster", &ours, &RasterSchema::fields());
    assert_eq!(RasterType::storage_type(), DataType::Struct(RasterSchema::fields()));
}

const ALL: [BandDataType; 10] = [
    BandDataType::UInt8,
    BandDataType::UInt16,
    BandDataType::Int16,
    BandDataType::UInt32,
    BandDataType::Int32,
    BandDataType::Float32,
    BandDataType::Float64,
    BandDataType::UInt64,
    BandDataType::Int64,
    BandDataType::Int8,
];

#[test]
fn pixel_types_have_sedonas_numbers_and_sizes() -> Result {
    for theirs in ALL {
        let ours = PixelType::try_from(theirs as u32)?;
        assert_eq!(ours.size(), theirs.byte_size(), "{ours}");
        assert_eq!(format!("{theirs:?}").to_lowercase(), ours.name());
    }
    Ok(())
}

/// Bytes that differ from one to the next, also modulo 256.
fn noise(len: usize) -> Vec<u8> {
    (0..len as u32).map(|i| (i.wrapping_mul(2_654_435_761) >> 13) as u8).collect()
}

struct TheirBand<'a> {
    dims: &'a [&'a str],
    shape: &'a [i64],
    view: Option<Vec<[i64; 4]>>,
    data_type: BandDataType,
    nodata: Option<&'a [u8]>,
    uri: Option<&'a str>,
    loaded: bool,
}

impl<'a> TheirBand<'a> {
    fn new(dims: &'a [&'a str], shape: &'a [i64], data_type: BandDataType) -> Self {
        TheirBand { dims, shape, view: None, data_type, nodata: None, uri: None, loaded: true }
    }

    fn append(&self, builder: &mut RasterBuilder) -> Result {
        let entry = |&[source_axis, start, step, steps]: &[i64; 4]| ViewEntry { source_axis, start, step, steps };
        let view = self.view.as_ref().map(|view| ViewEntries::new(view.iter().map(entry).collect()));
        builder.start_band(StartBandArgs {
            name: Some("a band"),
            view: view.as_ref(),
            nodata: self.nodata,
            outdb_uri: self.uri,
            outdb_format: self.uri.map(|_| "a format of many bytes"),
            ..StartBandArgs::new(self.dims, self.shape, self.data_type)
        })?;
        let len =
            if self.loaded { self.shape.iter().product::<i64>() as usize * self.data_type.byte_size() } else { 0 };
        builder.band_data_writer().append_value(noise(len));
        Ok(builder.finish_band()?)
    }
}

#[test]
fn columns_that_their_builder_writes_are_read() -> Result {
    let mut builder = RasterBuilder::new(8);
    let transform = [500.0, 30.0, 0.5, 900.0, -0.25, -30.0];
    // Every pixel type, of sizes on both sides of the inline limit, with nodata.
    for data_type in ALL {
        for shape in [[1, 1], [1, 3], [3, 4], [0, 5], [5, 7]] {
            builder.start_raster_nd(&transform, &["x", "y"], &[shape[1], shape[0]], Some("EPSG:32616"))?;
            let nodata = noise(data_type.byte_size());
            TheirBand { nodata: Some(&nodata), ..TheirBand::new(&["y", "x"], &shape, data_type) }
                .append(&mut builder)?;
            builder.finish_raster()?;
        }
    }
    builder.append_null()?;
    // More than two axes, several bands, one of them out-of-db, and no CRS.
    builder.start_raster_nd(&transform, &["lon", "lat"], &[4, 3], None)?;
    TheirBand::new(&["time", "lat", "lon"], &[2, 3, 4], BandDataType::Float32).append(&mut builder)?;
    TheirBand::new(&["a", "lat", "b", "lon", "c"], &[2, 3, 1, 4, 2], BandDataType::Int16).append(&mut builder)?;
    let outdb = TheirBand::new(&["lat", "lon"], &[3, 4], BandDataType::Float64);
    TheirBand { uri: Some("s3://bucket/cube.zarr"), loaded: false, ..outdb }.append(&mut builder)?;
    builder.finish_raster()?;
    // A raster without bands.
    builder.start_raster_nd(&transform, &["x", "y"], &[4, 3], Some(""))?;
    builder.finish_raster()?;

    let array = builder.finish()?;
    assert_same_reading(&array);
    for (offset, len) in [(0, 0), (3, 1), (7, 20), (49, 4)] {
        assert_same_reading(&array.slice(offset, len));
    }
    // Both readers also agree once ndraster has written the column anew.
    let mut column = RasterArrayBuilder::new();
    for raster in &RasterArray::try_from(array.clone())? {
        column.append(raster)?;
    }
    assert_same_reading(&StructArray::from(column.finish()?));
    Ok(())
}

#[test]
fn views_that_their_builder_writes_are_read_and_written_on() -> Result {
    let views: [(&[i64], Vec<[i64; 4]>); 7] = [
        (&[6, 8], vec![[0, 1, 1, 3], [1, 2, 1, 5]]),
        (&[6, 8], vec![[0, 5, -1, 6], [1, 7, -3, 3]]),
        (&[6, 8], vec![[1, 0, 2, 4], [0, 0, 1, 6]]),
        (&[1, 8], vec![[0, 0, 0, 5], [1, 3, 0, 4]]),
        (&[6, 8], vec![[0, 0, 1, 6], [1, 0, 1, 8]]),
        (&[6, 8], vec![[0, 4, 9, 1], [1, 3, 1, 0]]),
        (&[2, 3], vec![[0, 1, -1, 2], [1, 2, -1, 3]]),
    ];
    let mut builder = RasterBuilder::new(8);
    for data_type in ALL {
        for (shape, view) in &views {
            let (height, width) = (view[0][3], view[1][3]);
            builder.start_raster_nd(&[0.0, 1.0, 0.0, 0.0, 0.0, -1.0], &["x", "y"], &[width, height], None)?;
            TheirBand { view: Some(view.clone()), ..TheirBand::new(&["y", "x"], shape, data_type) }
                .append(&mut builder)?;
            builder.finish_raster()?;
        }
    }
    let array = builder.finish()?;
    assert_same_reading(&array);
    let column = RasterArray::try_from(array)?;
    let mut copy = RasterArrayBuilder::new();
    column.iter().try_for_each(|raster| copy.append(raster))?;
    let copy = copy.finish()?;
    assert_same_reading(copy.as_struct_array());
    for (before, after) in column.iter().zip(&copy) {
        let (before, after) = (before.unwrap().only_band()?, after.unwrap().only_band()?);
        assert_eq!(before.view(), after.view());
    }
    Ok(())
}

#[test]
fn payloads_that_share_a_buffer_are_read() -> Result {
    let buffer = Buffer::from_vec(noise(4096));
    let mut builder = RasterBuilder::new(4);
    // One after another, at odd offsets, overlapping, and one payload twice.
    for (offset, data_type) in [(0, ALL[0]), (13, ALL[5]), (13, ALL[6]), (113, ALL[8]), (113, ALL[8])] {
        builder.start_raster_2d(5, 4, 0.0, 0.0, 1.0, -1.0, 0.0, 0.0, None)?;
        builder.start_band_2d(data_type, None)?;
        builder.append_band_data_buffer(&buffer, offset, 20 * data_type.byte_size() as u32)?;
        builder.finish_band()?;
        builder.finish_raster()?;
    }
    let array = builder.finish()?;
    assert_same_reading(&array);
    assert_same_reading(&array.slice(2, 3));
    let column = RasterArray::try_from(array)?;
    let borrowed = column.get(0).unwrap().as_array_view::<u8>()?;
    assert_eq!(borrowed.as_ptr(), buffer.as_ptr());
    Ok(())
}

fn pixels<T: Pixel>(shape: &[usize]) -> ArrayD<T> {
    let len = shape.iter().product::<usize>();
    let bytes = noise(len * size_of::<T>());
    let buffer = Buffer::from(bytes.to_byte_slice());
    ArrayD::from_shape_vec(IxDyn(shape), buffer.typed_data::<T>().to_vec()).unwrap()
}

fn of_type<T: Pixel>(column: &mut RasterArrayBuilder) -> Result {
    for shape in [[1, 1], [1, 3], [3, 4], [0, 5], [33, 65]] {
        let raster = Raster::from_ndarray(pixels::<T>(&shape))?;
        let nodata = pixels::<T>(&[1]).into_iter().next().unwrap();
        column.append(&raster.with_nodata(nodata)?.with_crs("OGC:CRS84"))?;
    }
    // Memory that is not in C order.
    column.append(&Raster::from_ndarray(pixels::<T>(&[4, 7]).reversed_axes())?)?;
    let cube = Band::from_ndarray(pixels::<T>(&[2, 3, 4, 5]))?.with_dim_names(["band", "time", "y", "x"])?;
    column.append(&Raster::from_bands([cube.with_name("cube")])?)?;
    Ok(())
}

#[test]
fn their_reader_reads_the_columns_that_we_write() -> Result {
    let mut column = RasterArrayBuilder::new();
    of_type::<u8>(&mut column)?;
    of_type::<u16>(&mut column)?;
    of_type::<i16>(&mut column)?;
    of_type::<u32>(&mut column)?;
    of_type::<i32>(&mut column)?;
    column.append_null();
    of_type::<f32>(&mut column)?;
    of_type::<f64>(&mut column)?;
    of_type::<u64>(&mut column)?;
    of_type::<i64>(&mut column)?;
    of_type::<i8>(&mut column)?;
    let bands = [
        Band::from_ndarray(Array2::<u8>::ones((3, 4)))?.with_name("red").with_nodata(0u8)?,
        Band::from_ndarray(Array2::<f64>::ones((3, 4)))?,
        Band::from_ndarray(Array3::<i16>::ones((3, 4, 2)))?.with_dim_names(["y", "x", "polarisation"])?,
        Band::outdb("s3://bucket/dem.tif", [3, 4], PixelType::Float32)?.with_outdb_format("geotiff"),
    ];
    let raster = Raster::from_bands(bands)?
        .with_crs("a coördinate system with a long name")
        .with_bbox([-10.0, 40.0, -6.0, 43.0], Registration::Node)?;
    column.append(&raster)?;
    column.append(&raster.with_transform(GeoTransform::from_gdal([1.0, 2.0, 3.0, 4.0, 5.0, 6.0])?))?;
    column.append_null();

    let array = StructArray::from(column.finish()?);
    assert_same_reading(&array);
    array.to_data().validate_full()?;
    for (offset, len) in [(1, 1), (33, 5), (70, 4), (74, 0)] {
        assert_same_reading(&array.slice(offset, len));
    }
    Ok(())
}

#[test]
fn their_reader_reads_a_single_raster() -> Result {
    for shape in [[1, 1], [2, 6], [40, 50]] {
        let array = StructArray::from(Raster::from_ndarray(pixels::<f64>(&shape))?);
        assert_same_reading(&array);
        array.to_data().validate_full()?;
    }
    Ok(())
}

/// Axes in any order, some backwards, some with gaps.
fn any_layout(seed: usize) -> ArrayD<u16> {
    let mut array = pixels::<u16>(&[5, 4, 6]);
    let orders = [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]];
    array = array.permuted_axes(IxDyn(&orders[seed % 6]));
    for axis in 0..3 {
        let step = [1, -1, 2, -2][(seed / 6 + 5 * axis) % 4];
        array.slice_axis_inplace(Axis(axis), Slice::new((seed % 2) as isize, None, step));
    }
    array
}

#[test]
fn their_reader_reads_the_views_that_we_write() -> Result {
    let mut column = RasterArrayBuilder::new();
    let mut views = 0;
    for seed in 0..96 {
        let names = ["time", "y", "x"];
        for layout in [MemoryLayout::Standard, MemoryLayout::AsIs] {
            // Memory that no view describes is refused, which other tests check.
            let Ok(band) = Band::from_ndarray_with(any_layout(seed), layout) else { continue };
            let raster = Raster::from_bands([band.with_dim_names(names)?])?;
            views += usize::from(!raster.band(0)?.view().is_identity());
            column.append(&raster)?;
            // Sliced, reversed, and emptied.
            let sliced = raster.slice_dim("time", Slice::from(1..))?.slice_dim("x", Slice::new(0, None, -1))?;
            column.append(&sliced)?;
            column.append(&sliced.window(1.., ..1)?)?;
            column.append(&sliced.window(..0, ..)?)?;
            column.append(&sliced.to_standard()?)?;
        }
        column.append(&Raster::from_ndarray_with(
            pixels::<f32>(&[1, 4]).broadcast((3, 4)).ok_or("broadcast")?,
            MemoryLayout::AsIs,
        )?)?;
    }
    assert!(views > 60, "{views}");
    let array = StructArray::from(column.finish()?);
    assert_same_reading(&array);
    array.to_data().validate_full()?;
    Ok(())
}

#[test]
fn their_reader_reads_tiles_strips_and_split_bands() -> Result {
    let raster = Raster::from_ndarray(pixels::<i16>(&[50, 70]))?.with_crs("EPSG:4326");
    assert_same_reading(raster.tiles(16, 32)?.as_struct_array());
    assert_same_reading(raster.tiles_with_overlap(16, 32, 5)?.as_struct_array());
    let strips = Strips::from_ndarray(pixels::<f64>(&[50, 70]))?.with_rows(8)?.finish()?;
    assert_same_reading(strips.as_struct_array());
    for axis in 0..3 {
        for layout in [MemoryLayout::Standard, MemoryLayout::AsIs] {
            let bands = Band::split_with(pixels::<u32>(&[4, 5, 6]), Axis(axis), layout)?;
            assert_same_reading(&StructArray::from(Raster::from_bands(bands)?));
        }
    }
    Ok(())
}
