//! Bands that are elsewhere: [`scan`] makes rasters that refer to files, [`loader`] reads what they refer to, and
//! [`uri`] is how they refer.

pub(crate) mod loader;
pub(crate) mod scan;
pub(crate) mod uri;
