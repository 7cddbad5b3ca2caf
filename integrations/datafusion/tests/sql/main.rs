//! Raster functions in SQL.

mod bands;
mod functions;
mod ground;
mod mosaic;
mod parts;
mod statistics;
mod storage;
mod table;
mod udf;
mod value;
