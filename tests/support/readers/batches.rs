//! A batch is what its rows are, one by one.

use ndraster::ndarray::{Array, ArrayD, ArrayViewD, Axis, Dimension, Ix4, IxDyn};
use ndraster::{ArrayViews, BandRef, ErrorKind, Pixel, PixelType, RasterArray, RasterArrayView, Result};

/// Evaluates an expression in which `$T` is the pixel type, for one type of each kind. Code for all ten takes the fuzz targets minutes
/// to compile.
macro_rules! for_some_pixel_types {
    ($pixel_type:expr, $T:ident => $body:expr) => {
        match $pixel_type {
            PixelType::UInt8 => for_some_pixel_types!(@is u8, $T => $body),
            PixelType::Int16 => for_some_pixel_types!(@is i16, $T => $body),
            PixelType::Float32 => for_some_pixel_types!(@is f32, $T => $body),
            PixelType::Float64 => for_some_pixel_types!(@is f64, $T => $body),
            _ => {}
        }
    };
    (@is $pixel:ty, $T:ident => $body:expr) => {{
        type $T = $pixel;
        $body
    }};
}

/// Asserts that each way to read a column as one array gives what reading row by row and band by band gives, or fails where
/// that does. The rows are read by the calls of a band, which share nothing with those of a column but the memory.
///
/// # Panics
///
/// If they differ.
pub fn assert_batches_are_their_rows(column: &RasterArray) {
    let types =
        column.iter().flatten().flat_map(|raster| raster.bands().take(10)).flatten().map(|band| band.pixel_type());
    let mut types: Vec<PixelType> = types.chain([PixelType::UInt8, PixelType::Float64]).collect();
    types.sort_by_key(|pixel_type| pixel_type.id());
    types.dedup();
    for pixel_type in types {
        for_some_pixel_types!(pixel_type, T => {
            let copied = assert_same(column, "to_batch", column.to_batch::<T>(), by_rows(column, |band| band.to_array::<T>()));
            assert_borrows::<T>(column, copied.as_ref());
            assert_copies::<T>(column, copied.as_ref());
            assert_scans::<T>(column);
        });
    }
    assert_same(
        column,
        "to_batch_cast",
        column.to_batch_cast::<f32>(),
        by_rows(column, |band| band.to_array_cast::<f32>()),
    );
    let by_rows = filled_by_rows(column, 0.5f64);
    assert_same(column, "to_batch_filled", column.to_batch_filled(0.5f64), by_rows);
    assert_packs(column);
}

/// Reads row by row. `Err` if a row is null, or not like the first, or cannot be read.
fn by_rows<'a, T: Pixel>(
    column: &'a RasterArray,
    read: impl Fn(&BandRef<'a>) -> Result<ArrayD<T>>,
) -> Option<ArrayD<T>> {
    let (mut pixels, mut first) = (Vec::new(), None);
    for row in 0..column.len() {
        let bands = column.get(row)?.bands().collect::<Result<Vec<_>>>().ok()?;
        let dims = |band: &BandRef<'_>| {
            (band.dim_names().iter().map(|dim| (*dim).to_owned()).collect(), band.shape().to_vec())
        };
        let shapes: Vec<(Vec<String>, Vec<usize>)> = bands.iter().map(dims).collect();
        if shapes.is_empty()
            || shapes.iter().any(|other| other != &shapes[0])
            || *first.get_or_insert(shapes.clone()) != shapes
        {
            return None;
        }
        for band in &bands {
            pixels.extend(read(band).ok()?);
        }
    }
    let first = first?;
    let shape: Vec<usize> = [column.len(), first.len()].into_iter().chain(first[0].1.iter().copied()).collect();
    Some(Array::from_shape_vec(IxDyn(&shape), pixels).unwrap())
}

/// As [`by_rows`], with null rows full of `fill`.
fn filled_by_rows(column: &RasterArray, fill: f64) -> Option<ArrayD<f64>> {
    let rows: Vec<usize> = (0..column.len()).filter(|row| !column.is_null(*row)).collect();
    let parts = rows.iter().map(|row| by_rows(&column.slice(*row, 1).unwrap(), |band| band.to_array_filled(fill)));
    let parts: Vec<ArrayD<f64>> = parts.collect::<Option<_>>()?;
    let dims = |row: &usize| {
        let band = column.get(*row)?.band(0).ok()?;
        Some(band.dim_names().iter().map(|dim| (*dim).to_owned()).collect::<Vec<String>>())
    };
    let first = parts.first()?;
    if parts.iter().any(|part| part.shape() != first.shape()) || rows.iter().any(|row| dims(row) != dims(&rows[0])) {
        return None;
    }
    let mut shape = first.shape().to_vec();
    shape[0] = column.len();
    let mut all = ArrayD::from_elem(IxDyn(&shape), fill);
    for (row, part) in rows.iter().zip(&parts) {
        all.index_axis_mut(Axis(0), *row).assign(&part.index_axis(Axis(0), 0));
    }
    Some(all)
}

fn bits<T: Pixel>(array: &ArrayViewD<'_, T>) -> Vec<u64> {
    // Zeros and NaN differ by their bits.
    let bits = |pixel: &T| {
        let mut bits = [0; 8];
        bits[..size_of::<T>()].copy_from_slice(bytes_of(pixel));
        u64::from_le_bytes(bits)
    };
    array.iter().map(bits).collect()
}

fn bytes_of<T: Pixel>(pixel: &T) -> &[u8] {
    bytemuck::bytes_of(pixel)
}

fn assert_same<T: Pixel>(
    column: &RasterArray,
    name: &str,
    batch: Result<ArrayD<T>>,
    by_rows: Option<ArrayD<T>>,
) -> Option<ArrayD<T>> {
    match (&batch, &by_rows) {
        (Ok(batch), Some(by_rows)) => {
            assert_eq!(batch.shape(), by_rows.shape(), "{name} of {column:?}");
            assert_eq!(bits(&batch.view()), bits(&by_rows.view()), "{name} of {column:?}");
        }
        (Err(error), None) => assert!(error.to_string().len() < 1024, "{error}"),
        // Bands that are small each may be too much together.
        (Err(error), Some(_)) => assert_eq!(error.kind(), ErrorKind::TooLarge, "{name}: {error}, {column:?}"),
        (Ok(batch), None) => panic!("{name}: {:?} of {column:?}, whose rows make no batch", batch.shape()),
    }
    batch.ok()
}

/// The view of all rows shows them where they are, and views of parts of them show each row once.
fn assert_borrows<T: Pixel>(column: &RasterArray, copied: Option<&ArrayD<T>>) {
    let place = |row: usize, band: usize| {
        let band = column.get(row).unwrap().band(band).unwrap();
        band.as_array_view::<T>().unwrap().as_ptr()
    };
    match column.as_batch_view::<T>() {
        Ok(view) => {
            let copied = copied.unwrap_or_else(|| panic!("{column:?} is borrowed, and cannot be copied"));
            assert_eq!(bits(&view), bits(&copied.view()), "{column:?}");
            assert_eq!(view.shape(), copied.shape());
            for (row, view) in view.axis_iter(Axis(0)).enumerate() {
                for (band, view) in view.axis_iter(Axis(0)).enumerate() {
                    assert!(
                        view.is_empty() || view.as_ptr() == place(row, band),
                        "row {row}, band {band} of {column:?}"
                    );
                }
            }
        }
        Err(error) => {
            let may = copied.is_none() || [ErrorKind::Layout, ErrorKind::Misaligned].contains(&error.kind());
            assert!(may, "{error}: {column:?}");
        }
    }
    let mut row = 0;
    for view in column.batch_views::<T>() {
        let Ok(view) = view else {
            row += 1;
            continue;
        };
        let part = column.slice(row, view.shape()[0]).unwrap();
        let by_rows = by_rows(&part, |band| band.to_array::<T>()).unwrap();
        assert_eq!(view.shape(), by_rows.shape(), "rows from {row} on of {column:?}");
        assert_eq!(bits(&view), bits(&by_rows.view()), "rows from {row} on of {column:?}");
        row += view.shape()[0];
        // It could not have been longer.
        if row < column.len() {
            let longer = column.slice(row - view.shape()[0], view.shape()[0] + 1).unwrap();
            assert!(longer.as_batch_view::<T>().is_err(), "the view ends at row {row} of {column:?}");
        }
    }
    assert!(row == column.len() || column.batch_views::<T>().next().is_some_and(|first| first.is_err()), "{column:?}");
}

/// Copies into memory of the caller are the same, in any order of memory.
fn assert_copies<T: Pixel>(column: &RasterArray, copied: Option<&ArrayD<T>>) {
    let Some(copied) = copied else { return };
    let shape = copied.shape();
    let mut target = ArrayD::<T>::default(IxDyn(shape));
    column.copy_batch_into(target.view_mut()).unwrap();
    assert_eq!(bits(&target.view()), bits(&copied.view()), "{column:?}");
    let backwards: Vec<usize> = shape.iter().rev().copied().collect();
    let mut target = ArrayD::<T>::default(IxDyn(&backwards)).reversed_axes();
    column.copy_batch_into(target.view_mut()).unwrap();
    assert_eq!(bits(&target.view()), bits(&copied.view()), "{column:?}");
    let mut target = ArrayD::<T>::default(IxDyn(&backwards)).reversed_axes();
    column.copy_batch_into_cast(target.view_mut()).unwrap();
    assert_eq!(bits(&target.view()), bits(&copied.view()), "{column:?}");
    if let Ok(view) = column.as_batch_view4::<T>() {
        let matrices = column
            .iter()
            .flatten()
            .flat_map(|raster| raster.bands())
            .map(|band| band.unwrap().to_array2::<T>().unwrap());
        let by_rows: Vec<u64> = matrices.flat_map(|matrix| bits(&matrix.view().into_dyn())).collect();
        assert_eq!(bits(&view.view().into_dyn()), by_rows, "{column:?}");
        let mut target = Array::<T, Ix4>::default(Ix4::from_dimension(&view.raw_dim()).unwrap());
        column.copy_batch_into(target.view_mut()).unwrap();
        assert_eq!(bits(&target.view().into_dyn()), by_rows, "{column:?}");
    }
}

/// A packed column has the same pixels, and lies as one array.
fn assert_packs(column: &RasterArray) {
    let Ok(packed) = column.to_packed_batch() else { return };
    let pixel_type = column.get(0).unwrap().band(0).unwrap().pixel_type();
    for_some_pixel_types!(pixel_type, T => {
        let batch = column.to_batch::<T>().unwrap();
        let same = packed.to_batch::<T>().unwrap();
        assert_eq!(bits(&batch.view()), bits(&same.view()), "{column:?}");
        // Payloads of up to 12 bytes lie in Arrow's views.
        let is_one = packed.as_batch_view::<T>().is_ok_and(|view| view.is_standard_layout());
        let of_band = batch.len() / batch.shape()[0] / batch.shape()[1] * size_of::<T>();
        assert!(is_one || of_band <= 12, "{packed:?}");
    });
}

/// Scans give each row as it is given by itself, from wherever they begin.
fn assert_scans<T: Pixel>(column: &RasterArray) {
    type Seen<T> = Option<Result<(Vec<usize>, Vec<isize>, *const T), String>>;
    let seen = |view: Result<ArrayViewD<'_, T>>| {
        view.map(|view| (view.shape().to_vec(), view.strides().to_vec(), view.as_ptr()))
            .map_err(|error| error.to_string())
    };
    let rows: Vec<Seen<T>> = (0..column.len()).map(|row| Some(seen(column.get(row)?.as_array_view::<T>()))).collect();
    let by_views =
        |views: ArrayViews<'_, T, IxDyn>| views.map(|view| view.transpose().map(&seen)).collect::<Vec<Seen<T>>>();
    for start in [0, 1, column.len() / 2] {
        let rest = rows.get(start..).unwrap_or_default();
        let scanned = column.iter().skip(start).map(|row| row.map(|row| seen(row.as_array_view::<T>())));
        assert_eq!(scanned.collect::<Vec<Seen<T>>>(), rest, "from row {start} on of {column:?}");
        let mut views = column.array_views_dim::<T, IxDyn>();
        if start > 0 {
            views.nth(start - 1);
        }
        assert_eq!(by_views(views), rest, "views from row {start} on of {column:?}");
    }
    let view = RasterArrayView::try_from(column.as_struct_array()).unwrap();
    assert_eq!(by_views(view.array_views_dim()), rows, "{column:?}");
    let backwards = column.iter().rev().map(|row| row.map(|row| seen(row.as_array_view::<T>())));
    assert!(backwards.eq(rows.iter().rev().cloned()), "{column:?}");
    for (row, matrix) in column.array_views2::<T>().enumerate() {
        let matrix = matrix.transpose().map(|matrix| seen(matrix.map(|matrix| matrix.into_dyn())));
        let expected = column.get(row).map(|raster| seen(raster.as_array_view2::<T>().map(|matrix| matrix.into_dyn())));
        assert_eq!(matrix, expected, "row {row} of {column:?}");
    }
}
