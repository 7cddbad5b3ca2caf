//! Builds the nested arrays of a raster column from the parts of rasters.

use std::sync::Arc;

use arrow_array::types::{BinaryType, Utf8Type};
use arrow_array::{ArrayRef, ListArray, StructArray};
use arrow_buffer::NullBufferBuilder;

use crate::error::Result;
use crate::format::builders::{ExtentListBuilder, OffsetsBuilder, PixelTypeBuilder, TransformBuilder, ViewListBuilder};
use crate::format::defaults::{self, XY, YX};
use crate::format::payload::Location;
use crate::format::payload_builder::{NewPayload, PayloadBuilder, SHARE_FROM};
use crate::format::schema::STORAGE;
use crate::format::text_builders::{
    ByAddress, ByContent, Known, NullableBytesBuilder, TextListBuilder, TextRoom, TextViewBuilder,
};
use crate::geo::GeoTransform;
use crate::pixel::PixelType;
use crate::read::raster_array::RasterArray;
use crate::view::View;
use crate::write::owned_parts::OwnedParts;
use crate::write::parts::{BandAxes, BandFields, BandParts, GridAxes, RasterParts};

/// Builds a raster column, one row after the other.
///
/// `K` says how it finds texts again that it has stored.
pub(crate) struct RasterColumnBuilder<K> {
    valid: NullBufferBuilder,
    crs: TextViewBuilder<K>,
    transform: TransformBuilder,
    spatial_dims: TextListBuilder,
    spatial_shape: ExtentListBuilder,
    bands: OffsetsBuilder,
    band: BandColumnBuilder<K>,
    /// For text of all these columns together.
    room: TextRoom,
}

/// Rows that differ in their transforms and payloads only.
pub(crate) struct BatchParts<'b, 't> {
    /// The first row. Its bands have no view, and differ in their names and payloads only.
    pub(crate) like: &'b RasterParts<'t>,
    /// That of each row.
    pub(crate) transforms: &'b [GeoTransform],
    /// Where the payloads of all bands begin, row by row.
    pub(crate) payloads: Location<'b>,
}

/// Builds the columns of the bands of all rows.
struct BandColumnBuilder<K> {
    name: NullableBytesBuilder<Utf8Type>,
    dim_names: TextListBuilder,
    source_shape: ExtentListBuilder,
    data_type: PixelTypeBuilder,
    nodata: NullableBytesBuilder<BinaryType>,
    view: ViewListBuilder,
    outdb_uri: NullableBytesBuilder<Utf8Type>,
    outdb_format: TextViewBuilder<K>,
    data: PayloadBuilder,
}

impl RasterColumnBuilder<ByContent> {
    /// Starts a column that grows row by row. It copies small payloads, and refuses more text than one column may have.
    pub(crate) fn growing() -> Self {
        Self::new(PayloadBuilder::new(SHARE_FROM), TextRoom::limited())
    }

    /// Starts a column as [`growing`](Self::growing), of so many rows, in which payloads of one length lie without padding.
    pub(crate) fn packed(rows: usize) -> Self {
        Self::new(PayloadBuilder::packed(rows), TextRoom::limited())
    }
}

impl RasterColumnBuilder<ByAddress<'_>> {
    /// Makes a column of one raster, which shares its payloads.
    pub(crate) fn one(parts: &OwnedParts) -> Result<RasterArray> {
        let mut column = Self::sharing();
        column.push_owned(parts)?;
        column.finish()
    }
}

impl<K: Default> RasterColumnBuilder<K> {
    /// Starts a column that shares every payload that Arrow does not store in place. Whether there is room for its rows was
    /// asked before.
    pub(crate) fn sharing() -> Self {
        Self::new(PayloadBuilder::new(0), TextRoom::unlimited())
    }

    fn new(payloads: PayloadBuilder, room: TextRoom) -> Self {
        RasterColumnBuilder {
            valid: NullBufferBuilder::new(0),
            crs: TextViewBuilder::default(),
            transform: TransformBuilder::default(),
            spatial_dims: TextListBuilder::new(&XY),
            spatial_shape: ExtentListBuilder::default(),
            bands: OffsetsBuilder::default(),
            band: BandColumnBuilder::new(payloads),
            room,
        }
    }
}

impl<K> RasterColumnBuilder<K> {
    /// Appends a raster. After an error the column must not be finished.
    pub(crate) fn push<'t>(&mut self, parts: &RasterParts<'t>) -> Result<()>
    where
        K: Known<'t>,
    {
        self.room.require(parts.metadata_len())?;
        let bands = parts.bands();
        self.band.data.start_row(bands.iter().map(BandParts::new_payload));
        bands.iter().try_for_each(|band| self.band.push(band, &mut self.room))?;
        match &parts.grid {
            GridAxes::Default(_) => self.spatial_dims.push(None, &mut self.room)?,
            GridAxes::Named(grid) => self.spatial_dims.push(Some(&grid.dims), &mut self.room)?,
        }
        self.push_row(parts.crs, parts.transform, parts.spatial_shape(), bands.len())
    }

    /// Returns the smallest length of a payload that is not copied.
    pub(crate) fn share_from(&self) -> usize {
        self.band.data.share_from()
    }

    /// Makes room for so many more rows of one band each.
    pub(crate) fn reserve(&mut self, rows: usize) {
        self.spatial_shape.reserve(rows);
        self.band.source_shape.reserve(rows);
        self.band.data.reserve(rows);
    }

    /// Appends a raster that is a matrix of pixels and nothing else. After an error the column must not be finished.
    pub(crate) fn push_matrix<'t>(
        &mut self,
        [height, width]: [usize; 2],
        pixel_type: PixelType,
        payload: &[u8],
        location: Option<Location<'_>>,
    ) -> Result<()>
    where
        K: Known<'t>,
    {
        self.band.push_default_axes([height, width], &mut self.room)?;
        let fields = BandFields {
            name: None,
            pixel_type,
            nodata: None,
            outdb_uri: None,
            outdb_format: None,
            payload: &[],
            location: None,
        };
        self.band.push_metadata(&fields, &mut self.room)?;
        let payload = NewPayload { bytes: payload, location, is_partial: false };
        self.band.data.start_row([payload].into_iter());
        self.band.data.push(payload)?;
        self.spatial_dims.push(None, &mut self.room)?;
        self.push_row(None, GeoTransform::default(), &[width, height], 1)
    }

    /// Appends an owned raster. After an error the column must not be finished.
    pub(crate) fn push_owned<'t>(&mut self, parts: &'t OwnedParts) -> Result<()>
    where
        K: Known<'t>,
    {
        self.band.data.start_row(parts.bands().iter().map(|band| band.fields().new_payload(band.view())));
        for band in parts.bands() {
            match band.default_shape() {
                Some(shape) => self.band.push_default_axes(shape, &mut self.room)?,
                None => self.band.push_axes(&band.dim_names()?, band.view(), &mut self.room)?,
            }
            let fields = band.fields();
            self.band.push_metadata(&fields, &mut self.room)?;
            self.band.data.push(fields.new_payload(band.view()))?;
        }
        self.spatial_dims.push(parts.named_spatial_dims().as_deref(), &mut self.room)?;
        self.push_row(parts.crs(), parts.transform(), parts.spatial_shape(), parts.bands().len())
    }

    /// Appends rows that differ in their transforms and payloads only. The payloads lie one after the other in a buffer. After
    /// an error the column must not be finished.
    pub(crate) fn push_batch<'t>(&mut self, batch: &BatchParts<'_, 't>) -> Result<()>
    where
        K: Known<'t>,
    {
        let (rows, bands) = (batch.transforms.len(), batch.like.bands());
        self.crs.push_many(batch.like.crs, rows, &mut self.room)?;
        batch.transforms.iter().for_each(|transform| self.transform.push(transform.to_gdal()));
        match &batch.like.grid {
            GridAxes::Default(_) => self.spatial_dims.push_many(None, rows, &mut self.room)?,
            GridAxes::Named(grid) => self.spatial_dims.push_many(Some(&grid.dims), rows, &mut self.room)?,
        }
        self.spatial_shape.push_many(batch.like.spatial_shape(), rows)?;
        self.bands.push_many(bands.len(), rows)?;
        self.valid.append_n_non_nulls(rows);
        self.band.push_batch(bands, rows, &mut self.room)?;
        let len = bands.first().map_or(0, |band| band.fields.payload.len());
        self.band.data.push_evenly(batch.payloads, len, rows * bands.len(), bands.len())
    }

    /// Appends what a row has besides its spatial dims and its bands.
    fn push_row<'t>(
        &mut self,
        crs: Option<&'t str>,
        transform: GeoTransform,
        spatial_shape: &[usize],
        num_bands: usize,
    ) -> Result<()>
    where
        K: Known<'t>,
    {
        self.crs.push(crs, &mut self.room)?;
        self.transform.push(transform.to_gdal());
        self.spatial_shape.push(spatial_shape)?;
        self.bands.push(num_bands)?;
        self.valid.append_non_null();
        Ok(())
    }

    /// Appends a null row as SedonaDB's builder writes it: six zeros for the transform, everything else null or empty.
    pub(crate) fn push_null<'t>(&mut self) -> Result<()>
    where
        K: Known<'t>,
    {
        self.crs.push(None, &mut self.room)?;
        self.transform.push([0.0; 6]);
        self.spatial_dims.push(Some(&[]), &mut self.room)?;
        self.spatial_shape.push(&[])?;
        self.bands.push(0)?;
        self.valid.append_null();
        Ok(())
    }

    pub(crate) fn finish(mut self) -> Result<RasterArray> {
        let storage = &*STORAGE;
        let all_optional_null = self.band.are_all_optional_null();
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
        Ok(RasterArray::from_own(array, all_optional_null))
    }
}

impl<K: Default> BandColumnBuilder<K> {
    fn new(data: PayloadBuilder) -> Self {
        BandColumnBuilder {
            name: NullableBytesBuilder::new(),
            dim_names: TextListBuilder::new(&YX),
            source_shape: ExtentListBuilder::default(),
            data_type: PixelTypeBuilder::default(),
            nodata: NullableBytesBuilder::new(),
            view: ViewListBuilder::default(),
            outdb_uri: NullableBytesBuilder::new(),
            outdb_format: TextViewBuilder::default(),
            data,
        }
    }
}

impl<K> BandColumnBuilder<K> {
    fn push<'t>(&mut self, band: &BandParts<'t>, room: &mut TextRoom) -> Result<()>
    where
        K: Known<'t>,
    {
        match &band.axes {
            BandAxes::Default(shape) => self.push_default_axes(*shape, room)?,
            BandAxes::Named(axes) => self.push_axes(&axes.dim_names, &axes.view, room)?,
        }
        self.push_metadata(&band.fields, room)?;
        self.data.push(band.new_payload())
    }

    /// Appends the same bands for many rows, without their payloads. They differ in their names only.
    fn push_batch<'t>(&mut self, bands: &[BandParts<'t>], rows: usize, room: &mut TextRoom) -> Result<()>
    where
        K: Known<'t>,
    {
        let Some(BandParts { axes, fields }) = bands.first() else { return Ok(()) };
        let count = rows * bands.len();
        if bands.iter().all(|band| band.fields.name.is_none()) {
            self.name.push_many(None, count, room)?;
        } else {
            let names = || bands.iter().map(|band| band.fields.name);
            (0..rows).flat_map(|_| names()).try_for_each(|name| self.name.push(name, room))?;
        }
        match axes {
            BandAxes::Default(shape) => {
                self.dim_names.push_many(None, count, room)?;
                self.source_shape.push_many(shape, count)?;
                self.view.push_identities(count)?;
            }
            BandAxes::Named(axes) => {
                self.dim_names.push_many(Some(&axes.dim_names), count, room)?;
                self.source_shape.push_many(axes.view.source_shape(), count)?;
                self.view.push_identities(count)?;
            }
        }
        self.data_type.push_many(fields.pixel_type, count);
        self.nodata.push_many(fields.nodata, count, room)?;
        self.outdb_uri.push_many(None, count, room)?;
        self.outdb_format.push_many(None, count, room)
    }

    fn push_default_axes(&mut self, shape: [usize; 2], room: &mut TextRoom) -> Result<()> {
        self.dim_names.push(None, room)?;
        self.source_shape.push(&shape)?;
        self.view.push(None)
    }

    fn push_axes(&mut self, dim_names: &[&str], view: &View, room: &mut TextRoom) -> Result<()> {
        self.dim_names.push(Some(dim_names), room)?;
        self.source_shape.push(view.source_shape())?;
        self.view.push(Some(view))
    }

    fn push_metadata<'t>(&mut self, fields: &BandFields<'t>, room: &mut TextRoom) -> Result<()>
    where
        K: Known<'t>,
    {
        self.name.push(fields.name, room)?;
        self.data_type.push(fields.pixel_type);
        self.nodata.push(fields.nodata, room)?;
        self.outdb_uri.push(fields.outdb_uri, room)?;
        self.outdb_format.push(fields.outdb_format, room)
    }

    fn are_all_optional_null(&self) -> bool {
        [
            self.name.is_all_null(),
            self.nodata.is_all_null(),
            self.outdb_uri.is_all_null(),
            self.outdb_format.is_all_null(),
        ] == [true; 4]
    }

    fn finish(self) -> Result<StructArray> {
        let columns = vec![
            self.name.finish(defaults::null_utf8),
            self.dim_names.finish_utf8()?,
            self.source_shape.finish()?,
            self.data_type.finish(),
            self.nodata.finish(defaults::null_binary),
            self.view.finish()?,
            self.outdb_uri.finish(defaults::null_utf8),
            self.outdb_format.finish()?,
            self.data.finish()?,
        ];
        Ok(StructArray::try_new(STORAGE.band.clone(), columns, None)?)
    }
}
