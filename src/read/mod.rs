//! Columns, rasters and bands, borrowed: Arrow in, ndarray views out.
//!
//! Checks every value before it is used. Knows nothing of owned rasters.

pub(crate) mod any_view;
pub(crate) mod band;
pub(crate) mod band_metadata;
mod dim_names;
pub(crate) mod fast_path;
mod mask;
pub(crate) mod only_band;
mod pixels;
pub(crate) mod raster_array;
pub(crate) mod raster_ref;
mod stack;
