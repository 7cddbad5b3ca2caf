//! Finds the nested arrays of a raster column, by position and type.

use std::ops::Range;

use arrow_array::{Array, Float64Array, StructArray, UInt32Array};
use arrow_buffer::NullBuffer;

use crate::error::{Error, Result, error};
use crate::format::bytes::BytesColumn;
use crate::format::defaults::{XY_LETTERS, YX_LETTERS};
use crate::format::lists::{IntListColumn, ListColumn, ViewColumn, ViewEntryColumns};
use crate::format::memory::{AXIS_BYTES, BAND_BYTES};
use crate::format::schema::{band, raster};
use crate::format::text::{TextColumn, TextListColumn};
use crate::format::values::{child, column, downcast, integer, is_null, none_null, values};
use crate::view::MAX_AXES;

/// The nested arrays that are needed to read a band, found once. The CRS and the transform are looked up when they are
/// read.
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
    view: ViewColumn<'a>,
    name: TextColumn<'a>,
    nodata: BytesColumn<'a>,
    outdb_uri: TextColumn<'a>,
    outdb_format: TextColumn<'a>,
    data: BytesColumn<'a>,
    /// Whether the columns of names, nodata values, URIs and formats hold only nulls. Then they need not be checked.
    all_optional_null: bool,
}

impl<'a> Columns<'a> {
    /// Finds the arrays by position. Their names were checked with the schema.
    ///
    /// `all_optional_null` is what [`are_all_optional_null`](Self::are_all_optional_null) says.
    pub(crate) fn new(rasters: &'a StructArray, all_optional_null: bool) -> Result<Self> {
        let bands = ListColumn::new(rasters, raster::BANDS, "bands")?;
        let band = downcast::<StructArray>(bands.values(), "bands.band")?;
        let text = |position, what| TextColumn::new(child(band, position, what)?, what);
        Ok(Columns {
            rasters,
            spatial_dims: spatial_dims(rasters)?,
            spatial_shape: IntListColumn::new(rasters, raster::SPATIAL_SHAPE, "spatial_shape")?,
            bands,
            band,
            dim_names: TextListColumn::new(band, band::DIM_NAMES, "dim_names")?,
            source_shape: IntListColumn::new(band, band::SOURCE_SHAPE, "source_shape")?,
            data_type: column(band, band::DATA_TYPE, "data_type")?,
            view: ViewColumn::new(band, band::VIEW)?,
            name: text(band::NAME, "name")?,
            nodata: BytesColumn::new(child(band, band::NODATA, "nodata")?, "nodata")?,
            outdb_uri: text(band::OUTDB_URI, "outdb_uri")?,
            outdb_format: text(band::OUTDB_FORMAT, "outdb_format")?,
            data: BytesColumn::new(child(band, band::DATA, "data")?, "data")?,
            all_optional_null,
        })
    }

    /// Checks that the lists of each row are as many as the column says.
    pub(crate) fn check_lists(&self) -> Result<()> {
        let transform = ListColumn::new(self.rasters, raster::TRANSFORM, "transform")?;
        let dims = ListColumn::new(self.rasters, raster::SPATIAL_DIMS, "spatial_dims")?;
        let shape = ListColumn::new(self.rasters, raster::SPATIAL_SHAPE, "spatial_shape")?;
        let lists = [(transform, "transform"), (dims, "spatial_dims"), (shape, "spatial_shape"), (self.bands, "bands")];
        match lists.iter().find(|(lists, _)| !lists.is_whole()) {
            Some((_, what)) => Err(error!(Malformed, "{what}: it has fewer lists or values than it says")),
            None => Ok(()),
        }
    }

    /// Returns whether the columns of names, nodata values, URIs and formats hold only nulls. Counts them, because an array
    /// may claim a false number of nulls.
    fn are_all_optional_null(&self) -> bool {
        let optional = [band::NAME, band::NODATA, band::OUTDB_URI, band::OUTDB_FORMAT];
        let nulls = |position: usize| self.band.columns().get(position)?.nulls();
        let all_null = |nulls: &NullBuffer| nulls.len() >= self.band.len() && nulls.inner().count_set_bits() == 0;
        optional.into_iter().all(|position| nulls(position).is_some_and(all_null))
    }

    /// Returns the same columns, with [`are_all_optional_null`](Self::are_all_optional_null) asked.
    pub(crate) fn with_optionals_counted(self) -> Self {
        Columns { all_optional_null: self.are_all_optional_null(), ..self }
    }

    /// Returns whether the columns of names, nodata values, URIs and formats are known to hold only nulls.
    pub(crate) fn all_optional_null(&self) -> bool {
        self.all_optional_null
    }

    /// Returns whether a row is null.
    #[inline]
    pub(crate) fn is_null(&self, row: usize) -> bool {
        is_null(self.rasters.nulls(), row)
    }

    /// Returns the struct array of the bands of all rows.
    pub(crate) fn band_array(&self) -> &'a StructArray {
        self.band
    }

    /// Returns the number of bands in the struct array of bands.
    #[inline]
    pub(crate) fn num_bands(&self) -> usize {
        self.band.len()
    }

    /// Returns whether a band is null.
    #[inline]
    pub(crate) fn is_null_band(&self, index: usize) -> bool {
        is_null(self.band.nulls(), index)
    }

    /// Returns the column of lists of bands, one list a row.
    #[inline]
    pub(crate) fn bands(&self) -> ListColumn<'a> {
        self.bands
    }

    pub(crate) fn crs(&self) -> Result<TextColumn<'a>> {
        TextColumn::new(child(self.rasters, raster::CRS, "crs")?, "crs")
    }

    /// The struct array of the rows, for [`transform`].
    pub(crate) fn rasters(&self) -> &'a StructArray {
        self.rasters
    }
    #[inline]
    pub(crate) fn spatial_dims(&self) -> TextListColumn<'a> {
        self.spatial_dims
    }

    /// Returns the stored spatial shape of a row, in which extents may be negative.
    #[inline]
    pub(crate) fn spatial_shape(&self, row: usize) -> Result<&'a [i64]> {
        self.spatial_shape.get(row, MAX_AXES, "spatial_shape")
    }

    #[inline]
    pub(crate) fn dim_names(&self) -> TextListColumn<'a> {
        self.dim_names
    }

    /// Returns the stored source shape of a band, in which extents may be negative.
    #[inline]
    pub(crate) fn source_shape(&self, index: usize) -> Result<&'a [i64]> {
        self.source_shape.get(index, MAX_AXES, "source_shape")
    }

    /// Returns the stored id of a band's pixel type, which may be any number.
    #[inline]
    pub(crate) fn pixel_type_id(&self, index: usize) -> Result<u32> {
        integer(self.data_type, index, "data_type")
    }

    /// Returns the extents of the payloads of some bands, height first, if all have the same two.
    pub(crate) fn common_source_shape(&self, bands: &Range<usize>) -> Option<[i64; 2]> {
        self.source_shape.repeated_pair(bands)
    }

    /// Returns the spatial extents of some rows, width first, if all have the same two.
    pub(crate) fn common_spatial_shape(&self, rows: &Range<usize>) -> Option<[i64; 2]> {
        self.spatial_shape.repeated_pair(rows)
    }

    /// Returns the id of the pixel type of some bands, if all have the same.
    pub(crate) fn common_pixel_type_id(&self, bands: &Range<usize>) -> Option<u32> {
        let ids = self.data_type.values().get(bands.clone())?;
        let id = *ids.first()?;
        let wrong = ids.iter().fold(0, |wrong, found| wrong | (found ^ id));
        (wrong == 0 && none_null(self.data_type.nulls(), bands)).then_some(id)
    }

    /// Returns whether no row of a range is null.
    pub(crate) fn have_no_null(&self, rows: &Range<usize>) -> bool {
        none_null(self.rasters.nulls(), rows)
    }

    /// Returns whether no band of a range is null, and no view of theirs is anything else.
    pub(crate) fn have_no_null_band_and_no_view(&self, bands: &Range<usize>) -> bool {
        bands.end <= self.band.len() && none_null(self.band.nulls(), bands) && self.view.are_null(bands)
    }

    /// Returns whether [`has_valid_optionals`](Self::has_valid_optionals) says so of each band of a range. Returns `false` without
    /// a look at them if a text is long: many bands may share it.
    pub(crate) fn have_valid_optionals(&self, bands: &Range<usize>) -> bool {
        const LONG: usize = 256;
        let are_short = || self.band_texts().iter().all(|text| text.longest(bands.clone()) <= LONG);
        self.all_optional_null || (are_short() && bands.clone().all(|index| self.has_valid_optionals(index)))
    }

    /// Returns whether [`has_default_dims`](Self::has_default_dims) says so of rows and of all bands of theirs.
    pub(crate) fn have_default_dims(&self, rows: &Range<usize>, bands: &Range<usize>) -> bool {
        self.dim_names.are_pairs(bands, YX_LETTERS) && self.spatial_dims.are_pairs(rows, XY_LETTERS)
    }

    /// Returns whether a band's view is not null.
    #[inline]
    pub(crate) fn has_view(&self, index: usize) -> bool {
        !self.view.is_null(index)
    }

    /// Returns the view entries of a band of `ndim` axes, or `None` if the band's view is null.
    #[inline]
    pub(crate) fn view_entries(&self, index: usize, ndim: usize) -> Result<Option<ViewEntryColumns<'a>>> {
        self.view.get(index, ndim)
    }

    #[inline]
    pub(crate) fn name(&self, index: usize) -> Result<Option<&'a str>> {
        self.name.get(index, "name")
    }

    /// Returns a band's name without UTF-8 validation.
    #[inline]
    pub(crate) fn name_bytes(&self, index: usize) -> Result<Option<&'a [u8]>> {
        self.name.bytes(index, "name")
    }

    #[inline]
    pub(crate) fn outdb_uri(&self, index: usize) -> Result<Option<&'a str>> {
        self.outdb_uri.get(index, "outdb_uri")
    }

    #[inline]
    pub(crate) fn outdb_format(&self, index: usize) -> Result<Option<&'a str>> {
        self.outdb_format.get(index, "outdb_format")
    }

    /// Returns how many bytes the metadata of a band take, with all its texts. What cannot be read counts as nothing.
    pub(crate) fn metadata_len(&self, index: usize) -> usize {
        let texts = self.band_texts().map(|text| text.len_of(index));
        let dims = self.dim_names.range(index, "").unwrap_or_default();
        // A band has no more axes. With more, it is refused before they are read.
        let dims = dims.take(MAX_AXES).map(|dim| self.dim_names.values().len_of(dim).saturating_add(AXIS_BYTES));
        texts.into_iter().chain(dims).fold(BAND_BYTES, usize::saturating_add)
    }

    /// Returns the columns of names, of URIs and of formats.
    #[inline]
    pub(crate) fn band_texts(&self) -> [TextColumn<'a>; 3] {
        [self.name, self.outdb_uri, self.outdb_format]
    }

    /// Returns the whole column of formats.
    pub(crate) fn outdb_formats(&self) -> TextColumn<'a> {
        self.outdb_format
    }

    /// Returns the stored bytes of a band's nodata value, of any length.
    #[inline]
    pub(crate) fn nodata(&self, index: usize) -> Result<Option<&'a [u8]>> {
        self.nodata.get(index, "nodata")
    }

    #[inline]
    pub(crate) fn payloads(&self) -> BytesColumn<'a> {
        self.data
    }

    /// Returns whether [`name`](Self::name), [`nodata`](Self::nodata), [`outdb_uri`](Self::outdb_uri) and
    /// [`outdb_format`](Self::outdb_format) can be read without an error.
    #[inline]
    pub(crate) fn has_valid_optionals(&self, index: usize) -> bool {
        self.all_optional_null
            || (self.band_texts().iter().all(|text| text.is_valid_or_null(index))
                && self.nodata.is_valid_or_null(index))
    }

    /// Returns whether the dims of a band are `["y", "x"]`, and the spatial dims of its row `["x", "y"]`.
    ///
    /// May return `false` for such dims if their text is not stored as this crate writes it. So after `false` the caller
    /// compares the names.
    #[inline]
    pub(crate) fn has_default_dims(&self, row: usize, index: usize) -> bool {
        self.dim_names.is_pair(index, YX_LETTERS) && self.spatial_dims.is_pair(row, XY_LETTERS)
    }
}

/// Returns the spatial dims of each row.
pub(crate) fn spatial_dims(rasters: &StructArray) -> Result<TextListColumn<'_>> {
    TextListColumn::new(rasters, raster::SPATIAL_DIMS, "spatial_dims")
}

/// Returns the six numbers of a row's transform.
#[inline]
pub(crate) fn transform(rasters: &StructArray, row: usize) -> Result<[f64; 6]> {
    let lists = ListColumn::new(rasters, raster::TRANSFORM, "transform")?;
    let range = lists.required(row, "transform")?;
    let found = range.len();
    if found != 6 {
        return Err(not_six(found));
    }
    let numbers = values(downcast::<Float64Array>(lists.values(), "transform")?, range, "transform")?;
    numbers.try_into().map_err(|_| not_six(found))
}

#[cold]
fn not_six(found: usize) -> Error {
    error!(Malformed, "transform: expected six numbers, found {found}")
}
