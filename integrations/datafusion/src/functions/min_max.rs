//! Defines the result of `nd_min_max`, an example of a result that is a struct in SQL.

use std::sync::Arc;

use arrow_array::{ArrayRef, Float64Array, StructArray};
use arrow_schema::{DataType, Field, Fields};
use ndraster::Result;

use crate::output::Output;

/// The least and the largest pixel, a struct of `min` and `max` in SQL.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct MinMax {
    /// The least pixel.
    pub min: f64,
    /// The largest pixel.
    pub max: f64,
}

impl MinMax {
    fn fields() -> Fields {
        ["min", "max"].map(|name| Field::new(name, DataType::Float64, true)).into_iter().collect()
    }
}

impl Output for MinMax {
    type Column = Vec<Option<MinMax>>;

    fn field(name: &str) -> Field {
        Field::new_struct(name, Self::fields(), true)
    }

    fn append_to(self, column: &mut Self::Column) -> Result<()> {
        column.push(Some(self));
        Ok(())
    }

    fn append_null(column: &mut Self::Column) {
        column.push(None);
    }

    fn finish(column: Self::Column) -> Result<ArrayRef> {
        let values = |of: fn(&MinMax) -> f64| -> ArrayRef {
            Arc::new(column.iter().map(|range| range.as_ref().map(of)).collect::<Float64Array>())
        };
        let valid = column.iter().map(Option::is_some).collect::<Vec<_>>();
        let columns = vec![values(|range| range.min), values(|range| range.max)];
        Ok(Arc::new(StructArray::try_new(Self::fields(), columns, Some(valid.into()))?))
    }
}
