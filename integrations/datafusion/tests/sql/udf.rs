//! `raster_udf`, `raster_udf_with` and `raster_udf2` take care of nulls, arguments, errors, results and alignment.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use arrow_array::builder::Date32Builder;
use arrow_array::cast::AsArray;
use arrow_array::types::{Date32Type, Float64Type, Int64Type, UInt32Type, UInt64Type};
use arrow_array::{Array, ArrayRef, RecordBatch, StructArray};
use arrow_schema::{DataType, Field, Schema};
use datafusion::prelude::{SessionConfig, SessionContext};
use ndarray::{Array2, array};
use ndraster::{Error, Raster, RasterArray, RasterRef, RasterType, Result};
use ndraster_datafusion::{Output, raster_udf, raster_udf_with, raster_udf2};

use crate::table::{batches, column, error, rasters, session};

fn of(value: f32) -> Raster {
    Raster::from_ndarray(Array2::from_elem((3, 4), value)).unwrap().with_crs("EPSG:4326")
}

/// 1, null, 3.
fn three() -> RasterArray {
    RasterArray::from_iter([Some(of(1.0)), None, Some(of(3.0))])
}

#[tokio::test]
async fn a_null_raster_is_null_without_a_call() {
    let calls = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&calls);
    let f = raster_udf("f", move |raster| {
        counter.fetch_add(1, Ordering::Relaxed);
        Ok(raster.as_array_view2::<f32>()?.sum() as f64)
    });
    let ctx = session(three(), [f]);
    let found = column(&ctx, "SELECT f(rast) FROM t").await;
    assert_eq!(found.as_primitive::<Float64Type>().iter().collect::<Vec<_>>(), [Some(12.0), None, Some(36.0)]);
    assert_eq!(calls.load(Ordering::Relaxed), 2);
}

#[tokio::test]
async fn results_of_one_size_are_one_array_for_the_next_operator() {
    // Extents of which no multiple is a whole cache line, and a null.
    let doubled = || raster_udf("doubled", |raster| raster.map(|pixel: f32| 2.0 * pixel));
    let tile = |fill: i32| Raster::from_ndarray(Array2::from_elem((33, 35), fill as f32)).unwrap();
    let ctx = session((0..40).map(tile).collect(), [doubled()]);
    let found = RasterArray::try_from(column(&ctx, "SELECT doubled(rast) FROM t").await).unwrap();
    let batch = found.as_batch_view4::<f32>().unwrap();
    assert_eq!((batch.dim(), batch.is_standard_layout()), ((40, 1, 33, 35), true));
    assert!(batch.indexed_iter().all(|((row, ..), pixel)| *pixel == 2.0 * row as f32));
    let ctx = session((0..40).map(|row| (row != 7).then(|| tile(row))).collect(), [doubled()]);
    let found = RasterArray::try_from(column(&ctx, "SELECT doubled(rast) FROM t").await).unwrap();
    let rows: Vec<usize> = found.batch_views::<f32>().map(|view| view.map_or(0, |view| view.shape()[0])).collect();
    assert_eq!(rows, [7, 0, 32]);
}

#[tokio::test]
async fn a_raster_that_all_rows_share_is_computed_once() {
    let calls = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&calls);
    let f = raster_udf("f", move |raster| {
        counter.fetch_add(1, Ordering::Relaxed);
        Ok(raster.width()? as i64)
    });
    let ctx = session((0..50).map(|i| of(i as f32)).collect(), [f]);
    let found = column(&ctx, "SELECT f((SELECT rast FROM t WHERE id = 7)) FROM t").await;
    assert_eq!(found.as_primitive::<Int64Type>().values(), &[4; 50]);
    assert_eq!(calls.load(Ordering::Relaxed), 1);
    assert_eq!(column(&ctx, "SELECT f(NULL) AS nothing").await.null_count(), 1);
}

#[tokio::test]
async fn arguments_are_converted_may_be_null_and_left_out() {
    let f = raster_udf_with("f", |raster, (factor, name): &(f64, Option<String>)| {
        Ok(format!("{} {}", factor * raster.as_array_view2::<f32>()?[[0, 0]] as f64, name.as_deref().unwrap_or("-")))
    });
    let ctx = session(three(), [f]);
    for (arguments, expected) in [
        ("2", [Some("2 -"), None, Some("6 -")]),
        ("id + 0.5", [Some("0.5 -"), None, Some("7.5 -")]),
        ("2, 'red'", [Some("2 red"), None, Some("6 red")]),
        ("2, arrow_cast('red', 'Dictionary(Int32, Utf8)')", [Some("2 red"), None, Some("6 red")]),
        ("2, CASE WHEN id = 0 THEN 'red' END", [Some("2 red"), None, Some("6 -")]),
        ("CASE WHEN id = 0 THEN 1 END", [Some("1 -"), None, None]),
        ("NULL", [None; 3]),
    ] {
        let found = column(&ctx, &format!("SELECT f(rast, {arguments}) FROM t")).await;
        assert_eq!(found.as_string::<i32>().iter().collect::<Vec<_>>(), expected, "{arguments}");
    }
}

#[tokio::test]
async fn narrow_arguments_and_results_of_several_numbers() {
    let f = raster_udf_with("f", |raster, (factor, times): &(f32, i32)| {
        let pixel = raster.as_array_view2::<f32>()?[[0, 0]];
        Ok((0..*times).map(|time| f64::from(factor * pixel) + f64::from(time)).collect::<Vec<f64>>())
    });
    let len = raster_udf("len", |raster| Ok(raster.as_array_view2::<f32>()?.len()));
    let ctx = session(three(), [f, len]);
    let found = column(&ctx, "SELECT f(rast, 0.5, 3) FROM t").await;
    let rows: Vec<Option<Vec<f64>>> =
        found.as_list::<i32>().iter().map(|row| Some(row?.as_primitive::<Float64Type>().values().to_vec())).collect();
    assert_eq!(rows, [Some(vec![0.5, 1.5, 2.5]), None, Some(vec![1.5, 2.5, 3.5])]);
    let found = column(&ctx, "SELECT unnest(f(rast, 0.5, id)) FROM t WHERE id > 0").await;
    assert_eq!(found.as_primitive::<Float64Type>().values(), &[1.5, 2.5]);
    let message = error(&ctx, "SELECT f(rast, 0.5, 3000000000) FROM t").await;
    assert!(message.contains("3000000000"), "{message}");
    let found = column(&ctx, "SELECT len(rast) FROM t").await;
    assert_eq!(found.as_primitive::<UInt64Type>().iter().collect::<Vec<_>>(), [Some(12), None, Some(12)]);
}

#[tokio::test]
async fn wrong_arguments_are_errors_of_planning() {
    let ctx = session(three(), [raster_udf("f", |raster| Ok(raster.width()? as i64))]);
    let message = error(&ctx, "SELECT f(id) FROM t").await;
    assert!(message.contains("f: argument 1 is not a raster: a raster column is a Struct"), "{message}");
    let message = error(&ctx, "SELECT f(struct(id)) FROM t").await;
    assert!(message.contains("f: argument 1 is not a raster: crs: the field is missing"), "{message}");
    let message = error(&ctx, "SELECT f(rast, 2) FROM t").await;
    assert!(message.contains("f: the number of arguments is 2, not 1"), "{message}");
    let message = error(&ctx, "SELECT nd_ndvi(rast, 'red') FROM t").await;
    assert!(message.contains("nd_ndvi: the number of arguments is 2, not 3"), "{message}");
    let message = error(&ctx, "SELECT nd_mean(rast, 'a', 'b') FROM t").await;
    assert!(message.contains("nd_mean: the number of arguments is 3, not 1 to 2"), "{message}");
    let message = error(&ctx, "SELECT nd_window(rast, 'a', 1, 1, 1) FROM t").await;
    assert!(message.contains("nd_window: argument 2 is Utf8, where Int64 is expected"), "{message}");
    let message = error(&ctx, "SELECT nd_window(rast, rast, 1, 1, 1) FROM t").await;
    assert!(message.contains("nd_window: argument 2 is a raster, where Int64 is expected"), "{message}");
}

#[tokio::test]
async fn errors_and_panics_name_the_function_and_the_row() {
    let wrong_type = raster_udf("wrong_type", |raster| Ok(raster.as_array_view2::<u8>()?.len() as u64));
    let panics = raster_udf("panics", |raster| {
        let first = raster.as_array_view2::<f32>()?[[0, 0]];
        assert!(first < 2.0, "{first} is too much");
        Ok(first)
    });
    let its_own = raster_udf("its_own", |raster| match raster.as_array_view2::<f32>()?[[0, 0]] {
        3.0 => Raster::from_ndarray(array![1.0, 2.0]).map(Some),
        _ => Ok(None),
    });
    let other = raster_udf("other", |raster| match raster.as_array_view2::<f32>()?[[0, 0]] {
        pixel @ 1.0 => Ok(pixel),
        pixel => Err(Error::other(format!("{pixel} is not 1"))),
    });
    let ctx = session(three(), [wrong_type, panics, its_own, other]);
    let message = error(&ctx, "SELECT wrong_type(rast) FROM t").await;
    assert!(message.contains("wrong_type: row 0, band 0: its pixels are float32, not uint8"), "{message}");
    let message = error(&ctx, "SELECT panics(rast) FROM t").await;
    assert!(message.contains("panics: row 2: the function panicked: 3 is too much"), "{message}");
    let message = error(&ctx, "SELECT its_own(rast) FROM t").await;
    assert!(message.contains("its_own: row 2: a band has two axes or more"), "{message}");
    let message = error(&ctx, "SELECT other(rast) FROM t").await;
    assert!(message.contains("other: row 2: 3 is not 1"), "{message}");
}

/// Days, as an example of a result whose type the caller defines.
struct Day(i32);

impl Output for Day {
    type Column = Date32Builder;

    fn field(name: &str) -> Field {
        Field::new(name, DataType::Date32, true)
    }

    fn append_to(self, column: &mut Self::Column) -> Result<()> {
        assert!(self.0 < 3, "{} does not fit", self.0);
        column.append_value(self.0);
        Ok(())
    }

    fn append_null(column: &mut Self::Column) {
        column.append_null();
    }

    fn finish(mut column: Self::Column) -> Result<ArrayRef> {
        Ok(Arc::new(column.finish()))
    }
}

#[tokio::test]
async fn a_type_of_the_callers_own_is_a_result() {
    let ctx = session(three(), [raster_udf("f", |raster| Ok(Day(raster.as_array_view2::<f32>()?[[0, 0]] as i32)))]);
    let days = column(&ctx, "SELECT f(rast) FROM t WHERE id < 2").await;
    assert_eq!(days.as_primitive::<Date32Type>().iter().collect::<Vec<_>>(), [Some(1), None]);
    // A panic while a result is stored, as two gigabytes of text would cause, is an error as well.
    let message = error(&ctx, "SELECT f(rast) FROM t").await;
    assert!(message.contains("f: row 2: the function panicked: 3 does not fit"), "{message}");
}

#[tokio::test]
async fn two_rasters_are_read_row_by_row_with_their_nulls() {
    let difference = raster_udf2("difference", |a, b| {
        Raster::from_ndarray(&a.as_array_view2::<f32>()? - &b.as_array_view2::<f32>()?)?.with_grid_of(a)
    });
    let ctx = session(three(), [difference]);
    let all = rasters(&ctx, "SELECT difference(rast, (SELECT rast FROM t WHERE id = 0)) FROM t").await;
    assert_eq!(all.get(0).unwrap().as_array_view2::<f32>().unwrap(), Array2::<f32>::zeros((3, 4)));
    assert!(all.is_null(1));
    assert_eq!(all.get(2).unwrap().as_array_view2::<f32>().unwrap(), Array2::from_elem((3, 4), 2f32));
    // Nulls on one side do not shift the other side.
    let sql = "SELECT difference(a.rast, b.rast) FROM t a JOIN t b ON a.id = (b.id + 1) % 3 ORDER BY a.id";
    let all = rasters(&ctx, sql).await;
    assert_eq!((all.is_null(1), all.is_null(2), all.len()), (true, true, 3));
    assert_eq!(all.get(0).unwrap().as_array_view2::<f32>().unwrap()[[0, 0]], -2.0);
}

#[tokio::test]
async fn results_have_the_extension_name_and_share_large_payloads() {
    let same = raster_udf("same", |raster| raster.to_raster());
    let large = Raster::from_ndarray(Array2::<f32>::ones((100, 100))).unwrap();
    let address = large.as_array_view2::<f32>().unwrap().as_ptr();
    let ctx = session([large].into_iter().collect(), [same]);
    let found = &batches(&ctx, "SELECT same(same(rast)) AS r FROM t").await.unwrap()[0];
    assert_eq!(found.schema_ref().field(0), &RasterType::field("r"));
    let column = RasterArray::from_batch(found, "r").unwrap();
    assert_eq!(column.get(0).unwrap().as_array_view2::<f32>().unwrap().as_ptr(), address);
}

#[tokio::test]
async fn results_up_to_a_mebibyte_are_packed_and_larger_ones_have_memory_of_their_own() {
    let fill = raster_udf_with("fill", |raster, &(side,): &(i64,)| {
        let value = raster.as_array_view2::<f32>()?[[0, 0]];
        Raster::from_ndarray(Array2::from_elem((side as usize, side as usize), value))
    });
    let ctx = session((0..20).map(|i| of(i as f32)).collect(), [fill]);
    let buffers = |column: &RasterArray| {
        let list = column.as_struct_array().column(4).as_list::<i32>().clone();
        list.values().as_struct().column(8).as_binary_view().data_buffers().len()
    };
    let small = rasters(&ctx, "SELECT fill(rast, 8) FROM t").await;
    let tiles = rasters(&ctx, "SELECT fill(rast, 64) FROM t").await;
    let large = rasters(&ctx, "SELECT fill(rast, 600) FROM t").await;
    assert_eq!((buffers(&small), buffers(&tiles), buffers(&large)), (1, 1, 20));
    for (row, raster) in small.iter().chain(tiles.iter()).chain(large.iter()).flatten().enumerate() {
        let view = raster.as_array_view2::<f32>().unwrap();
        assert_eq!(view[[7, 7]], (row % 20) as f32);
        assert!(view.as_ptr().addr().is_multiple_of(16));
    }
}

#[tokio::test]
async fn other_storage_is_read_without_a_cast() {
    let ctx =
        session(three().to_offset_types().unwrap(), [raster_udf("f", |r| Ok(r.as_array_view2::<f32>()?.sum() as f64))]);
    let sql = "SELECT f(rast) FROM t";
    let found = column(&ctx, sql).await;
    assert_eq!(found.as_primitive::<Float64Type>().iter().collect::<Vec<_>>(), [Some(12.0), None, Some(36.0)]);
    let plan = ctx.sql(sql).await.unwrap().into_optimized_plan().unwrap().to_string();
    assert!(!plan.to_lowercase().contains("cast"), "{plan}");
}

#[tokio::test]
async fn a_column_without_the_extension_name_is_read() {
    let ctx = session(three(), [raster_udf("f", |r| Ok(r.width()? as u32))]);
    // These functions drop the metadata of a field.
    for argument in ["coalesce(rast, rast)", "CASE WHEN id < 9 THEN rast END", "(array_agg(rast))[1]"] {
        let group = if argument.contains("agg") { "GROUP BY id ORDER BY id" } else { "ORDER BY id" };
        let found = column(&ctx, &format!("SELECT f({argument}) FROM t {group}")).await;
        assert_eq!(
            found.as_primitive::<UInt32Type>().iter().collect::<Vec<_>>(),
            [Some(4), None, Some(4)],
            "{argument}"
        );
    }
}

/// Bytes and floats packed side by side, so that floats after an odd number of bytes are misaligned.
fn packed() -> RasterArray {
    let bytes = |len| Raster::from_ndarray(Array2::<u8>::ones((1, len))).unwrap();
    let large = Raster::from_ndarray(Array2::<f32>::ones((40, 40))).unwrap();
    let mixed: RasterArray = [of(1.0), bytes(13), large, bytes(14), of(3.0)].into_iter().collect();
    let packed = mixed.to_offset_types().unwrap();
    let misaligned: Vec<bool> = packed.iter().flatten().map(|raster| raster.as_any_view().is_err()).collect();
    assert_eq!(misaligned, [false, false, true, false, true]);
    packed
}

/// Borrows the pixels, of any type, and counts them.
fn count_pixels(raster: RasterRef<'_>) -> Result<u64> {
    Ok(raster.as_any_view()?.shape().iter().product::<usize>() as u64)
}

#[tokio::test]
async fn misaligned_payloads_are_borrowed_after_one_copy_of_the_batch() {
    let calls = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&calls);
    let f = raster_udf("f", move |raster| {
        counter.fetch_add(1, Ordering::Relaxed);
        count_pixels(raster)
    });
    let ctx = session(packed(), [f]);
    let found = column(&ctx, "SELECT f(rast) FROM t").await;
    assert_eq!(found.as_primitive::<UInt64Type>().values(), &[12, 13, 1600, 14, 12]);
    assert_eq!(calls.load(Ordering::Relaxed), 5 + 1);
    // Two rasters, of which one is a scalar.
    let sum = raster_udf2("sum", |a, b| Ok(count_pixels(a)? + count_pixels(b)?));
    let ctx = session(packed(), [sum]);
    let found = column(&ctx, "SELECT sum(rast, (SELECT rast FROM t WHERE id = 2)) FROM t").await;
    assert_eq!(found.as_primitive::<UInt64Type>().values(), &[1612, 1613, 3200, 1614, 1612]);
}

#[tokio::test]
async fn a_pixel_that_cannot_be_aligned_is_an_error() {
    // A pixel of eight bytes lies inside of Arrow's view.
    let one = Raster::from_ndarray(array![[7.5f64]]).unwrap();
    let f = raster_udf("f", |raster| Ok(raster.as_array_view2::<f64>()?[[0, 0]]));
    let message = error(&session([one].into_iter().collect(), [f]), "SELECT f(rast) FROM t").await;
    assert!(message.contains("f: row 0, band 0:") && message.contains("to_cow_array"), "{message}");
}

#[tokio::test]
async fn functions_of_metadata_copy_no_pixels() {
    let large = packed();
    let bytes_of = |column: &RasterArray| {
        let bands = column.as_struct_array().column(4).as_list::<i32>().values();
        Arc::clone(bands.as_struct().column(8))
    };
    let before = bytes_of(&large).as_binary::<i64>().values().as_ptr_range();
    let ctx = session(large, [raster_udf("same", |raster| raster.to_raster())]);
    let found = rasters(&ctx, "SELECT same(rast) FROM t").await;
    assert!(bytes_of(&found).as_binary_view().data_buffers().iter().any(|buffer| before.contains(&buffer.as_ptr())));
}

#[tokio::test]
async fn partitions_and_batches_without_rows_give_the_same_result() {
    let ctx = SessionContext::new_with_config(SessionConfig::new().with_target_partitions(4).with_batch_size(7));
    ctx.register_udf(raster_udf("f", |raster| Ok(raster.as_array_view2::<f32>()?[[0, 0]] as f64)));
    let column: RasterArray = (0..100).map(|i| of(i as f32)).collect();
    let schema = Arc::new(Schema::new(vec![column.field("rast")]));
    let batch = RecordBatch::try_new(schema, vec![Arc::new(StructArray::from(column))]).unwrap();
    ctx.register_batch("t", batch).unwrap();
    let found = crate::table::column(&ctx, "SELECT sum(f(rast)) FROM t").await;
    assert_eq!(found.as_primitive::<Float64Type>().value(0), 4950.0);
    let none = batches(&ctx, "SELECT f(rast) FROM t WHERE f(rast) > 1000").await.unwrap();
    assert_eq!(none.iter().map(RecordBatch::num_rows).sum::<usize>(), 0);
}
