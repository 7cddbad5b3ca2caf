//! Makes scalar functions out of closures.

use std::any::Any;
use std::cell::OnceCell;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::iter::Skip;
use std::marker::PhantomData;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use arrow_array::{Array, ArrayRef, new_null_array};
use arrow_schema::{DataType, Field, FieldRef};
use datafusion::common::{Result, ScalarValue, exec_datafusion_err, internal_err, plan_err};
use datafusion::logical_expr::{
    ColumnarValue, ReturnFieldArgs, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature, Volatility,
};
use ndraster::{ErrorKind, Iter, RasterArray, RasterArrayView, RasterRef, RasterType};

use crate::arguments::{ArgumentType, Arguments};
use crate::output::Output;

/// Makes an SQL function of one raster.
///
/// The closure gets one raster at a time, and never a null. It returns an [`Output`], or an error: one of `ndraster`'s, or one of
/// its own by [`Error::other`](ndraster::Error::other).
///
/// After an error of [`ErrorKind::Misaligned`], the misaligned payloads of the batch are copied once, and the closure is called
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

fn make<A: Arguments, T: Output>(
    name: impl Into<String>,
    rasters: usize,
    f: impl Fn(&[RasterRef<'_>], &A) -> ndraster::Result<T> + Send + Sync + 'static,
) -> ScalarUDF {
    ScalarUDF::new_from_impl(RasterUdf {
        name: name.into(),
        signature: Signature::user_defined(Volatility::Immutable),
        rasters,
        arguments: A::types(),
        kernel: Arc::new(Closure { f, types: PhantomData::<fn(A) -> T> }),
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

/// The part of a function that depends on its types.
trait Kernel: Send + Sync {
    fn field(&self, name: &str) -> Field;

    fn run(&self, name: &str, inputs: &Inputs) -> Result<ArrayRef>;
}

struct Closure<F, A, T> {
    f: F,
    types: PhantomData<fn(A) -> T>,
}

/// The arguments of a batch.
struct Inputs {
    rasters: Vec<(ArrayRef, Extent)>,
    arguments: Vec<(ArrayRef, Extent)>,
    rows: usize,
}

/// Whether an array has a value for each row, or one for all.
#[derive(Clone, Copy, PartialEq)]
enum Extent {
    Each,
    All,
}

impl<A, T, F> Kernel for Closure<F, A, T>
where
    A: Arguments,
    T: Output,
    F: Fn(&[RasterRef<'_>], &A) -> ndraster::Result<T> + Send + Sync,
{
    fn field(&self, name: &str) -> Field {
        T::field(name)
    }

    fn run(&self, name: &str, inputs: &Inputs) -> Result<ArrayRef> {
        let mut column = T::start(inputs.rows);
        let views = inputs.views(name)?;
        let mut rasters = Rasters::new(&views, 0);
        let aligned = OnceCell::new();
        let constant = inputs.arguments.iter().all(|(_, extent)| *extent == Extent::All);
        let mut arguments = inputs.arguments(0).and_then(|columns| A::read(&columns));
        for row in 0..inputs.rows {
            if !constant {
                arguments = inputs.arguments(row).and_then(|columns| A::read(&columns));
            }
            let mut appended = self.append(rasters.next(), arguments.as_ref(), &mut column);
            if appended.as_ref().is_err_and(Failure::is_for_alignment) && aligned.get().is_none() {
                let aligned = aligned.get_or_init(|| inputs.aligned());
                let views: Vec<_> = aligned.iter().map(|(column, extent)| (column.as_view(), *extent)).collect();
                rasters = Rasters::new(&views, row);
                appended = self.append(rasters.next(), arguments.as_ref(), &mut column);
            }
            appended.map_err(|failure| failure.placed(name, row))?;
        }
        T::finish(column).map_err(|error| exec_datafusion_err!("{name}: {error}"))
    }
}

impl<A, T: Output, F: Fn(&[RasterRef<'_>], &A) -> ndraster::Result<T>> Closure<F, A, T> {
    /// Calls the closure for a row, and appends the result to the column.
    fn append(
        &self,
        rasters: Option<&[RasterRef<'_>]>,
        arguments: Option<&A>,
        column: &mut T::Column,
    ) -> std::result::Result<(), Failure> {
        let (Some(rasters), Some(arguments)) = (rasters, arguments) else {
            T::append_null(column);
            return Ok(());
        };
        let call =
            || (self.f)(rasters, arguments).map_err(Failure::Function)?.append_to(column).map_err(Failure::Result);
        catch_unwind(AssertUnwindSafe(call)).unwrap_or_else(|panic| Err(Failure::Panic(panic)))
    }
}

/// The reason why a row has no result.
enum Failure {
    /// The closure returned an error.
    Function(ndraster::Error),
    /// The result does not fit into the column.
    Result(ndraster::Error),
    Panic(Box<dyn Any + Send>),
}

impl Failure {
    fn is_for_alignment(&self) -> bool {
        matches!(self, Failure::Function(error) if error.kind() == ErrorKind::Misaligned)
    }

    #[cold]
    fn placed(self, name: &str, row: usize) -> datafusion::error::DataFusionError {
        match self {
            Failure::Function(error) if error.row() == Some(row) => exec_datafusion_err!("{name}: {error}"),
            Failure::Function(error) | Failure::Result(error) => exec_datafusion_err!("{name}: row {row}: {error}"),
            Failure::Panic(panic) => {
                let text = panic.downcast_ref::<&str>().copied();
                let text = text.or_else(|| panic.downcast_ref::<String>().map(String::as_str)).unwrap_or("no message");
                exec_datafusion_err!("{name}: row {row}: the function panicked: {text}")
            }
        }
    }
}

/// The raster arguments, row by row.
struct Rasters<'a> {
    columns: Vec<Rows<'a>>,
    row: Vec<RasterRef<'a>>,
}

enum Rows<'a> {
    Each(Skip<Iter<'a>>),
    All(Option<RasterRef<'a>>),
}

impl<'a> Rasters<'a> {
    /// Starts with row `row`.
    fn new(columns: &[(RasterArrayView<'a>, Extent)], row: usize) -> Self {
        let rows = |(column, extent): &(RasterArrayView<'a>, Extent)| match extent {
            Extent::Each => Rows::Each(column.iter().skip(row)),
            Extent::All => Rows::All(column.get(0)),
        };
        Rasters { columns: columns.iter().map(rows).collect(), row: Vec::with_capacity(columns.len()) }
    }

    /// Returns the rasters of the next row, or `None` if one of them is null.
    fn next(&mut self) -> Option<&[RasterRef<'a>]> {
        self.row.clear();
        for column in &mut self.columns {
            self.row.extend(match column {
                Rows::Each(rows) => rows.next().flatten(),
                Rows::All(raster) => *raster,
            });
        }
        (self.row.len() == self.columns.len()).then_some(&self.row)
    }
}

impl Inputs {
    /// Borrows the rasters.
    fn views(&self, name: &str) -> Result<Vec<(RasterArrayView<'_>, Extent)>> {
        let views = self.rasters.iter().map(|(array, extent)| Ok((RasterArrayView::try_from(array)?, *extent)));
        let views = views.collect::<ndraster::Result<_>>();
        views.map_err(|error| exec_datafusion_err!("{name}: {error}"))
    }

    /// Returns the rasters, with a copy of each misaligned payload.
    fn aligned(&self) -> Vec<(RasterArray, Extent)> {
        let columns =
            self.rasters.iter().filter_map(|(array, extent)| Some((RasterArray::try_from(array).ok()?, *extent)));
        // A column with a malformed row stays as it is: reading that row is an error anyway.
        columns.map(|(column, extent)| (column.to_aligned().unwrap_or(column), extent)).collect()
    }

    /// Returns the arguments of a row, or `None` for a batch without rows.
    fn arguments(&self, row: usize) -> Option<Vec<(&dyn Array, usize)>> {
        let mut values = Vec::with_capacity(self.arguments.len());
        for (array, extent) in &self.arguments {
            let row = if *extent == Extent::All { 0 } else { row };
            values.push((array.as_ref(), (row < array.len()).then_some(row)?));
        }
        Some(values)
    }
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

    fn return_field_from_args(&self, _: ReturnFieldArgs) -> Result<FieldRef> {
        Ok(Arc::new(self.kernel.field(&self.name)))
    }

    fn is_strict(&self) -> bool {
        !self.arguments.iter().any(|argument| argument.optional)
    }

    /// Keeps the types of rasters, and converts the other arguments to the types that the closure takes.
    fn coerce_types(&self, found: &[DataType]) -> Result<Vec<DataType>> {
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
