//! Reads columns: borrows rasters and bands from Arrow, and their pixels as ndarray views.
//!
//! A column may be malformed, so every value is checked before it is used. Nothing here depends on owned rasters, which
//! are in `write`.
//!
//! - [`raster_array`] is the column, [`raster_array_view`] the same borrowed, [`iter`] its rows. [`raster_ref`] is a row of it, [`band`] a band of the row. [`only_band`] gives a raster of
//!   one band the calls of its band. [`display`] shows all of them.
//! - [`band_metadata`] reads what the columns say of a band. [`fast_path`] skips most of it for the usual band.
//!   [`uniform`] proves at once what holds of many rows, [`evenly`] that bands lie so that one array view shows them.
//! - [`pixels`] borrows and copies pixels, [`convert`] converts them, [`copy_into`] puts them into arrays of the caller, [`stack`]
//!   reads those of all bands, [`any_view`] those of a type known at run time.
//! - [`mask`] tells valid pixels from nodata, [`ground`] finds the pixels under points and boxes.
//! - `parallel` (feature `rayon`) reads rows on all cores.

// The documentation lists methods in the order of these lines.
pub(crate) mod raster_ref;

pub(crate) mod raster_array;
pub(crate) mod raster_array_view;

pub(crate) mod band;

mod pixels;

mod convert;
mod copy_into;

pub(crate) mod any_view;
pub(crate) mod band_metadata;
mod display;
pub(crate) mod evenly;
pub(crate) mod fast_path;
pub(crate) mod ground;
pub(crate) mod iter;
mod mask;
pub(crate) mod only_band;
#[cfg(feature = "rayon")]
pub(crate) mod parallel;
mod stack;
pub(crate) mod uniform;
