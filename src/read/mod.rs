//! Reads columns: borrows rasters and bands from Arrow, and their pixels as ndarray views.
//!
//! A column may be malformed, so every value is checked before it is used. Nothing here depends on owned rasters, which
//! are in `write`.

// The documentation lists methods in the order of these lines.
pub(crate) mod raster_ref;

pub(crate) mod raster_array;

pub(crate) mod band;

mod pixels;

pub(crate) mod any_view;
pub(crate) mod band_metadata;
mod display;
pub(crate) mod fast_path;
pub(crate) mod ground;
mod mask;
pub(crate) mod only_band;
#[cfg(feature = "rayon")]
pub(crate) mod parallel;
mod stack;
