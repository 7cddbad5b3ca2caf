//! Columns of valid Arrow that claim much with few bytes: texts, names, payloads and bands that many rows share.
//!
//! Each is made at any scale. A column of scale `2 n` has about as many bytes as one of scale `n`, or twice as many, and
//! claims twice as much or more.

use std::collections::BTreeMap;
use std::sync::Arc;

use arrow_data::ArrayData;
use ndraster::arrow_array::types::Int8Type;
use ndraster::arrow_array::{
    Array, ArrayRef, BinaryViewArray, DictionaryArray, FixedSizeListArray, Float64Array, Int64Array, LargeListArray,
    ListViewArray, StringViewArray, StructArray, UInt32Array, new_null_array,
};
use ndraster::arrow_buffer::{Buffer, NullBuffer, OffsetBuffer};
use ndraster::arrow_schema::{DataType, Field, Fields};
use ndraster::{BandRef, RasterArray, RasterRef};

use crate::raw;

/// A kind of column.
pub struct Kind {
    pub name: &'static str,
    /// Makes a column at a scale.
    pub make: fn(usize) -> RasterArray,
    /// A scale at which nothing that it claims is too large, to multiply by two and by four.
    pub small: usize,
    /// A scale at which the column is about a megabyte and claims more than 2^31 - 1 bytes.
    pub large: usize,
}

/// Every kind.
pub const KINDS: &[Kind] = &[
    Kind { name: "rows that share 64 long dim names", make: shared_dim_names, small: 4, large: 2300 },
    Kind { name: "bands that share a name, a URI and a format", make: shared_band_texts, small: 4, large: 2200 },
    Kind { name: "rows that share a long CRS", make: shared_crs, small: 4, large: 4000 },
    Kind { name: "rows that show all but one pixel of one payload", make: shared_payload, small: 4, large: 9000 },
    Kind { name: "64 dims and 64 spatial dims that begin alike", make: names_alike, small: 1 << 8, large: 1 << 12 },
    Kind { name: "64 axes of a band that is elsewhere", make: many_axes, small: 2, large: 2000 },
    Kind { name: "bands that share 64 long dim names", make: shared_band_dims, small: 4, large: 2300 },
    Kind { name: "rows that share nine long CRSs", make: nine_crs, small: 10, large: 4000 },
    Kind { name: "rows without pixels over one place", make: empty_bands, small: 2, large: 9000 },
    Kind { name: "null rows", make: null_rows, small: 100, large: 1 << 17 },
    Kind { name: "rows that share all bands", make: shared_bands, small: 16, large: 6000 },
    Kind { name: "rows that repeat one pixel over one place", make: stacked_broadcasts, small: 2, large: 9000 },
];

/// Returns the number of bytes in the buffers of a column, where bytes that buffers share count once.
pub fn bytes_held(column: &RasterArray) -> usize {
    fn add(data: &ArrayData, buffers: &mut BTreeMap<usize, usize>) {
        buffers.extend(data.buffers().iter().map(|buffer| (buffer.as_ptr().addr(), buffer.len())));
        data.child_data().iter().for_each(|child| add(child, buffers));
    }
    let mut buffers = BTreeMap::new();
    add(&column.as_struct_array().to_data(), &mut buffers);
    buffers.values().sum()
}

/// Returns the number of bytes that the rows of a column show one by one: their texts, their pixels as eight bytes each, and a
/// mask of the place that they cover.
pub fn bytes_shown(column: &RasterArray) -> usize {
    let of_band = |band: BandRef<'_>| {
        let texts = [band.name(), band.outdb_uri(), band.outdb_format()];
        let texts = texts.into_iter().flatten().chain(band.dim_names().iter().copied()).map(str::len);
        texts.sum::<usize>() + 8 * band.shape().iter().product::<usize>() + 100 * band.ndim()
    };
    let of_raster = |raster: RasterRef<'_>| {
        let dims = raster.spatial_dims().unwrap();
        let texts = dims.into_iter().chain(raster.crs().unwrap()).map(str::len);
        let covered = raster.width().unwrap_or_default() * raster.height().unwrap_or_default();
        texts.sum::<usize>() + 200 + covered + raster.bands().map(|band| of_band(band.unwrap())).sum::<usize>()
    };
    column.iter().flatten().map(of_raster).sum()
}

/// 64 names of 16 KiB, which every row has.
fn shared_dim_names(rows: usize) -> RasterArray {
    let names = long_names(64, 14);
    let mut column = Column::new(rows, 1);
    column.axes(64, &names);
    column.rasters()
}

/// One raster with `bands` bands, of which all share a name of a megabyte, and shorter other texts.
fn shared_band_texts(bands: usize) -> RasterArray {
    let mut column = Column::new(1, bands);
    column.name = repeated_text(&"x".repeat(1 << 20), bands);
    for text in [&mut column.outdb_uri, &mut column.outdb_format] {
        *text = repeated_text(&"x".repeat(1 << 14), bands);
    }
    column.rasters()
}

fn shared_crs(rows: usize) -> RasterArray {
    let mut column = Column::new(rows, 1);
    column.crs = repeated_text(&"x".repeat(1 << 20), rows);
    column.rasters()
}

/// A payload of a quarter of a megabyte, of which every row has a view without the last pixel.
fn shared_payload(rows: usize) -> RasterArray {
    let mut column = Column::new(rows, 1);
    let pixels = vec![7u8; 1 << 18];
    let view = raw::view(&pixels, 0, 0);
    column.data = Arc::new(BinaryViewArray::try_new(vec![view; rows].into(), vec![pixels.into()], None).unwrap());
    column.grid([1, 1 << 18], Some([[0, 0, 1, 1], [1, 0, 1, (1 << 18) - 1]]));
    column.rasters()
}

/// One row of 64 axes whose names have `len` bytes and differ in the last two, and as many spatial dims in the reverse order.
fn names_alike(len: usize) -> RasterArray {
    let names: Vec<String> = (0..64).map(|i| format!("{}{i:02}", "x".repeat(len))).collect();
    let mut column = Column::new(1, 1);
    column.axes(64, &StringViewArray::from_iter_values(names.iter()));
    column.spatial_dims = repeated_list(Arc::new(StringViewArray::from_iter_values(names.iter().rev())), 1);
    column.spatial_shape = repeated_list(Arc::new(Int64Array::from(vec![1; 64])), 1);
    column.rasters()
}

/// One raster of 64 axes and `extent` rows and columns whose pixels are not there.
fn many_axes(extent: usize) -> RasterArray {
    let names: Vec<String> = (0..62).map(|i| format!("d{i}")).chain(["y".into(), "x".into()]).collect();
    let mut column = Column::new(1, 1);
    column.axes(64, &StringViewArray::from_iter_values(names.iter()));
    let extent = extent as i64;
    column.source_shape =
        repeated_list(Arc::new((0..62).map(|_| 1).chain([extent, extent]).collect::<Int64Array>()), 1);
    column.spatial_shape = repeated_list(Arc::new(Int64Array::from(vec![extent; 2])), 1);
    column.data = Arc::new(BinaryViewArray::from_iter_values([[0u8; 0]]));
    column.outdb_uri = repeated_text("s3://bucket/cube.zarr", 1);
    column.rasters()
}

/// One row of bands that share 64 names of 16 KiB.
fn shared_band_dims(bands: usize) -> RasterArray {
    let mut column = Column::new(1, bands);
    column.axes(64, &long_names(64, 14));
    column.rasters()
}

/// As many bands as rows, which every row has, and which share a name of a megabyte.
pub fn shared_bands_of_shared_texts(rows: usize) -> RasterArray {
    let mut column = Column::new(rows, rows);
    column.all_bands_each = true;
    column.name = repeated_text(&"x".repeat(1 << 20), rows);
    column.rasters()
}

/// Rows that have nine CRSs in turn, all in one text of a megabyte.
fn nine_crs(rows: usize) -> RasterArray {
    let mut column = Column::new(rows, 1);
    let text = "x".repeat(1 << 20);
    let views = (0..rows).map(|row| raw::view(&text.as_bytes()[row % 9..], 0, row % 9)).collect();
    column.crs = unvalidated_text(views, &text);
    column.rasters()
}

/// Rows of a megabyte of places each, at the same place, in which an axis without an index leaves no pixels.
fn empty_bands(rows: usize) -> RasterArray {
    let mut column = Column::new(rows, 1);
    column.axes(3, &StringViewArray::from(vec!["t", "y", "x"]));
    column.source_shape = repeated_list(Arc::new(Int64Array::from(vec![0, 1 << 10, 1 << 10])), rows);
    column.spatial_shape = repeated_list(Arc::new(Int64Array::from(vec![1 << 10; 2])), rows);
    column.data = Arc::new(BinaryViewArray::from_iter_values(vec![[0u8; 0]; rows]));
    column.rasters()
}

/// Rows of about nine bytes each, all but the first one null: a key of the CRS, and lists of the fixed size 0.
fn null_rows(rows: usize) -> RasterArray {
    let empty = |array: ArrayRef| {
        let item = Arc::new(Field::new("item", array.data_type().clone(), true));
        let data =
            ArrayData::builder(DataType::FixedSizeList(item, 0)).len(rows).add_child_data(array.slice(0, 0).to_data());
        Arc::new(FixedSizeListArray::from(data.build().unwrap())) as ArrayRef
    };
    let values = Arc::new(StringViewArray::from(vec![None::<&str>]));
    let crs = DictionaryArray::<Int8Type>::new(vec![0i8; rows].into(), values);
    let valid = NullBuffer::from_iter((0..rows).map(|row| row == 0));
    let column = record(&[
        ("crs", Arc::new(crs)),
        ("transform", repeated_list(Arc::new(Float64Array::from(vec![0.0, 1.0, 0.0, 0.0, 0.0, -1.0])), rows)),
        ("spatial_dims", empty(Arc::new(StringViewArray::from(vec!["x"])))),
        ("spatial_shape", empty(Arc::new(Int64Array::from(vec![1])))),
        ("bands", empty(Arc::new(Column::new(1, 1).band()))),
    ]);
    let (fields, columns, _) = column.into_parts();
    RasterArray::try_from(StructArray::new(fields, columns, Some(valid))).unwrap()
}

/// As many bands as rows, and every row has all of them.
fn shared_bands(rows: usize) -> RasterArray {
    let mut column = Column::new(rows, rows);
    column.all_bands_each = true;
    column.rasters()
}

/// Rows that show one pixel 2^18 times, at the same place.
fn stacked_broadcasts(rows: usize) -> RasterArray {
    let mut column = Column::new(rows, 1);
    column.grid([1, 1], Some([[0, 0, 0, 1 << 9], [1, 0, 0, 1 << 9]]));
    column.rasters()
}

/// The columns of rows that share what they can. Without a change each band is one pixel.
struct Column {
    rows: usize,
    bands: usize,
    all_bands_each: bool,
    crs: ArrayRef,
    spatial_dims: ArrayRef,
    spatial_shape: ArrayRef,
    name: ArrayRef,
    dim_names: ArrayRef,
    source_shape: ArrayRef,
    view: ArrayRef,
    outdb_uri: ArrayRef,
    outdb_format: ArrayRef,
    data: ArrayRef,
}

impl Column {
    /// `bands` bands in all, of which each row has one, or the only row all.
    fn new(rows: usize, bands: usize) -> Self {
        let bands = bands.max(rows);
        let null_text = || new_null_array(&DataType::Utf8View, bands);
        let mut column = Column {
            rows,
            bands,
            all_bands_each: rows == 1,
            crs: new_null_array(&DataType::Utf8View, rows),
            spatial_dims: repeated_list(Arc::new(StringViewArray::from(vec!["x", "y"])), rows),
            spatial_shape: repeated_list(Arc::new(Int64Array::from(vec![1, 1])), rows),
            name: null_text(),
            dim_names: repeated_list(Arc::new(StringViewArray::from(vec!["y", "x"])), bands),
            source_shape: repeated_list(Arc::new(Int64Array::from(vec![1, 1])), bands),
            view: new_null_array(&DataType::Null, 0),
            outdb_uri: null_text(),
            outdb_format: null_text(),
            data: Arc::new(BinaryViewArray::from_iter_values(vec![[7u8]; bands])),
        };
        column.view = null_views(bands);
        column
    }

    /// Gives every band a source shape of two axes and a view, and every row the extents that these show.
    fn grid(&mut self, source: [i64; 2], view: Option<[[i64; 4]; 2]>) {
        let [height, width] = view.map_or(source, |view| view.map(|entry| entry[3]));
        self.source_shape = repeated_list(Arc::new(Int64Array::from(source.to_vec())), self.bands);
        self.spatial_shape = repeated_list(Arc::new(Int64Array::from(vec![width, height])), self.rows);
        if let Some(entries) = view {
            self.view = repeated_list(Arc::new(view_entries(&entries)), self.bands);
        }
    }

    /// Gives every band so many axes of extent 1, with these names. The last two are y and x.
    fn axes(&mut self, ndim: usize, names: &StringViewArray) {
        self.dim_names = repeated_list(Arc::new(names.clone()), self.bands);
        self.source_shape = repeated_list(Arc::new(Int64Array::from(vec![1; ndim])), self.bands);
        let spatial = names.slice(names.len() - 2, 2);
        let spatial = StringViewArray::new(
            spatial.views().iter().rev().copied().collect(),
            spatial.data_buffers().to_vec(),
            None,
        );
        self.spatial_dims = repeated_list(Arc::new(spatial), self.rows);
    }

    /// The struct array of the bands.
    fn band(&self) -> StructArray {
        let n = self.bands;
        record(&[
            ("name", Arc::clone(&self.name)),
            ("dim_names", Arc::clone(&self.dim_names)),
            ("source_shape", Arc::clone(&self.source_shape)),
            ("data_type", Arc::new(UInt32Array::from(vec![1; n]))),
            ("nodata", new_null_array(&DataType::Binary, n)),
            ("view", Arc::clone(&self.view)),
            ("outdb_uri", Arc::clone(&self.outdb_uri)),
            ("outdb_format", Arc::clone(&self.outdb_format)),
            ("data", Arc::clone(&self.data)),
        ])
    }

    fn rasters(self) -> RasterArray {
        let (n, band) = (self.bands, self.band());
        let all = Arc::new(Field::new("band", band.data_type().clone(), true));
        let (offsets, sizes): (Vec<i32>, Vec<i32>) =
            (0..self.rows as i32).map(|row| if self.all_bands_each { (0, n as i32) } else { (row, 1) }).unzip();
        let bands = ListViewArray::new(all, offsets.into(), sizes.into(), Arc::new(band), None);
        let transform = repeated_list(Arc::new(Float64Array::from(vec![0.0, 1.0, 0.0, 0.0, 0.0, -1.0])), self.rows);
        let column = record(&[
            ("crs", self.crs),
            ("transform", transform),
            ("spatial_dims", self.spatial_dims),
            ("spatial_shape", self.spatial_shape),
            ("bands", Arc::new(bands)),
        ]);
        RasterArray::try_from(column).unwrap()
    }
}

fn record(columns: &[(&str, ArrayRef)]) -> StructArray {
    let fields: Fields =
        columns.iter().map(|(name, array)| Field::new(*name, array.data_type().clone(), true)).collect();
    StructArray::new(fields, columns.iter().map(|(_, array)| Arc::clone(array)).collect(), None)
}

/// `count` lists of all the values, which are there once.
fn repeated_list(values: ArrayRef, count: usize) -> ArrayRef {
    let item = Arc::new(Field::new("item", values.data_type().clone(), true));
    let (offsets, sizes) = (vec![0; count], vec![values.len() as i32; count]);
    Arc::new(ListViewArray::new(item, offsets.into(), sizes.into(), values, None))
}

/// A text that is there once, `count` times.
fn repeated_text(text: &str, count: usize) -> ArrayRef {
    unvalidated_text(vec![raw::view(text.as_bytes(), 0, 0); count], text)
}

/// Parts of one text. Arrow's constructor would read all parts to validate them.
#[allow(unsafe_code, reason = "validation can be skipped by an unsafe call only")]
fn unvalidated_text(views: Vec<u128>, text: &str) -> ArrayRef {
    let buffers: Arc<[Buffer]> = Arc::new([Buffer::from(text.as_bytes())]);
    // SAFETY: the callers name parts of the text that begin and end between characters.
    Arc::new(unsafe { StringViewArray::new_unchecked(views.into(), buffers, None) })
}

/// Names of 2^`bits` bytes.
fn long_names(count: usize, bits: u32) -> StringViewArray {
    StringViewArray::from_iter_values((0..count).map(|i| format!("{i:02}").repeat(1 << (bits - 1))))
}

fn view_entries(entries: &[[i64; 4]]) -> StructArray {
    let column = |i: usize| Arc::new(entries.iter().map(|entry| entry[i]).collect::<Int64Array>()) as ArrayRef;
    record(&[("source_axis", column(0)), ("start", column(1)), ("step", column(2)), ("steps", column(3))])
}

fn null_views(count: usize) -> ArrayRef {
    let entries = view_entries(&[]);
    let item = Arc::new(Field::new("item", entries.data_type().clone(), true));
    let nulls = NullBuffer::new_null(count);
    Arc::new(LargeListArray::new(item, OffsetBuffer::from_lengths(vec![0; count]), Arc::new(entries), Some(nulls)))
}
