//! Makes scalar functions out of closures.

use std::fmt;
use std::hash::{Hash, Hasher};
use std::marker::PhantomData;
use std::sync::Arc;

use arrow_array::{ArrayRef, new_null_array};
use arrow_schema::{DataType, FieldRef};
use datafusion_common::{Result, ScalarValue, internal_err, plan_err};
use datafusion_expr::{
    ColumnarValue, ReturnFieldArgs, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature, Volatility,
};
use ndraster::{RasterArray, RasterRef, RasterType};

use crate::arguments::{ArgumentType, Arguments};
use crate::by_array::ByArray;
use crate::by_row::ByRow;
use crate::kernel::{Extent, Inputs, Kernel};
use crate::output::Output;

/// Makes an SQL function of one raster.
///
/// The closure gets one raster at a time, and never a null. It returns an [`Output`], or an error: one of `ndraster`'s, or one of
/// its own by [`Error::other`](ndraster::Error::other).
///
/// After an error of [`ErrorKind::Misaligned`](ndraster::ErrorKind::Misaligned), the misaligned payloads of the batch are copied once, and the closure is called
/// again for that row.
///
/// # Examples
///
/// ```
/// use ndraster_datafusion::raster_udf;
///
/// // Grid, names and nodata stay.
/// let doubled = raster_udf("doubled", |raster| raster.map(|pixel: f32| 2.0 * pixel));
/// assert_eq!(doubled.name(), "doubled");
/// ```
pub fn raster_udf<T: Output>(
    name: impl Into<String>,
    f: impl Fn(RasterRef<'_>) -> ndraster::Result<T> + Send + Sync + 'static,
) -> ScalarUDF {
    make(name, 1, move |rasters: &[RasterRef<'_>], &()| f(rasters[0]))
}

/// Makes an SQL function of one raster and of further [`Arguments`], which are a tuple.
///
/// # Examples
///
/// ```
/// use ndraster_datafusion::{BandKey, raster_udf_with};
///
/// // In SQL: above(rast, 0.5, 'nir'), or above(rast, 0.5, 2) for the second band
/// let above = raster_udf_with("above", |raster, (threshold, band): &(f64, BandKey)| {
///     let pixels = band.find(raster)?.valid_pixels::<f32>()?;
///     Ok(pixels.filter(|pixel| f64::from(*pixel) > *threshold).count() as u64)
/// });
/// assert_eq!(above.name(), "above");
/// ```
pub fn raster_udf_with<A: Arguments, T: Output>(
    name: impl Into<String>,
    f: impl Fn(RasterRef<'_>, &A) -> ndraster::Result<T> + Send + Sync + 'static,
) -> ScalarUDF {
    make(name, 1, move |rasters: &[RasterRef<'_>], arguments: &A| f(rasters[0], arguments))
}

/// Makes an SQL function of two rasters.
///
/// # Examples
///
/// ```
/// use ndraster_datafusion::raster_udf2;
///
/// let same_grid = raster_udf2("same_grid", |a, b| Ok(a.bbox()? == b.bbox()?));
/// assert_eq!(same_grid.name(), "same_grid");
/// ```
pub fn raster_udf2<T: Output>(
    name: impl Into<String>,
    f: impl Fn(RasterRef<'_>, RasterRef<'_>) -> ndraster::Result<T> + Send + Sync + 'static,
) -> ScalarUDF {
    make(name, 2, move |rasters: &[RasterRef<'_>], &()| f(rasters[0], rasters[1]))
}

/// Makes an SQL function of a whole column of rasters, batch by batch.
///
/// The closure gets the rasters of a batch without the nulls, and returns as many: the predictions of a model for a
/// [batch view](RasterArray::as_batch_view4) of tiles, or the same rasters stored in another way. The result for a null is null. A
/// batch has up to 8192 rows, unless `datafusion.execution.batch_size` says otherwise.
///
/// After an error of [`ErrorKind::Misaligned`](ndraster::ErrorKind::Misaligned), the closure is called again with a copy of the
/// misaligned payloads.
///
/// # Examples
///
/// ```
/// use ndraster::Batch;
/// use ndraster_datafusion::raster_array_udf;
///
/// let negated = raster_array_udf("negated", |tiles| {
///     let pixels = tiles.to_batch4::<f32>()?;
///     Batch::from_ndarray(-pixels)?.with_grid_of(tiles)?.finish()
/// });
/// assert_eq!(negated.name(), "negated");
/// ```
pub fn raster_array_udf(
    name: impl Into<String>,
    f: impl Fn(&RasterArray) -> ndraster::Result<RasterArray> + Send + Sync + 'static,
) -> ScalarUDF {
    new(name, 1, Vec::new(), ByArray { f, takes_nulls: false })
}

/// Makes an SQL function of a whole column of rasters, whose closure gets the nulls too.
pub(crate) fn raster_column_udf(
    name: &str,
    f: impl Fn(&RasterArray) -> ndraster::Result<RasterArray> + Send + Sync + 'static,
) -> ScalarUDF {
    new(name, 1, Vec::new(), ByArray { f, takes_nulls: true })
}

fn make<A: Arguments, T: Output>(
    name: impl Into<String>,
    rasters: usize,
    f: impl Fn(&[RasterRef<'_>], &A) -> ndraster::Result<T> + Send + Sync + 'static,
) -> ScalarUDF {
    new(name, rasters, A::types(), ByRow { f, types: PhantomData::<fn(A) -> T> })
}

fn new(
    name: impl Into<String>,
    rasters: usize,
    arguments: Vec<ArgumentType>,
    kernel: impl Kernel + 'static,
) -> ScalarUDF {
    ScalarUDF::new_from_impl(RasterUdf {
        name: name.into(),
        signature: Signature::user_defined(Volatility::Immutable),
        rasters,
        arguments,
        kernel: Arc::new(kernel),
    })
}

/// The function that DataFusion calls.
struct RasterUdf {
    name: String,
    signature: Signature,
    /// The number of arguments that are rasters, which come first.
    rasters: usize,
    /// The other arguments.
    arguments: Vec<ArgumentType>,
    kernel: Arc<dyn Kernel>,
}

impl ScalarUDFImpl for RasterUdf {
    fn name(&self) -> &str {
        &self.name
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _: &[DataType]) -> Result<DataType> {
        internal_err!("{}: its type is that of its field", self.name)
    }

    /// Arguments that do not fit are an error here: DataFusion shows one of `coerce_types` at the head of a page of types.
    fn return_field_from_args(&self, args: ReturnFieldArgs) -> Result<FieldRef> {
        let found: Vec<DataType> = args.arg_fields.iter().map(|field| field.data_type().clone()).collect();
        self.fit(&found)?;
        Ok(Arc::new(self.kernel.field(&self.name)))
    }

    fn coerce_types(&self, found: &[DataType]) -> Result<Vec<DataType>> {
        Ok(self.fit(found).unwrap_or_else(|_| found.to_vec()))
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let all_the_same = args.args.iter().all(|argument| matches!(argument, ColumnarValue::Scalar(_)));
        let rows = if all_the_same { 1 } else { args.number_rows };
        let mut arrays = Vec::with_capacity(args.args.len());
        for argument in args.args {
            arrays.push(match argument {
                ColumnarValue::Array(array) => (array, Extent::Each),
                ColumnarValue::Scalar(value) => (value.to_array()?, Extent::All),
            });
        }
        let arguments = arrays.split_off(self.rasters.min(arrays.len()));
        let result = self.kernel.run(&self.name, &self.inputs(arrays, arguments, rows))?;
        if all_the_same {
            return Ok(ColumnarValue::Scalar(ScalarValue::try_from_array(&result, 0)?));
        }
        Ok(ColumnarValue::Array(result))
    }
}

impl RasterUdf {
    /// Keeps the types of rasters, and converts the other arguments to the types that the closure takes.
    fn fit(&self, found: &[DataType]) -> Result<Vec<DataType>> {
        let name = &self.name;
        let required = self.rasters + self.arguments.iter().rposition(|a| !a.optional).map_or(0, |last| last + 1);
        let most = self.rasters + self.arguments.len();
        if found.len() < required || found.len() > most {
            let expected = if required == most { format!("{most}") } else { format!("{required} to {most}") };
            return plan_err!("{name}: the number of arguments is {}, not {expected}", found.len());
        }
        let (rasters, others) = found.split_at(self.rasters);
        let raster = |(position, found): (usize, &DataType)| match found {
            DataType::Null => Ok(RasterType::storage_type()),
            found => match RasterType::try_from(found) {
                Ok(_) => Ok(found.clone()),
                Err(error) => plan_err!("{name}: argument {} is not a raster: {error}", position + 1),
            },
        };
        let other = |(position, (found, argument)): (usize, (&DataType, &ArgumentType))| {
            if *found == DataType::Null {
                return Ok(argument.data_type.clone());
            }
            let position = self.rasters + position + 1;
            (argument.coerce)(found).map_or_else(
                || {
                    plan_err!(
                        "{name}: argument {position} is {}, where {} is expected",
                        shown(found),
                        argument.expected
                    )
                },
                Ok,
            )
        };
        let rasters = rasters.iter().enumerate().map(raster);
        rasters.chain(others.iter().zip(&self.arguments).enumerate().map(other)).collect()
    }

    fn inputs(&self, rasters: Vec<(ArrayRef, Extent)>, mut arguments: Vec<(ArrayRef, Extent)>, rows: usize) -> Inputs {
        let missing = self.arguments.iter().skip(arguments.len());
        arguments.extend(missing.map(|argument| (new_null_array(&argument.data_type, 1), Extent::All)));
        Inputs { rasters, arguments, rows }
    }
}

impl PartialEq for RasterUdf {
    /// Compares the address of the closure.
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name && Arc::ptr_eq(&self.kernel, &other.kernel)
    }
}

impl Eq for RasterUdf {}

impl Hash for RasterUdf {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.name.hash(state);
    }
}

impl fmt::Debug for RasterUdf {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RasterUdf").field("name", &self.name).finish_non_exhaustive()
    }
}

/// Names a type in a message. A struct would fill a page with its fields.
fn shown(data_type: &DataType) -> String {
    const SHOWN_CHARS: usize = 80;
    match RasterType::try_from(data_type) {
        Ok(_) => "a raster".to_owned(),
        Err(_) => data_type.to_string().chars().take(SHOWN_CHARS).collect(),
    }
}
