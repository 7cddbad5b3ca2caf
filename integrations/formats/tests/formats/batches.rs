//! A batch stays where it is: in an IPC stream, a file that is mapped, and through arrow's own slice, filter and concat.

use std::sync::Arc;

use arrow_array::{Array, BooleanArray, StructArray};
use arrow_ipc::reader::StreamReader;
use arrow_ipc::writer::StreamWriter;
use arrow_select::concat::concat;
use arrow_select::filter::filter;
use ndarray::{Array4, Axis};
use ndraster::{Batch, ErrorKind, GeoTransform, RasterArray};
use ndraster_formats::{batch, folder};

use crate::ipc::example::file;

const TILES: usize = 12;
const SHAPE: (usize, usize, usize, usize) = (TILES, 2, 16, 24);

/// Tiles of two bands, numbered pixel by pixel from a number on.
fn pixels(first: usize) -> Array4<f32> {
    let pixels = Array4::from_shape_fn(SHAPE, |(n, band, y, x)| ((n * 2 + band) * 16 + y) as f32 * 24.0 + x as f32);
    pixels + first as f32
}

fn column(pixels: Array4<f32>) -> RasterArray {
    let grid = GeoTransform::from_gdal([500.0, 10.0, 0.0, 900.0, 0.0, -10.0]).unwrap();
    Batch::from_ndarray(pixels).unwrap().with_tile_grid(grid, 4).unwrap().with_crs("EPSG:32632").finish().unwrap()
}

fn arrow(column: &RasterArray) -> Arc<dyn Array> {
    Arc::new(column.as_struct_array().clone())
}

fn of_arrow(array: &dyn Array) -> RasterArray {
    RasterArray::try_from(array.as_any().downcast_ref::<StructArray>().unwrap().clone()).unwrap()
}

#[test]
fn a_batch_is_one_view_of_a_file_that_is_mapped() {
    let path = folder("test-batches").unwrap().join("tiles.arrow");
    file::write(&path, column(pixels(0))).unwrap();
    let (batches, map) = file::map(&path).unwrap();
    let mapped = RasterArray::from_batch(&batches[0], "rast").unwrap();
    let view = mapped.as_batch_view4::<f32>().unwrap();
    assert!(map.contains(&view.as_ptr().cast()));
    assert_eq!(view, pixels(0));
    // Whole batches of rows as well.
    let some = mapped.slice(3, 5).unwrap();
    let some = some.as_batch_view4::<f32>().unwrap();
    assert_eq!(some.as_ptr(), view.index_axis(Axis(0), 3).as_ptr());
    assert_eq!(some, pixels(0).slice_axis(Axis(0), (3..8).into()));
}

#[test]
fn a_batch_is_one_view_of_a_stream() {
    let sent = batch(column(pixels(0)).slice(2, 7).unwrap().to_compact().unwrap()).unwrap();
    let mut writer = StreamWriter::try_new(Vec::new(), &sent.schema()).unwrap();
    writer.write(&sent).unwrap();
    let bytes = writer.into_inner().unwrap();
    let back = StreamReader::try_new(bytes.as_slice(), None).unwrap().next().unwrap().unwrap();
    let back = RasterArray::from_batch(&back, "rast").unwrap();
    assert_eq!(back.as_batch_view4::<f32>().unwrap(), pixels(0).slice_axis(Axis(0), (2..9).into()));
}

#[test]
fn rows_that_a_filter_keeps_are_views_of_the_memory_that_they_came_from() {
    let pixels = pixels(0);
    let column = column(pixels.clone());
    let first = column.as_batch_view4::<f32>().unwrap().as_ptr();
    let keep = |keep: fn(usize) -> bool| {
        let filtered =
            filter(&arrow(&column), &(0..TILES).map(|row| Some(keep(row))).collect::<BooleanArray>()).unwrap();
        of_arrow(&filtered)
    };
    let address = |row: usize| first.wrapping_add(row * 2 * 16 * 24);
    // Every other tile lies evenly: one view with gaps.
    let odd = keep(|row| row % 2 == 1);
    let view = odd.as_batch_view4::<f32>().unwrap();
    assert_eq!((view.as_ptr(), view.strides()[0]), (address(1), 2 * 2 * 16 * 24));
    assert_eq!(view, pixels.slice_axis(Axis(0), ndarray::Slice::new(1, None, 2)));
    // Two runs do not, so the error names the row, and the runs are views each.
    let two_runs = keep(|row| !(3..=6).contains(&row));
    let error = two_runs.as_batch_view4::<f32>().unwrap_err();
    assert_eq!((error.kind(), error.row()), (ErrorKind::Layout, Some(3)), "{error}");
    let runs: Vec<_> = two_runs.batch_views::<f32>().map(|run| run.unwrap()).collect();
    let found: Vec<_> = runs.iter().map(|run| (run.as_ptr(), run.len_of(Axis(0)))).collect();
    assert_eq!(found, [(address(0), 3), (address(7), 5)]);
    assert_eq!(two_runs.to_batch::<f32>().unwrap().index_axis(Axis(0), 3), pixels.index_axis(Axis(0), 7).into_dyn());
}

#[test]
fn columns_that_arrow_appends_are_a_view_each() {
    let (one, two) = (column(pixels(0)), column(pixels(7000)));
    let addresses = [&one, &two].map(|column| column.as_batch_view4::<f32>().unwrap().as_ptr());
    let all = of_arrow(&concat(&[&*arrow(&one), &*arrow(&two)]).unwrap());
    assert!(all.as_batch_view4::<f32>().is_err());
    let runs: Vec<_> = all.batch_views::<f32>().map(|run| run.unwrap()).collect();
    assert_eq!(runs.iter().map(|run| run.as_ptr()).collect::<Vec<_>>(), addresses);
    let packed = all.to_packed_batch().unwrap();
    let view = packed.as_batch_view4::<f32>().unwrap();
    assert_eq!(view.index_axis(Axis(0), TILES + 1), pixels(7000).index_axis(Axis(0), 1));
    // Each tile is still where it was.
    assert_eq!(packed.get(TILES + 5).unwrap().transform().unwrap(), two.get(5).unwrap().transform().unwrap());
}
