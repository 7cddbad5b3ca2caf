//! Defines the storage type of a raster column, and checks whether a column has one that can be read.
//!
//! This crate writes exactly one type, that of SedonaDB 0.5.0, because SedonaDB's SQL compares types exactly. It reads
//! every type that means the same: other writers change nullability, the names of list items, metadata, and the types of
//! lists, text and bytes. None of these changes where a pixel lies.

use std::borrow::Cow;
use std::sync::{Arc, LazyLock};

use arrow_schema::extension::ExtensionType;
use arrow_schema::{ArrowError, DataType, Field, FieldRef, Fields};

use crate::error::{Error, Result, error};
use crate::shown::Short;

/// Positions of the raster's fields.
pub(crate) mod raster {
    pub(crate) const CRS: usize = 0;
    pub(crate) const TRANSFORM: usize = 1;
    pub(crate) const SPATIAL_DIMS: usize = 2;
    pub(crate) const SPATIAL_SHAPE: usize = 3;
    pub(crate) const BANDS: usize = 4;
}

/// Positions of the band's fields.
pub(crate) mod band {
    pub(crate) const NAME: usize = 0;
    pub(crate) const DIM_NAMES: usize = 1;
    pub(crate) const SOURCE_SHAPE: usize = 2;
    pub(crate) const DATA_TYPE: usize = 3;
    pub(crate) const NODATA: usize = 4;
    pub(crate) const VIEW: usize = 5;
    pub(crate) const OUTDB_URI: usize = 6;
    pub(crate) const OUTDB_FORMAT: usize = 7;
    pub(crate) const DATA: usize = 8;
}

/// A storage type and its parts, built once. Arrays that share the fields compare equal by pointer.
pub(crate) struct Storage {
    pub(crate) data_type: DataType,
    pub(crate) raster: Fields,
    pub(crate) band: Fields,
    pub(crate) view: Fields,
    /// The item fields of the lists, named after what the items are.
    pub(crate) float64: FieldRef,
    pub(crate) int64: FieldRef,
    pub(crate) utf8: FieldRef,
    pub(crate) text_item: FieldRef,
    pub(crate) view_entry: FieldRef,
    pub(crate) band_entry: FieldRef,
}

/// The storage type of SedonaDB 0.5.0, with view types.
pub(crate) static STORAGE: LazyLock<Storage> =
    LazyLock::new(|| Storage::new(&DataType::Utf8View, DataType::BinaryView));

/// The storage type without view types, see [`RasterType::offset_storage_type`].
pub(crate) static OFFSET_STORAGE: LazyLock<Storage> =
    LazyLock::new(|| Storage::new(&DataType::Utf8, DataType::LargeBinary));

impl Storage {
    /// Builds the storage type with `text` where SedonaDB has `Utf8View`, and `payload` where it has `BinaryView`.
    fn new(text: &DataType, payload: DataType) -> Self {
        let item = |data_type| Arc::new(Field::new("item", data_type, false));
        let list = |item: &FieldRef| DataType::List(Arc::clone(item));
        let axes = ["source_axis", "start", "step", "steps"];
        let view: Fields = axes.map(|name| Field::new(name, DataType::Int64, false)).into_iter().collect();
        let (float64, int64) = (item(DataType::Float64), item(DataType::Int64));
        let (utf8, text_item) = (item(DataType::Utf8), item(text.clone()));
        let view_entry = item(DataType::Struct(view.clone()));
        let band = Fields::from(vec![
            Field::new("name", DataType::Utf8, true),
            Field::new("dim_names", list(&utf8), false),
            Field::new("source_shape", list(&int64), false),
            Field::new("data_type", DataType::UInt32, false),
            Field::new("nodata", DataType::Binary, true),
            Field::new("view", list(&view_entry), true),
            Field::new("outdb_uri", DataType::Utf8, true),
            Field::new("outdb_format", text.clone(), true),
            Field::new("data", payload, false),
        ]);
        let band_entry = Arc::new(Field::new("band", DataType::Struct(band.clone()), false));
        let raster = Fields::from(vec![
            Field::new("crs", text.clone(), true),
            Field::new("transform", list(&float64), false),
            Field::new("spatial_dims", list(&text_item), false),
            Field::new("spatial_shape", list(&int64), false),
            Field::new("bands", list(&band_entry), true),
        ]);
        let data_type = DataType::Struct(raster.clone());
        Storage { data_type, raster, band, view, float64, int64, utf8, text_item, view_entry, band_entry }
    }
}

/// The Arrow extension type `sedona.raster`.
///
/// [`RasterType::field`] makes a field of this type for a schema. The field's metadata hold the extension name; there
/// is no extension metadata.
///
/// # Examples
///
/// ```
/// use ndraster::{RasterType, arrow_schema::{Field, Schema}};
///
/// let field = RasterType::field("rast");
/// assert_eq!(field.extension_type_name(), Some("sedona.raster"));
/// assert!(field.try_extension_type::<RasterType>().is_ok());
///
/// let schema = Schema::new(vec![field]);
/// assert_eq!(schema.field(0).data_type(), &RasterType::storage_type());
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct RasterType;

impl RasterType {
    /// Returns the struct type of a raster column, exactly as SedonaDB 0.5.0 has it.
    ///
    /// # Cost
    ///
    /// Clones a shared type.
    ///
    /// # Examples
    ///
    /// ```
    /// use ndraster::{RasterType, arrow_schema::DataType};
    ///
    /// let DataType::Struct(fields) = RasterType::storage_type() else { unreachable!() };
    /// let names: Vec<_> = fields.iter().map(|f| f.name().as_str()).collect();
    /// assert_eq!(names, ["crs", "transform", "spatial_dims", "spatial_shape", "bands"]);
    /// ```
    pub fn storage_type() -> DataType {
        STORAGE.data_type.clone()
    }

    /// Returns the struct type of a raster column without Arrow's view types: `Utf8` for text and `LargeBinary` for
    /// payloads.
    ///
    /// Use it for engines and files that write every buffer that an array of a view type lists, or that do not know
    /// view types. [`to_offset_types`](crate::RasterArray::to_offset_types) makes such columns, and this crate reads
    /// them.
    ///
    /// # Cost
    ///
    /// Clones a shared type.
    ///
    /// # Examples
    ///
    /// ```
    /// # use ndraster::{RasterType, arrow_schema::extension::ExtensionType};
    /// assert!(!RasterType::offset_storage_type().to_string().contains("View"));
    /// assert!(RasterType.supports_data_type(&RasterType::offset_storage_type()).is_ok());
    /// ```
    pub fn offset_storage_type() -> DataType {
        OFFSET_STORAGE.data_type.clone()
    }

    /// Makes a nullable field of [`storage_type`](Self::storage_type), with the extension name.
    ///
    /// # Cost
    ///
    /// Clones a shared type.
    ///
    /// # Examples
    ///
    /// ```
    /// assert!(ndraster::RasterType::field("rast").is_nullable());
    /// ```
    pub fn field(name: &str) -> Field {
        Field::new(name, Self::storage_type(), true).with_extension_type(RasterType)
    }
}

impl ExtensionType for RasterType {
    const NAME: &'static str = "sedona.raster";

    type Metadata = ();

    fn metadata(&self) -> &() {
        &()
    }

    fn serialize_metadata(&self) -> Option<String> {
        None
    }

    /// Accepts any metadata: SedonaDB writes none or an empty string, and neither has a meaning.
    fn deserialize_metadata(_: Option<&str>) -> Result<(), ArrowError> {
        Ok(())
    }

    /// Accepts every storage type that this crate reads.
    fn supports_data_type(&self, data_type: &DataType) -> Result<(), ArrowError> {
        Ok(check_type(data_type)?)
    }

    fn try_new(data_type: &DataType, (): ()) -> Result<Self, ArrowError> {
        RasterType.supports_data_type(data_type)?;
        Ok(RasterType)
    }
}

/// Checks that columns of this type can be read as rasters, for query planners that have a type and no array yet.
///
/// # Errors
///
/// Returns [`ErrorKind::Schema`](crate::ErrorKind::Schema), with the path of the field, if they cannot.
impl TryFrom<&DataType> for RasterType {
    type Error = Error;

    fn try_from(data_type: &DataType) -> Result<Self> {
        check_type(data_type)?;
        Ok(RasterType)
    }
}

/// Returns whether these are exactly the fields of SedonaDB 0.5.0.
pub(crate) fn is_canonical(fields: &Fields) -> bool {
    *fields == STORAGE.raster
}

/// Checks that a column of this type can be read as rasters.
pub(crate) fn check_type(data_type: &DataType) -> Result<()> {
    match data_type {
        DataType::Struct(fields) => check_fields(fields),
        other => Err(error!(
            Schema,
            "a raster column is a Struct of crs, transform, spatial_dims, spatial_shape and bands, found {}",
            kind(other)
        )),
    }
}

/// Checks that a struct with these fields can be read as rasters.
///
/// # Cost
///
/// A comparison of the 22 fields, but none for an array that this crate made.
pub(crate) fn check_fields(fields: &Fields) -> Result<()> {
    if std::ptr::eq(fields.as_ref(), STORAGE.raster.as_ref()) {
        return Ok(());
    }
    same_fields(&mut String::new(), &STORAGE.raster, fields)
}

/// Checks that the names and their order are equal, then checks each field's type. Without an error, `path` is the same
/// afterwards.
fn same_fields(path: &mut String, expected: &Fields, found: &Fields) -> Result<()> {
    let has = |fields: &Fields, name: &str| fields.iter().any(|f| f.name() == name);
    let lacks = |path: &mut String, name: &str, what: &str| {
        within(path, name, |path| Err(schema_error(path, format_args!("{what}"))))
    };
    if let Some(missing) = expected.iter().find(|f| !has(found, f.name())) {
        return lacks(path, missing.name(), "the field is missing");
    }
    if let Some(extra) = found.iter().find(|f| !has(expected, f.name())) {
        return lacks(path, &Short(extra.name()).to_string(), "a raster has no such field");
    }
    if expected.len() != found.len() {
        return Err(schema_error(path, format_args!("expected {} fields, found {}", expected.len(), found.len())));
    }
    for (position, (e, f)) in expected.iter().zip(found.iter()).enumerate() {
        if e.name() != f.name() {
            let message = format_args!("expected `{}` at position {position}, found `{}`", e.name(), f.name());
            return Err(schema_error(path, message));
        }
        within(path, e.name(), |path| same_type(path, e.data_type(), f.data_type()))?;
    }
    Ok(())
}

fn same_type(path: &mut String, expected: &DataType, found: &DataType) -> Result<()> {
    use DataType::{
        Binary, BinaryView, Dictionary, FixedSizeBinary, FixedSizeList, Float64, Int64, LargeBinary, LargeList,
        LargeListView, LargeUtf8, List, ListView, Struct, UInt32, Utf8, Utf8View,
    };
    match (expected, found) {
        (List(e), List(f) | LargeList(f) | FixedSizeList(f, _) | ListView(f) | LargeListView(f)) => {
            within(path, e.name(), |path| same_type(path, e.data_type(), f.data_type()))
        }
        (Struct(e), Struct(f)) => same_fields(path, e, f),
        (Utf8 | Utf8View, Utf8 | LargeUtf8 | Utf8View) => Ok(()),
        (Utf8 | Utf8View, Dictionary(_, values)) if matches!(**values, Utf8 | LargeUtf8 | Utf8View) => Ok(()),
        (Binary | BinaryView, Binary | LargeBinary | BinaryView | FixedSizeBinary(_)) => Ok(()),
        (Float64, Float64) | (Int64, Int64) | (UInt32, UInt32) => Ok(()),
        (e, f) => Err(schema_error(path, format_args!("expected {}, found {}", kind(e), kind(f)))),
    }
}

/// Runs a check with `name` added to the path.
fn within(path: &mut String, name: &str, check: impl FnOnce(&mut String) -> Result<()>) -> Result<()> {
    let depth = path.len();
    if depth > 0 {
        path.push('.');
    }
    path.push_str(name);
    check(path)?;
    path.truncate(depth);
    Ok(())
}

#[cold]
fn schema_error(path: &str, what: std::fmt::Arguments<'_>) -> Error {
    match path {
        "" => error!(Schema, "{what}"),
        path => error!(Schema, "{path}: {what}"),
    }
}

/// Returns a type's name without the types in it, which would fill a page, and which may be nested deeper than a stack
/// can follow.
pub(crate) fn kind(data_type: &DataType) -> Cow<'static, str> {
    use DataType::{
        Dictionary, FixedSizeList, LargeList, LargeListView, List, ListView, Map, RunEndEncoded, Struct, Union,
    };
    match data_type {
        List(_) => "List".into(),
        LargeList(_) => "LargeList".into(),
        FixedSizeList(..) => "FixedSizeList".into(),
        ListView(_) => "ListView".into(),
        LargeListView(_) => "LargeListView".into(),
        Struct(_) => "Struct".into(),
        Dictionary(..) => "Dictionary".into(),
        Map(..) => "Map".into(),
        RunEndEncoded(..) => "RunEndEncoded".into(),
        Union(..) => "Union".into(),
        plain => plain.to_string().into(),
    }
}
