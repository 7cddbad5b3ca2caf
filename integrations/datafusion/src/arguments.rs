//! Arguments of raster functions that are not rasters: a threshold, the name of a band.

use arrow_array::Array;
use arrow_array::cast::AsArray;
use arrow_array::types::{Float64Type, Int64Type};
use arrow_schema::DataType;

/// A value that SQL hands to a function beside the raster: `f64`, `i64`, `bool`, `String`, or an `Option` of one, which
/// takes nulls and may be left out where no other argument follows.
///
/// ```
/// use arrow_array::{Array, Float64Array};
/// use ndraster_datafusion::Argument;
///
/// let thresholds = Float64Array::from(vec![Some(0.5), None]);
/// assert_eq!(f64::read(&thresholds, 0), Some(0.5));
/// assert_eq!(f64::read(&thresholds, 1), None); // the row's result is null
/// assert_eq!(<Option<f64>>::read(&thresholds, 1), Some(None)); // the function sees the null
/// ```
pub trait Argument: Sized + Send + Sync + 'static {
    /// May it be null, or missing?
    const OPTIONAL: bool = false;

    /// What SQL's value is converted to.
    fn data_type() -> DataType;

    /// Which types are converted to that.
    fn accepts(found: &DataType) -> bool;

    /// The value in a row of an array of that type, unless it is null.
    fn read(array: &dyn Array, row: usize) -> Option<Self>;
}

impl Argument for f64 {
    fn data_type() -> DataType {
        DataType::Float64
    }

    fn accepts(found: &DataType) -> bool {
        found.is_numeric()
    }

    fn read(array: &dyn Array, row: usize) -> Option<Self> {
        array.is_valid(row).then(|| array.as_primitive::<Float64Type>().value(row))
    }
}

impl Argument for i64 {
    fn data_type() -> DataType {
        DataType::Int64
    }

    fn accepts(found: &DataType) -> bool {
        found.is_integer()
    }

    fn read(array: &dyn Array, row: usize) -> Option<Self> {
        array.is_valid(row).then(|| array.as_primitive::<Int64Type>().value(row))
    }
}

impl Argument for bool {
    fn data_type() -> DataType {
        DataType::Boolean
    }

    fn accepts(found: &DataType) -> bool {
        *found == DataType::Boolean
    }

    fn read(array: &dyn Array, row: usize) -> Option<Self> {
        array.is_valid(row).then(|| array.as_boolean().value(row))
    }
}

impl Argument for String {
    fn data_type() -> DataType {
        DataType::Utf8
    }

    fn accepts(found: &DataType) -> bool {
        match found {
            DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View => true,
            DataType::Dictionary(_, values) => Self::accepts(values),
            _ => false,
        }
    }

    fn read(array: &dyn Array, row: usize) -> Option<Self> {
        array.is_valid(row).then(|| array.as_string::<i32>().value(row).to_owned())
    }
}

impl<A: Argument> Argument for Option<A> {
    const OPTIONAL: bool = true;

    fn data_type() -> DataType {
        A::data_type()
    }

    fn accepts(found: &DataType) -> bool {
        A::accepts(found)
    }

    fn read(array: &dyn Array, row: usize) -> Option<Self> {
        Some(A::read(array, row))
    }
}

/// What planning has to know of an [`Argument`].
#[derive(Clone, Debug)]
pub struct ArgumentType {
    pub(crate) data_type: DataType,
    pub(crate) optional: bool,
    pub(crate) accepts: fn(&DataType) -> bool,
}

impl ArgumentType {
    fn of<A: Argument>() -> Self {
        ArgumentType { data_type: A::data_type(), optional: A::OPTIONAL, accepts: A::accepts }
    }
}

/// All arguments of a function but its rasters: a tuple of up to six [`Argument`]s.
///
/// ```
/// use ndraster_datafusion::Arguments;
///
/// // A threshold, and a name that may be left out.
/// assert_eq!(<(f64, Option<String>)>::types().len(), 2);
/// ```
pub trait Arguments: Sized + Send + Sync + 'static {
    /// Their types, in order.
    fn types() -> Vec<ArgumentType>;

    /// The values of a row, each out of an array and a row of it; `None` if one is null that may not be.
    fn read(columns: &[(&dyn Array, usize)]) -> Option<Self>;
}

macro_rules! tuples {
    ($(($($A:ident $position:tt),*);)*) => {$(
        impl<$($A: Argument),*> Arguments for ($($A,)*) {
            fn types() -> Vec<ArgumentType> {
                vec![$(ArgumentType::of::<$A>()),*]
            }

            fn read(_columns: &[(&dyn Array, usize)]) -> Option<Self> {
                Some(($({
                    let (array, row) = _columns.get($position)?;
                    $A::read(*array, *row)?
                },)*))
            }
        }
    )*};
}

tuples! {
    ();
    (A 0);
    (A 0, B 1);
    (A 0, B 1, C 2);
    (A 0, B 1, C 2, D 3);
    (A 0, B 1, C 2, D 3, E 4);
    (A 0, B 1, C 2, D 3, E 4, F 5);
}
