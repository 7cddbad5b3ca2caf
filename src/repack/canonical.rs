//! Writes columns in SedonaDB's own storage type.

use crate::error::Result;
use crate::format::schema::is_canonical;
use crate::read::raster_array::RasterArray;
use crate::repack::relocate::Copies;

impl RasterArray {
    /// Returns the rasters as a column of exactly SedonaDB's storage type, which its SQL requires.
    ///
    /// # Errors
    ///
    /// A column that has this type is returned without further checks. For other columns:
    ///
    /// - [`ErrorKind::Malformed`](crate::ErrorKind::Malformed) for the first row that is not a valid raster.
    /// - [`ErrorKind::TooLarge`](crate::ErrorKind::TooLarge) if a payload has more than 2^31 - 1 bytes, or if
    ///   the metadata of all rows would have more than that, and more than the column has in memory: rows can share texts,
    ///   names and bands.
    ///
    /// # Cost
    ///
    /// None for a column of this type. For other columns the metadata are written anew, and payloads of more than 12
    /// bytes are shared.
    ///
    /// # Examples
    ///
    /// ```
    /// # use ndraster::{RasterArrayBuilder, RasterType, arrow_array::Array};
    /// let column = RasterArrayBuilder::new().finish()?.to_canonical()?;
    /// assert_eq!(column.as_struct_array().data_type(), &RasterType::storage_type());
    /// # Ok::<(), ndraster::Error>(())
    /// ```
    pub fn to_canonical(&self) -> Result<Self> {
        if is_canonical(self.as_struct_array().fields()) {
            return Ok(self.clone());
        }
        self.rewritten(&Copies::default())
    }
}
