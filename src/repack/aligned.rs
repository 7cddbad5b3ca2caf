//! Moves payloads to addresses that suit their pixels.

use crate::error::Result;
use crate::format::payload::MAX_INLINE;
use crate::pixel::PixelType;
use crate::read::band_metadata::read_pixel_type;
use crate::read::raster_array::RasterArray;
use crate::read::raster_ref::RasterRef;
use crate::repack::relocate::ToCopy;

impl RasterArray {
    /// Copies misaligned payloads, so that every payload of more than 12 bytes can be borrowed.
    ///
    /// A payload is misaligned if it does not start at a multiple of its pixel's size. Each of these is copied once,
    /// and all others are shared. Those that lie side by side stay so: tiles of one shape are then a
    /// [batch](Self::as_batch_view). Parquet, Ballista and whatever else packs payloads side by side return them
    /// misaligned. One call after such a step costs what [`to_cow_array`](crate::BandRef::to_cow_array) would cost at
    /// each reading.
    ///
    /// Payloads of up to 12 bytes stay in place, where Arrow stores them. A pixel of eight bytes cannot be borrowed
    /// there, so a band of one such pixel can only be copied.
    ///
    /// # Errors
    ///
    /// The rows of an aligned column are not checked further. For other columns:
    ///
    /// - [`ErrorKind::Malformed`](crate::ErrorKind::Malformed) for the first row that is not a valid raster.
    /// - [`ErrorKind::TooLarge`](crate::ErrorKind::TooLarge) if misaligned payloads overlap in memory, and their copies
    ///   would have more than 2^31 - 1 bytes together.
    /// - [`ErrorKind::TooLarge`](crate::ErrorKind::TooLarge) if a payload has more than 2^31 - 1 bytes, or if
    ///   the metadata of all rows would have more than that, and more than the column has in memory: rows can share texts,
    ///   names and bands.
    ///
    /// # Cost
    ///
    /// Looks at the address and the type of each payload. That is all for an aligned column, which stays as it is,
    /// whatever else its rows hold. For other columns the metadata are written anew, in SedonaDB's storage type, and
    /// misaligned payloads are copied: up to 4 KiB that lie side by side into common blocks, more into memory of their own.
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
            for (number, band) in raster.bands().enumerate() {
                let band = band?;
                let payload = band.payload_if_loaded()?;
                if !stays(payload, band.pixel_type()) {
                    misaligned.add(payload, band.pixel_type(), number == 0);
                }
            }
            Ok(())
        })?;
        if misaligned.is_empty() { Ok(self.clone()) } else { self.rewritten(&misaligned.copy()?) }
    }
}

/// Returns whether all payloads of a row can stay where they are. Looks at nothing else, and returns `false` if it
/// cannot tell.
fn is_aligned(raster: RasterRef<'_>) -> bool {
    let columns = raster.columns();
    let is_aligned = |band| match (columns.payloads().payload(band), read_pixel_type(columns, band)) {
        (Ok(payload), Ok(pixel_type)) => stays(payload, pixel_type),
        _ => false,
    };
    raster.band_range().is_ok_and(|mut bands| bands.all(is_aligned))
}

/// Returns whether a payload can stay where it is, because it is aligned or because Arrow stores it in place.
fn stays(payload: &[u8], pixel_type: PixelType) -> bool {
    let size = pixel_type.size();
    // Short payloads become inline ones, where pixels of eight bytes are never aligned.
    let is_never_aligned = payload.len() <= MAX_INLINE && size > 4;
    payload.is_empty() || is_never_aligned || payload.as_ptr().addr().is_multiple_of(size)
}
