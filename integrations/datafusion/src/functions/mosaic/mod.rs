//! Defines `nd_mosaic`: the rasters of a group put together, an aggregate function. This file has what DataFusion plans
//! with, and [`state`] what is kept of a group.

mod state;

use std::hash::{Hash, Hasher};
use std::sync::Arc;

use arrow_schema::{DataType, Field, FieldRef};
use datafusion_common::{Result, not_impl_err, plan_err};
use datafusion_expr::function::{AccumulatorArgs, StateFieldsArgs};
use datafusion_expr::utils::{AggregateOrderSensitivity, format_state_name};
use datafusion_expr::{Accumulator, AggregateUDF, AggregateUDFImpl, Signature, Volatility};
use ndraster::RasterType;

use self::state::{Key, Seen};

const NAME: &str = "nd_mosaic";

/// Returns the SQL aggregate function `nd_mosaic(raster [, overlap])`: the rasters of a group, which lie on one grid, put together
/// into one.
///
/// They are tiles of a raster, or neighbours side by side, as for [`RasterArray::to_mosaic`](ndraster::RasterArray::to_mosaic). `overlap` is that of
/// [`nd_tiles`](crate::functions::nd_tiles), and the same for all rows of a group. Nulls and rasters without pixels are left out; a
/// group of nothing else gives null. What no raster covers becomes nodata.
///
/// Where rasters cover each other, the first pixel counts that is not nodata, be it NaN. `ORDER BY` says which raster comes first:
/// `nd_mosaic(rast ORDER BY acquired DESC)`. Without it the rasters are taken in the order of their place, from the northernmost
/// edge to the south, then from west to east, since the order in which rows arrive depends on the number of partitions.
///
/// The query fails for a raster that does not fit the grid, the CRS or the bands of the others, with a message that says what
/// does not fit; and without `ORDER BY` for two rasters at one place.
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
        if args.is_distinct {
            return not_impl_err!("{NAME}: it takes DISTINCT alone only: leave rows out by a subquery");
        }
        let keys = args.order_bys.iter();
        let keys = keys.map(|key| Ok(Key { data_type: key.expr.data_type(args.schema)?, options: key.options }));
        let keys = keys.collect::<Result<_>>()?;
        Ok(Box::new(Seen::new(keys)))
    }

    fn state_fields(&self, args: StateFieldsArgs<'_>) -> Result<Vec<FieldRef>> {
        let rasters = Field::new_list(format_state_name(args.name, "rasters"), RasterType::field("item"), true);
        let overlap = Field::new(format_state_name(args.name, "overlap"), DataType::Int64, true);
        let keys = args.ordering_fields.iter().enumerate().map(|(position, field)| {
            let item = Field::new_list_field(field.data_type().clone(), true);
            Arc::new(Field::new_list(format_state_name(args.name, &format!("key{position}")), item, true))
        });
        Ok([Arc::new(rasters), Arc::new(overlap)].into_iter().chain(keys).collect())
    }

    /// The values to order by are arguments; the rows may come in any order.
    fn order_sensitivity(&self) -> AggregateOrderSensitivity {
        AggregateOrderSensitivity::Beneficial
    }

    fn with_beneficial_ordering(self: Arc<Self>, _: bool) -> Result<Option<Arc<dyn AggregateUDFImpl>>> {
        Ok(Some(self))
    }
}
