//! Zero-copy bridge between [`ndarray`] arrays and rasters stored in Apache Arrow.

#![forbid(unsafe_code)]
#![warn(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::todo,
    clippy::unreachable,
    clippy::unwrap_used
)]
#![cfg_attr(test, allow(clippy::indexing_slicing, clippy::panic, clippy::unwrap_used))]

#[cfg(not(target_endian = "little"))]
compile_error!("ndraster borrows little-endian pixels in place, so it runs on little-endian targets only");

mod any_view;
mod assemble;
mod band;
mod builder;
mod columns;
mod constant;
mod error;
mod gather;
mod geo;
mod grow;
mod layout;
mod memory;
mod new_band;
mod nodata;
mod one_band;
mod parts;
mod payload;
mod pixel;
mod raster;
mod raster_array;
mod raster_ref;
mod schema;
mod stack;
mod strided;
mod view;

pub use any_view::AnyArrayView;
pub use band::Band;
pub use builder::{RasterArrayBuilder, RasterRow};
pub use error::{Error, ErrorKind, Result};
pub use geo::{GeoTransform, Registration};
pub use memory::PixelArray;
pub use new_band::NewBand;
pub use pixel::{Pixel, PixelType};
pub use raster::Raster;
pub use raster_array::{Iter, RasterArray};
pub use raster_ref::RasterRef;
pub use schema::RasterType;
pub use view::{View, ViewEntry};

pub use {arrow_array, arrow_buffer, arrow_schema, ndarray};
