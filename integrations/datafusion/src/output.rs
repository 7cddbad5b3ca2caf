//! What raster functions return.

use std::sync::Arc;

use arrow_array::builder::{ArrayBuilder, BooleanBuilder, PrimitiveBuilder, StringBuilder};
use arrow_array::types::{
    Float32Type, Float64Type, Int8Type, Int16Type, Int32Type, Int64Type, UInt8Type, UInt16Type, UInt32Type, UInt64Type,
};
use arrow_array::{ArrayRef, ListArray, StructArray};
use arrow_buffer::{NullBufferBuilder, OffsetBufferBuilder};
use arrow_schema::{DataType, Field};
use ndraster::{Raster, RasterArrayBuilder, RasterType, Result};

/// What a raster function returns: a [`Raster`], a number, a `String`, a `bool`, an `Option` of one of these for nulls, or a
/// `Vec` of rasters, which SQL sees as a list and `unnest` as rows.
///
/// Implement it for a struct of your own to return several values at once, as [`MinMax`](crate::functions::MinMax) does, or for
/// a type that another stands for:
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
    /// The column that results are collected in.
    type Column: Default;

    /// The type of the column, nullable.
    fn field(name: &str) -> Field;

    /// Adds a row.
    ///
    /// # Errors
    /// For what does not fit.
    fn append_to(self, column: &mut Self::Column) -> Result<()>;

    /// Adds a null.
    fn append_null(column: &mut Self::Column);

    /// The column as an array of the field's type.
    ///
    /// # Errors
    /// For what does not fit.
    fn finish(column: Self::Column) -> Result<ArrayRef>;
}

impl<T: Output> Output for Option<T> {
    type Column = T::Column;

    fn field(name: &str) -> Field {
        T::field(name)
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

/// Values that one of arrow's builders takes.
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

impl Output for Raster {
    type Column = RasterArrayBuilder;

    fn field(name: &str) -> Field {
        RasterType::field(name)
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

/// Lists of rasters on their way.
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
