//! Defines how rasters are stored in Arrow: the schema, the nested arrays, their values and their builders.
//!
//! The code here handles Arrow arrays and single values. Whether they make a valid band or raster is checked in `read`
//! and guaranteed by `write`.
//!
//! - [`schema`] is the storage type. [`columns`] finds its nested arrays.
//! - [`lists`], [`text`] and [`bytes`] read each of Arrow's types of them, [`values`] the rest, [`payload`] the values of a
//!   view type.
//! - [`builders`], [`text_builders`] and [`payload_builder`] build these arrays. [`defaults`] caches those that most rasters share.
//! - [`nodata`] converts between stored bytes and a pixel. [`memory`] counts what an array holds, [`intervals`] counts memory
//!   that payloads share once.

pub(crate) mod builders;
pub(crate) mod bytes;
pub(crate) mod columns;
pub(crate) mod defaults;
pub(crate) mod intervals;
pub(crate) mod lists;
pub(crate) mod memory;
pub(crate) mod nodata;
pub(crate) mod payload;
pub(crate) mod payload_builder;
pub(crate) mod schema;
pub(crate) mod text;
pub(crate) mod text_builders;
pub(crate) mod values;
