//! Defines the results of raster functions.

use std::sync::Arc;

use arrow_array::builder::{ArrayBuilder, BooleanBuilder, ListBuilder, PrimitiveBuilder, StringBuilder};
use arrow_array::types::{
    Float32Type, Float64Type, Int8Type, Int16Type, Int32Type, Int64Type, UInt8Type, UInt16Type, UInt32Type, UInt64Type,
};
use arrow_array::{ArrayRef, ListArray, StructArray};
use arrow_buffer::{NullBufferBuilder, OffsetBufferBuilder};
use arrow_schema::{DataType, Field};
use ndraster::{Raster, RasterArrayBuilder, RasterType, Result};

/// The result of a raster function.
///
/// It is implemented for [`Raster`], numbers (`usize` is `UInt64`), `String`, `bool`, and an `Option` of each, whose `None` is
/// null. It is also implemented for a `Vec` of rasters and of `f64`, which are lists in SQL, and which `unnest` makes into
/// rows.
///
/// Implement it for a struct of your own to return several values at once, as
/// [`MinMax`](crate::functions::MinMax) does, or for a value of another Arrow type.
///
/// # Examples
///
/// ```
/// use arrow_array::{ArrayRef, builder::Date32Builder};
/// use arrow_schema::{DataType, Field};
/// use ndraster_datafusion::{Output, raster_udf};
///
/// /// Days since 1970.
/// struct Day(i32);
///
/// impl Output for Day {
///     type Column = Date32Builder;
///
///     fn field(name: &str) -> Field {
///         Field::new(name, DataType::Date32, true)
///     }
///
///     fn append_to(self, column: &mut Date32Builder) -> ndraster::Result<()> {
///         column.append_value(self.0);
///         Ok(())
///     }
///
///     fn append_null(column: &mut Date32Builder) {
///         column.append_null();
///     }
///
///     fn finish(mut column: Date32Builder) -> ndraster::Result<ArrayRef> {
///         Ok(std::sync::Arc::new(column.finish()))
///     }
/// }
///
/// let acquired = raster_udf("acquired", |raster| Ok(Day(raster.as_array_view2::<i32>()?[[0, 0]])));
/// assert_eq!(acquired.name(), "acquired");
/// assert_eq!(<Option<Day>>::field("day").data_type(), &DataType::Date32);
/// ```
pub trait Output: Sized + 'static {
    /// The builder that collects the results of a batch.
    type Column: Default;

    /// Returns the field of the column. It must be nullable.
    fn field(name: &str) -> Field;

    /// Starts the column of a batch of so many rows.
    fn start(rows: usize) -> Self::Column {
        let _ = rows;
        Self::Column::default()
    }

    /// Appends the result for a row.
    ///
    /// # Errors
    ///
    /// If the result does not fit into the column.
    fn append_to(self, column: &mut Self::Column) -> Result<()>;

    /// Appends a null.
    fn append_null(column: &mut Self::Column);

    /// Returns the column as an array of the field's type.
    ///
    /// # Errors
    ///
    /// If the results do not make an array.
    fn finish(column: Self::Column) -> Result<ArrayRef>;
}

impl<T: Output> Output for Option<T> {
    type Column = T::Column;

    fn field(name: &str) -> Field {
        T::field(name)
    }

    fn start(rows: usize) -> Self::Column {
        T::start(rows)
    }

    fn append_to(self, column: &mut Self::Column) -> Result<()> {
        match self {
            Some(value) => value.append_to(column),
            None => {
                T::append_null(column);
                Ok(())
            }
        }
    }

    fn append_null(column: &mut Self::Column) {
        T::append_null(column);
    }

    fn finish(column: Self::Column) -> Result<ArrayRef> {
        T::finish(column)
    }
}

/// Implements `Output` for a type that one of arrow's builders takes.
macro_rules! built {
    ($($T:ty, $data_type:ident, $Builder:ty;)*) => {$(
        impl Output for $T {
            type Column = $Builder;

            fn field(name: &str) -> Field {
                Field::new(name, DataType::$data_type, true)
            }

            fn append_to(self, column: &mut Self::Column) -> Result<()> {
                column.append_value(self);
                Ok(())
            }

            fn append_null(column: &mut Self::Column) {
                column.append_null();
            }

            fn finish(mut column: Self::Column) -> Result<ArrayRef> {
                Ok(ArrayBuilder::finish(&mut column))
            }
        }
    )*};
}

built! {
    f64, Float64, PrimitiveBuilder<Float64Type>;
    f32, Float32, PrimitiveBuilder<Float32Type>;
    i64, Int64, PrimitiveBuilder<Int64Type>;
    i32, Int32, PrimitiveBuilder<Int32Type>;
    i16, Int16, PrimitiveBuilder<Int16Type>;
    i8, Int8, PrimitiveBuilder<Int8Type>;
    u64, UInt64, PrimitiveBuilder<UInt64Type>;
    u32, UInt32, PrimitiveBuilder<UInt32Type>;
    u16, UInt16, PrimitiveBuilder<UInt16Type>;
    u8, UInt8, PrimitiveBuilder<UInt8Type>;
    bool, Boolean, BooleanBuilder;
    String, Utf8, StringBuilder;
}

impl Output for usize {
    type Column = PrimitiveBuilder<UInt64Type>;

    fn field(name: &str) -> Field {
        u64::field(name)
    }

    fn append_to(self, column: &mut Self::Column) -> Result<()> {
        (self as u64).append_to(column)
    }

    fn append_null(column: &mut Self::Column) {
        u64::append_null(column);
    }

    fn finish(column: Self::Column) -> Result<ArrayRef> {
        u64::finish(column)
    }
}

impl Output for Vec<f64> {
    type Column = ListBuilder<PrimitiveBuilder<Float64Type>>;

    fn field(name: &str) -> Field {
        Field::new_list(name, f64::field("item"), true)
    }

    fn append_to(self, column: &mut Self::Column) -> Result<()> {
        column.values().append_slice(&self);
        column.append(true);
        Ok(())
    }

    fn append_null(column: &mut Self::Column) {
        column.append_null();
    }

    fn finish(mut column: Self::Column) -> Result<ArrayRef> {
        Ok(ArrayBuilder::finish(&mut column))
    }
}

impl Output for Raster {
    type Column = RasterArrayBuilder;

    fn field(name: &str) -> Field {
        RasterType::field(name)
    }

    /// Results of the same size lie one after the other, so that the next operator finds them as one array.
    fn start(rows: usize) -> Self::Column {
        RasterArrayBuilder::packed(rows)
    }

    fn append_to(self, column: &mut Self::Column) -> Result<()> {
        column.append(&self)
    }

    fn append_null(column: &mut Self::Column) {
        column.append_null();
    }

    fn finish(column: Self::Column) -> Result<ArrayRef> {
        Ok(Arc::new(StructArray::from(column.finish()?)))
    }
}

/// The builder of a column of lists of rasters.
#[derive(Debug)]
pub struct RasterLists {
    rasters: RasterArrayBuilder,
    offsets: OffsetBufferBuilder<i32>,
    valid: NullBufferBuilder,
}

impl Default for RasterLists {
    fn default() -> Self {
        RasterLists {
            rasters: RasterArrayBuilder::new(),
            offsets: OffsetBufferBuilder::new(0),
            valid: NullBufferBuilder::new(0),
        }
    }
}

impl Output for Vec<Raster> {
    type Column = RasterLists;

    fn field(name: &str) -> Field {
        Field::new_list(name, RasterType::field("item"), true)
    }

    fn append_to(self, column: &mut Self::Column) -> Result<()> {
        self.iter().try_for_each(|raster| column.rasters.append(raster))?;
        column.offsets.push_length(self.len());
        column.valid.append_non_null();
        Ok(())
    }

    fn append_null(column: &mut Self::Column) {
        column.offsets.push_length(0);
        column.valid.append_null();
    }

    fn finish(mut column: Self::Column) -> Result<ArrayRef> {
        let rasters = Arc::new(StructArray::from(column.rasters.finish()?));
        let item = Arc::new(RasterType::field("item"));
        Ok(Arc::new(ListArray::try_new(item, column.offsets.finish(), rasters, column.valid.finish())?))
    }
}
