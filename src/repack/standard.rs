//! Repacks bands for kernels that need them contiguous.

use std::slice::Iter;

use arrow_buffer::Buffer;

use crate::error::Result;
use crate::limits::Budget;
use crate::pixel::{Pixel, match_pixel_type};
use crate::read::band::BandRef;
use crate::read::raster_array::RasterArray;
use crate::read::raster_ref::RasterRef;
use crate::strided::layout::num_pixels;
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
    /// - [`ErrorKind::TooLarge`](crate::ErrorKind::TooLarge) if the bands that have a view would take more than 2^31 - 1
    ///   bytes together, and more than all payloads take in memory. Views can share and repeat pixels.
    /// - [`ErrorKind::TooLarge`](crate::ErrorKind::TooLarge) if a payload has more than 2^31 - 1 bytes, or if
    ///   the metadata of all rows would have more than that, and more than the column has in memory: rows can share texts,
    ///   names and bands.
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
    #[doc(alias("ascontiguousarray", "ensure_contiguous"))]
    pub fn to_standard(&self) -> Result<Self> {
        let mut survey = Survey::new(|| self.payload_bytes().unwrap_or_default());
        self.try_for_each_row(|raster| raster.map_or(Ok(()), |raster| survey.add(raster)))?;
        if !survey.has_views {
            return Ok(self.clone());
        }
        self.require_room()?;
        let mut repacked = Vec::new();
        self.try_for_each_row(|raster| raster.map_or(Ok(()), |raster| repack_bands(raster, &mut repacked)))?;
        let mut repacked = repacked.iter();
        self.rewritten_by(|parts| set_packed(parts, &mut repacked))
    }
}

impl Raster {
    /// Copies the visible pixels of each band that has a view into C order, so that no band has a view.
    ///
    /// Bands without a view are shared. Out-of-db bands keep their view.
    ///
    /// # Errors
    ///
    /// Returns [`ErrorKind::TooLarge`](crate::ErrorKind::TooLarge) if the bands that have a view would take more than
    /// 2^31 - 1 bytes together, and more than all payloads take in memory. Views can share and repeat pixels.
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
    #[doc(alias("ascontiguousarray", "ensure_contiguous"))]
    pub fn to_standard(&self) -> Result<Self> {
        let raster = self.as_ref();
        let mut survey = Survey::new(|| raster.payloads_len());
        survey.add(raster)?;
        if !survey.has_views {
            return Ok(self.clone());
        }
        let mut repacked = Vec::new();
        repack_bands(raster, &mut repacked)?;
        let mut parts = RasterParts::read(&raster)?;
        set_packed(&mut parts, &mut repacked.iter())?;
        Raster::copy(&parts)
    }
}

/// How many bytes a buffer takes besides those in it.
const BUFFER_BYTES: usize = 128;

/// What there is to repack, and whether it may be, before the first byte of it is made.
struct Survey<H> {
    has_views: bool,
    budget: Budget<H>,
}

impl<H: Fn() -> usize> Survey<H> {
    /// `held` counts the bytes that the payloads have in memory.
    fn new(held: H) -> Self {
        let instead = "take fewer rows at a time (`slice`), or read them through their views";
        Survey { has_views: false, budget: Budget::new(held, instead) }
    }

    fn add(&mut self, raster: RasterRef<'_>) -> Result<()> {
        for band in raster.bands() {
            let band = band?;
            if is_packed(&band) {
                continue;
            }
            self.has_views = true;
            let bytes = num_pixels(band.shape()).and_then(|pixels| pixels.checked_mul(band.pixel_type().size()));
            self.budget
                .spend(bytes.unwrap_or(usize::MAX).saturating_add(BUFFER_BYTES))
                .map_err(|e| band.annotate(e))?;
        }
        Ok(())
    }
}

fn is_packed(band: &BandRef<'_>) -> bool {
    band.view().is_identity() || !band.is_loaded()
}

/// Adds what [`repack`] makes of each band.
fn repack_bands(raster: RasterRef<'_>, repacked: &mut Vec<Option<Buffer>>) -> Result<()> {
    raster.bands().try_for_each(|band| {
        repacked.push(repack(&band?)?);
        Ok(())
    })
}

/// Gives each band that was repacked its new payload.
fn set_packed<'a>(parts: &mut RasterParts<'a>, repacked: &mut Iter<'a, Option<Buffer>>) -> Result<()> {
    for (band, pixels) in parts.bands_mut().iter_mut().zip(repacked) {
        if let Some(pixels) = pixels {
            band.set_packed(pixels.as_slice(), (pixels, 0))?;
        }
    }
    Ok(())
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
