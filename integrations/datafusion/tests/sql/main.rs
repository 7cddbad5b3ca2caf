//! Raster functions in SQL.

mod functions;
mod table;
mod udf;
