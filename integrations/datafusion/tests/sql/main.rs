//! Raster functions in SQL.

mod bands;
mod functions;
mod ground;
mod statistics;
mod table;
mod udf;
