//! An elevation model goes through SedonaDB as an array goes through a function, and no pixel is copied.
//!
//! `cargo run --example sedonadb`: ndarray -> raster -> SQL of SedonaDB's functions and of ours -> ndarray, at the same address;
//! then the same model out of a `.npy` file that SQL alone knows, and the picture.

#[path = "../../../../examples/shared/elevation.rs"]
mod elevation;
mod npy;
#[path = "../../../../examples/shared/picture.rs"]
mod picture;

use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use arrow_array::{RecordBatch, StructArray};
use arrow_schema::Schema;
use datafusion::common::ParamValues;
use elevation::{Elevation, VOID};
use ndarray::Array2;
use ndarray_npy::write_npy;
use ndraster::{Band, PixelType, Raster, RasterArray, Registration};
use ndraster_datafusion::raster_udf;
use ndraster_sedonadb::{parameter, register_all, sedona_udf};
use npy::NpyLoader;
use sedona::context::SedonaContext;

type Result<T> = std::result::Result<T, Box<dyn Error>>;

/// Functions of SedonaDB and of ours, in each other.
const STATISTICS: &str = "
    SELECT RS_Width(rast) AS width, RS_Height(rast) AS height, RS_CRS(rast) AS crs,
           round(nd_mean(rast), 2) AS nd_mean, round(RS_SummaryStats(rast, 'mean', 1), 2) AS rs_mean,
           nd_value(rast, -84.3, 36.6) AS nd_value, RS_Value(rast, ST_Point(-84.3, 36.6, 4326)) AS rs_value,
           RS_SummaryStats(ruggedness(rast), 'max', 1) AS roughest
    FROM dem";

/// Light and shade, tile by tile, put together again.
const SHADE: &str = "
    SELECT nd_mosaic(nd_hillshade(part['tile'], 111120), 1) AS shade
    FROM (SELECT unnest(nd_tiles(RS_EnsureLoaded(rast), 64, 64, 1)) AS part FROM file)";

#[tokio::main]
async fn main() -> Result<()> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/sedonadb");
    let picture = run(&folder).await?;
    println!("\nLook at {}", picture.display());
    Ok(())
}

/// Everything, with its files in a folder; the path of the picture.
async fn run(folder: &Path) -> Result<PathBuf> {
    fs::create_dir_all(folder)?;
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/data/jacksboro_fault_dem.npz");
    let Elevation { metres, bbox } = Elevation::read(&source)?;
    let file = folder.join("dem.npy");
    write_npy(&file, &metres)?;
    let (address, extents) = (metres.as_ptr(), metres.dim());

    let ctx = SedonaContext::new_local_interactive().await?;
    register_all(&ctx)?;
    ctx.register_sedona_scalar_udf(sedona_udf(raster_udf("ruggedness", |raster| {
        Raster::from_ndarray(ruggedness(&raster.to_array_filled2(f32::NAN)?))?.with_grid_of(raster)
    })))?;

    let model = Raster::from_ndarray(metres)?.with_crs("EPSG:4326").with_bbox(bbox, Registration::Pixel)?;
    let query = ctx.sql("SELECT $1 AS rast").await?;
    let table = query.with_param_values(ParamValues::List(vec![parameter(model.with_nodata(VOID)?)]))?;
    ctx.ctx.register_table("dem", table.into_view())?;
    println!("{}", ctx.sql(STATISTICS).await?.to_string().await?);

    let batches =
        ctx.sql("SELECT RS_SetSRID(rast, 4269) AS rast FROM dem WHERE RS_Width(rast) > 9").await?.collect().await?;
    let column = RasterArray::from_batch(batches.first().ok_or("no row")?, "rast")?;
    drop((ctx, batches));
    let back = Raster::try_from(column)?.into_array::<i16>()?;
    let copied = if back.as_ptr() == address { 0 } else { back.len() };
    println!("in at {address:?}, out at {:?}: {copied} pixels copied", back.as_ptr());

    let ctx = SedonaContext::new_local_interactive().await?;
    register_all(&ctx)?;
    ctx.register_raster_loader(Arc::new(NpyLoader));
    ctx.ctx.register_batch("file", outdb(&file, extents, bbox)?)?;
    let shades = ctx.sql(SHADE).await?.collect().await?;
    let shades = RasterArray::from_batch(shades.first().ok_or("no row")?, "shade")?;
    let shade: Array2<u8> = shades.get(0).ok_or("no shade")?.to_array2()?;
    let picture = folder.join("hillshade.png");
    picture::write_png(&picture, &shade)?;
    Ok(picture)
}

/// A table of one raster whose pixels are in a file.
fn outdb(file: &Path, (height, width): (usize, usize), bbox: [f64; 4]) -> Result<RecordBatch> {
    let path = file.to_str().ok_or("the path is not UTF-8")?;
    let band = Band::outdb(path, [height, width], PixelType::Int16)?.with_outdb_format("npy").with_nodata(VOID)?;
    let raster = Raster::from_bands([band])?.with_crs("EPSG:4326").with_bbox(bbox, Registration::Pixel)?;
    let column = RasterArray::from(raster);
    let schema = Schema::new(vec![column.field("rast")]);
    Ok(RecordBatch::try_new(Arc::new(schema), vec![Arc::new(StructArray::from(column))])?)
}

/// How far the ground is from the mean of its four neighbours, on the average of both axes.
fn ruggedness(heights: &Array2<f32>) -> Array2<f32> {
    let (height, width) = heights.dim();
    Array2::from_shape_fn((height, width), |(row, col)| {
        let at = |row: usize, col: usize| heights[[row.min(height - 1), col.min(width - 1)]];
        let around =
            at(row.saturating_sub(1), col) + at(row + 1, col) + at(row, col.saturating_sub(1)) + at(row, col + 1);
        (around / 4.0 - heights[[row, col]]).abs()
    })
}
