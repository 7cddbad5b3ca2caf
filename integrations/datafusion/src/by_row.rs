//! Functions that compute row by row.

use std::any::Any;
use std::cell::OnceCell;
use std::iter::Skip;
use std::marker::PhantomData;
use std::panic::{AssertUnwindSafe, catch_unwind};

use arrow_array::ArrayRef;
use arrow_schema::Field;
use datafusion_common::{DataFusionError, Result, exec_datafusion_err};
use ndraster::{ErrorKind, Iter, RasterArrayView, RasterRef};

use crate::arguments::Arguments;
use crate::errors::failed;
use crate::kernel::{Extent, Inputs, Kernel, panic_message};
use crate::output::Output;

/// A closure over one row of rasters, and the types of its arguments and of its result.
pub(crate) struct ByRow<F, A, T> {
    pub(crate) f: F,
    pub(crate) types: PhantomData<fn(A) -> T>,
}

impl<A, T, F> Kernel for ByRow<F, A, T>
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
                let columns = inputs.aligned(name)?;
                let aligned = aligned.get_or_init(|| columns);
                let views: Vec<_> = aligned.iter().map(|(column, extent)| (column.as_view(), *extent)).collect();
                rasters = Rasters::new(&views, row);
                appended = self.append(rasters.next(), arguments.as_ref(), &mut column);
            }
            appended.map_err(|failure| failure.placed(name, row))?;
        }
        T::finish(column).map_err(|error| failed(name, None, &error))
    }
}

impl<A, T: Output, F: Fn(&[RasterRef<'_>], &A) -> ndraster::Result<T>> ByRow<F, A, T> {
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
    fn placed(self, name: &str, row: usize) -> DataFusionError {
        match self {
            Failure::Function(error) | Failure::Result(error) => failed(name, Some(row), &error),
            Failure::Panic(panic) => {
                let message = panic_message(panic.as_ref());
                exec_datafusion_err!("{name}: row {row}: the function panicked: {message}")
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
