//! Computes where pixels lie in memory, and copies them.
//!
//! This folder uses slices, shapes, strides and the format's [view](crate::view). It does not use Arrow, bands or
//! rasters.
//!
//! - [`layout`] turns a view into strides, [`infer`] turns strides into a view.
//! - [`array_view`] makes an ndarray array view from strides.
//! - [`copy`] plans a copy into C order: [`runs`] along one axis (also backwards, [`reverse`]), and [`plane`]s of two axes, by
//!   [`transpose`], or by [`bands`] if one axis is short.
//! - [`gather`] copies whole arrays into C order, [`convert`] changes the type of pixels.
//! - [`level`] and [`lanes`] have the vector instructions: for loops that the compiler translates, and as moves of bytes.

pub(crate) mod array_view;
mod bands;
pub(crate) mod convert;
pub(crate) mod copy;
pub(crate) mod gather;
pub(crate) mod infer;
mod lanes;
pub(crate) mod layout;
pub(crate) mod level;
#[cfg(test)]
mod oracle;
mod plane;
mod reverse;
mod runs;
mod transpose;
