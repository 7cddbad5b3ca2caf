//! Caches the Arrow arrays that most rasters have in common: nulls and default values.
//!
//! A raster consists of some twenty nested arrays, and nearly all of them hold one null or one default. They are built
//! once in a process and shared, because building them for each raster takes nine in ten of the allocations of wrapping
//! an array.

use std::array;
use std::iter::repeat_n;
use std::ops::RangeInclusive;
use std::sync::{Arc, LazyLock};

use arrow_array::{
    Array, ArrayRef, Float64Array, ListArray, StringArray, StringViewArray, UInt32Array, new_null_array,
};
use arrow_buffer::{Buffer, OffsetBuffer};
use arrow_schema::{DataType, FieldRef};

use crate::format::payload::inline_view_of_byte;
use crate::format::schema::STORAGE;
use crate::geo::GeoTransform;
use crate::pixel::PixelType;

/// Columns of up to this many rows are cached, longer ones are built.
const KEPT: usize = 16;

/// Columns of 0 to [`KEPT`] rows that repeat one value.
type Kept = [ArrayRef; KEPT + 1];

fn keep(column: impl Fn(usize) -> ArrayRef) -> Kept {
    array::from_fn(column)
}

static NULL_UTF8: LazyLock<Kept> = LazyLock::new(|| keep(|len| new_null_array(&DataType::Utf8, len)));
static NULL_UTF8_VIEW: LazyLock<Kept> = LazyLock::new(|| keep(|len| new_null_array(&DataType::Utf8View, len)));
static NULL_BINARY: LazyLock<Kept> = LazyLock::new(|| keep(|len| new_null_array(&DataType::Binary, len)));
static NULL_VIEW: LazyLock<Kept> = LazyLock::new(|| {
    let view = DataType::List(Arc::clone(&STORAGE.view_entry));
    keep(|len| new_null_array(&view, len))
});

fn nulls(kept: &Kept, len: usize) -> ArrayRef {
    let [empty, ..] = kept;
    kept.get(len).cloned().unwrap_or_else(|| new_null_array(empty.data_type(), len))
}

pub(crate) fn null_utf8(len: usize) -> ArrayRef {
    nulls(&NULL_UTF8, len)
}

pub(crate) fn null_utf8_view(len: usize) -> ArrayRef {
    nulls(&NULL_UTF8_VIEW, len)
}

pub(crate) fn null_binary(len: usize) -> ArrayRef {
    nulls(&NULL_BINARY, len)
}

pub(crate) fn null_view(len: usize) -> ArrayRef {
    nulls(&NULL_VIEW, len)
}

/// The default dim names of a band, in stored order.
pub(crate) const YX: [&str; 2] = ["y", "x"];

/// The default spatial dims of a raster, in stored order.
pub(crate) const XY: [&str; 2] = ["x", "y"];

/// The letters of [`YX`].
pub(crate) const YX_LETTERS: [u8; 2] = *b"yx";

/// The letters of [`XY`].
pub(crate) const XY_LETTERS: [u8; 2] = *b"xy";

static DIM_NAMES_YX: LazyLock<Kept> = LazyLock::new(|| keep(make_dim_names_yx));
static SPATIAL_DIMS_XY: LazyLock<Kept> = LazyLock::new(|| keep(make_spatial_dims_xy));

/// Builds the column from raw bytes, because appending each text would be most of the cost of a column of small
/// rasters.
fn make_dim_names_yx(len: usize) -> ArrayRef {
    let names = StringArray::new(offsets(1, YX.len() * len), Buffer::from_vec(YX_LETTERS.repeat(len)), None);
    lists(&STORAGE.utf8, Arc::new(names), YX.len(), len)
}

fn make_spatial_dims_xy(len: usize) -> ArrayRef {
    let views = XY_LETTERS.map(inline_view_of_byte).repeat(len);
    lists(&STORAGE.text_item, Arc::new(StringViewArray::new(views.into(), vec![], None)), XY.len(), len)
}

static NORTH_UP: LazyLock<Kept> = LazyLock::new(|| {
    let transform = GeoTransform::default().to_gdal();
    keep(|len| lists(&STORAGE.float64, Arc::new(Float64Array::from(transform.repeat(len))), transform.len(), len))
});

fn lists(item: &FieldRef, values: ArrayRef, each: usize, len: usize) -> ArrayRef {
    Arc::new(ListArray::new(Arc::clone(item), offsets(each, len), values, None))
}

/// Names of so many rows are parts of one array: arrow validates each text of an array anew, and that takes as long as all else
/// of a row. The array is built with the first long column, which takes it a millisecond and a megabyte.
const KEPT_NAMES: RangeInclusive<usize> = 1024..=16_384;

static MANY_DIM_NAMES_YX: LazyLock<ArrayRef> = LazyLock::new(|| make_dim_names_yx(*KEPT_NAMES.end()));
static MANY_SPATIAL_DIMS_XY: LazyLock<ArrayRef> = LazyLock::new(|| make_spatial_dims_xy(*KEPT_NAMES.end()));

/// Returns the first lists of an array, and no more of its values than they have.
fn first_lists(lists: &LazyLock<ArrayRef>, len: usize) -> Option<ArrayRef> {
    if !KEPT_NAMES.contains(&len) {
        return None;
    }
    let lists: &ListArray = lists.as_any().downcast_ref()?;
    let DataType::List(item) = lists.data_type() else { return None };
    let offsets = lists.offsets().slice(0, len);
    let values = lists.values().slice(0, usize::try_from(*offsets.get(len)?).ok()?);
    Some(Arc::new(ListArray::new(Arc::clone(item), offsets, values, None)))
}

/// Returns `len` times the dim names `["y", "x"]`, which must have at most 2^31 - 1 bytes in all.
pub(crate) fn dim_names_yx(len: usize) -> ArrayRef {
    let kept = DIM_NAMES_YX.get(len).cloned().or_else(|| first_lists(&MANY_DIM_NAMES_YX, len));
    kept.unwrap_or_else(|| make_dim_names_yx(len))
}

/// Returns `len` times the spatial dims `["x", "y"]`, which must be at most 2^31 - 1 names in all.
pub(crate) fn spatial_dims_xy(len: usize) -> ArrayRef {
    let kept = SPATIAL_DIMS_XY.get(len).cloned().or_else(|| first_lists(&MANY_SPATIAL_DIMS_XY, len));
    kept.unwrap_or_else(|| make_spatial_dims_xy(len))
}

/// Returns `len` times the default transform, if that column is cached.
pub(crate) fn north_up(len: usize) -> Option<ArrayRef> {
    NORTH_UP.get(len).cloned()
}

static DATA_TYPES: LazyLock<[Kept; 10]> = LazyLock::new(|| {
    PixelType::ALL.map(|pixel_type| keep(|len| Arc::new(UInt32Array::from(vec![pixel_type.id(); len]))))
});

/// Returns `len` times a pixel type's id, if that column is cached.
pub(crate) fn data_type(pixel_type: PixelType, len: usize) -> Option<ArrayRef> {
    let position = PixelType::ALL.iter().position(|found| *found == pixel_type)?;
    DATA_TYPES.get(position)?.get(len).cloned()
}

static OFFSETS: LazyLock<[[OffsetBuffer<i32>; KEPT + 1]; KEPT + 1]> =
    LazyLock::new(|| array::from_fn(|each| array::from_fn(|len| OffsetBuffer::from_lengths(repeat_n(each, len)))));

/// Returns the offsets of `len` lists of `each` items, which must be at most 2^31 - 1 items in all.
pub(crate) fn offsets(each: usize, len: usize) -> OffsetBuffer<i32> {
    let kept = OFFSETS.get(each).and_then(|by_len| by_len.get(len)).cloned();
    // A loop without an exit, unlike arrow's own.
    kept.unwrap_or_else(|| OffsetBuffer::new((0..=len).map(|list| (list * each) as i32).collect()))
}
