//! Reads any column, sound or not, with both readers, and explains where they differ.
//!
//! The rows are drawn from bytes. So what is wrong with a row is known from how it was drawn, and not from either reader.

mod draw;
mod reasons;

use ndraster::{BandRef, RasterArray, RasterRef};
use ndraster_test_support::panics::caught;
use sedona_raster::array::{RasterRefImpl, RasterStructArray};
use sedona_raster::traits::RasterRef as _;

use crate::{our_bytes, visible_bytes};
use draw::Row;

/// A part of a row that one reader reads and the other refuses, and why that is so.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Difference {
    /// Only sedona-raster reads it.
    RefusedHere(&'static str),
    /// Only ndraster reads it.
    RefusedThere(&'static str),
}

/// Draws a column from bytes and reads it with both readers. Returns the differences, each of which is a listed one.
///
/// # Panics
///
/// If both read a part and differ, or if one refuses what the other reads for no listed reason.
pub fn read_both(bytes: &[u8]) -> Vec<Difference> {
    let Ok(rows) = draw::rows(&mut arbitrary::Unstructured::new(bytes)) else { return vec![] };
    let array = draw::column(&rows);
    let theirs = RasterStructArray::try_new(&array).expect("sedona-raster reads the type");
    let ours = RasterArray::try_from(&array).expect("ndraster reads the type");
    let mut differences = Vec::new();
    for (number, row) in rows.iter().enumerate() {
        assert_eq!((ours.is_null(number), theirs.is_null(number)), (row.is_null, row.is_null));
        let Some(raster) = ours.get(number) else { continue };
        let their_raster = theirs.get(number).expect("the row is there");
        differences.extend(read_row(row, &raster, &their_raster));
    }
    differences
}

fn read_row(row: &Row, ours: &RasterRef<'_>, theirs: &RasterRefImpl<'_>) -> Vec<Difference> {
    let mut differences = vec![];
    assert_eq!(ours.crs().expect("valid text"), theirs.crs());
    let transform = (ours.transform().ok().map(|t| t.to_gdal()), caught(|| theirs.transform().to_vec()));
    let bits = |numbers: &[f64]| numbers.iter().map(|number| number.to_bits()).collect::<Vec<_>>();
    let transform = (transform.0.map(|t| bits(&t)), transform.1.map(|t| bits(&t)));
    differences.extend(compare(transform, reasons::of_transform(row), &row.transform));
    let dims = |dims: Vec<&str>| dims.iter().map(|dim| (*dim).to_owned()).collect::<Vec<_>>();
    let spatial = (ours.spatial_dims().ok().map(dims), caught(|| dims(theirs.spatial_dims())));
    differences.extend(compare(spatial, reasons::of_spatial_dims(row), &row.spatial_dims));
    let extents = |shape: &[usize]| shape.iter().map(|extent| *extent as i64).collect();
    let shape = (ours.spatial_shape().ok().map(|shape| extents(&shape)), caught(|| theirs.spatial_shape().to_vec()));
    differences.extend(compare(shape, reasons::of_spatial_shape(row), &row.spatial_shape));
    let bands = (ours.num_bands().ok(), caught(|| theirs.num_bands()));
    differences.extend(compare(bands, vec![], &row.bands));
    for (number, band) in row.bands.iter().flatten().enumerate() {
        let is_small = band.shows_few();
        let our_band = ours.band(number).ok().and_then(|band| Seen::by_us(&band, is_small));
        let their_band = caught(|| Seen::by_them(theirs, number, is_small)).flatten();
        differences.extend(compare((our_band, their_band), reasons::of_band(row, band), &(row, band)));
    }
    differences
}

/// Asserts that both readings are equal, or that one is refused for a reason. A panic of theirs is a refusal. What there is a
/// reason to refuse here is refused.
fn compare<T: PartialEq + std::fmt::Debug>(
    (ours, theirs): (Option<T>, Option<T>),
    reasons: Vec<Difference>,
    what: &impl std::fmt::Debug,
) -> Option<Difference> {
    let is_here = |reason: &&Difference| matches!(reason, Difference::RefusedHere(_));
    assert!(
        ours.is_none() || !reasons.iter().any(|reason| is_here(&reason)),
        "{reasons:?} and yet {ours:?} of {what:?}"
    );
    if ours.is_some() == theirs.is_some() {
        assert_eq!(ours, theirs, "{what:?}");
        return None;
    }
    let reason = reasons.into_iter().find(|reason| is_here(&reason) == ours.is_none());
    assert!(reason.is_some(), "no reason is listed: {ours:?} here, {theirs:?} there, of {what:?}");
    reason
}

/// What a reader finds in a band.
#[derive(Debug, PartialEq)]
struct Seen {
    texts: [Option<String>; 3],
    dims: Vec<String>,
    shape: Vec<i64>,
    source_shape: Vec<i64>,
    view: Vec<[i64; 4]>,
    data_type: u32,
    nodata: Option<Vec<u8>>,
    /// `None` if they are elsewhere, or too many to compare.
    pixels: Option<Vec<u8>>,
    is_loaded: bool,
}

impl Seen {
    /// Returns `None` if a part of the band is refused.
    fn by_us(band: &BandRef<'_>, is_small: bool) -> Option<Self> {
        let extents = |extents: &[usize]| extents.iter().map(|extent| *extent as i64).collect();
        let size = band.pixel_type().size();
        if band.nodata_bytes().is_some_and(|bytes| bytes.len() != size) {
            return None;
        }
        let is_loaded = band.is_loaded();
        if is_loaded {
            band.source_data().ok()?;
        }
        Some(Seen {
            texts: [band.name(), band.outdb_uri(), band.outdb_format()].map(|text| text.map(str::to_owned)),
            dims: band.dim_names().iter().map(|name| (*name).to_owned()).collect(),
            shape: extents(band.shape()),
            source_shape: extents(band.source_shape()),
            view: band.view().entries().iter().map(|e| [e.source_axis, e.start, e.step, e.steps]).collect(),
            data_type: band.pixel_type().id(),
            nodata: band.nodata_bytes().map(<[u8]>::to_vec),
            pixels: if is_loaded && is_small { Some(our_bytes(band).ok()?) } else { None },
            is_loaded,
        })
    }

    /// Returns `None` if the band is refused. Panics where sedona-raster does.
    fn by_them(raster: &RasterRefImpl<'_>, number: usize, is_small: bool) -> Option<Self> {
        let band = raster.band(number).ok()?;
        let is_loaded = band.is_indb();
        let pixels = if is_loaded { Some(band.nd_buffer().ok()?) } else { None };
        Some(Seen {
            texts: [band.name(), band.outdb_uri(), band.outdb_format()].map(|text| text.map(str::to_owned)),
            dims: band.dim_names().iter().map(|name| (*name).to_owned()).collect(),
            shape: band.shape().to_vec(),
            source_shape: band.raw_source_shape().to_vec(),
            view: band.view().iter().map(|e| [e.source_axis, e.start, e.step, e.steps]).collect(),
            data_type: band.data_type() as u32,
            nodata: band.nodata().map(<[u8]>::to_vec),
            pixels: pixels.filter(|_| is_small).map(|pixels| visible_bytes(&pixels)),
            is_loaded,
        })
    }
}
