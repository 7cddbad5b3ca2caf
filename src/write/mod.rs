//! Bands, rasters and columns, owned: ndarray arrays in, Arrow out.
//!
//! Every band, raster and column here is valid by construction. This folder may use all of `read`.
//!
//! - [`band`], [`raster`], [`batch`] and [`strips`] take arrays. [`storage`] moves, shares or copies their memory; [`into_array`] gives it
//!   back.
//! - [`raster_readers`] reads an owned raster. [`bands`] chooses and adds bands, [`map`] computes pixel by pixel.
//! - [`parts`] is a raster on its way into a column, borrowed; [`owned_parts`] is the same, kept. [`row`] makes parts of a row
//!   that is read.
//! - [`builder`] is the public builder of columns. [`column_builder`] takes parts apart into the builders of `format`.

// Constructors first: the documentation lists methods in the order of these lines.
pub(crate) mod band;
pub(crate) mod raster;

mod raster_readers;

mod bands;
pub(crate) mod map;

pub(crate) mod batch;
pub(crate) mod builder;
pub(crate) mod column_builder;
pub(crate) mod into_array;
mod owned_parts;
pub(crate) mod parts;
pub(crate) mod row;
pub(crate) mod storage;
pub(crate) mod strips;
