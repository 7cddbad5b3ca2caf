//! Bands, rasters and columns, owned: ndarray arrays in, Arrow out.
//!
//! Everything here is valid by construction. May use all of `read`.

pub(crate) mod band;
pub(crate) mod builder;
pub(crate) mod column_builder;
pub(crate) mod into_array;
mod owned_parts;
pub(crate) mod parts;
pub(crate) mod raster;
mod raster_readers;
mod row;
pub(crate) mod storage;
pub(crate) mod strips;
