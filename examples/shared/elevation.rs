//! The elevation model that the examples are about.

use std::error::Error;
use std::fs::File;
use std::path::Path;

use ndarray::{Array0, Array2, OwnedRepr};
use ndarray_npy::NpzReader;

/// What the model's source says of voids: SRTM's own number for them.
pub(crate) const VOID: i16 = i16::MIN;

/// The pixels and the box around them: `[xmin, ymin, xmax, ymax]` in degrees.
pub(crate) struct Elevation {
    pub(crate) metres: Array2<i16>,
    pub(crate) bbox: [f64; 4],
}

impl Elevation {
    /// Out of the NumPy file that comes with the crate.
    pub(crate) fn read(source: &Path) -> Result<Self, Box<dyn Error>> {
        let mut npz = NpzReader::new(File::open(source)?)?;
        let metres = npz.by_name("elevation")?;
        let mut number = |name| npz.by_name::<OwnedRepr<f64>, _>(name).map(Array0::into_scalar);
        // In this file `ymin` is the northern edge and `ymax` the southern one.
        let bbox = [number("xmin")?, number("ymax")?, number("xmax")?, number("ymin")?];
        Ok(Elevation { metres, bbox })
    }
}
