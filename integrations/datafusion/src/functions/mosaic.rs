//! Defines `nd_mosaic`: the rasters of a group put together, an aggregate function.

use std::cmp::Ordering;
use std::hash::{Hash, Hasher};
use std::mem::size_of_val;
use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::types::Int64Type;
use arrow_array::{Array, ArrayRef, Int64Array, ListArray, StructArray};
use arrow_buffer::OffsetBuffer;
use arrow_schema::{DataType, Field, FieldRef};
use datafusion_common::{
    DataFusionError, Result, ScalarValue, exec_datafusion_err, exec_err, internal_err, not_impl_err, plan_err,
};
use datafusion_expr::function::{AccumulatorArgs, StateFieldsArgs};
use datafusion_expr::utils::{AggregateOrderSensitivity, format_state_name};
use datafusion_expr::{Accumulator, AggregateUDF, AggregateUDFImpl, Signature, Volatility};
use ndraster::{RasterArray, RasterArrayBuilder, RasterRef, RasterType};

use crate::errors;

const NAME: &str = "nd_mosaic";

/// Returns the SQL aggregate function `nd_mosaic(raster [, overlap])`: the rasters of a group, which lie on one grid, put together
/// into one.
///
/// They are tiles of a raster, or neighbours side by side, as for [`RasterArray::to_mosaic`]. `overlap` is that of
/// [`nd_tiles`](crate::functions::nd_tiles), and the same for all rows of a group. Nulls are left out; a group without rasters
/// gives null. What no raster covers becomes nodata.
///
/// Where rasters cover each other, the first valid pixel counts. The rasters are taken in the order of their place (`y` of the
/// origin from the largest, then `x` from the least), since the order in which rows arrive depends on the number of partitions.
/// So `ORDER BY` inside of the call is an error.
///
/// The query fails for a raster that does not fit the grid, the CRS or the bands of the others, with a message that says what
/// does not fit.
///
/// All rasters of a group stay in memory until its last row; their payloads are shared. The result is one copy of the pixels.
/// Between the partitions of a cluster, the pixels travel once.
///
/// # Examples
///
/// ```
/// # use std::sync::Arc;
/// # use datafusion::arrow::array::{RecordBatch, StructArray};
/// # use datafusion::arrow::datatypes::Schema;
/// # use datafusion::prelude::SessionContext;
/// # use ndraster::{Raster, RasterArray, ndarray::Array2};
/// # #[tokio::main]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let dem = Raster::from_ndarray(Array2::from_shape_fn((100, 130), |(row, col)| (row * col) as f32))?;
/// # let pixels = dem.as_array_view2::<f32>()?.to_owned();
/// # let column = RasterArray::from(dem);
/// # let schema = Schema::new(vec![column.field("rast")]);
/// # let mut ctx = SessionContext::new();
/// # ctx.register_batch("dem", RecordBatch::try_new(Arc::new(schema), vec![Arc::new(StructArray::from(column))])?)?;
/// ndraster_datafusion::register_all(&mut ctx)?;
/// let sql = "SELECT nd_mosaic(part['tile']) AS rast FROM (SELECT unnest(nd_tiles(rast, 64, 64)) AS part FROM dem)";
/// let found = RasterArray::from_batch(&ctx.sql(sql).await?.collect().await?[0], "rast")?;
/// assert_eq!(found.get(0).unwrap().as_array_view2::<f32>()?, pixels);
/// # Ok(())
/// # }
/// ```
pub fn nd_mosaic() -> AggregateUDF {
    AggregateUDF::new_from_impl(Mosaic { signature: Signature::user_defined(Volatility::Immutable) })
}

/// The function that DataFusion plans with.
#[derive(Debug)]
struct Mosaic {
    signature: Signature,
}

impl PartialEq for Mosaic {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl Eq for Mosaic {}

impl Hash for Mosaic {
    fn hash<H: Hasher>(&self, state: &mut H) {
        NAME.hash(state);
    }
}

impl AggregateUDFImpl for Mosaic {
    fn name(&self) -> &str {
        NAME
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _: &[DataType]) -> Result<DataType> {
        Ok(RasterType::storage_type())
    }

    fn return_field(&self, _: &[FieldRef]) -> Result<FieldRef> {
        Ok(Arc::new(RasterType::field(NAME)))
    }

    fn coerce_types(&self, found: &[DataType]) -> Result<Vec<DataType>> {
        let (raster, overlap) = match found {
            [raster] => (raster, None),
            [raster, overlap] => (raster, Some(overlap)),
            _ => return plan_err!("{NAME}: the number of arguments is {}, not 1 to 2", found.len()),
        };
        let raster = match (raster, RasterType::try_from(raster)) {
            (DataType::Null, _) => RasterType::storage_type(),
            (raster, Ok(_)) => raster.clone(),
            (_, Err(error)) => return plan_err!("{NAME}: argument 1 is not a raster: {error}"),
        };
        match overlap {
            None => Ok(vec![raster]),
            Some(overlap) if overlap.is_integer() || *overlap == DataType::Null => Ok(vec![raster, DataType::Int64]),
            Some(_) => plan_err!("{NAME}: argument 2 is the overlap of the tiles, where Int64 is expected"),
        }
    }

    fn accumulator(&self, args: AccumulatorArgs<'_>) -> Result<Box<dyn Accumulator>> {
        if !args.order_bys.is_empty() {
            return not_impl_err!(
                "{NAME}: it takes no ORDER BY: where rasters cover each other, the one that lies furthest north, then west, \
                 counts; leave the others out by WHERE"
            );
        }
        Ok(Box::<Seen>::default())
    }

    fn state_fields(&self, args: StateFieldsArgs<'_>) -> Result<Vec<FieldRef>> {
        let rasters = Field::new_list(format_state_name(args.name, "rasters"), RasterType::field("item"), true);
        let overlap = Field::new(format_state_name(args.name, "overlap"), DataType::Int64, true);
        Ok(vec![Arc::new(rasters), Arc::new(overlap)])
    }

    fn order_sensitivity(&self) -> AggregateOrderSensitivity {
        AggregateOrderSensitivity::Insensitive
    }
}

/// What was seen of a group.
#[derive(Debug, Default)]
struct Seen {
    /// Without nulls.
    rasters: Vec<RasterArray>,
    /// The bytes of the payloads, counted once for each raster.
    bytes: usize,
    overlap: Option<i64>,
}

impl Seen {
    /// Takes the rasters of an array, sharing their payloads and nothing else that the array holds.
    fn add(&mut self, array: &ArrayRef) -> Result<()> {
        let mut kept = RasterArrayBuilder::new();
        for raster in RasterArray::try_from(array).map_err(|error| failed(&error))?.iter().flatten() {
            kept.append(raster).map_err(|error| failed(&error))?;
        }
        if !kept.is_empty() {
            let kept = kept.finish().map_err(|error| failed(&error))?;
            self.bytes = self.bytes.saturating_add(kept.payload_bytes().map_err(|error| failed(&error))?);
            self.rasters.push(kept);
        }
        Ok(())
    }

    fn set_overlap(&mut self, overlaps: &Int64Array) -> Result<()> {
        for overlap in overlaps.iter().flatten() {
            match *self.overlap.get_or_insert(overlap) {
                known if known == overlap => {}
                known => return exec_err!("{NAME}: the overlap is {known} and {overlap}: it is one for all rasters"),
            }
        }
        Ok(())
    }

    fn all(&self) -> ndraster::Result<RasterArray> {
        let mut all = RasterArrayBuilder::with_capacity(self.rasters.iter().map(RasterArray::len).sum());
        self.rasters.iter().flat_map(RasterArray::iter).flatten().try_for_each(|raster| all.append(raster))?;
        all.finish()
    }

    /// Returns the rasters in an order that does not depend on how they arrived, as long as no two have one place.
    fn in_order(&self) -> ndraster::Result<RasterArray> {
        let mut rasters: Vec<RasterRef<'_>> = self.rasters.iter().flat_map(RasterArray::iter).flatten().collect();
        // A malformed transform is an error of the mosaic.
        let place =
            |raster: &RasterRef<'_>| raster.transform().map(|transform| transform.to_gdal()).unwrap_or_default();
        rasters.sort_by(|a, b| by_place(&place(a), &place(b)));
        let mut ordered = RasterArrayBuilder::with_capacity(rasters.len());
        rasters.into_iter().try_for_each(|raster| ordered.append(raster))?;
        ordered.finish()
    }
}

/// Orders from north to south, then from west to east.
fn by_place(a: &[f64; 6], b: &[f64; 6]) -> Ordering {
    b[3].total_cmp(&a[3]).then(a[0].total_cmp(&b[0]))
}

/// Says which raster of a group does not fit: its row in SQL is not known here.
#[cold]
fn misfit(rasters: &RasterArray, error: &ndraster::Error) -> DataFusionError {
    let bbox = error.row().and_then(|row| rasters.get(row)).and_then(|raster| raster.bbox().ok());
    let place = bbox.map(|bbox| format!(" (rows from north to south; this one lies at {bbox:?})"));
    exec_datafusion_err!("{NAME}: {}{}", errors::with_advice(error), place.unwrap_or_default())
}

fn failed(error: &ndraster::Error) -> DataFusionError {
    errors::failed(NAME, None, error)
}

impl Accumulator for Seen {
    fn update_batch(&mut self, values: &[ArrayRef]) -> Result<()> {
        let Some((rasters, others)) = values.split_first() else {
            return internal_err!("{NAME}: no argument");
        };
        if let Some(overlaps) = others.first().and_then(|overlaps| overlaps.as_primitive_opt::<Int64Type>()) {
            self.set_overlap(overlaps)?;
        }
        self.add(rasters)
    }

    fn merge_batch(&mut self, states: &[ArrayRef]) -> Result<()> {
        let [rasters, overlaps] = states else {
            return internal_err!("{NAME}: a state of {} columns", states.len());
        };
        let (Some(lists), Some(overlaps)) = (rasters.as_list_opt::<i32>(), overlaps.as_primitive_opt::<Int64Type>())
        else {
            return internal_err!("{NAME}: a state of other types");
        };
        self.set_overlap(overlaps)?;
        lists.iter().flatten().try_for_each(|rasters| self.add(&rasters))
    }

    fn state(&mut self) -> Result<Vec<ScalarValue>> {
        let all = StructArray::from(self.all().map_err(|error| failed(&error))?);
        let offsets = OffsetBuffer::from_lengths([all.len()]);
        let list = ListArray::try_new(Arc::new(RasterType::field("item")), offsets, Arc::new(all), None)?;
        Ok(vec![ScalarValue::List(Arc::new(list)), ScalarValue::Int64(self.overlap)])
    }

    fn evaluate(&mut self) -> Result<ScalarValue> {
        let rasters = self.in_order().map_err(|error| failed(&error))?;
        if rasters.is_empty() {
            return ScalarValue::try_from(RasterType::storage_type());
        }
        let overlap = self.overlap.unwrap_or(0);
        let Ok(overlap) = usize::try_from(overlap) else {
            return exec_err!("{NAME}: an overlap of {overlap} pixels");
        };
        let mosaic = rasters.to_mosaic(overlap).map_err(|error| misfit(&rasters, &error))?;
        Ok(ScalarValue::Struct(Arc::new(StructArray::from(RasterArray::from(mosaic)))))
    }

    fn size(&self) -> usize {
        size_of_val(self) + self.bytes
    }
}
