//! Columns in SedonaDB's own storage type.

use crate::error::Result;
use crate::format::schema::is_canonical;
use crate::read::raster_array::RasterArray;
use crate::repack::relocate::Copies;

impl RasterArray {
    /// The same rasters in exactly SedonaDB's storage type, which its SQL insists on.
    ///
    /// # Errors
    ///
    /// As [`RasterArrayBuilder::append`](crate::RasterArrayBuilder::append), for the first row that is not a valid raster.
    ///
    /// # Cost
    ///
    /// None for a column of that type. Else the metadata is written anew; payloads of more than 12
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
