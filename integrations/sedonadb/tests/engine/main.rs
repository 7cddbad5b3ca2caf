//! Rasters and functions of ours inside of SedonaDB.

mod addresses;
mod functions;
#[cfg(feature = "geotiff")]
mod geotiff;
mod names;
mod outdb;
mod table;
