//! Rasters for kernels that want contiguous bands.

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
    /// The same rasters without views: bands are repacked where a view is not the identity, and shared
    /// elsewhere.
    ///
    /// Bands that are not loaded keep their view.
    ///
    /// # Errors
    ///
    /// As [`RasterArrayBuilder::append`](crate::RasterArrayBuilder::append), and
    /// [`ErrorKind::TooLarge`](crate::ErrorKind::TooLarge) if broadcasts would be written out as more than
    /// 2^31 - 1 bytes, all of them together.
    ///
    /// # Cost
    ///
    /// A look at each band for a column without views. Else metadata are written anew, and each band with a
    /// view is copied once.
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
    /// The same raster without views: [`RasterArray::to_standard`] of one row.
    ///
    /// Cost and errors: as there.
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

/// Is there anything to repack? And, before the first byte of it is made: may it be?
#[derive(Default)]
struct Survey {
    has_views: bool,
    /// A few rows may claim any number of pixels, so what all broadcasts together make is limited as what one makes is.
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

/// The size of a result that is larger than the payload that it is made of.
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

/// Hands on the parts of a raster, in which every payload is in C order.
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

/// The visible pixels in C order, unless they are that already.
fn repack(band: &BandRef<'_>) -> Result<Option<Buffer>> {
    fn pixels<T: Pixel>(band: &BandRef<'_>) -> Result<Buffer> {
        Ok(Buffer::from_vec(band.to_array::<T>()?.into_raw_vec_and_offset().0))
    }
    if is_packed(band) {
        return Ok(None);
    }
    match_pixel_type!(band.pixel_type(), P => pixels::<P>(band).map(Some))
}
