//! Finds where rasters lie on the grid of the first one, and refuses those that do not fit it.

use std::collections::HashSet;
use std::ops::Range;
use std::ptr;

use ndarray::{ArrayViewMut, Axis, Dimension, Slice};

use crate::cast::same_value;
use crate::error::{Error, Result, error};
use crate::format::text::KnownTexts;
use crate::geo::GeoTransform;
use crate::geo::inverse::MAX_INDEX;
use crate::pixel::match_pixel_type;
use crate::read::band::BandRef;
use crate::read::raster_ref::RasterRef;
use crate::shown::Short;

/// How far, in pixels, the corner of a raster may lie from the grid of the first one.
const TOLERANCE: f64 = 0.01;

/// The mosaic's grid, and the part of it that each raster covers.
pub(super) struct Layout {
    pub(super) transform: GeoTransform,
    pub(super) height: usize,
    pub(super) width: usize,
    pub(super) parts: Vec<Part>,
}

impl Layout {
    /// Lays out rasters on the grid of the first one.
    pub(super) fn new<'a>(first: &RasterRef<'a>, rasters: &[RasterRef<'a>]) -> Result<Self> {
        let grid = first.transform()?;
        let mut places = Vec::with_capacity(rasters.len());
        let mut texts = KnownTexts::default();
        let mut names = HashSet::new();
        for band in first.bands() {
            names.extend(band?.name());
        }
        for raster in rasters {
            require_same_crs(first, raster, &mut texts)?;
            require_alike(first, &names, raster)?;
            places.push(place(grid, raster)?);
        }
        let is_placed = grid != GeoTransform::default() || first.crs_with(&mut texts)?.is_some();
        if !is_placed && places.len() > 1 && places.iter().all(|place| (place.row, place.col) == (0, 0)) {
            return Err(error!(
                Shape,
                "the {} rasters all lie at the origin, since none was placed: give each the grid of its tile by `with_grid_of`; \
                 what is to lie on each other needs a place, as by `with_bbox` or `with_crs`",
                places.len()
            ));
        }
        let least = |axis: fn(&Place) -> i64| places.iter().map(axis).min().unwrap_or_default();
        let (row, col) = (least(|place| place.row), least(|place| place.col));
        let most = |axis: fn(&Place) -> i64| places.iter().map(axis).max().unwrap_or_default();
        let extent = |first: i64, end: i64| usize::try_from(i128::from(end) - i128::from(first)).unwrap_or(usize::MAX);
        let part = |place: &Place| {
            let (row, col) = (extent(row, place.row), extent(col, place.col));
            Part { rows: row..row + place.height as usize, cols: col..col + place.width as usize }
        };
        Ok(Layout {
            transform: grid.moved(row, col),
            height: extent(row, most(|place| place.row.saturating_add(place.height))),
            width: extent(col, most(|place| place.col.saturating_add(place.width))),
            parts: places.iter().map(part).collect(),
        })
    }
}

/// Rows and columns of the mosaic.
#[derive(PartialEq)]
pub(super) struct Part {
    pub(super) rows: Range<usize>,
    pub(super) cols: Range<usize>,
}

impl Part {
    /// Narrows the last two axes to the part.
    pub(super) fn of<'a, T, D: Dimension>(&self, mut array: ArrayViewMut<'a, T, D>) -> ArrayViewMut<'a, T, D> {
        let last = array.ndim().saturating_sub(1);
        array.slice_axis_inplace(Axis(last.saturating_sub(1)), Slice::from(self.rows.clone()));
        array.slice_axis_inplace(Axis(last), Slice::from(self.cols.clone()));
        array
    }
}

/// Where a raster lies on the grid of the first one.
struct Place {
    row: i64,
    col: i64,
    height: i64,
    width: i64,
}

/// Finds the place of a raster on a grid.
fn place(grid: GeoTransform, raster: &RasterRef<'_>) -> Result<Place> {
    let own = raster.transform()?;
    let too_large = |_| raster.annotate(error!(TooLarge, "its extents are more than a mosaic can have"));
    let height = i64::try_from(raster.height()?).map_err(too_large)?;
    let width = i64::try_from(raster.width()?).map_err(too_large)?;
    let on_grid = |col: i64, row: i64| {
        let (x, y) = own.apply(col as f64, row as f64);
        grid.snapped(x, y).map_err(|e| raster.annotate(e))
    };
    let (col, row) = on_grid(0, 0)?;
    let is_near = |found: f64, expected: f64| (found - expected).abs() <= TOLERANCE;
    for (across, down) in [(0, 0), (width, 0), (0, height), (width, height)] {
        let (found_col, found_row) = on_grid(across, down)?;
        if !(is_near(found_col, col.round() + across as f64) && is_near(found_row, row.round() + down as f64)) {
            let dims = raster.spatial_dims()?;
            return Err(raster.annotate(misfit(grid, own, (col, row), dims.get(1).copied().unwrap_or_default())));
        }
        if found_col.abs().max(found_row.abs()) > MAX_INDEX {
            return Err(
                raster.annotate(error!(TooLarge, "it lies farther from the first raster than pixels can be counted"))
            );
        }
    }
    Ok(Place { row: row.round() as i64, col: col.round() as i64, height, width })
}

#[cold]
fn misfit(grid: GeoTransform, own: GeoTransform, (col, row): (f64, f64), y: &str) -> Error {
    let [_, scale_x, skew_x, _, skew_y, scale_y] = own.to_gdal();
    let [_, first_x, first_skew_x, _, first_skew_y, first_y] = grid.to_gdal();
    let [own_size, first_size] = [[scale_x, skew_x, skew_y, scale_y], [first_x, first_skew_x, first_skew_y, first_y]];
    let size = first_size.iter().fold(0.0, |size: f64, part| size.max(part.abs()));
    let differs = own_size.iter().zip(first_size).any(|(own, first)| (own - first).abs() > 1e-6 * size);
    let how = if differs {
        format!("its pixels are {scale_x} x {scale_y}, those of the first raster {first_x} x {first_y}")
    } else {
        format!("it begins at row {}, column {} there, between pixels", row + 0.0, col + 0.0)
    };
    let is_upside_down = scale_y == -first_y && own_size[..3] == first_size[..3];
    let advice = if is_upside_down {
        let y = Short(y);
        format!("turn its rows around by `slice_dim(\"{y}\", ndarray::Slice::new(0, None, -1))`, which copies nothing")
    } else {
        "resample it to the same grid first".to_owned()
    };
    error!(Shape, "it does not lie on the grid of the first raster: {how}: {advice}")
}

/// Refuses a raster of another CRS than the first one. A text that both have is not read again for each raster.
fn require_same_crs<'a>(first: &RasterRef<'a>, raster: &RasterRef<'a>, texts: &mut KnownTexts<'a>) -> Result<()> {
    let (crs, other) = (first.crs_with(texts)?, raster.crs_with(texts)?);
    let is_one = crs.zip(other).is_some_and(|(crs, other)| ptr::eq(crs, other));
    if is_one || crs == other {
        return Ok(());
    }
    let shown = |crs: Option<&str>| crs.map_or("not set".to_owned(), |crs| Short(crs).to_string());
    let advice = if crs.and(other).is_some() {
        "reproject one of them first, or, if they are the same, write them alike by `with_crs`"
    } else {
        "set it by `with_crs`"
    };
    let (crs, other) = (shown(crs), shown(other));
    Err(raster.annotate(error!(Shape, "its CRS is {other}, that of the first raster {crs}: {advice}")))
}

/// Refuses a raster whose bands differ from those of the first one in more than the spatial extents.
///
/// `names` are those of the first raster's bands.
fn require_alike(first: &RasterRef<'_>, names: &HashSet<&str>, raster: &RasterRef<'_>) -> Result<()> {
    let differs = |what: &str| raster.annotate(error!(Shape, "its {what} are not those of the first raster"));
    let (dims, other_dims) = (first.spatial_dims()?, raster.spatial_dims()?);
    if dims != other_dims {
        return Err(differs("spatial dims"));
    }
    let (found, expected) = (raster.num_bands()?, first.num_bands()?);
    if found != expected {
        let advice = "choose as many of each by `select_bands`";
        return Err(raster.annotate(error!(
            Shape,
            "the number of its bands is {found}, that of the first raster's {expected}: {advice}"
        )));
    }
    first.bands().zip(raster.bands()).try_for_each(|(band, other)| {
        let (band, other) = (band?, other?);
        require_order(names, &band, &other)?;
        require_alike_bands(&band, &other, &dims)
    })
}

/// Refuses a band that has the name of another band of the first raster.
fn require_order(names: &HashSet<&str>, band: &BandRef<'_>, other: &BandRef<'_>) -> Result<()> {
    match (other.name(), band.name()) {
        (Some(name), Some(expected)) if name != expected && names.contains(name) => Err(other.annotate(error!(
            Shape,
            "its name is `{}`, that of the first raster's band `{}`: put them in one order by `select_bands`",
            Short(name),
            Short(expected)
        ))),
        _ => Ok(()),
    }
}

/// Refuses a band that differs in more than the spatial extents.
fn require_alike_bands(band: &BandRef<'_>, other: &BandRef<'_>, dims: &[&str]) -> Result<()> {
    if band.pixel_type() != other.pixel_type() {
        return Err(other.annotate(error!(
            Shape,
            "its pixel type is {}, that of the first raster's band {}: convert one of them first by `map`",
            other.pixel_type(),
            band.pixel_type()
        )));
    }
    match_pixel_type!(band.pixel_type(), P => {
        let (nodata, found) = (band.nodata::<P>()?, other.nodata::<P>()?);
        let is_same = match (nodata, found) {
            (Some(nodata), Some(found)) => same_value(nodata, found),
            (nodata, found) => nodata.is_none() && found.is_none(),
        };
        if !is_same {
            let advice = if nodata.is_some() && found.is_some() {
                "give both the same by `map_with(MapNodata::Replace(nodata), |pixel| pixel)`"
            } else {
                "give both the same by `with_nodata`"
            };
            let shown = |nodata: Option<P>| nodata.map_or("not set".to_owned(), |nodata| format!("{nodata:?}"));
            return Err(other.annotate(error!(
                Shape,
                "its nodata value is {}, that of the first raster's band {}: {advice}",
                shown(found),
                shown(nodata)
            )));
        }
    });
    fn others<'b>(band: &'b BandRef<'_>, dims: &'b [&str]) -> impl Iterator<Item = (&'b &'b str, &'b usize)> {
        band.dim_names().iter().zip(band.shape()).filter(|(name, _)| !dims.contains(name))
    }
    if !others(band, dims).eq(others(other, dims)) {
        let (found, expected) = (other.described(), band.described());
        return Err(other.annotate(error!(Shape, "its axes are {found}, those of the first raster's band {expected}")));
    }
    Ok(())
}
