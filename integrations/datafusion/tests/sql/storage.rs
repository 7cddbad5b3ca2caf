//! The same rasters stored in another way, and functions of whole columns.

use arrow_array::cast::AsArray;
use arrow_array::types::Float64Type;
use ndarray::{Array2, array};
use ndraster::{Batch, Error, Raster, RasterArray, RasterType};
use ndraster_datafusion::raster_array_udf;

use crate::table::{batches, column, error, rasters, session};

fn pixels() -> Array2<f32> {
    Array2::from_shape_fn((40, 50), |(row, col)| (row * 50 + col) as f32)
}

#[tokio::test]
async fn a_lost_name_comes_back() {
    let raster = Raster::from_ndarray(pixels()).unwrap();
    let address = raster.as_array_view2::<f32>().unwrap().as_ptr();
    let ctx = session(RasterArray::from_iter([Some(raster), None]), []);
    for (sql, keeps) in [
        ("coalesce(rast, rast)", false),
        ("nd_raster(coalesce(rast, rast))", true),
        ("nd_raster(CASE WHEN id = 0 THEN rast END)", true),
    ] {
        let batch = &batches(&ctx, &format!("SELECT {sql} AS found FROM t")).await.unwrap()[0];
        let name = batch.schema().field(0).extension_type_name().map(str::to_owned);
        assert_eq!(name.as_deref(), keeps.then_some("sedona.raster"), "{sql}");
        let found = RasterArray::from_batch(batch, "found").unwrap();
        assert_eq!(found.get(0).unwrap().as_array_view2::<f32>().unwrap().as_ptr(), address, "{sql}");
        assert!(found.is_null(1), "{sql}");
    }
}

#[tokio::test]
async fn another_storage_type_becomes_the_usual_one() {
    let column = RasterArray::from(Raster::from_ndarray(pixels()).unwrap()).to_offset_types().unwrap();
    let ctx = session(column, []);
    for call in ["nd_raster", "nd_standard"] {
        let batch = &batches(&ctx, &format!("SELECT {call}(rast) AS rast FROM t")).await.unwrap()[0];
        assert_eq!(batch.schema().field(0).data_type(), &RasterType::storage_type());
        let found = RasterArray::from_batch(batch, "rast").unwrap();
        assert_eq!(found.get(0).unwrap().only_band().unwrap().to_array::<f32>().unwrap(), pixels().into_dyn());
    }
    let message = error(&ctx, "SELECT nd_raster(id) FROM t").await;
    assert!(message.contains("nd_raster: argument 1 is not a raster"), "{message}");
}

#[tokio::test]
async fn a_tile_without_a_view_has_its_own_pixels() {
    let ctx = session(RasterArray::from(Raster::from_ndarray(pixels()).unwrap()), []);
    let found = rasters(&ctx, "SELECT nd_standard(nd_window(rast, 7, 3, 30, 20)) FROM t").await;
    let band = found.get(0).unwrap().only_band().unwrap();
    assert!(band.view().is_identity());
    assert_eq!(band.source_data().unwrap().len(), 20 * 30 * 4);
    assert_eq!(band.as_array_view2::<f32>().unwrap(), pixels().slice(ndarray::s![3..23, 7..37]));
}

#[tokio::test]
async fn a_model_sees_the_tiles_of_a_batch_as_one_array() {
    let negated = raster_array_udf("negated", |tiles| {
        Batch::from_ndarray(-tiles.to_batch4::<f32>()?)?.with_grid_of(tiles)?.finish()
    });
    let ctx = session(RasterArray::from(Raster::from_ndarray(pixels()).unwrap()), [negated]);
    let sql =
        "SELECT nd_mean(nd_mosaic(negated(part['tile']))) FROM (SELECT unnest(nd_tiles(rast, 10, 8)) AS part FROM t)";
    let found = column(&ctx, sql).await;
    let expected = -pixels().mapv(f64::from).mean().unwrap();
    assert!((found.as_primitive::<Float64Type>().value(0) - expected).abs() < 1e-9);
}

#[tokio::test]
async fn a_function_of_a_column_fails_with_its_name() {
    let functions = [
        raster_array_udf("too_few", |rasters| rasters.slice(0, 0)),
        raster_array_udf("panics", |_| panic!("no model")),
        raster_array_udf("refuses", |_| Err(Error::other("no weights"))),
        // Misaligned payloads come aligned on the second call.
        raster_array_udf("borrows", |rasters| {
            rasters.get(1).map_or(Ok(()), |raster| raster.as_array_view2::<f64>().map(drop))?;
            Ok(rasters.clone())
        }),
    ];
    let bytes = Raster::from_ndarray(array![[1u8, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13]]).unwrap();
    let floats = Raster::from_ndarray(Array2::<f64>::ones((3, 4))).unwrap();
    let ctx = session(RasterArray::from_iter([bytes, floats]).to_offset_types().unwrap(), functions);
    for (call, expected) in [
        ("too_few", "too_few: the function gives 0 rasters for 2: return one for each, or null"),
        ("panics", "panics: the function panicked: no model"),
        ("refuses", "refuses: no weights"),
    ] {
        let message = error(&ctx, &format!("SELECT {call}(rast) FROM t")).await;
        assert!(message.contains(expected), "{message}");
    }
    assert_eq!(rasters(&ctx, "SELECT borrows(rast) FROM t").await.len(), 2);
}
