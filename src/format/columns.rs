//! The nested arrays of a raster column, found by position and type.

use std::ops::Range;

use arrow_array::{Array, BinaryArray, Float64Array, StructArray, UInt32Array};
use arrow_buffer::NullBuffer;

use crate::error::Result;
use crate::format::defaults::{XY_LETTERS, YX_LETTERS};
use crate::format::schema::{band, raster};
use crate::format::values::{
    IntListColumn, ListColumn, PayloadColumn, TextColumn, TextListColumn, ViewEntryColumns, binary, child, column,
    downcast, integer, is_null, values,
};

/// The nested arrays that reading a band's pixels needs, found once. The rest is looked up where it is asked for.
#[derive(Clone, Copy)]
pub(crate) struct Columns<'a> {
    rasters: &'a StructArray,
    spatial_dims: TextListColumn<'a>,
    spatial_shape: IntListColumn<'a>,
    bands: ListColumn<'a>,
    band: &'a StructArray,
    dim_names: TextListColumn<'a>,
    source_shape: IntListColumn<'a>,
    data_type: &'a UInt32Array,
    view: ListColumn<'a>,
    name: TextColumn<'a>,
    nodata: &'a BinaryArray,
    outdb_uri: TextColumn<'a>,
    outdb_format: TextColumn<'a>,
    data: PayloadColumn<'a>,
    /// No band has a name, nodata or a URI: those columns need not be read.
    all_optional_null: bool,
}

impl<'a> Columns<'a> {
    /// Finds them by position; the names were checked with the schema.
    pub(crate) fn new(rasters: &'a StructArray) -> Result<Self> {
        let bands = ListColumn::new(rasters, raster::BANDS, "bands")?;
        let band = downcast::<StructArray>(bands.values(), "bands.band")?;
        let name = TextColumn::new(child(band, band::NAME, "name")?, "name")?;
        let nodata: &BinaryArray = column(band, band::NODATA, "nodata")?;
        let outdb_uri = TextColumn::new(child(band, band::OUTDB_URI, "outdb_uri")?, "outdb_uri")?;
        let outdb_format = TextColumn::new(child(band, band::OUTDB_FORMAT, "outdb_format")?, "outdb_format")?;
        let all_null = |nulls: Option<&NullBuffer>| nulls.is_some_and(|nulls| nulls.null_count() == nulls.len());
        let optional = [name.nulls(), nodata.nulls(), outdb_uri.nulls(), outdb_format.nulls()];
        Ok(Columns {
            rasters,
            spatial_dims: TextListColumn::new(rasters, raster::SPATIAL_DIMS, "spatial_dims")?,
            spatial_shape: IntListColumn::new(rasters, raster::SPATIAL_SHAPE, "spatial_shape")?,
            bands,
            band,
            dim_names: TextListColumn::new(band, band::DIM_NAMES, "dim_names")?,
            source_shape: IntListColumn::new(band, band::SOURCE_SHAPE, "source_shape")?,
            data_type: column(band, band::DATA_TYPE, "data_type")?,
            view: ListColumn::new(band, band::VIEW, "view")?,
            name,
            nodata,
            outdb_uri,
            outdb_format,
            data: PayloadColumn::new(child(band, band::DATA, "data")?)?,
            all_optional_null: optional.into_iter().all(all_null),
        })
    }

    /// Is a row null?
    #[inline]
    pub(crate) fn is_null(&self, row: usize) -> bool {
        is_null(self.rasters.nulls(), row)
    }

    /// The struct array of all bands.
    pub(crate) fn band_array(&self) -> &'a StructArray {
        self.band
    }

    /// How many bands all rows together can refer to.
    #[inline]
    pub(crate) fn num_bands(&self) -> usize {
        self.band.len()
    }

    /// Is a band null?
    #[inline]
    pub(crate) fn is_null_band(&self, index: usize) -> bool {
        is_null(self.band.nulls(), index)
    }

    /// The bands of each row.
    #[inline]
    pub(crate) fn bands(&self) -> ListColumn<'a> {
        self.bands
    }

    pub(crate) fn crs(&self) -> Result<TextColumn<'a>> {
        TextColumn::new(child(self.rasters, raster::CRS, "crs")?, "crs")
    }

    /// The numbers of a row's transform, however many there are.
    #[inline]
    pub(crate) fn transform(&self, row: usize) -> Result<&'a [f64]> {
        let lists = ListColumn::new(self.rasters, raster::TRANSFORM, "transform")?;
        let range = lists.required(row, "transform")?;
        values(downcast::<Float64Array>(lists.values(), "transform")?, range, "transform")
    }

    #[inline]
    pub(crate) fn spatial_dims(&self) -> TextListColumn<'a> {
        self.spatial_dims
    }

    /// The spatial shape of a row, as it is stored.
    #[inline]
    pub(crate) fn spatial_shape(&self, row: usize) -> Result<&'a [i64]> {
        self.spatial_shape.get(row, "spatial_shape")
    }

    #[inline]
    pub(crate) fn dim_names(&self) -> TextListColumn<'a> {
        self.dim_names
    }

    /// The source shape of a band, as it is stored.
    #[inline]
    pub(crate) fn source_shape(&self, index: usize) -> Result<&'a [i64]> {
        self.source_shape.get(index, "source_shape")
    }

    /// The id of a band's pixel type.
    #[inline]
    pub(crate) fn pixel_type_id(&self, index: usize) -> Result<u32> {
        integer(self.data_type, index, "data_type")
    }

    /// Which view entries are a band's: `None` for a band without a view.
    #[inline]
    pub(crate) fn view_range(&self, index: usize) -> Result<Option<Range<usize>>> {
        self.view.range(index, "view")
    }

    /// Does a band have a view?
    #[inline]
    pub(crate) fn has_view(&self, index: usize) -> bool {
        !self.view.is_null(index)
    }

    /// The view entries of a range.
    #[inline]
    pub(crate) fn view_entries(&self, range: &Range<usize>) -> Result<ViewEntryColumns<'a>> {
        ViewEntryColumns::new(self.view, range)
    }

    #[inline]
    pub(crate) fn name(&self, index: usize) -> Result<Option<&'a str>> {
        self.name.get(index, "name")
    }

    #[inline]
    pub(crate) fn outdb_uri(&self, index: usize) -> Result<Option<&'a str>> {
        self.outdb_uri.get(index, "outdb_uri")
    }

    #[inline]
    pub(crate) fn outdb_format(&self, index: usize) -> Result<Option<&'a str>> {
        self.outdb_format.get(index, "outdb_format")
    }

    /// The column of formats as a whole.
    pub(crate) fn outdb_formats(&self) -> TextColumn<'a> {
        self.outdb_format
    }

    /// The bytes of a band's nodata value.
    #[inline]
    pub(crate) fn nodata(&self, index: usize) -> Result<Option<&'a [u8]>> {
        binary(self.nodata, index, "nodata")
    }

    #[inline]
    pub(crate) fn payloads(&self) -> PayloadColumn<'a> {
        self.data
    }

    /// Would [`name`](Self::name), [`nodata`](Self::nodata), [`outdb_uri`](Self::outdb_uri) and
    /// [`outdb_format`](Self::outdb_format) succeed?
    #[inline]
    pub(crate) fn has_valid_optionals(&self, index: usize) -> bool {
        let texts = [self.name, self.outdb_uri, self.outdb_format];
        self.all_optional_null
            || (texts.iter().all(|text| text.is_valid_or_null(index)) && binary(self.nodata, index, "").is_ok())
    }

    /// Are the dims of a band `["y", "x"]`, and the spatial dims of its row `["x", "y"]`? May say no where nulls or
    /// other types of text want a closer look.
    #[inline]
    pub(crate) fn has_default_dims(&self, row: usize, index: usize) -> bool {
        self.dim_names.is_pair(index, YX_LETTERS) && self.spatial_dims.is_pair(row, XY_LETTERS)
    }
}
