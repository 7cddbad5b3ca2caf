//! Rasters put together into the nested arrays of a column.

use std::sync::Arc;

use arrow_array::types::{BinaryType, Utf8Type};
use arrow_array::{ArrayRef, ListArray, StructArray};
use arrow_buffer::NullBufferBuilder;

use crate::blocks::Payloads;
use crate::constant;
use crate::error::{Result, error};
use crate::grow::{DataTypes, Extents, Nullable, Offsets, TextLists, TextViews, Transforms, Views};
use crate::owned_parts::OwnedParts;
use crate::parts::{BandFields, BandParts, RasterParts};
use crate::payload::MAX_LEN;
use crate::raster_array::RasterArray;
use crate::read_row::ReadRow;
use crate::schema::STORAGE;
use crate::usual_band::UsualRow;

/// A raster column that grows.
pub(crate) struct Assembly {
    valid: NullBufferBuilder,
    crs: TextViews,
    transform: Transforms,
    spatial_dims: TextLists,
    spatial_shape: Extents,
    bands: Offsets,
    band: BandAssembly,
}

struct BandAssembly {
    name: Nullable<Utf8Type>,
    dim_names: TextLists,
    source_shape: Extents,
    data_type: DataTypes,
    nodata: Nullable<BinaryType>,
    view: Views,
    outdb_uri: Nullable<Utf8Type>,
    outdb_format: TextViews,
    data: Payloads,
}

/// Tiles, strips and bands that one call may make: as many as have 2^31 - 1 bytes of metadata, which are about
/// 1 KB each. Their number follows from extents, and those may be a mere claim.
const MAX_PARTS: usize = MAX_LEN >> 10;

pub(crate) fn require_few(parts: usize, what: &str) -> Result<()> {
    if parts <= MAX_PARTS {
        return Ok(());
    }
    Err(error!(TooLarge, "{parts} {what} are more than the {MAX_PARTS} that one call makes: make them larger"))
}

impl Assembly {
    /// A column without rows, which shares payloads from that many bytes on and copies smaller ones.
    pub(crate) fn new(share_from: usize) -> Self {
        Assembly {
            valid: NullBufferBuilder::new(0),
            crs: TextViews::default(),
            transform: Transforms::default(),
            spatial_dims: TextLists::new(&constant::XY),
            spatial_shape: Extents::default(),
            bands: Offsets::default(),
            band: BandAssembly::new(share_from),
        }
    }

    /// A column of one raster, which shares every payload that Arrow does not store in place.
    pub(crate) fn one(parts: &OwnedParts) -> Result<RasterArray> {
        let mut assembly = Assembly::new(0);
        assembly.push_owned(parts)?;
        assembly.finish()
    }

    /// One more row. After an error the column is not to be finished.
    pub(crate) fn push(&mut self, parts: &RasterParts<'_>) -> Result<()> {
        self.crs.push(parts.crs)?;
        self.transform.push(parts.transform.to_gdal());
        self.spatial_dims.push(&parts.spatial_dims);
        self.spatial_shape.push(&parts.spatial_shape)?;
        for band in &parts.bands {
            self.band.push(band)?;
        }
        self.bands.push(parts.bands.len())?;
        self.valid.append_non_null();
        Ok(())
    }

    /// A row that is no row yet.
    pub(crate) fn push_owned(&mut self, parts: &OwnedParts) -> Result<()> {
        self.crs.push(parts.crs.as_deref())?;
        self.transform.push(parts.transform.to_gdal());
        self.spatial_dims.push(&parts.spatial_dims());
        self.spatial_shape.push(parts.spatial_shape())?;
        for band in &parts.bands {
            match band.usual_shape() {
                Some(shape) => self.band.push_usual(shape, &band.fields())?,
                None => self.band.push(&band.parts()?)?,
            }
        }
        self.bands.push(parts.bands.len())?;
        self.valid.append_non_null();
        Ok(())
    }

    /// A row of a column.
    pub(crate) fn push_row(&mut self, row: &ReadRow<'_>) -> Result<()> {
        match row {
            ReadRow::Usual(row) => self.push_usual(row),
            ReadRow::Any(parts) => self.push(parts),
        }
    }

    fn push_usual(&mut self, row: &UsualRow<'_>) -> Result<()> {
        let [height, width] = row.shape;
        self.crs.push(row.crs)?;
        self.transform.push(row.transform.to_gdal());
        self.spatial_dims.push_usual();
        self.spatial_shape.push(&[width, height])?;
        self.band.push_usual(row.shape, &row.fields)?;
        self.bands.push(1)?;
        self.valid.append_non_null();
        Ok(())
    }

    /// One more row, null as SedonaDB's builder writes it: six zeros for a transform, all else empty.
    pub(crate) fn push_null(&mut self) -> Result<()> {
        self.crs.push(None)?;
        self.transform.push([0.0; 6]);
        self.spatial_dims.push(&[]);
        self.spatial_shape.push(&[])?;
        self.bands.push(0)?;
        self.valid.append_null();
        Ok(())
    }

    pub(crate) fn finish(mut self) -> Result<RasterArray> {
        let storage = &*STORAGE;
        let band: ArrayRef = Arc::new(self.band.finish()?);
        let bands = ListArray::try_new(Arc::clone(&storage.band_entry), self.bands.finish(), band, None)?;
        let columns = vec![
            self.crs.finish()?,
            self.transform.finish()?,
            self.spatial_dims.finish_utf8_view()?,
            self.spatial_shape.finish()?,
            Arc::new(bands),
        ];
        let array = StructArray::try_new(storage.raster.clone(), columns, self.valid.finish())?;
        Ok(RasterArray::assembled(array))
    }
}

impl BandAssembly {
    fn new(share_from: usize) -> Self {
        BandAssembly {
            name: Nullable::new(),
            dim_names: TextLists::new(&constant::YX),
            source_shape: Extents::default(),
            data_type: DataTypes::default(),
            nodata: Nullable::new(),
            view: Views::default(),
            outdb_uri: Nullable::new(),
            outdb_format: TextViews::default(),
            data: Payloads::new(share_from),
        }
    }

    fn push(&mut self, parts: &BandParts<'_>) -> Result<()> {
        self.dim_names.push(&parts.dim_names);
        self.source_shape.push(parts.view.source_shape())?;
        self.view.push(&parts.view)?;
        self.push_fields(&parts.fields)
    }

    fn push_usual(&mut self, shape: [usize; 2], fields: &BandFields<'_>) -> Result<()> {
        self.dim_names.push_usual();
        self.source_shape.push(&shape)?;
        self.view.push_identity()?;
        self.push_fields(fields)
    }

    fn push_fields(&mut self, fields: &BandFields<'_>) -> Result<()> {
        self.name.push(fields.name)?;
        self.data_type.push(fields.pixel_type);
        self.nodata.push(fields.nodata)?;
        self.outdb_uri.push(fields.outdb_uri)?;
        self.outdb_format.push(fields.outdb_format)?;
        self.data.push(fields)
    }

    fn finish(self) -> Result<StructArray> {
        let columns = vec![
            self.name.finish(constant::null_utf8),
            self.dim_names.finish_utf8()?,
            self.source_shape.finish()?,
            self.data_type.finish(),
            self.nodata.finish(constant::null_binary),
            self.view.finish()?,
            self.outdb_uri.finish(constant::null_utf8),
            self.outdb_format.finish()?,
            self.data.finish()?,
        ];
        Ok(StructArray::try_new(STORAGE.band.clone(), columns, None)?)
    }
}
