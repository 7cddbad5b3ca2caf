//! Why one reader refuses what the other reads: each reason with the rows that have it, told from how they were drawn.

use super::Difference::{self, RefusedHere, RefusedThere};
use super::draw::{Band, Row, product};

/// Returns the differences whose condition holds.
fn those_that_hold<const N: usize>(reasons: [(bool, Difference); N]) -> Vec<Difference> {
    reasons.into_iter().filter(|(holds, _)| *holds).map(|(_, difference)| difference).collect()
}

const NULL: Difference = RefusedHere("a null where the format has none");

pub(super) fn of_transform(row: &Row) -> Vec<Difference> {
    let len = row.transform.as_ref().map(Vec::len);
    those_that_hold([(len.is_some_and(|len| len > 6), RefusedHere("a transform of more than six numbers"))])
}

pub(super) fn of_spatial_dims(row: &Row) -> Vec<Difference> {
    those_that_hold([(row.spatial_dims.is_none(), NULL)])
}

pub(super) fn of_spatial_shape(row: &Row) -> Vec<Difference> {
    let is_negative = row.spatial_shape.iter().flatten().any(|extent| *extent < 0);
    those_that_hold([(row.spatial_shape.is_none(), NULL), (is_negative, RefusedHere("a negative spatial extent"))])
}

pub(super) fn of_band(row: &Row, band: &Band) -> Vec<Difference> {
    let ndim = band.source_shape.as_ref().map_or(0, Vec::len);
    let has_null = row.spatial_dims.is_none()
        || row.spatial_shape.is_none()
        || band.dims.is_none()
        || band.data_type.is_none()
        // A null payload is like an empty one: pixels that are elsewhere, if there are any.
        || band.data.is_none() && band.shape().contains(&0);
    those_that_hold([
        (has_null, NULL),
        (
            band.dims.as_ref().is_some_and(|dims| dims.len() != ndim),
            RefusedHere("another number of dim names than of axes"),
        ),
        (ndim > 64, RefusedHere("more than 64 axes")),
        (contradicts_the_grid(row, band), RefusedHere("a spatial dim or extent that the band does not have")),
        (has_other_length(band), RefusedHere("a payload that does not fill the source shape")),
        (has_odd_nodata(band), RefusedHere("nodata that is not one pixel")),
        (hides_an_overflow(band), RefusedHere("extents that memory cannot have beside a zero")),
        (has_a_step_never_taken(band), RefusedThere("a step that overflows and is never taken")),
        (starts_outside(band), RefusedThere("a view without pixels that starts outside")),
    ])
}

/// Returns whether the row says of its spatial dims what is not so of this band.
fn contradicts_the_grid(row: &Row, band: &Band) -> bool {
    let (Some(dims), Some(extents), Some(names)) = (&row.spatial_dims, &row.spatial_shape, &band.dims) else {
        return false;
    };
    let shape = band.shape();
    let agrees = |(dim, extent): (&&str, &i64)| {
        let mut axes = names.iter().zip(&shape).filter(|(name, _)| *name == dim);
        axes.next().is_some_and(|(_, found)| found == extent) && axes.next().is_none()
    };
    dims.len() != extents.len() || extents.iter().any(|extent| *extent < 0) || !dims.iter().zip(extents).all(agrees)
}

fn source_shape(band: &Band) -> &[i64] {
    band.source_shape.as_deref().unwrap_or_default()
}

/// Returns whether there are bytes, but not one for each of the source's pixels.
fn has_other_length(band: &Band) -> bool {
    let len = band.data.as_ref().map_or(0, Vec::len);
    let size = band.pixel_size().unwrap_or(1);
    let full = product(source_shape(band)).and_then(|pixels| usize::try_from(pixels).ok()?.checked_mul(size));
    len > 0 && full != Some(len)
}

fn has_odd_nodata(band: &Band) -> bool {
    band.nodata.as_ref().is_some_and(|nodata| Some(nodata.len()) != band.pixel_size())
}

/// Returns whether the extents that are shown multiply to more than memory has, if it were not for a zero.
fn hides_an_overflow(band: &Band) -> bool {
    let filled: Vec<i64> = band.shape().into_iter().filter(|extent| *extent != 0).collect();
    band.shape().contains(&0) && product(&filled).is_none()
}

/// Returns the bytes between the source's pixels along each axis, `None` where they overflow.
fn strides(band: &Band) -> Vec<Option<i64>> {
    let mut stride = Some(band.pixel_size().unwrap_or(1) as i64);
    let mut strides: Vec<_> = source_shape(band)
        .iter()
        .rev()
        .map(|extent| {
            let this = stride;
            stride = stride.and_then(|stride| stride.checked_mul(*extent));
            this
        })
        .collect();
    strides.reverse();
    strides
}

fn stride_of(band: &Band, entry: &[i64; 4]) -> Option<i64> {
    *strides(band).get(usize::try_from(entry[0]).ok()?)?
}

fn has_a_step_never_taken(band: &Band) -> bool {
    let overflows =
        |entry: &[i64; 4]| stride_of(band, entry).is_some_and(|stride| stride.checked_mul(entry[2]).is_none());
    band.view.iter().flatten().any(|entry| entry[3] <= 1 && overflows(entry))
}

fn starts_outside(band: &Band) -> bool {
    let is_outside = |entry: &[i64; 4]| {
        let axis = usize::try_from(entry[0]).ok();
        let extent = axis.and_then(|axis| source_shape(band).get(axis)).copied().unwrap_or(0);
        !(0..extent.max(1)).contains(&entry[1])
    };
    band.shape().contains(&0) && band.view.iter().flatten().any(is_outside)
}
