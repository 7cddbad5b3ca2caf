//! Rasters and functions of ours inside of SedonaDB.

mod addresses;
mod functions;
mod names;
mod outdb;
mod table;
