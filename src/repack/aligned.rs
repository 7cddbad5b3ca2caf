//! Payloads at addresses that suit their pixels.

use crate::error::Result;
use crate::format::payload::MAX_INLINE;
use crate::pixel::PixelType;
use crate::read::band_metadata::read_pixel_type;
use crate::read::raster_array::RasterArray;
use crate::read::raster_ref::RasterRef;
use crate::repack::relocate::ToCopy;

impl RasterArray {
    /// The same rasters, of which every payload can be borrowed: those that do not start at a multiple of their
    /// pixel's size are copied, once each, and all others shared.
    ///
    /// Payloads lose their alignment on the way through Parquet, Ballista, and whatever else packs them side by
    /// side. One call after such a step pays what [`to_cow_array`](crate::BandRef::to_cow_array) would pay at each
    /// reading.
    ///
    /// What Arrow stores in place stays where it is, and cannot be borrowed as pixels of eight bytes: a band of one
    /// such pixel.
    ///
    /// # Errors
    ///
    /// As [`RasterArrayBuilder::append`](crate::RasterArrayBuilder::append), for the first row that is not a valid
    /// raster, of a column that is not aligned; [`ErrorKind::TooLarge`](crate::ErrorKind::TooLarge) for payloads that
    /// overlap in memory, if copying each would take more than 2^31 - 1 bytes.
    ///
    /// # Cost
    ///
    /// A look at each payload's address and type, and nothing more for a column that is aligned, which stays as
    /// it is whatever else its rows hold. Else metadata are written anew, in SedonaDB's storage type, and the
    /// misaligned payloads copied: those of up to 4 KiB into common blocks, larger ones into memory of their own.
    ///
    /// # Examples
    ///
    /// ```
    /// # use ndraster::{Raster, RasterArray, ndarray::Array2};
    /// let (bytes, pixels) = (Array2::<u8>::zeros((3, 5)), Array2::<f64>::ones((4, 4)));
    /// let column = RasterArray::from_iter([Raster::from_ndarray(bytes)?, Raster::from_ndarray(pixels)?]);
    /// let packed = column.to_offset_types()?; // payloads back to back: the second one starts at an odd address
    /// assert!(packed.get(1).unwrap().as_array_view::<f64>().is_err());
    /// assert_eq!(packed.to_aligned()?.get(1).unwrap().as_array_view::<f64>()?.sum(), 16.0);
    /// # Ok::<(), ndraster::Error>(())
    /// ```
    pub fn to_aligned(&self) -> Result<Self> {
        let mut misaligned = ToCopy::default();
        self.try_for_each_row(|raster| {
            let Some(raster) = raster.filter(|raster| !is_aligned(*raster)) else { return Ok(()) };
            for band in raster.bands() {
                let band = band?;
                let payload = band.payload_if_loaded()?;
                if !stays(payload, band.pixel_type()) {
                    misaligned.add(payload, band.pixel_type());
                }
            }
            Ok(())
        })?;
        if misaligned.is_empty() { Ok(self.clone()) } else { self.rewritten(&misaligned.copy()?) }
    }
}

/// Are all payloads of a row where they can stay? Looks at nothing else; no where it cannot tell.
fn is_aligned(raster: RasterRef<'_>) -> bool {
    let columns = raster.columns();
    let is_aligned = |band| match (columns.payloads().get(band), read_pixel_type(columns, band)) {
        (Ok(payload), Ok(pixel_type)) => stays(payload, pixel_type),
        _ => false,
    };
    raster.band_range().is_ok_and(|mut bands| bands.all(is_aligned))
}

/// Does a payload stay where it is: aligned, or in a view of Arrow's?
fn stays(payload: &[u8], pixel_type: PixelType) -> bool {
    payload.len() <= MAX_INLINE || payload.as_ptr().addr().is_multiple_of(pixel_type.size())
}
