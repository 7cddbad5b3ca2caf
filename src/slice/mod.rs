//! Cuts rasters into parts, and puts parts together again.
//!
//! Parts share the payload of what they were cut from, and see it through a view. Stands above `read` and `write`.
//!
//! - [`dims`]: slices and transposes by the names of dims. [`window`]: rows and columns, and boxes on the ground.
//! - [`tiles`]: tiles with and without overlap. [`mosaic`]: tiles, or neighbours, back into one raster: its
//!   [`placement`] on one grid, without its [`margins`].

mod dims;
mod margins;
mod mosaic;
mod placement;
pub(crate) mod tiles;
mod window;
