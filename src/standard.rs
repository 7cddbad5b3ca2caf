//! Rasters for kernels that want contiguous bands.

use arrow_buffer::Buffer;

use crate::assemble::Assembly;
use crate::band::Band;
use crate::error::Result;
use crate::parts::{BandParts, RasterParts};
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
    /// [`ErrorKind::TooLarge`](crate::ErrorKind::TooLarge) for a broadcast of more than 2^31 - 1 bytes.
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
        let mut column = Assembly::new(0);
        let mut changed = false;
        for raster in self {
            match raster {
                None => column.push_null()?,
                Some(raster) => changed |= push_standard(&mut column, raster)?,
            }
        }
        if changed { column.finish() } else { Ok(self.clone()) }
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
        let mut column = Assembly::new(0);
        if !push_standard(&mut column, self.as_ref())? {
            return Ok(self.clone());
        }
        Ok(Raster::assembled(column.finish()?))
    }
}

/// Adds a row; was there anything to repack?
fn push_standard(column: &mut Assembly, raster: RasterRef<'_>) -> Result<bool> {
    let bands = raster.bands().collect::<Result<Vec<_>>>()?;
    let repacked = bands.iter().map(repack).collect::<Result<Vec<_>>>()?;
    let mut parts = RasterParts::read(raster)?;
    for (band, repacked) in parts.bands.iter_mut().zip(&repacked) {
        if let Some(buffer) = repacked {
            let view = View::identity(band.view.shape())?;
            *band = BandParts { view, bytes: buffer.as_slice(), home: Some((buffer, 0)), ..band.clone() };
        }
    }
    column.push(&parts)?;
    Ok(repacked.iter().any(Option::is_some))
}

/// The visible pixels in C order, of a loaded band that has a view.
fn repack(band: &Band<'_>) -> Result<Option<Buffer>> {
    fn pixels<T: Pixel>(band: &Band<'_>) -> Result<Buffer> {
        Ok(Buffer::from_vec(band.to_array::<T>()?.into_raw_vec_and_offset().0))
    }
    if band.view().is_identity() || !band.is_loaded() {
        return Ok(None);
    }
    match_pixel_type!(band.pixel_type(), P => pixels::<P>(band).map(Some))
}
