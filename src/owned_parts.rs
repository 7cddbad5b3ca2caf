//! One raster taken apart, owned: what a [`Raster`](crate::Raster) is made of.

use crate::constant::XY;
use crate::error::Result;
use crate::geo::GeoTransform;
use crate::new_band::NewBand;
use crate::parts::RasterParts;
use crate::read_row::ReadRow;
use crate::usual_band::UsualRow;
use crate::view::Axes;

#[derive(Clone)]
pub(crate) struct OwnedParts {
    pub(crate) crs: Option<String>,
    pub(crate) transform: GeoTransform,
    /// `None` for the usual ones.
    spatial_dims: Option<Vec<String>>,
    spatial_shape: Axes<usize>,
    pub(crate) bands: Vec<NewBand>,
}

impl OwnedParts {
    /// New bands, with the spatial dims that the first one's names suggest.
    pub(crate) fn from_bands(bands: Vec<NewBand>) -> Result<Self> {
        let usual_shape = bands.first().and_then(NewBand::usual_shape);
        let (spatial_dims, spatial_shape) = match usual_shape {
            Some([height, width]) if bands.iter().all(|band| band.usual_shape() == usual_shape) => {
                (None, [width, height].into_iter().collect())
            }
            _ => {
                let parts = RasterParts::from_new(&bands)?;
                (unless_usual(&parts.spatial_dims, XY), parts.spatial_shape)
            }
        };
        Ok(OwnedParts { crs: None, transform: GeoTransform::default(), spatial_dims, spatial_shape, bands })
    }

    /// A copy of everything but the payloads, which are shared.
    pub(crate) fn copy(parts: &RasterParts<'_>) -> Result<Self> {
        Ok(OwnedParts {
            crs: parts.crs.map(str::to_owned),
            transform: parts.transform,
            spatial_dims: unless_usual(&parts.spatial_dims, XY),
            spatial_shape: parts.spatial_shape.clone(),
            bands: parts.bands.iter().map(NewBand::copy).collect::<Result<_>>()?,
        })
    }

    /// The same of a row.
    pub(crate) fn copy_row(row: &ReadRow<'_>) -> Result<Self> {
        match row {
            ReadRow::Usual(row) => Self::copy_usual(row),
            ReadRow::Any(parts) => Self::copy(parts),
        }
    }

    fn copy_usual(row: &UsualRow<'_>) -> Result<Self> {
        let [height, width] = row.shape;
        Ok(OwnedParts {
            crs: row.crs.map(str::to_owned),
            transform: row.transform,
            spatial_dims: None,
            spatial_shape: [width, height].into_iter().collect(),
            bands: vec![NewBand::copy_usual(row.shape, &row.fields)?],
        })
    }

    pub(crate) fn borrow(&self) -> Result<RasterParts<'_>> {
        Ok(RasterParts {
            crs: self.crs.as_deref(),
            transform: self.transform,
            spatial_dims: self.spatial_dims(),
            spatial_shape: self.spatial_shape.clone(),
            bands: self.bands.iter().map(NewBand::parts).collect::<Result<_>>()?,
        })
    }

    pub(crate) fn spatial_dims(&self) -> Axes<&str> {
        match &self.spatial_dims {
            None => XY.into_iter().collect(),
            Some(dims) => dims.iter().map(String::as_str).collect(),
        }
    }

    pub(crate) fn spatial_shape(&self) -> &[usize] {
        &self.spatial_shape
    }

    /// At least as much as any of its columns has of text and of list items.
    pub(crate) fn volume(&self) -> usize {
        let dims = self.spatial_dims.iter().flatten().map(|dim| dim.len().saturating_add(1));
        let bands = self.bands.iter().map(NewBand::volume);
        let crs = self.crs.as_ref().map_or(0, String::len);
        dims.chain(bands).fold(crs, usize::saturating_add)
    }
}

/// Names, unless they are the usual ones.
pub(crate) fn unless_usual(names: &[&str], usual: [&str; 2]) -> Option<Vec<String>> {
    (names != usual).then(|| names.iter().map(|&name| name.to_owned()).collect())
}
