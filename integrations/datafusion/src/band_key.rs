//! Chooses a band in SQL.

use arrow_array::Array;
use arrow_schema::DataType;
use ndraster::{BandRef, Error, RasterRef, Result};

use crate::arguments::Argument;

/// A band as SQL chooses it: by its name, or by its number.
///
/// Numbers count from 1, as SedonaDB's `RS_` functions and GDAL count bands. (Rust counts bands from 0, and so do the errors
/// of `ndraster`, such as `row 3, band 0: ...`.) Text is always a name: `'2'` is the band with this name, `2` is the second
/// band.
///
/// # Examples
///
/// ```
/// use ndarray::array;
/// use ndraster::{Band, Raster};
/// use ndraster_datafusion::{BandKey, raster_udf_with};
///
/// // In SQL: max_of(rast, 'nir') or max_of(rast, 2)
/// let max_of = raster_udf_with("max_of", |raster, (band,): &(BandKey,)| {
///     Ok(band.find(raster)?.valid_pixels::<u8>()?.max())
/// });
/// assert_eq!(max_of.name(), "max_of");
///
/// let bands = [("red", 1u8), ("nir", 9)].map(|(name, fill)| (name, array![[fill]]));
/// let bands = bands.map(|(name, pixels)| Band::from_ndarray(pixels).unwrap().with_name(name));
/// let raster = Raster::from_bands(bands)?;
/// assert_eq!(BandKey::Number(2).find(raster.as_ref())?.name(), Some("nir"));
/// assert_eq!(BandKey::Name("red".to_owned()).find(raster.as_ref())?.as_array_view2::<u8>()?, array![[1]]);
/// let error = BandKey::Number(0).find(raster.as_ref()).unwrap_err();
/// assert_eq!(error.to_string(), "there is no band 0: the raster has 2, counted from 1");
/// # Ok::<(), ndraster::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum BandKey {
    /// The first band with this name.
    Name(String),
    /// The band with this number, counted from 1.
    Number(i64),
}

impl BandKey {
    /// Borrows the band of a raster that has this name or number.
    ///
    /// # Errors
    ///
    /// - If the raster has no such band.
    /// - [`ErrorKind::Malformed`](ndraster::ErrorKind::Malformed) if the metadata of the band are not valid.
    ///
    /// # Cost
    ///
    /// Compares names up to the one found. A number costs no search.
    pub fn find<'a>(&self, raster: RasterRef<'a>) -> Result<BandRef<'a>> {
        let number = match self {
            BandKey::Name(name) => return raster.band_by_name(name),
            BandKey::Number(number) => *number,
        };
        let count = raster.num_bands()?;
        match usize::try_from(number).ok().and_then(|number| number.checked_sub(1)).filter(|index| *index < count) {
            Some(index) => raster.band(index),
            None => Err(Error::other(format!("there is no band {number}: the raster has {count}, counted from 1"))),
        }
    }

    /// Borrows the chosen band, or the only one if none is chosen.
    pub(crate) fn find_or_only<'a>(key: Option<&BandKey>, raster: RasterRef<'a>) -> Result<BandRef<'a>> {
        match (key, raster.num_bands()?) {
            (Some(key), _) => key.find(raster),
            (None, 1) => raster.only_band(),
            (None, count) => {
                let choose = "choose one by its name or by its number, counted from 1";
                Err(Error::other(format!("the raster has {count} bands, not one: {choose}")))
            }
        }
    }
}

impl Argument for BandKey {
    fn data_type() -> DataType {
        DataType::Utf8
    }

    fn coerce(found: &DataType) -> Option<DataType> {
        String::coerce(found).or_else(|| i64::coerce(found))
    }

    fn expected() -> String {
        "the name of a band (Utf8) or its number (Int64)".to_owned()
    }

    fn read(array: &dyn Array, row: usize) -> Option<Self> {
        match array.data_type() {
            DataType::Int64 => i64::read(array, row).map(BandKey::Number),
            _ => String::read(array, row).map(BandKey::Name),
        }
    }
}
