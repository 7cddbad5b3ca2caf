//! A row read and checked in full, by the short way where it is usual.

use crate::error::Result;
use crate::parts::{BandFields, RasterParts};
use crate::raster_ref::RasterRef;
use crate::usual_band::UsualRow;

/// Made to be written somewhere else at once, never kept.
#[allow(clippy::large_enum_variant, reason = "a box would be an allocation a row")]
pub(crate) enum ReadRow<'a> {
    Usual(UsualRow<'a>),
    Any(RasterParts<'a>),
}

impl<'a> ReadRow<'a> {
    #[inline]
    pub(crate) fn read(raster: RasterRef<'a>) -> Result<Self> {
        match UsualRow::read(raster) {
            Some(row) => Ok(ReadRow::Usual(row)),
            None => RasterParts::read(raster).map(ReadRow::Any),
        }
    }

    pub(crate) fn for_each_band(&mut self, mut change: impl FnMut(&mut BandFields<'a>)) {
        match self {
            ReadRow::Usual(row) => change(&mut row.fields),
            ReadRow::Any(parts) => parts.bands.iter_mut().for_each(|band| change(&mut band.fields)),
        }
    }
}
