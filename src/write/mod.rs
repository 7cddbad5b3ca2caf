//! Bands, rasters and columns, owned: ndarray arrays in, Arrow out.
//!
//! Every band, raster and column here is valid by construction. This folder may use all of `read`.

// Constructors first: the documentation lists methods in the order of these lines.
pub(crate) mod band;
pub(crate) mod raster;

mod raster_readers;

mod bands;
pub(crate) mod map;

pub(crate) mod builder;
pub(crate) mod column_builder;
pub(crate) mod into_array;
mod owned_parts;
pub(crate) mod parts;
mod row;
pub(crate) mod storage;
pub(crate) mod strips;
