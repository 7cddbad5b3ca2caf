//! Loads the pixels of out-of-db bands, by a function of the caller.
//!
//! The memory that the function returns is shared. A view of a view is a view, so also a band that is seen through a view is
//! loaded without a copy, whatever order the loaded memory has.

use std::slice::Iter;

use crate::error::{Error, Result, error};
use crate::format::payload::Payload;
use crate::read::band::BandRef;
use crate::read::raster_array::RasterArray;
use crate::read::raster_ref::RasterRef;
use crate::shown::Few;
use crate::view::View;
use crate::write::band::Band;
use crate::write::parts::{BandParts, RasterParts};
use crate::write::raster::Raster;
use crate::write::row::RowReader;

/// What a function that loads a band returns: the pixels of the whole source, or those that the band shows.
///
/// [`RasterArray::load_with`] and [`Raster::load_with`] take it. They take a [`Band`] too, which is the source.
///
/// # Examples
///
/// ```
/// use ndraster::{Band, BandRef, LoadedBand, PixelType, Raster, Result, ndarray::Array2};
///
/// /// Reads some pixels of a file: `count` from `start` on, along y and x.
/// fn read_part(uri: &str, start: [i64; 2], count: [i64; 2]) -> Array2<u8> {
///     assert_eq!(uri, "file:///scene.raw");
///     Array2::from_shape_fn(count.map(|n| n as usize), |(y, x)| (start[0] as usize + y + start[1] as usize + x) as u8)
/// }
///
/// /// Reads no more of the file than the band shows, if that is a window of it.
/// fn load(band: &BandRef<'_>) -> Result<LoadedBand> {
///     let uri = band.outdb_uri().unwrap_or_default();
///     match band.view().entries() {
///         [y, x] if [y.source_axis, y.step, x.source_axis, x.step] == [0, 1, 1, 1] => {
///             let part = read_part(uri, [y.start, x.start], [y.steps, x.steps]);
///             Ok(LoadedBand::Visible(Band::from_ndarray(part)?))
///         }
///         _ => {
///             let all = read_part(uri, [0, 0], [1000, 2000]);
///             Ok(LoadedBand::Source(Band::from_ndarray(all)?))
///         }
///     }
/// }
///
/// let scene = Raster::from_bands([Band::outdb("file:///scene.raw", [1000, 2000], PixelType::UInt8)?])?;
/// let window = scene.window(30..40, 50..70)?.load_with(load)?;
/// assert_eq!(window.as_array_view2::<u8>()?[[0, 1]], 30 + 51);
/// assert_eq!(window.band(0)?.source_shape(), [10, 20]);
/// # Ok::<(), ndraster::Error>(())
/// ```
#[derive(Clone, Debug)]
pub enum LoadedBand {
    /// All pixels of the source, in the shape of [`BandRef::source_shape`]. The view of the band that is loaded is laid over
    /// them.
    Source(Band),
    /// The pixels that the band shows, in the shape of [`BandRef::shape`]. They become the source, which the loaded band shows as
    /// it is.
    Visible(Band),
}

impl From<Band> for LoadedBand {
    fn from(source: Band) -> Self {
        LoadedBand::Source(source)
    }
}

impl RasterArray {
    /// Loads the pixels of the bands that are elsewhere (out-of-db), by a function of yours.
    ///
    /// The function is called for each band that is not loaded ([`BandRef::is_loaded`]), row by row and band by band. It finds
    /// the pixels, for example at [`outdb_uri`](BandRef::outdb_uri), and returns them as a [`Band`] that has the
    /// [`source_shape`](BandRef::source_shape) and the [`pixel_type`](BandRef::pixel_type) of the one that it got. The view of
    /// the band stays: its entries say which source axis each of `dim_names` is, if that is not their order. A function that
    /// reads only what the view shows returns [`LoadedBand::Visible`].
    ///
    /// Of what is returned, only the pixels count, in any memory order and through any view. Name, dims and nodata stay those of
    /// the column, also if the returned band has others. `outdb_uri` and `outdb_format` stay too, as SedonaDB's
    /// `RS_EnsureLoaded` leaves them: they then say where the pixels came from.
    ///
    /// All rows are checked before the first band is loaded. The first error ends the call.
    ///
    /// # Errors
    ///
    /// With the row and the band:
    ///
    /// - What the function returns as an error, of the same kind.
    /// - [`ErrorKind::Shape`](crate::ErrorKind::Shape) if the returned band has another shape than the source, or than what
    ///   the band shows for `LoadedBand::Visible`.
    /// - [`ErrorKind::PixelType`](crate::ErrorKind::PixelType) if it has another pixel type.
    /// - [`ErrorKind::NotLoaded`](crate::ErrorKind::NotLoaded) if it is not loaded itself.
    /// - [`ErrorKind::Malformed`](crate::ErrorKind::Malformed) for the first row that is not a valid raster. If all bands are
    ///   loaded, only the metadata of the bands are checked.
    /// - [`ErrorKind::TooLarge`](crate::ErrorKind::TooLarge) if a payload has more than 2^31 - 1 bytes, or if the metadata of
    ///   all rows would have more than that, and more than the column has in memory: rows can share texts, names and bands.
    ///
    /// # Cost
    ///
    /// Reads the metadata of each band. That is all if all bands are loaded; the result then shares everything. Otherwise the
    /// metadata are checked and written anew, in SedonaDB's own types. No pixels are copied, but for payloads of up to 12 bytes:
    /// those that are there are shared, and the memory of a returned band becomes a buffer of the column. All loaded pixels are
    /// in memory together: take a few rows at a time ([`slice`](Self::slice)) if they are too many.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::collections::HashMap;
    /// use ndraster::{Band, BandRef, Error, PixelType, Raster, Result, ndarray::Array2};
    ///
    /// /// Reads the pixels of a file.
    /// fn read(uri: &str) -> Result<Array2<f32>> {
    ///     if uri != "mem://dem" {
    ///         return Err(Error::other(format!("{uri}: there is no such file")));
    ///     }
    ///     Ok(Array2::from_shape_fn((400, 600), |(y, x)| (1000 * y + x) as f32))
    /// }
    ///
    /// let outdb = Raster::from_bands([Band::outdb("mem://dem", [400, 600], PixelType::Float32)?])?;
    /// let tiles = outdb.tiles(256, 256)?; // views of pixels that are not there
    ///
    /// // Each file is read once: all tiles share its memory.
    /// let mut files: HashMap<String, Band> = HashMap::new();
    /// let loaded = tiles.load_with(|band: &BandRef<'_>| -> Result<Band> {
    ///     let uri = band.outdb_uri().ok_or_else(|| Error::other("there is no URI"))?;
    ///     if let Some(file) = files.get(uri) {
    ///         return Ok(file.clone());
    ///     }
    ///     let file = Band::from_ndarray(read(uri)?)?;
    ///     files.insert(uri.to_owned(), file.clone());
    ///     Ok(file)
    /// })?;
    /// assert_eq!(files.len(), 1);
    /// let last = loaded.get(5).unwrap();
    /// assert_eq!(last.as_array_view2::<f32>()?[[0, 0]], 256_512.0);
    /// assert_eq!(last.band(0)?.outdb_uri(), Some("mem://dem"));
    /// assert_eq!(loaded.buffer_bytes(), 400 * 600 * 4);
    /// # Ok::<(), Error>(())
    /// ```
    #[doc(alias = "RS_EnsureLoaded")]
    pub fn load_with<L: Into<LoadedBand>>(&self, mut load: impl FnMut(&BandRef<'_>) -> Result<L>) -> Result<Self> {
        let mut lacks_pixels = false;
        self.try_for_each_row(|raster| {
            if let Some(raster) = raster {
                lacks_pixels |= has_unloaded(&raster)?;
            }
            Ok(())
        })?;
        if !lacks_pixels {
            return Ok(self.clone());
        }
        self.require_room()?;
        let mut rows = RowReader::default();
        self.try_for_each_row(|raster| raster.map_or(Ok(()), |raster| rows.read(&raster).map(drop)))?;
        let mut loaded = Vec::new();
        self.try_for_each_row(|raster| raster.map_or(Ok(()), |raster| load_bands(&raster, &mut load, &mut loaded)))?;
        let mut loaded = loaded.iter();
        self.rewritten_by(|parts| set_loaded(parts, &mut loaded))
    }
}

impl RasterRef<'_> {
    /// Loads the pixels of the bands that are elsewhere (out-of-db), by a function of yours.
    ///
    /// The function is called for each band that is not loaded, in order. What it returns and what stays as it is,
    /// [`RasterArray::load_with`] says.
    ///
    /// # Errors
    ///
    /// - What the function returns as an error, of the same kind, with the band.
    /// - [`ErrorKind::Shape`](crate::ErrorKind::Shape) if the returned band has another shape than the source, or than what
    ///   the band shows for [`LoadedBand::Visible`].
    /// - [`ErrorKind::PixelType`](crate::ErrorKind::PixelType) if it has another pixel type.
    /// - [`ErrorKind::NotLoaded`](crate::ErrorKind::NotLoaded) if it is not loaded itself.
    /// - [`ErrorKind::Malformed`](crate::ErrorKind::Malformed) if the raster is not valid: its CRS, transform or
    ///   spatial dims, or the metadata, the nodata or the payload of a band. Nothing is loaded then.
    /// - [`ErrorKind::TooLarge`](crate::ErrorKind::TooLarge) if a payload, the CRS, or all names and other text
    ///   together have more than 2^31 - 1 bytes.
    ///
    /// # Cost
    ///
    /// Copies the metadata. Payloads of more than 12 bytes are shared: those that are there, and the memory of the bands that
    /// the function returns.
    ///
    /// # Examples
    ///
    /// ```
    /// # use ndraster::{Band, PixelType, Raster, RasterArray, ndarray::Array2};
    /// let outdb = Raster::from_bands([Band::outdb("mem://ones", [20, 30], PixelType::Float64)?])?;
    /// let column = RasterArray::from_iter([outdb]);
    /// let ones = Array2::<f64>::ones((20, 30));
    /// let address = ones.as_ptr();
    /// let band = Band::from_ndarray(ones)?;
    /// let loaded = column.get(0).unwrap().load_with(|_| Ok(band.clone()))?;
    /// assert_eq!(loaded.as_array_view2::<f64>()?.sum(), 600.0);
    /// assert_eq!(loaded.as_array_view2::<f64>()?.as_ptr(), address);
    /// # Ok::<(), ndraster::Error>(())
    /// ```
    #[doc(alias = "RS_EnsureLoaded")]
    pub fn load_with<L: Into<LoadedBand>>(&self, mut load: impl FnMut(&BandRef<'_>) -> Result<L>) -> Result<Raster> {
        let (mut loaded, mut parts) = (Vec::new(), RasterParts::read(self)?);
        load_bands(self, &mut load, &mut loaded)?;
        set_loaded(&mut parts, &mut loaded.iter())?;
        Raster::copy(&parts)
    }
}

impl Raster {
    /// Loads the pixels of the bands that are elsewhere (out-of-db), by a function of yours.
    ///
    /// The function is called for each band that is not loaded, in order. What it returns and what stays as it is,
    /// [`RasterArray::load_with`] says.
    ///
    /// # Errors
    ///
    /// - What the function returns as an error, of the same kind, with the band.
    /// - [`ErrorKind::Shape`](crate::ErrorKind::Shape) if the returned band has another shape than the source, or than what
    ///   the band shows for [`LoadedBand::Visible`].
    /// - [`ErrorKind::PixelType`](crate::ErrorKind::PixelType) if it has another pixel type.
    /// - [`ErrorKind::NotLoaded`](crate::ErrorKind::NotLoaded) if it is not loaded itself.
    ///
    /// # Cost
    ///
    /// None if all bands are loaded, but for a look at each. Otherwise copies the metadata. Payloads of more than 12 bytes are
    /// shared: those that are there, and the memory of the bands that the function returns.
    ///
    /// # Examples
    ///
    /// ```
    /// # use ndraster::{Band, PixelType, Raster, ndarray::array};
    /// let dem = Band::outdb("mem://dem", [2, 3], PixelType::Int16)?.with_nodata(-9999i16)?;
    /// let window = Raster::from_bands([dem])?.window(.., 1..)?;
    /// let loaded = window.load_with(|_| Band::from_ndarray(array![[1i16, 2, -9999], [4, 5, 6]]))?;
    /// assert_eq!(loaded.as_array_view2::<i16>()?, array![[2, -9999], [5, 6]]);
    /// assert_eq!(loaded.valid_pixels::<i16>()?.count(), 3);
    /// # Ok::<(), ndraster::Error>(())
    /// ```
    #[doc(alias = "RS_EnsureLoaded")]
    pub fn load_with<L: Into<LoadedBand>>(&self, load: impl FnMut(&BandRef<'_>) -> Result<L>) -> Result<Self> {
        let raster = self.as_ref();
        if has_unloaded(&raster)? { raster.load_with(load) } else { Ok(self.clone()) }
    }
}

/// The pixels of a band, and how the band shows them.
struct Loaded {
    view: View,
    payload: Payload,
}

/// Returns whether a band of the raster is not loaded.
fn has_unloaded(raster: &RasterRef<'_>) -> Result<bool> {
    let mut found = false;
    for band in raster.bands() {
        found |= is_unloaded(&band?)?;
    }
    Ok(found)
}

/// Returns whether there is no payload, though there are pixels to see. Refuses a payload that cannot be read.
fn is_unloaded(band: &BandRef<'_>) -> Result<bool> {
    Ok(!band.is_loaded() && band.payload_if_loaded()?.is_empty())
}

/// Adds what `load` makes of each band that is not loaded.
fn load_bands<L: Into<LoadedBand>>(
    raster: &RasterRef<'_>,
    load: &mut impl FnMut(&BandRef<'_>) -> Result<L>,
    loaded: &mut Vec<Loaded>,
) -> Result<()> {
    raster.bands().try_for_each(|band| {
        let band = band?;
        if is_unloaded(&band)? {
            let pixels = load(&band).map_err(|e| band.annotate_of_caller(e.of_uri(band.outdb_uri())))?;
            loaded.push(fit(pixels.into(), &band).map_err(|e| band.annotate(e))?);
        }
        Ok(())
    })
}

/// Gives each band that was not loaded its pixels.
fn set_loaded<'a>(parts: &mut RasterParts<'a>, loaded: &mut Iter<'a, Loaded>) -> Result<()> {
    let lacks_pixels = |band: &&mut BandParts<'a>| band.payload().is_empty() && !band.shape().contains(&0);
    for (band, Loaded { view, payload }) in parts.bands_mut().iter_mut().filter(lacks_pixels).zip(loaded) {
        band.set_source(view.clone(), payload.bytes(), payload.location())?;
    }
    Ok(())
}

/// Lays the band over its pixels, if they have its shape and its type.
fn fit(loaded: LoadedBand, band: &BandRef<'_>) -> Result<Loaded> {
    let (source, outer) = match loaded {
        LoadedBand::Source(source) => (source, Some(band.view())),
        LoadedBand::Visible(source) => (source, None),
    };
    require_pixels(&source)?;
    if source.pixel_type() != band.pixel_type() {
        return Err(other_type(&source, band));
    }
    let view = match outer {
        Some(outer) if source.view().shape() != outer.source_shape() => return Err(not_the_source(&source, band)),
        None if source.view().shape() != band.shape() => return Err(not_what_is_shown(&source, band)),
        Some(outer) if source.view().is_identity() => outer.clone(),
        Some(outer) => source.view().compose(outer)?,
        None => source.view().clone(),
    };
    Ok(Loaded { view, payload: source.payload().clone() })
}

/// Refuses a returned band that is out-of-db itself.
fn require_pixels(source: &Band) -> Result<()> {
    if !source.payload().bytes().is_empty() || source.view().shape().contains(&0) {
        return Ok(());
    }
    Err(error!(
        NotLoaded,
        "load_with: the band that was returned is not loaded either: make it of its pixels (`Band::from_ndarray`)"
    ))
}

#[cold]
fn other_type(source: &Band, band: &BandRef<'_>) -> Error {
    let (found, expected) = (source.pixel_type(), band.pixel_type());
    error!(
        PixelType,
        "load_with: pixels of {found} were returned, where the band has {expected}: make the returned band of `{}`",
        expected.rust_name()
    )
}

#[cold]
fn not_the_source(source: &Band, band: &BandRef<'_>) -> Error {
    let (found, expected) = (source.view().shape(), band.source_shape());
    let hint = if found == band.shape() {
        "return what the band shows as `LoadedBand::Visible`".to_owned()
    } else if are_reordered(found, expected) {
        "put its axes into the order of the source (`permuted_axes`)".to_owned()
    } else if band.shape() == expected {
        "return all of its pixels".to_owned()
    } else {
        format!(
            "return all of its pixels, or those that the band shows, {}, as `LoadedBand::Visible`",
            Few(band.shape())
        )
    };
    error!(
        Shape,
        "load_with: the shape {} was returned, where the source of the band has {}: {hint}",
        Few(found),
        Few(expected)
    )
}

#[cold]
fn not_what_is_shown(source: &Band, band: &BandRef<'_>) -> Error {
    let (found, expected) = (source.view().shape(), band.shape());
    let hint = if found == band.source_shape() {
        "return the whole source as `LoadedBand::Source`"
    } else if are_reordered(found, expected) {
        "put its axes into the order of `dim_names` (`permuted_axes`)"
    } else {
        "return the pixels of its view (`BandRef::view`)"
    };
    error!(
        Shape,
        "load_with: the shape {} was returned as `LoadedBand::Visible`, where the band shows {}: {hint}",
        Few(found),
        Few(expected)
    )
}

/// Returns whether two shapes have the same extents, in any order.
fn are_reordered(shape: &[usize], other: &[usize]) -> bool {
    let sorted = |shape: &[usize]| {
        let mut extents = shape.to_vec();
        extents.sort_unstable();
        extents
    };
    sorted(shape) == sorted(other)
}
