//! Reads a row of a column as parts, and checks all of it.

use crate::error::{Result, error};
use crate::format::columns::Columns;
use crate::format::nodata;
use crate::format::text::KnownTexts;
use crate::read::band::BandRef;
use crate::read::band_metadata::{is_on_grid, read_pixel_type};
use crate::read::fast_path::DefaultBand;
use crate::read::raster_ref::RasterRef;
use crate::view::for_each_axis;
use crate::write::parts::{BandAxes, BandFields, BandList, BandParts, GridAxes, RasterParts};

/// Reads the rows of a column one after the other.
#[derive(Default)]
pub(crate) struct RowReader<'a> {
    texts: KnownTexts<'a>,
}

impl<'a> RowReader<'a> {
    #[inline]
    pub(crate) fn read(&mut self, raster: &RasterRef<'a>) -> Result<RasterParts<'a>> {
        match RasterParts::read_default(raster, &mut self.texts) {
            Some(parts) => Ok(parts),
            None => RasterParts::read_any(raster, &mut self.texts),
        }
    }
}

impl<'a> RasterParts<'a> {
    /// Reads everything that a row holds, and checks it.
    #[inline]
    pub(crate) fn read(raster: &RasterRef<'a>) -> Result<Self> {
        RowReader::default().read(raster)
    }

    fn read_any(raster: &RasterRef<'a>, texts: &mut KnownTexts<'a>) -> Result<Self> {
        let mut bands = Vec::with_capacity(raster.num_bands()?);
        for band in raster.bands() {
            bands.push(BandParts::read(band?)?);
        }
        Ok(Self::read_grid_with(raster, texts)?.with_bands(bands))
    }

    /// Reads what a row holds beside its bands.
    pub(super) fn read_grid(raster: &RasterRef<'a>) -> Result<Self> {
        Self::read_grid_with(raster, &mut KnownTexts::default())
    }

    fn read_grid_with(raster: &RasterRef<'a>, texts: &mut KnownTexts<'a>) -> Result<Self> {
        let (spatial_dims, spatial_shape) = raster.spatial_axes()?;
        // Bands say this too, but a row may have none.
        if spatial_dims.len() != spatial_shape.len() {
            let (dims, extents) = (spatial_dims.len(), spatial_shape.len());
            let error = error!(Malformed, "spatial_shape: it has {extents} extents for {dims} spatial_dims");
            return Err(raster.annotate(error));
        }
        Ok(RasterParts {
            crs: raster.crs_with(texts)?,
            transform: raster.transform()?,
            grid: GridAxes::named(spatial_dims, spatial_shape),
            bands: BandList::Any(Vec::new()),
        })
    }

    /// Reads a row whose only band has the default dims, no view, and is loaded. Returns `None` for every other row,
    /// valid or not.
    #[inline]
    fn read_default(raster: &RasterRef<'a>, texts: &mut KnownTexts<'a>) -> Option<Self> {
        let (columns, row) = (raster.columns(), raster.row());
        let band = DefaultBand::find(columns, row)?;
        let [height, width] = band.source_shape();
        if columns.has_view(band.index()) || !is_on_grid(columns, row, band.source_shape()) {
            return None;
        }
        Some(RasterParts {
            crs: raster.crs_with(texts).ok()?,
            transform: raster.transform().ok()?,
            grid: GridAxes::Default([width, height]),
            bands: BandList::One(BandParts::read_default(columns, band)?),
        })
    }
}

impl<'a> BandParts<'a> {
    pub(super) fn read(band: BandRef<'a>) -> Result<Self> {
        if let Some(nodata) = band.nodata_bytes() {
            nodata::check_length(nodata, band.pixel_type()).map_err(|e| band.annotate(e))?;
        }
        let payload = band.payload_if_loaded()?;
        let fields = BandFields {
            name: band.name(),
            pixel_type: band.pixel_type(),
            nodata: band.nodata_bytes(),
            outdb_uri: band.outdb_uri(),
            outdb_format: band.outdb_format(),
            payload,
            location: band.location(),
        };
        let dim_names = for_each_axis(band.ndim(), |axis| band.dim_names().get(axis).copied().unwrap_or_default());
        Ok(BandParts { axes: BandAxes::named(dim_names, band.into_view()), fields })
    }

    #[inline]
    fn read_default(columns: &Columns<'a>, band: DefaultBand) -> Option<Self> {
        let index = band.index();
        let pixel_type = read_pixel_type(columns, index).ok()?;
        let nodata = columns.nodata(index).ok()?;
        if nodata.is_some_and(|nodata| nodata.len() != pixel_type.size()) {
            return None;
        }
        let fields = BandFields {
            name: columns.name(index).ok()?,
            pixel_type,
            nodata,
            outdb_uri: columns.outdb_uri(index).ok()?,
            outdb_format: columns.outdb_format(index).ok()?,
            payload: band.payload(columns, pixel_type.size())?,
            location: columns.payloads().locate(index),
        };
        Some(BandParts { axes: BandAxes::Default(band.source_shape()), fields })
    }
}
