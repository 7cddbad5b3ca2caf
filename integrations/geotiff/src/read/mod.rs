//! Reads files: [`geotiff`] is the front, [`reads`] its calls that read pixels, [`file`] finds the images, [`image`]
//! knows their blocks, and [`pixels`] decodes them: most by [`decode`], the others by `tiff-reader` after [`screen`].

mod compression;
pub(crate) mod decode;
pub(crate) mod file;
pub(crate) mod geotiff;
pub(crate) mod grid;
pub(crate) mod image;
pub(crate) mod info;
pub(crate) mod nodata;
pub(crate) mod pixels;
mod reads;
mod screen;
pub(crate) mod source;
mod sub_ifds;
pub(crate) mod tags;
