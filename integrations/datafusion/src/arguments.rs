//! Arguments of raster functions that are not rasters: a threshold, a band.

use arrow_array::Array;
use arrow_array::cast::AsArray;
use arrow_array::types::{Float32Type, Float64Type, Int32Type, Int64Type};
use arrow_schema::DataType;

/// A value that SQL passes to a function beside the raster.
///
/// It is implemented for `f64`, `f32`, `i64`, `i32`, `bool`, `String`, [`BandKey`](crate::BandKey), and an `Option` of each.
/// An `Option` takes nulls, and SQL may leave it out if no other argument follows.
///
/// # Examples
///
/// ```
/// use arrow_array::{Array, Float64Array};
/// use ndraster_datafusion::Argument;
///
/// let thresholds = Float64Array::from(vec![Some(0.5), None]);
/// assert_eq!(f64::read(&thresholds, 0), Some(0.5));
/// assert_eq!(f64::read(&thresholds, 1), None); // the result for the row is null
/// assert_eq!(<Option<f64>>::read(&thresholds, 1), Some(None)); // the function gets the null
/// ```
pub trait Argument: Sized + Send + Sync + 'static {
    /// Whether SQL may pass null, or leave the argument out.
    const OPTIONAL: bool = false;

    /// Returns the type that SQL's values are converted to. Nulls have it too.
    fn data_type() -> DataType;

    /// Returns the type that values of type `found` are converted to, or `None` if SQL may not pass them.
    ///
    /// Implement it for an argument that takes several types, as [`BandKey`](crate::BandKey) does.
    fn coerce(found: &DataType) -> Option<DataType>;

    /// Returns what an error of planning says was expected.
    fn expected() -> String {
        Self::data_type().to_string()
    }

    /// Returns the value in a row of an array of [`data_type`](Self::data_type), or of a type that
    /// [`coerce`](Self::coerce) returned. `None` makes the result for the row null.
    fn read(array: &dyn Array, row: usize) -> Option<Self>;
}

/// Implements `Argument` for numbers. The engine converts what SQL passes, and fails if it does not fit.
macro_rules! numbers {
    ($($T:ty, $data_type:ident, $Type:ty, $is_taken:ident;)*) => {$(
        impl Argument for $T {
            fn data_type() -> DataType {
                DataType::$data_type
            }

            fn coerce(found: &DataType) -> Option<DataType> {
                found.$is_taken().then(Self::data_type)
            }

            fn read(array: &dyn Array, row: usize) -> Option<Self> {
                array.is_valid(row).then(|| array.as_primitive::<$Type>().value(row))
            }
        }
    )*};
}

numbers! {
    f64, Float64, Float64Type, is_numeric;
    f32, Float32, Float32Type, is_numeric;
    i64, Int64, Int64Type, is_integer;
    i32, Int32, Int32Type, is_integer;
}

impl Argument for bool {
    fn data_type() -> DataType {
        DataType::Boolean
    }

    fn coerce(found: &DataType) -> Option<DataType> {
        (*found == DataType::Boolean).then(Self::data_type)
    }

    fn read(array: &dyn Array, row: usize) -> Option<Self> {
        array.is_valid(row).then(|| array.as_boolean().value(row))
    }
}

impl Argument for String {
    fn data_type() -> DataType {
        DataType::Utf8
    }

    fn coerce(found: &DataType) -> Option<DataType> {
        match found {
            DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View => Some(Self::data_type()),
            DataType::Dictionary(_, values) => Self::coerce(values),
            _ => None,
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

    fn coerce(found: &DataType) -> Option<DataType> {
        A::coerce(found)
    }

    fn expected() -> String {
        A::expected()
    }

    fn read(array: &dyn Array, row: usize) -> Option<Self> {
        Some(A::read(array, row))
    }
}

/// The properties of an [`Argument`] that planning needs.
#[derive(Clone, Debug)]
pub struct ArgumentType {
    /// The type of nulls.
    pub(crate) data_type: DataType,
    pub(crate) expected: String,
    pub(crate) optional: bool,
    pub(crate) coerce: fn(&DataType) -> Option<DataType>,
}

impl ArgumentType {
    fn of<A: Argument>() -> Self {
        ArgumentType { data_type: A::data_type(), expected: A::expected(), optional: A::OPTIONAL, coerce: A::coerce }
    }
}

/// The arguments of a function without its rasters: a tuple of up to six [`Argument`]s.
///
/// # Examples
///
/// ```
/// use ndraster_datafusion::Arguments;
///
/// // A threshold, and a name that may be left out.
/// assert_eq!(<(f64, Option<String>)>::types().len(), 2);
/// ```
pub trait Arguments: Sized + Send + Sync + 'static {
    /// Returns the types of the arguments, in order.
    fn types() -> Vec<ArgumentType>;

    /// Returns the values for a row. Each comes from an array and a row of it. `None` if an argument is null that may not
    /// be null.
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
