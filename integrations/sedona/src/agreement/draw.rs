//! Draws rows from bytes, most of them sound, and puts them into a column by arrow's constructors.

use std::sync::Arc;

use arbitrary::{Arbitrary, Result, Unstructured};
use arrow_array::{
    ArrayRef, BinaryArray, BinaryViewArray, Float64Array, Int64Array, ListArray, StringArray, StringViewArray,
    StructArray, UInt32Array,
};
use arrow_buffer::{NullBuffer, OffsetBuffer};
use arrow_schema::{DataType, Field, Fields};
use ndraster::PixelType;
use sedona_schema::raster::RasterSchema;

/// A row. Where the format has no nulls, `None` is a null all the same.
#[derive(Debug)]
pub(super) struct Row {
    pub(super) is_null: bool,
    pub(super) crs: Option<&'static str>,
    pub(super) transform: Option<Vec<f64>>,
    pub(super) spatial_dims: Option<Vec<&'static str>>,
    pub(super) spatial_shape: Option<Vec<i64>>,
    pub(super) bands: Option<Vec<Band>>,
}

#[derive(Debug)]
pub(super) struct Band {
    pub(super) name: Option<&'static str>,
    pub(super) dims: Option<Vec<&'static str>>,
    pub(super) source_shape: Option<Vec<i64>>,
    pub(super) data_type: Option<u32>,
    pub(super) nodata: Option<Vec<u8>>,
    pub(super) view: Option<Vec<[i64; 4]>>,
    pub(super) uri: Option<&'static str>,
    pub(super) format: Option<&'static str>,
    pub(super) data: Option<Vec<u8>>,
}

impl Band {
    /// Returns the extents that the band shows.
    pub(super) fn shape(&self) -> Vec<i64> {
        match &self.view {
            Some(view) => view.iter().map(|entry| entry[3]).collect(),
            None => self.source_shape.clone().unwrap_or_default(),
        }
    }

    /// Returns whether so few pixels are shown that they are compared.
    pub(super) fn shows_few(&self) -> bool {
        let shape = self.shape();
        shape.contains(&0) || product(&shape).is_some_and(|pixels| pixels <= 4096)
    }

    /// Returns the size of a pixel, if the type has a known number.
    pub(super) fn pixel_size(&self) -> Option<usize> {
        PixelType::try_from(self.data_type?).ok().map(PixelType::size)
    }
}

/// Returns `None` for a negative extent, and beyond 2^63 - 1, also if a zero hides that.
pub(super) fn product(extents: &[i64]) -> Option<i64> {
    let all = extents.iter().filter(|extent| **extent != 0).try_fold(1i64, |all, extent| all.checked_mul(*extent))?;
    let is_sound = extents.iter().all(|extent| *extent >= 0);
    is_sound.then_some(if extents.contains(&0) { 0 } else { all })
}

type Bytes<'a, 'b> = &'a mut Unstructured<'b>;

/// A number at which arithmetic tends to break, or a small one.
fn evil(bytes: Bytes<'_, '_>) -> Result<i64> {
    const KNOWN: [i64; 9] = [i64::MIN, i64::MAX, -1, 0, 1, 1 << 31, (1 << 31) - 1, 1 << 40, 1 << 60];
    if bytes.arbitrary()? { Ok(*bytes.choose(&KNOWN)?) } else { Ok(i64::from(i8::arbitrary(bytes)?)) }
}

/// Returns the value, or in one of sixteen cases nothing.
fn rarely_null<T>(bytes: Bytes<'_, '_>, value: T) -> Result<Option<T>> {
    Ok(if bytes.ratio(1, 16)? { None } else { Some(value) })
}

pub(super) fn rows(bytes: Bytes<'_, '_>) -> Result<Vec<Row>> {
    (0..bytes.int_in_range(1..=3u8)?).map(|_| row(bytes)).collect()
}

fn row(bytes: Bytes<'_, '_>) -> Result<Row> {
    let bands = (0..bytes.int_in_range(0..=2u8)?).map(|_| band(bytes)).collect::<Result<Vec<_>>>()?;
    let mut spatial_dims = bytes.choose(&[["x", "y"], ["lon", "lat"], ["y", "x"]])?.to_vec();
    spatial_dims.truncate(bytes.int_in_range(0..=8)?);
    let extent = |dim: &&str| {
        let band = bands.first()?;
        let axis = band.dims.as_ref()?.iter().position(|name| name == dim)?;
        band.shape().get(axis).copied()
    };
    let mut spatial_shape: Vec<i64> = spatial_dims.iter().map(|dim| extent(dim).unwrap_or(3)).collect();
    if bytes.ratio(1, 16)? {
        spatial_shape.push(evil(bytes)?);
    }
    if let Some(last) = spatial_shape.last_mut().filter(|_| bytes.ratio(1, 16).unwrap_or(false)) {
        *last = evil(bytes)?;
    }
    let mut transform = vec![0.0, 1.0, 0.0, 0.0, 0.0, -1.0];
    if bytes.ratio(1, 8)? {
        transform[0] = f64::arbitrary(bytes)?;
        transform.resize(bytes.int_in_range(0..=8)?, f64::NAN);
    }
    Ok(Row {
        is_null: bytes.ratio(1, 16)?,
        crs: *bytes.choose(&[None, Some("EPSG:4326"), Some(""), Some("a coördinate system with a long name")])?,
        transform: rarely_null(bytes, transform)?,
        spatial_dims: rarely_null(bytes, spatial_dims)?,
        spatial_shape: rarely_null(bytes, spatial_shape)?,
        bands: rarely_null(bytes, bands)?,
    })
}

fn band(bytes: Bytes<'_, '_>) -> Result<Band> {
    const NAMES: [&[&str]; 6] =
        [&["y", "x"], &["lat", "lon"], &["time", "y", "x"], &["y", "x", "rgb"], &["x"], &["x", "y", "x", "t"]];
    let mut dims = bytes.choose(&NAMES)?.to_vec();
    let mut source_shape: Vec<i64> = dims.iter().map(|_| bytes.int_in_range(0..=4)).collect::<Result<_>>()?;
    match bytes.int_in_range(0..=31)? {
        0 => source_shape.push(2),
        1 => dims.push("x"),
        2 => source_shape.clear(),
        3 => (dims, source_shape) = (vec!["d"; 65], vec![1; 65]),
        4 => source_shape[0] = evil(bytes)?,
        _ => {}
    }
    let view = if bytes.arbitrary()? { Some(view(bytes, &source_shape)?) } else { None };
    let data_type = if bytes.ratio(1, 16)? { u32::arbitrary(bytes)? } else { bytes.int_in_range(1..=10)? };
    let size = PixelType::try_from(data_type).map_or(1, PixelType::size);
    let len = product(&source_shape).filter(|pixels| *pixels <= 4096).unwrap_or(0) as usize * size;
    let len = match bytes.int_in_range(0..=15)? {
        0 => 0,
        1 => len + 1,
        2 => len.saturating_sub(1),
        3 => len + 40,
        _ => len,
    };
    let data = (0..len as u32).map(|number| (number.wrapping_mul(2_654_435_761) >> 13) as u8).collect();
    let nodata = if bytes.ratio(1, 3)? {
        let len = if bytes.ratio(1, 8)? { bytes.int_in_range(0..=9)? } else { size };
        Some(vec![bytes.arbitrary()?; len])
    } else {
        None
    };
    let uri = *bytes.choose(&[None, Some("s3://bucket/dem.tif"), Some("")])?;
    let format = *bytes.choose(&[None, Some("geotiff"), Some("a format of many bytes")])?;
    Ok(Band {
        name: *bytes.choose(&[None, Some("red"), Some("")])?,
        dims: rarely_null(bytes, dims)?,
        source_shape: rarely_null(bytes, source_shape)?,
        data_type: rarely_null(bytes, data_type)?,
        nodata,
        view,
        uri,
        format,
        data: rarely_null(bytes, data)?,
    })
}

fn view(bytes: Bytes<'_, '_>, source_shape: &[i64]) -> Result<Vec<[i64; 4]>> {
    let mut axes: Vec<usize> = (0..source_shape.len()).collect();
    let mut view = Vec::new();
    while !axes.is_empty() {
        let axis = axes.swap_remove(bytes.int_in_range(0..=axes.len() - 1)?);
        let extent = source_shape[axis].max(0);
        let start = bytes.int_in_range(0..=(extent - 1).clamp(0, 100))?;
        let step = bytes.int_in_range(-3..=3i64)?;
        let room = match step {
            _ if extent == 0 => 0,
            0 => 4,
            1.. => (extent - 1 - start) / step + 1,
            _ => start / -step + 1,
        };
        let mut entry = [axis as i64, start, step, bytes.int_in_range(0..=room.min(4))?];
        if bytes.ratio(1, 16)? {
            entry[bytes.int_in_range(0..=3)?] = evil(bytes)?;
        }
        view.push(entry);
    }
    if bytes.ratio(1, 32)? {
        view.pop();
    }
    Ok(view)
}

/// Returns the column that holds the rows, in SedonaDB's type, but that any field may be null.
pub(super) fn column(rows: &[Row]) -> StructArray {
    let fields = nullable(&RasterSchema::fields());
    let bands: Vec<&Band> = rows.iter().flat_map(|row| row.bands.iter().flatten()).collect();
    let band_fields = fields_of_items(&fields[4]);
    let texts = |text: fn(&Row) -> Option<&'static str>| rows.iter().map(text);
    let spatial_dims: StringViewArray =
        rows.iter().flat_map(|row| row.spatial_dims.iter().flatten()).copied().map(Some).collect();
    let columns: Vec<ArrayRef> = vec![
        Arc::new(texts(|row| row.crs).collect::<StringViewArray>()),
        list(&fields[1], rows.iter().map(|row| row.transform.as_deref()), |all| {
            Arc::new(Float64Array::from_iter_values(all.copied()))
        }),
        list_of(&fields[2], rows.iter().map(|row| row.spatial_dims.as_ref().map(Vec::len)), Arc::new(spatial_dims)),
        list(&fields[3], rows.iter().map(|row| row.spatial_shape.as_deref()), |all| {
            Arc::new(Int64Array::from_iter_values(all.copied()))
        }),
        list_of(
            &fields[4],
            rows.iter().map(|row| row.bands.as_ref().map(Vec::len)),
            Arc::new(StructArray::new(band_fields.clone(), band_columns(&bands, &band_fields), None)),
        ),
    ];
    StructArray::new(fields, columns, Some(rows.iter().map(|row| !row.is_null).collect::<NullBuffer>()))
}

fn band_columns(bands: &[&Band], fields: &Fields) -> Vec<ArrayRef> {
    let dims: StringArray = bands.iter().flat_map(|band| band.dims.iter().flatten()).copied().map(Some).collect();
    let entries: Vec<[i64; 4]> = bands.iter().flat_map(|band| band.view.iter().flatten()).copied().collect();
    let column = |position: usize| {
        Arc::new(entries.iter().map(|entry| Some(entry[position])).collect::<Int64Array>()) as ArrayRef
    };
    let views = StructArray::new(fields_of_items(&fields[5]), (0..4).map(column).collect(), None);
    vec![
        Arc::new(bands.iter().map(|band| band.name).collect::<StringArray>()),
        list_of(&fields[1], bands.iter().map(|band| band.dims.as_ref().map(Vec::len)), Arc::new(dims)),
        list(&fields[2], bands.iter().map(|band| band.source_shape.as_deref()), |all| {
            Arc::new(Int64Array::from_iter_values(all.copied()))
        }),
        Arc::new(bands.iter().map(|band| band.data_type).collect::<UInt32Array>()),
        Arc::new(bands.iter().map(|band| band.nodata.as_deref()).collect::<BinaryArray>()),
        list_of(&fields[5], bands.iter().map(|band| band.view.as_ref().map(Vec::len)), Arc::new(views)),
        Arc::new(bands.iter().map(|band| band.uri).collect::<StringArray>()),
        Arc::new(bands.iter().map(|band| band.format).collect::<StringViewArray>()),
        Arc::new(bands.iter().map(|band| band.data.as_deref()).collect::<BinaryViewArray>()),
    ]
}

/// Makes lists of the items that `values` makes of all items.
fn list<'a, T: 'a>(
    field: &Field,
    lists: impl Iterator<Item = Option<&'a [T]>> + Clone,
    values: impl FnOnce(&mut dyn Iterator<Item = &'a T>) -> ArrayRef,
) -> ArrayRef {
    let values = values(&mut lists.clone().flatten().flatten());
    list_of(field, lists.map(|list| list.map(<[T]>::len)), values)
}

/// Makes lists of these lengths.
fn list_of(field: &Field, lengths: impl Iterator<Item = Option<usize>> + Clone, values: ArrayRef) -> ArrayRef {
    let DataType::List(item) = field.data_type() else { panic!("not a list") };
    let offsets = OffsetBuffer::from_lengths(lengths.clone().map(|length| length.unwrap_or(0)));
    let nulls: NullBuffer = lengths.map(|length| length.is_some()).collect();
    Arc::new(ListArray::new(Arc::clone(item), offsets, values, Some(nulls)))
}

fn fields_of_items(field: &Field) -> Fields {
    match field.data_type() {
        DataType::List(item) => match item.data_type() {
            DataType::Struct(fields) => fields.clone(),
            other => panic!("items are not structs: {other}"),
        },
        other => panic!("not a list: {other}"),
    }
}

fn nullable(fields: &Fields) -> Fields {
    fields
        .iter()
        .map(|field| field.as_ref().clone().with_nullable(true).with_data_type(of_nullable(field.data_type())))
        .collect()
}

fn of_nullable(data_type: &DataType) -> DataType {
    match data_type {
        DataType::Struct(fields) => DataType::Struct(nullable(fields)),
        DataType::List(item) => DataType::List(Arc::new(
            item.as_ref().clone().with_nullable(true).with_data_type(of_nullable(item.data_type())),
        )),
        other => other.clone(),
    }
}
