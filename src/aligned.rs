//! Payloads at addresses that suit their pixels.

use crate::copies::ToCopy;
use crate::error::Result;
use crate::payload::MAX_INLINE;
use crate::raster_array::RasterArray;

impl RasterArray {
    /// The same rasters, of which every payload can be borrowed: those that do not start at a multiple of their
    /// pixel's size are copied, once each, and all others shared.
    ///
    /// Payloads lose their alignment on the way through Parquet, Ballista, and whatever else packs them side by
    /// side. One call after such a step pays what [`to_cow_array`](crate::Band::to_cow_array) would pay at each
    /// reading.
    ///
    /// What Arrow stores in place stays where it is, and cannot be borrowed as pixels of eight bytes: a band of one
    /// such pixel.
    ///
    /// Cost: a look at each band, and nothing more for a column that is aligned. Else metadata are written anew, in
    /// SedonaDB's storage type, and the misaligned payloads copied: those of up to 4 KiB into common blocks, larger
    /// ones into memory of their own.
    ///
    /// # Errors
    /// As [`RasterArrayBuilder::append`](crate::RasterArrayBuilder::append), for the first row that is not a valid
    /// raster; [`ErrorKind::TooLarge`](crate::ErrorKind::TooLarge) for payloads that overlap in memory, if copying each
    /// would take more than 2^31 - 1 bytes.
    ///
    /// ```
    /// # use ndraster::{Raster, RasterArray, ndarray::Array2};
    /// let (bytes, pixels) = (Array2::<u8>::zeros((3, 5)), Array2::<f64>::ones((4, 4)));
    /// let column = RasterArray::from_iter([Raster::from_ndarray(bytes)?, Raster::from_ndarray(pixels)?]);
    /// let packed = column.to_wire()?; // payloads back to back: the second one starts at an odd address
    /// assert!(packed.get(1).unwrap().as_array_view::<f64>().is_err());
    /// assert_eq!(packed.to_aligned()?.get(1).unwrap().as_array_view::<f64>()?.sum(), 16.0);
    /// # Ok::<(), ndraster::Error>(())
    /// ```
    pub fn to_aligned(&self) -> Result<Self> {
        let mut misaligned = ToCopy::default();
        self.try_for_each_row(|raster| {
            for band in raster.into_iter().flat_map(|raster| raster.bands()) {
                let band = band?;
                let payload = band.payload_if_loaded()?;
                let is_aligned = payload.as_ptr().addr().is_multiple_of(band.pixel_type().size());
                if !is_aligned && payload.len() > MAX_INLINE {
                    misaligned.add(payload, band.pixel_type());
                }
            }
            Ok(())
        })?;
        if misaligned.is_empty() { Ok(self.clone()) } else { self.rewritten(&misaligned.copy()?) }
    }
}
