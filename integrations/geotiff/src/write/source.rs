//! What a raster gives a file: its bands as images of (y, x), and what is written about them.

use geotiff_core::GeoTransform as Affine;
use geotiff_core::geokeys::GeoKeyDirectory;
use ndraster::ndarray::{ArrayView2, Axis, CowArray, Ix2, IxDyn};
use ndraster::{BandRef, GeoTransform, Pixel, PixelType, RasterRef};

use crate::crs;
use crate::error::{Result, error};
use crate::metadata;
use crate::pixel_type::with_pixel_type;
use crate::read::nodata;
use crate::write::options::WriteOptions;

/// What is written beside the pixels.
pub(crate) struct Metadata {
    pub(crate) pixel_type: PixelType,
    /// The CRS. Without one there are no keys: of keys alone GDAL makes a CRS without a name.
    pub(crate) keys: Option<GeoKeyDirectory>,
    /// The transform, unless the raster has no place.
    pub(crate) place: Option<Affine>,
    pub(crate) nodata: Option<String>,
    pub(crate) names: Vec<Option<String>>,
}

impl Metadata {
    pub(crate) fn of(raster: &RasterRef<'_>, options: &WriteOptions) -> Result<Self> {
        let bands = raster.bands().collect::<ndraster::Result<Vec<_>>>()?;
        let Some(first) = bands.first() else {
            return Err(error!(Unsupported, "the raster has no bands, so there is nothing to write"));
        };
        let pixel_type = first.pixel_type();
        if let Some(other) = bands.iter().find(|band| band.pixel_type() != pixel_type) {
            return Err(error!(
                Unsupported,
                "its bands are {pixel_type} and {}, and a GeoTIFF has one type: convert the bands, or write several \
                files",
                other.pixel_type()
            ));
        }
        let spatial = raster.spatial_dims()?;
        let crs = raster.crs()?.filter(|_| options.has_crs);
        let transform = raster.transform()?;
        let has_place = crs.is_some() || transform != GeoTransform::default();
        Ok(Metadata {
            pixel_type,
            keys: crs.map(|crs| crs::to_geo_keys(crs, options.crs_kind)).transpose()?,
            place: has_place.then(|| affine(transform)).transpose()?,
            nodata: with_pixel_type!(pixel_type, T => common_nodata::<T>(&bands)?),
            names: bands.iter().map(|band| names(band, &spatial)).collect::<Result<Vec<_>>>()?.concat(),
        })
    }
}

fn affine(transform: GeoTransform) -> Result<Affine> {
    transform
        .invert()
        .map_err(|_| error!(Unsupported, "its transform {:?} gives pixels without area", transform.to_gdal()))?;
    let [origin_x, pixel_width, skew_x, origin_y, skew_y, pixel_height] = transform.to_gdal();
    Ok(Affine { origin_x, pixel_width, skew_x, origin_y, skew_y, pixel_height })
}

/// The nodata value of all bands: a file has one.
fn common_nodata<T: Pixel>(bands: &[BandRef<'_>]) -> Result<Option<String>> {
    let texts = bands.iter().map(|band| Ok(band.nodata::<T>()?.map(nodata::to_text)));
    let texts = texts.collect::<Result<Vec<_>>>()?;
    let first = texts.first().cloned().flatten();
    if let Some(other) = texts.iter().find(|text| **text != first) {
        let shown = |text: &Option<String>| text.clone().unwrap_or("none".to_owned());
        return Err(error!(
            Unsupported,
            "its bands have the nodata values {} and {}, and a GeoTIFF has one for all: set one by \
            `Raster::with_nodata`",
            shown(&first),
            shown(other)
        ));
    }
    Ok(first)
}

/// The names of the images that a band gives.
fn names(band: &BandRef<'_>, spatial: &[&str]) -> Result<Vec<Option<String>>> {
    let [.., _, _] = band.shape() else {
        return Err(error!(Unsupported, "a band has the dims {:?}: an image has rows and columns", band.dim_names()));
    };
    let images = images(band, spatial);
    let Some(name) = band.name().filter(|name| !name.is_empty()) else { return Ok(vec![None; images]) };
    if !metadata::holds(name) {
        return Err(error!(
            Unsupported,
            "the name {name:?} begins with a space, or has control characters, which a GeoTIFF does not keep"
        ));
    }
    if band.ndim() == 2 {
        return Ok(vec![Some(name.to_owned())]);
    }
    Ok((0..images).map(|image| Some(format!("{name}_{image}"))).collect())
}

/// How many images a band gives: one for each slice of its spatial dims.
fn images(band: &BandRef<'_>, spatial: &[&str]) -> usize {
    let dims = band.dim_names().iter().zip(band.shape());
    dims.filter(|(name, _)| !spatial.contains(name)).map(|(_, extent)| extent).product()
}

/// The pixels of a raster, aligned.
pub(crate) struct Source<'a, T: Pixel> {
    /// Each band, its spatial dims last.
    bands: Vec<CowArray<'a, T, IxDyn>>,
    shape: [usize; 3],
}

impl<'a, T: Pixel> Source<'a, T> {
    /// The images of a raster, which all have its height and width.
    pub(crate) fn of(raster: &RasterRef<'a>) -> Result<Self> {
        let spatial = raster.spatial_dims()?;
        let [x, y] = spatial.as_slice() else {
            return Err(error!(Unsupported, "its spatial dims are {spatial:?}: an image has two, x and y"));
        };
        let [height, width] = [raster.height()?, raster.width()?];
        let mut bands = vec![];
        for band in raster.bands() {
            let band = band?;
            let axis = |dim: &str| {
                let found = band.dim_names().iter().position(|name| *name == dim);
                found.ok_or_else(|| error!(Raster, "a band has no dim `{dim}`"))
            };
            let (x, y) = (axis(x)?, axis(y)?);
            let others = (0..band.ndim()).filter(|axis| *axis != x && *axis != y);
            let order: Vec<usize> = others.chain([y, x]).collect();
            bands.push(band.to_cow_array::<T>()?.permuted_axes(IxDyn(&order)));
        }
        let count = bands.iter().map(|band| band.shape().iter().rev().skip(2).product::<usize>()).sum();
        if [count, height, width].contains(&0) {
            return Err(error!(
                Unsupported,
                "it has {count} x {height} x {width} pixels (bands, rows, columns): a GeoTIFF has one at least"
            ));
        }
        Ok(Source { bands, shape: [count, height, width] })
    }

    /// Images, rows, columns.
    pub(crate) fn shape(&self) -> [usize; 3] {
        self.shape
    }

    pub(crate) fn views(&self) -> Result<Vec<ArrayView2<'_, T>>> {
        let mut views = vec![];
        for band in &self.bands {
            let mut parts = vec![band.view()];
            while parts.first().is_some_and(|part| part.ndim() > 2) {
                parts = parts.iter().flat_map(|part| outer(part.clone())).collect();
            }
            for part in parts {
                views.push(part.into_dimensionality::<Ix2>().map_err(|e| error!(Raster, "{e}"))?);
            }
        }
        Ok(views)
    }
}

/// The slices of a view along its first axis.
fn outer<'a, T>(view: ndraster::ndarray::ArrayView<'a, T, IxDyn>) -> Vec<ndraster::ndarray::ArrayView<'a, T, IxDyn>> {
    (0..view.len_of(Axis(0))).map(|index| view.clone().index_axis_move(Axis(0), index)).collect()
}
