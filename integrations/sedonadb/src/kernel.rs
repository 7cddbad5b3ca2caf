//! A function of DataFusion, called as SedonaDB calls its own.

use std::sync::Arc;

use datafusion_common::arrow::datatypes::{DataType, FieldRef};
use datafusion_common::config::ConfigOptions;
use datafusion_common::{Result, exec_err};
use datafusion_expr::{ColumnarValue, ReturnFieldArgs, ScalarFunctionArgs, ScalarUDF};
use sedona_expr::scalar_udf::SedonaScalarKernel;
use sedona_schema::datatypes::SedonaType;

/// The one implementation of a [`SedonaScalarUDF`](sedona_expr::scalar_udf::SedonaScalarUDF).
#[derive(Debug)]
pub(crate) struct Kernel(ScalarUDF);

impl Kernel {
    pub(crate) fn new(function: ScalarUDF) -> Self {
        Kernel(function)
    }

    /// Returns the arguments as the function wants them instead of the ones found. DataFusion does not convert arguments of
    /// SedonaDB's functions.
    fn wanted(&self, found: &[SedonaType]) -> Result<Vec<FieldRef>> {
        let fields = found.iter().enumerate();
        let fields = fields.map(|(position, found)| found.to_storage_field(&format!("arg{position}"), true));
        let fields = fields.collect::<Result<Vec<_>>>()?;
        let types: Vec<DataType> = fields.iter().map(|field| field.data_type().clone()).collect();
        let wanted = self.0.coerce_types(&types)?;
        Ok(fields.into_iter().zip(wanted).map(|(field, wanted)| Arc::new(field.with_data_type(wanted))).collect())
    }
}

impl SedonaScalarKernel for Kernel {
    /// Arguments that do not fit are the function's own error, which says more than that no kernel matches.
    fn return_type(&self, args: &[SedonaType]) -> Result<Option<SedonaType>> {
        let fields = self.wanted(args)?;
        let scalars = vec![None; fields.len()];
        let args = ReturnFieldArgs { arg_fields: &fields, scalar_arguments: &scalars };
        SedonaType::from_storage_field(self.0.return_field_from_args(args)?.as_ref()).map(Some)
    }

    fn invoke_batch(&self, _: &[SedonaType], _: &[ColumnarValue]) -> Result<ColumnarValue> {
        exec_err!("{}: call it with the number of rows, by `invoke_batch_from_args`", self.0.name())
    }

    fn invoke_batch_from_args(
        &self,
        arg_types: &[SedonaType],
        args: &[ColumnarValue],
        return_type: &SedonaType,
        number_rows: usize,
        config: Option<&ConfigOptions>,
    ) -> Result<ColumnarValue> {
        let arg_fields = self.wanted(arg_types)?;
        let args = args.iter().zip(&arg_fields).map(|(value, wanted)| match wanted.data_type() {
            wanted if value.data_type() == *wanted => Ok(value.clone()),
            wanted => value.cast_to(wanted, None),
        });
        self.0.invoke_with_args(ScalarFunctionArgs {
            args: args.collect::<Result<_>>()?,
            arg_fields,
            number_rows,
            return_field: Arc::new(return_type.to_storage_field(self.0.name(), true)?),
            config_options: Arc::new(config.cloned().unwrap_or_default()),
        })
    }
}
