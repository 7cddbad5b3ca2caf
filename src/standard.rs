//! Rasters for kernels that want contiguous bands.

use arrow_buffer::Buffer;

use crate::assemble::Assembly;
use crate::band::Band;
use crate::error::{Result, error};
use crate::layout::num_pixels;
use crate::parts::{BandParts, RasterParts};
use crate::payload::MAX_LEN;
use crate::pixel::{Pixel, match_pixel_type};
use crate::raster::Raster;
use crate::raster_array::RasterArray;
use crate::raster_ref::RasterRef;
use crate::view::View;

impl RasterArray {
    /// The same rasters without views: bands are repacked where a view is not the identity, and shared
    /// elsewhere.
    ///
    /// Bands that are not loaded keep their view.
    ///
    /// Cost: none for a column without views. Else metadata are written anew, and each band with a view is
    /// copied once.
    ///
    /// # Errors
    /// As [`RasterArrayBuilder::append`](crate::RasterArrayBuilder::append), and
    /// [`ErrorKind::TooLarge`](crate::ErrorKind::TooLarge) if broadcasts would be written out as more than
    /// 2^31 - 1 bytes, all of them together.
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
        let mut standard = Standard::new();
        self.try_for_each_row(|raster| match raster {
            None => standard.column.push_null(),
            Some(raster) => standard.push(raster),
        })?;
        if standard.changed { standard.column.finish() } else { Ok(self.clone()) }
    }
}

impl Raster {
    /// The same raster without views: [`RasterArray::to_standard`] of one row.
    ///
    /// Cost and errors: as there.
    ///
    /// ```
    /// # use ndraster::{Raster, ndarray::array};
    /// let window = Raster::from_ndarray(array![[1u8, 2, 3], [4, 5, 6]])?.window(.., 1..)?;
    /// assert_eq!(window.to_standard()?.band(0)?.source_data()?, [2, 3, 5, 6]);
    /// # Ok::<(), ndraster::Error>(())
    /// ```
    pub fn to_standard(&self) -> Result<Self> {
        let mut standard = Standard::new();
        standard.push(self.as_ref())?;
        if standard.changed { standard.column.finish().map(Raster::assembled) } else { Ok(self.clone()) }
    }
}

/// Rows on their way to C order.
struct Standard {
    column: Assembly,
    changed: bool,
    /// Bytes of results that are larger than the payloads they were made of.
    broadcast: usize,
}

impl Standard {
    fn new() -> Self {
        Standard { column: Assembly::new(0), changed: false, broadcast: 0 }
    }

    fn push(&mut self, raster: RasterRef<'_>) -> Result<()> {
        let bands = raster.bands().collect::<Result<Vec<_>>>()?;
        let repacked = bands.iter().map(|band| self.repack(band)).collect::<Result<Vec<_>>>()?;
        let mut parts = RasterParts::read(raster)?;
        for (band, repacked) in parts.bands.iter_mut().zip(&repacked) {
            if let Some(buffer) = repacked {
                let view = View::identity(band.view.shape())?;
                *band = BandParts { view, bytes: buffer.as_slice(), home: Some((buffer, 0)), ..band.clone() };
            }
        }
        self.changed |= repacked.iter().any(Option::is_some);
        self.column.push(&parts)
    }

    /// The visible pixels in C order, of a loaded band that has a view.
    fn repack(&mut self, band: &Band<'_>) -> Result<Option<Buffer>> {
        fn pixels<T: Pixel>(band: &Band<'_>) -> Result<Buffer> {
            Ok(Buffer::from_vec(band.to_array::<T>()?.into_raw_vec_and_offset().0))
        }
        if band.view().is_identity() || !band.is_loaded() {
            return Ok(None);
        }
        self.allow(band)?;
        match_pixel_type!(band.pixel_type(), P => pixels::<P>(band).map(Some))
    }

    /// A few rows may claim any number of pixels: what all broadcasts together make is limited as what one
    /// makes is.
    fn allow(&mut self, band: &Band<'_>) -> Result<()> {
        let bytes = num_pixels(band.shape()).and_then(|pixels| pixels.checked_mul(band.pixel_type().size()));
        let made = bytes.filter(|bytes| *bytes > band.source_data().map_or(0, <[u8]>::len)).unwrap_or(0);
        self.broadcast = self.broadcast.saturating_add(made);
        if self.broadcast <= MAX_LEN {
            return Ok(());
        }
        Err(band.place(error!(
            TooLarge,
            "with this band, broadcasts would be written out as {} bytes: above {MAX_LEN} take fewer rows at a time \
             (`slice`), or read them through their views",
            self.broadcast
        )))
    }
}
