//! Repacks bands for kernels that need them contiguous.

use arrow_buffer::Buffer;

use crate::error::{Error, Result, error};
use crate::limits::MAX_LEN;
use crate::pixel::{Pixel, match_pixel_type};
use crate::read::band::BandRef;
use crate::read::raster_array::RasterArray;
use crate::read::raster_ref::RasterRef;
use crate::strided::layout::num_pixels;
use crate::write::column_builder::RasterColumnBuilder;
use crate::write::parts::RasterParts;
use crate::write::raster::Raster;

impl RasterArray {
    /// Copies the visible pixels of each band that has a view into C order, so that no band has a view.
    ///
    /// Bands without a view are shared. Out-of-db bands keep their view.
    ///
    /// # Errors
    ///
    /// - [`ErrorKind::Malformed`](crate::ErrorKind::Malformed) for the first row that is not a valid raster. If no band
    ///   has a view, only the metadata of the bands are checked.
    /// - [`ErrorKind::TooLarge`](crate::ErrorKind::TooLarge) if views repeat pixels (broadcast), and all bands that
    ///   this makes larger than their payloads would have more than 2^31 - 1 bytes together.
    /// - [`ErrorKind::TooLarge`](crate::ErrorKind::TooLarge) if a payload has more than 2^31 - 1 bytes, or if the
    ///   column has more list items or bytes of text than that.
    ///
    /// # Cost
    ///
    /// Reads the metadata of each band. That is all for a column without views. For other columns the metadata are
    /// written anew, and each band that has a view is copied once.
    ///
    /// # Examples
    ///
    /// ```
    /// # use ndraster::{Raster, ndarray::Array2};
    /// let raster = Raster::from_ndarray(Array2::<u8>::zeros((500, 700)))?;
    /// let tiles = raster.tiles(256, 256)?.to_standard()?;
    /// assert!(tiles.get(1).unwrap().band(0)?.view().is_identity());
    /// assert_eq!(tiles.get(1).unwrap().band(0)?.source_data()?.len(), 256 * 256);
    /// # Ok::<(), ndraster::Error>(())
    /// ```
    pub fn to_standard(&self) -> Result<Self> {
        let mut survey = Survey::default();
        self.try_for_each_row(|raster| raster.map_or(Ok(()), |raster| survey.add(raster)))?;
        if !survey.has_views {
            return Ok(self.clone());
        }
        let mut column = RasterColumnBuilder::sharing();
        self.try_for_each_row(|raster| match raster {
            None => column.push_null(),
            Some(raster) => with_standard_parts(raster, |parts| column.push(parts)),
        })?;
        column.finish()
    }
}

impl Raster {
    /// Copies the visible pixels of each band that has a view into C order, so that no band has a view.
    ///
    /// Bands without a view are shared. Out-of-db bands keep their view.
    ///
    /// # Errors
    ///
    /// Returns [`ErrorKind::TooLarge`](crate::ErrorKind::TooLarge) if views repeat pixels (broadcast), and all bands
    /// that this makes larger than their payloads would have more than 2^31 - 1 bytes together.
    ///
    /// # Cost
    ///
    /// Reads the metadata of each band. If a band has a view, all metadata are copied, and each band that has a view is
    /// copied once.
    ///
    /// # Examples
    ///
    /// ```
    /// # use ndraster::{Raster, ndarray::array};
    /// let window = Raster::from_ndarray(array![[1u8, 2, 3], [4, 5, 6]])?.window(.., 1..)?;
    /// assert_eq!(window.to_standard()?.band(0)?.source_data()?, [2, 3, 5, 6]);
    /// # Ok::<(), ndraster::Error>(())
    /// ```
    pub fn to_standard(&self) -> Result<Self> {
        let mut survey = Survey::default();
        survey.add(self.as_ref())?;
        if !survey.has_views {
            return Ok(self.clone());
        }
        with_standard_parts(self.as_ref(), Raster::copy)
    }
}

/// What there is to repack, and whether it may be, before the first byte of it is made.
#[derive(Default)]
struct Survey {
    has_views: bool,
    /// The bytes of all results that are larger than their payloads. A few rows may claim any number of pixels, so the
    /// limit for one result holds for all broadcasts together.
    broadcast: usize,
}

impl Survey {
    fn add(&mut self, raster: RasterRef<'_>) -> Result<()> {
        for band in raster.bands() {
            let band = band?;
            if !is_packed(&band) {
                self.has_views = true;
                self.broadcast = self.broadcast.saturating_add(broadcast_bytes(&band));
                if self.broadcast > MAX_LEN {
                    return Err(too_much(&band, self.broadcast));
                }
            }
        }
        Ok(())
    }
}

fn is_packed(band: &BandRef<'_>) -> bool {
    band.view().is_identity() || !band.is_loaded()
}

/// Returns the bytes of the result if it is larger than the payload, otherwise zero.
fn broadcast_bytes(band: &BandRef<'_>) -> usize {
    let payload = band.source_data().map_or(0, <[u8]>::len);
    let bytes = num_pixels(band.shape()).and_then(|pixels| pixels.checked_mul(band.pixel_type().size()));
    bytes.map_or(usize::MAX, |bytes| if bytes > payload { bytes } else { 0 })
}

#[cold]
fn too_much(band: &BandRef<'_>, bytes: usize) -> Error {
    band.annotate(error!(
        TooLarge,
        "up to this band, broadcasts would be written out as {bytes} bytes: above {MAX_LEN} take fewer rows at a time \
         (`slice`), or read them through their views"
    ))
}

/// Calls `f` with the parts of a raster in which every payload is in C order.
fn with_standard_parts<R>(raster: RasterRef<'_>, f: impl FnOnce(&RasterParts<'_>) -> Result<R>) -> Result<R> {
    let bands = raster.bands().collect::<Result<Vec<_>>>()?;
    let repacked = bands.iter().map(repack).collect::<Result<Vec<_>>>()?;
    let mut parts = RasterParts::read(raster)?;
    for (band, repacked) in parts.bands_mut().iter_mut().zip(&repacked) {
        if let Some(pixels) = repacked {
            band.set_packed(pixels)?;
        }
    }
    f(&parts)
}

/// Returns the visible pixels in C order, or `None` if the payload holds them in that order already.
fn repack(band: &BandRef<'_>) -> Result<Option<Buffer>> {
    fn pixels<T: Pixel>(band: &BandRef<'_>) -> Result<Buffer> {
        Ok(Buffer::from_vec(band.to_array::<T>()?.into_raw_vec_and_offset().0))
    }
    if is_packed(band) {
        return Ok(None);
    }
    match_pixel_type!(band.pixel_type(), P => pixels::<P>(band).map(Some))
}
