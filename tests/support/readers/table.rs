//! The table.

use ndraster::ndarray::{Array2, ArrayD, Ix1, Ix2, Ix3, Ix4, Ix5, IxDyn, Slice};
use ndraster::{
    Band, BandRef, Error, ErrorKind, MapNodata, MemoryLayout, Pixel, PixelType, RasterArray, RasterArrayView,
    RasterRef, Result, WindowRounding,
};

use super::Copies::{Nothing, Shown, Stored};
use super::everything::shows_few;
use super::{Call, Copies, Parts, Reader};
use crate::for_pixel_type;

/// Evaluates an expression in which `$T` is the type of a band's pixels.
macro_rules! as_type {
    ($band:expr, $T:ident => $body:expr) => {
        for_pixel_type!($band.pixel_type(), $T => $body)
    };
}

/// Evaluates an expression in which `$T` is the pixel type of the raster's one band. Without such a band any type will do,
/// since every reader then fails.
macro_rules! as_type_of_one {
    ($raster:expr, $T:ident => $body:expr) => {
        for_pixel_type!($raster.only_band().map_or(PixelType::UInt8, |band| band.pixel_type()), $T => $body)
    };
}

/// Evaluates an expression in which `$T` is the pixel type of the first band of a column, or any type.
macro_rules! as_type_of_first {
    ($column:expr, $T:ident => $body:expr) => {{
        let first = $column.get(0).and_then(|raster| raster.bands().next());
        for_pixel_type!(first.and_then(Result::ok).map_or(PixelType::UInt8, |band| band.pixel_type()), $T => $body)
    }};
}

/// Evaluates an expression in which `$D` is the dimension type of as many axes.
macro_rules! as_dim {
    ($ndim:expr, $D:ident => $body:expr) => {
        match $ndim {
            1 => as_dim!(@is Ix1, $D => $body),
            2 => as_dim!(@is Ix2, $D => $body),
            3 => as_dim!(@is Ix3, $D => $body),
            4 => as_dim!(@is Ix4, $D => $body),
            _ => as_dim!(@is IxDyn, $D => $body),
        }
    };
    (@is $dimension:ty, $D:ident => $body:expr) => {{
        type $D = $dimension;
        $body
    }};
}

/// Every public function of [`RasterArray`], [`RasterRef`] and [`BandRef`] that takes `&self`, and their `Debug`.
///
/// Pixels are read as the type that the band has. First come the readers of one part of a row each, so that the first one
/// that fails on a bad row is the one in charge of the part.
pub const READERS: &[Reader] = &[
    // One part of a row each.
    raster("Debug of RasterRef", Parts::NONE, Nothing, |raster| done(format!("{raster:?}"))),
    raster("RasterRef::num_bands", Parts::BANDS, Nothing, |raster| raster.num_bands().map(drop)),
    raster("RasterRef::crs", Parts::CRS, Nothing, |raster| raster.crs().map(drop)),
    raster("RasterRef::transform", Parts::TRANSFORM, Nothing, |raster| raster.transform().map(drop)),
    raster("RasterRef::spatial_dims", Parts::SPATIAL_DIMS, Nothing, |raster| raster.spatial_dims().map(drop)),
    raster("RasterRef::spatial_shape", Parts::SPATIAL_SHAPE, Nothing, |raster| raster.spatial_shape().map(drop)),
    raster("RasterRef::width", Parts::SPATIAL_SHAPE.and(Parts::WIDTH), Nothing, |raster| raster.width().map(drop)),
    raster("RasterRef::height", Parts::SPATIAL_SHAPE.and(Parts::HEIGHT), Nothing, |raster| raster.height().map(drop)),
    raster("RasterRef::bbox", Parts::EXTENTS.and(Parts::TRANSFORM), Nothing, |raster| raster.bbox().map(drop)),
    raster("RasterRef::tile_grid", Parts::EXTENTS, Nothing, |raster| raster.tile_grid(16, 16).map(drop)),
    raster("RasterRef::band", Parts::BAND, Nothing, every_band),
    // A band.
    band("Debug of BandRef", Parts::BAND, Nothing, |band| done(format!("{band:?}"))),
    band("BandRef::name", Parts::BAND, Nothing, |band| done(band.name())),
    band("BandRef::dim_names", Parts::BAND, Nothing, |band| done(band.dim_names())),
    band("BandRef::shape", Parts::BAND, Nothing, |band| done(band.shape())),
    band("BandRef::ndim", Parts::BAND, Nothing, |band| done(band.ndim())),
    band("BandRef::source_shape", Parts::BAND, Nothing, |band| done(band.source_shape())),
    band("BandRef::view", Parts::BAND, Nothing, |band| done(band.view())),
    band("BandRef::pixel_type", Parts::BAND, Nothing, |band| done(band.pixel_type())),
    band("BandRef::outdb_uri", Parts::BAND, Nothing, |band| done(band.outdb_uri())),
    band("BandRef::outdb_format", Parts::BAND, Nothing, |band| done(band.outdb_format())),
    band("BandRef::nodata_bytes", Parts::BAND, Nothing, |band| done(band.nodata_bytes())),
    band("BandRef::is_loaded", Parts::BAND, Nothing, |band| done(band.is_loaded())),
    band("BandRef::source_data", Parts::SOURCE, Nothing, |band| band.source_data().map(drop)),
    band("BandRef::as_any_view", Parts::PIXELS, Nothing, |band| band.as_any_view().map(drop)),
    band(
        "BandRef::as_array_view",
        Parts::PIXELS,
        Nothing,
        |band| as_type!(band, T => band.as_array_view::<T>().map(drop)),
    ),
    band(
        "BandRef::as_array_view2",
        Parts::PIXELS,
        Nothing,
        |band| as_type!(band, T => band.as_array_view2::<T>().map(drop)),
    ),
    band(
        "BandRef::as_array_view_dim",
        Parts::PIXELS,
        Nothing,
        |band| as_type!(band, T => as_dim!(band.ndim(), D => band.as_array_view_dim::<T, D>().map(drop))),
    ),
    band("BandRef::to_cow_array", Parts::PIXELS, Shown, |band| as_type!(band, T => band.to_cow_array::<T>().map(drop))),
    band("BandRef::to_array", Parts::PIXELS, Shown, |band| as_type!(band, T => band.to_array::<T>().map(drop))),
    band(
        "BandRef::copy_into",
        Parts::PIXELS,
        Shown,
        |band| as_type!(band, T => band.copy_into(target::<T>(Some(band)).view_mut())),
    ),
    band("BandRef::copy_into_cast", Parts::PIXELS, Shown, |band| {
        band.copy_into_cast(target::<f32>(Some(band)).view_mut())
    }),
    band("BandRef::copy_into_filled", Parts::PIXELS.and(Parts::NODATA), Shown, |band| {
        band.copy_into_filled(0.0, target::<f64>(Some(band)).view_mut())
    }),
    band("BandRef::to_array_exact", Parts::PIXELS, Shown, |band| band.to_array_exact::<f64>().map(drop)),
    band("BandRef::to_array_cast", Parts::PIXELS, Shown, |band| band.to_array_cast::<f64>().map(drop)),
    band(
        "BandRef::nodata",
        Parts::BAND.and(Parts::NODATA),
        Nothing,
        |band| as_type!(band, T => band.nodata::<T>().map(drop)),
    ),
    band("BandRef::valid_mask", Parts::BAND.and(Parts::NODATA), Shown, |band| band.valid_mask().map(drop))
        .and_at_times(Parts::PIXELS),
    band("BandRef::to_array_filled", Parts::PIXELS.and(Parts::NODATA), Shown, |band| {
        band.to_array_filled(0f64).map(drop)
    }),
    band("BandRef::valid_mask2", Parts::BAND.and(Parts::NODATA), Shown, |band| band.valid_mask2().map(drop))
        .and_at_times(Parts::PIXELS),
    band("BandRef::to_array_filled2", Parts::PIXELS.and(Parts::NODATA), Shown, |band| {
        band.to_array_filled2(0f64).map(drop)
    }),
    band("BandRef::to_array2", Parts::PIXELS, Shown, |band| as_type!(band, T => band.to_array2::<T>().map(drop))),
    band(
        "BandRef::to_array_dim",
        Parts::PIXELS,
        Shown,
        |band| as_type!(band, T => as_dim!(band.ndim(), D => band.to_array_dim::<T, D>().map(drop))),
    ),
    band("BandRef::to_any_cow_array", Parts::PIXELS, Shown, |band| band.to_any_cow_array().map(drop)),
    band(
        "BandRef::is_valid",
        Parts::BAND.and(Parts::NODATA),
        Nothing,
        |band| as_type!(band, T => band.is_valid::<T>().map(drop)),
    ),
    band(
        "BandRef::valid_pixels",
        Parts::PIXELS.and(Parts::NODATA),
        Shown,
        |band| as_type!(band, T => band.valid_pixels::<T>().map(drop)),
    ),
    band("BandRef::sample", Parts::PIXELS.and(Parts::NODATA).and(Parts::TRANSFORM), Nothing, |band| {
        match band.ndim() {
            2 => as_type!(band, T => placed(band.sample::<T>(0.5, -0.5))),
            // Points have two coordinates.
            _ => as_type!(band, T => band.valid_pixels::<T>().map(drop)),
        }
    }),
    band("BandRef::sample_many", Parts::PIXELS.and(Parts::NODATA).and(Parts::TRANSFORM), Nothing, |band| {
        match band.ndim() {
            2 => as_type!(band, T => placed(band.sample_many::<T>(&[(0.5, -0.5), (7.0, 7.0)]))),
            _ => as_type!(band, T => band.valid_pixels::<T>().map(drop)),
        }
    }),
    band("BandRef::to_band", Parts::BAND.and(Parts::NODATA).and(Parts::PAYLOAD), Nothing, |band| {
        band.to_band().map(drop)
    }),
    // A raster: its one band, all its bands, parts of it, all of it.
    raster("RasterRef::bands", Parts::BAND, Nothing, |raster| raster.bands().try_for_each(|band| band.map(drop))),
    raster("RasterRef::band_by_name", Parts::BANDS, Nothing, |raster| found(raster.band_by_name("red")))
        .and_at_times(Parts::BAND),
    raster("RasterRef::only_band", Parts::BAND, Nothing, |raster| raster.only_band().map(drop)),
    raster("RasterRef::as_any_view", Parts::PIXELS, Nothing, |raster| raster.as_any_view().map(drop)),
    raster(
        "RasterRef::as_array_view",
        Parts::PIXELS,
        Nothing,
        |raster| as_type_of_one!(raster, T => raster.as_array_view::<T>().map(drop)),
    ),
    raster(
        "RasterRef::as_array_view2",
        Parts::PIXELS,
        Nothing,
        |raster| as_type_of_one!(raster, T => raster.as_array_view2::<T>().map(drop)),
    ),
    raster("RasterRef::as_array_view_dim", Parts::PIXELS, Nothing, |raster| {
        let ndim = raster.only_band().map_or(2, |band| band.ndim());
        as_type_of_one!(raster, T => as_dim!(ndim, D => raster.as_array_view_dim::<T, D>().map(drop)))
    }),
    raster(
        "RasterRef::to_cow_array",
        Parts::PIXELS,
        Shown,
        |raster| as_type_of_one!(raster, T => raster.to_cow_array::<T>().map(drop)),
    ),
    raster(
        "RasterRef::to_array",
        Parts::PIXELS,
        Shown,
        |raster| as_type_of_one!(raster, T => raster.to_array::<T>().map(drop)),
    ),
    raster(
        "RasterRef::copy_into",
        Parts::PIXELS,
        Shown,
        |raster| as_type_of_one!(raster, T => raster.copy_into(target::<T>(raster.only_band().ok().as_ref()).view_mut())),
    ),
    raster("RasterRef::copy_into_cast", Parts::PIXELS, Shown, |raster| {
        raster.copy_into_cast(target::<f32>(raster.only_band().ok().as_ref()).view_mut())
    }),
    raster("RasterRef::copy_into_filled", Parts::PIXELS.and(Parts::NODATA), Shown, |raster| {
        let band = raster.only_band().ok();
        raster.copy_into_filled(0.0, target::<f64>(band.as_ref()).view_mut())
    }),
    raster("RasterRef::to_array_exact", Parts::PIXELS, Shown, |raster| raster.to_array_exact::<f64>().map(drop)),
    raster("RasterRef::to_array_cast", Parts::PIXELS, Shown, |raster| raster.to_array_cast::<f64>().map(drop)),
    raster(
        "RasterRef::nodata",
        Parts::BAND.and(Parts::NODATA),
        Nothing,
        |raster| as_type_of_one!(raster, T => raster.nodata::<T>().map(drop)),
    ),
    raster("RasterRef::valid_mask", Parts::BAND.and(Parts::NODATA), Shown, |raster| raster.valid_mask().map(drop))
        .and_at_times(Parts::PIXELS),
    raster("RasterRef::to_array_filled", Parts::PIXELS.and(Parts::NODATA), Shown, |raster| {
        raster.to_array_filled(0f64).map(drop)
    }),
    raster("RasterRef::valid_mask2", Parts::BAND.and(Parts::NODATA), Shown, |raster| raster.valid_mask2().map(drop))
        .and_at_times(Parts::PIXELS),
    raster("RasterRef::to_array_filled2", Parts::PIXELS.and(Parts::NODATA), Shown, |raster| {
        raster.to_array_filled2(0f64).map(drop)
    }),
    raster(
        "RasterRef::as_stack_view",
        Parts::PIXELS,
        Nothing,
        |raster| as_type_of_one!(raster, T => raster.as_stack_view::<T>().map(drop)),
    ),
    raster(
        "RasterRef::to_stack",
        Parts::PIXELS,
        Shown,
        |raster| as_type_of_one!(raster, T => raster.to_stack::<T>().map(drop)),
    ),
    raster("RasterRef::to_stack_cast", Parts::PIXELS, Shown, |raster| raster.to_stack_cast::<f32>().map(drop)),
    raster("RasterRef::to_raster", Parts::WHOLE, Nothing, |raster| raster.to_raster().map(drop)),
    raster("RasterRef::slice_dim", Parts::WHOLE, Nothing, |raster| {
        found(raster.slice_dim("x", Slice::new(0, None, -1)))
    }),
    raster("RasterRef::window", Parts::WHOLE.and(Parts::EXTENTS), Nothing, |raster| {
        raster.window(half(raster.height()).., ..half(raster.width())).map(drop)
    }),
    raster("RasterRef::tiles", Parts::WHOLE.and(Parts::EXTENTS), Nothing, |raster| {
        raster.tiles(half(raster.height()) + 1, half(raster.width()) + 1).map(drop)
    }),
    raster("RasterRef::tiles_with_overlap", Parts::WHOLE.and(Parts::EXTENTS), Nothing, |raster| {
        raster.tiles_with_overlap(half(raster.height()) + 1, half(raster.width()) + 1, 1).map(drop)
    }),
    raster("Display of RasterRef", Parts::NONE, Nothing, |raster| done(raster.to_string())),
    raster(
        "RasterRef::to_array2",
        Parts::PIXELS,
        Shown,
        |raster| as_type_of_one!(raster, T => raster.to_array2::<T>().map(drop)),
    ),
    raster("RasterRef::to_array_dim", Parts::PIXELS, Shown, |raster| {
        let ndim = raster.only_band().map_or(2, |band| band.ndim());
        as_type_of_one!(raster, T => as_dim!(ndim, D => raster.to_array_dim::<T, D>().map(drop)))
    }),
    raster("RasterRef::to_any_cow_array", Parts::PIXELS, Shown, |raster| raster.to_any_cow_array().map(drop)),
    raster(
        "RasterRef::is_valid",
        Parts::BAND.and(Parts::NODATA),
        Nothing,
        |raster| as_type_of_one!(raster, T => raster.is_valid::<T>().map(drop)),
    ),
    raster(
        "RasterRef::valid_pixels",
        Parts::PIXELS.and(Parts::NODATA),
        Shown,
        |raster| as_type_of_one!(raster, T => raster.valid_pixels::<T>().map(drop)),
    ),
    raster("RasterRef::sample", Parts::PIXELS.and(Parts::NODATA).and(Parts::TRANSFORM), Nothing, |raster| match raster
        .only_band()?
        .ndim()
    {
        2 => as_type_of_one!(raster, T => placed(raster.sample::<T>(0.5, -0.5))),
        _ => as_type_of_one!(raster, T => raster.valid_pixels::<T>().map(drop)),
    }),
    raster("RasterRef::sample_many", Parts::PIXELS.and(Parts::NODATA).and(Parts::TRANSFORM), Nothing, |raster| {
        match raster.only_band()?.ndim() {
            2 => as_type_of_one!(raster, T => placed(raster.sample_many::<T>(&[(0.5, -0.5), (7.0, 7.0)]))),
            _ => as_type_of_one!(raster, T => raster.valid_pixels::<T>().map(drop)),
        }
    }),
    raster("RasterRef::index_at", Parts::EXTENTS.and(Parts::TRANSFORM), Nothing, |raster| {
        placed(raster.index_at(0.5, -0.5))
    }),
    raster("RasterRef::window_of", Parts::EXTENTS.and(Parts::TRANSFORM), Nothing, |raster| {
        placed(raster.window_of([-1.0, -1.0, 1.0, 1.0], WindowRounding::Touched))
    }),
    raster("RasterRef::clip_bbox", Parts::WHOLE.and(Parts::EXTENTS), Nothing, |raster| {
        match raster.clip_bbox([-1e9, -1e9, 1e9, 1e9]) {
            // A raster without pixels has no box.
            Err(error) if error.kind() == ErrorKind::NotFound => raster.window(.., ..).map(drop),
            other => other.map(drop),
        }
    }),
    raster("RasterRef::tile_windows", Parts::EXTENTS, Nothing, |raster| {
        raster.tile_windows(half(raster.height()) + 1, half(raster.width()) + 1, 1).map(drop)
    }),
    raster("RasterRef::transpose_dims", Parts::WHOLE, Nothing, |raster| {
        let dims = raster.band(0).map_or(vec![], |band| band.dim_names().iter().rev().copied().collect());
        placed(raster.transpose_dims(dims))
    }),
    raster("RasterRef::select_bands", Parts::WHOLE, Nothing, |raster| {
        placed(raster.select_bands(0..raster.num_bands()?))
    }),
    raster(
        "RasterRef::map",
        Parts::PIXELS.and(Parts::WHOLE),
        Shown,
        |raster| as_type_of_one!(raster, T => raster.map(|pixel: T| pixel).map(drop)),
    ),
    raster(
        "RasterRef::map_with",
        Parts::PIXELS.and(Parts::WHOLE),
        Shown,
        |raster| as_type_of_one!(raster, T => raster.map_with(MapNodata::Replace(0u8), |_: T| 1).map(drop)),
    ),
    raster("RasterRef::load_with", Parts::WHOLE, Nothing, |raster| loaded(raster.load_with(repeated_pixel))),
    raster("Raster::to_standard", Parts::WHOLE, Shown, |raster| raster.to_raster()?.to_standard().map(drop))
        .and_at_times(Parts::SIZE),
    // A column.
    column("Debug of RasterArray", Parts::NONE, Nothing, |column| done(format!("{column:?}"))),
    column("Display of RasterArray", Parts::NONE, Nothing, |column| done(column.to_string())),
    column("RasterArray::to_mosaic", Parts::NONE, Shown, |column| placed(column.to_mosaic(0)))
        .and_at_times(Parts::WHOLE.and(Parts::PIXELS).and(Parts::EXTENTS)),
    column("RasterArray::copy_mosaic_into", Parts::NONE, Shown, |column| {
        let mut target = Array2::<u8>::zeros((2, 3));
        placed(column.copy_mosaic_into(0, target.view_mut()))
    })
    .and_at_times(Parts::WHOLE.and(Parts::PIXELS).and(Parts::EXTENTS)),
    column(
        "RasterArray::as_batch_view",
        Parts::NONE,
        Nothing,
        |column| as_type_of_first!(column, T => batched(column.as_batch_view::<T>())),
    )
    .and_at_times(Parts::PIXELS),
    column(
        "RasterArray::as_batch_view4",
        Parts::NONE,
        Nothing,
        |column| as_type_of_first!(column, T => batched(column.as_batch_view4::<T>())),
    )
    .and_at_times(Parts::PIXELS),
    column(
        "RasterArray::as_batch_view_dim",
        Parts::NONE,
        Nothing,
        |column| as_type_of_first!(column, T => batched(column.as_batch_view_dim::<T, Ix5>())),
    )
    .and_at_times(Parts::PIXELS),
    column(
        "RasterArray::batch_views",
        Parts::NONE,
        Nothing,
        |column| as_type_of_first!(column, T => column.batch_views::<T>().try_for_each(batched)),
    )
    .and_at_times(Parts::PIXELS),
    column(
        "RasterArray::to_batch",
        Parts::NONE,
        Shown,
        |column| as_type_of_first!(column, T => batched(column.to_batch::<T>())),
    )
    .and_at_times(Parts::PIXELS),
    column("RasterArray::to_batch_cast", Parts::NONE, Shown, |column| batched(column.to_batch_cast::<f64>()))
        .and_at_times(Parts::PIXELS),
    column(
        "RasterArray::to_batch4",
        Parts::NONE,
        Shown,
        |column| as_type_of_first!(column, T => batched(column.to_batch4::<T>())),
    )
    .and_at_times(Parts::PIXELS),
    column("RasterArray::to_batch_cast4", Parts::NONE, Shown, |column| batched(column.to_batch_cast4::<f64>()))
        .and_at_times(Parts::PIXELS),
    column("RasterArray::to_batch_filled4", Parts::NONE, Shown, |column| batched(column.to_batch_filled4(0f64)))
        .and_at_times(Parts::PIXELS.and(Parts::NODATA)),
    column("RasterArray::to_batch_filled", Parts::NONE, Shown, |column| batched(column.to_batch_filled(0f64)))
        .and_at_times(Parts::PIXELS.and(Parts::NODATA)),
    column(
        "RasterArray::copy_batch_into",
        Parts::NONE,
        Shown,
        |column| as_type_of_first!(column, T => batched(column.copy_batch_into(batch_target::<T>(column).view_mut()))),
    )
    .and_at_times(Parts::PIXELS),
    column("RasterArray::copy_batch_into_cast", Parts::NONE, Shown, |column| {
        batched(column.copy_batch_into_cast(batch_target::<f32>(column).view_mut()))
    })
    .and_at_times(Parts::PIXELS),
    column("RasterArray::copy_batch_into_filled", Parts::NONE, Shown, |column| {
        batched(column.copy_batch_into_filled(0.0, batch_target::<f64>(column).view_mut()))
    })
    .and_at_times(Parts::PIXELS.and(Parts::NODATA)),
    column("RasterArray::to_packed_batch", Parts::NONE, Shown, |column| batched(column.to_packed_batch()))
        .and_at_times(Parts::PIXELS.and(Parts::WHOLE)),
    column(
        "RasterArray::array_views2",
        Parts::NONE,
        Nothing,
        |column| as_type_of_first!(column, T => column.array_views2::<T>().try_for_each(placed)),
    )
    .and_at_times(Parts::PIXELS),
    column(
        "RasterArray::array_views_dim",
        Parts::NONE,
        Nothing,
        |column| as_type_of_first!(column, T => column.array_views_dim::<T, IxDyn>().try_for_each(placed)),
    )
    .and_at_times(Parts::PIXELS),
    column("RasterArray::as_view", Parts::NONE, Nothing, |column| done(column.as_view())),
    column("RasterArrayView::len", Parts::NONE, Nothing, |column| view_of(column).and_then(|view| done(view.len()))),
    column("RasterArrayView::is_empty", Parts::NONE, Nothing, |column| {
        view_of(column).and_then(|view| done(view.is_empty()))
    }),
    column("RasterArrayView::is_null", Parts::NONE, Nothing, |column| {
        view_of(column).and_then(|view| done((0..=view.len()).filter(|row| view.is_null(*row)).count()))
    }),
    column("RasterArrayView::get", Parts::NONE, Nothing, |column| {
        view_of(column).and_then(|view| done((0..=view.len()).filter_map(|row| view.get(row)).count()))
    }),
    column("RasterArrayView::iter", Parts::NONE, Nothing, |column| {
        view_of(column).and_then(|view| done(view.iter().flatten().count()))
    }),
    column(
        "RasterArrayView::array_views2",
        Parts::NONE,
        Nothing,
        |column| as_type_of_first!(column, T => view_of(column)?.array_views2::<T>().try_for_each(placed)),
    )
    .and_at_times(Parts::PIXELS),
    column(
        "RasterArrayView::array_views_dim",
        Parts::NONE,
        Nothing,
        |column| as_type_of_first!(column, T => view_of(column)?.array_views_dim::<T, IxDyn>().try_for_each(placed)),
    )
    .and_at_times(Parts::PIXELS),
    column("RasterArray::len", Parts::NONE, Nothing, |column| done(column.len())),
    column("RasterArray::is_empty", Parts::NONE, Nothing, |column| done(column.is_empty())),
    column("RasterArray::is_null", Parts::NONE, Nothing, |column| {
        done((0..column.len()).filter(|&row| column.is_null(row)).count())
    }),
    column("RasterArray::get", Parts::NONE, Nothing, |column| {
        done((0..=column.len()).filter_map(|row| column.get(row)).count())
    }),
    column("RasterArray::iter", Parts::NONE, Nothing, |column| done(column.iter().flatten().count())),
    column("RasterArray::slice", Parts::NONE, Nothing, |column| {
        column.slice(column.len() / 2, column.len().div_ceil(2)).map(drop)
    }),
    column("RasterArray::field", Parts::NONE, Nothing, |column| done(column.field("rast"))),
    column("RasterArray::as_struct_array", Parts::NONE, Nothing, |column| done(column.as_struct_array())),
    column("RasterArray::buffer_bytes", Parts::NONE, Nothing, |column| done(column.buffer_bytes())),
    column("RasterArray::payload_bytes", Parts::BAND.and(Parts::PAYLOAD), Nothing, |column| {
        column.payload_bytes().map(drop)
    }),
    column("RasterArray::to_canonical", Parts::NONE, Nothing, |column| column.to_canonical().map(drop))
        .and_at_times(Parts::WHOLE),
    column("RasterArray::to_standard", Parts::BAND, Shown, |column| column.to_standard().map(drop))
        .and_at_times(Parts::WHOLE.and(Parts::SIZE)),
    column("RasterArray::load_with", Parts::BAND, Nothing, |column| loaded(column.load_with(repeated_pixel)))
        .and_at_times(Parts::WHOLE),
    column("RasterArray::to_aligned", Parts::NONE, Stored, |column| column.to_aligned().map(drop))
        .and_at_times(Parts::WHOLE),
    column("RasterArray::to_compact", Parts::BAND.and(Parts::PAYLOAD), Stored, |column| column.to_compact().map(drop))
        .and_at_times(Parts::WHOLE),
    column("RasterArray::to_offset_types", Parts::NONE, Stored, |column| column.to_offset_types().map(drop))
        .and_at_times(Parts::WHOLE),
];

const fn column(name: &'static str, reads: Parts, copies: Copies, read: fn(&RasterArray) -> Result<()>) -> Reader {
    Reader { name, reads, may_read: Parts::NONE, copies, call: Call::Column(read) }
}

const fn raster(name: &'static str, reads: Parts, copies: Copies, read: fn(&RasterRef<'_>) -> Result<()>) -> Reader {
    Reader { name, reads, may_read: Parts::NONE, copies, call: Call::Raster(read) }
}

const fn band(name: &'static str, reads: Parts, copies: Copies, read: fn(&BandRef<'_>) -> Result<()>) -> Reader {
    Reader { name, reads, may_read: Parts::NONE, copies, call: Call::Band(read) }
}

impl Reader {
    const fn and_at_times(self, may_read: Parts) -> Reader {
        Reader { may_read, ..self }
    }
}

/// What cannot fail.
fn done<R>(_: R) -> Result<()> {
    Ok(())
}

/// A band or a dimension of some name need not be there.
fn found<R>(result: Result<R>) -> Result<()> {
    match result {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

/// What depends on where a raster lies, on its type and on what others lie beside it.
fn placed<R>(result: Result<R>) -> Result<()> {
    match result {
        Err(error)
            if [ErrorKind::NotFound, ErrorKind::Argument, ErrorKind::Shape, ErrorKind::PixelType]
                .contains(&error.kind()) =>
        {
            Ok(())
        }
        other => other.map(drop),
    }
}

/// Loads a band as one pixel that its source repeats. Fails where no array has as many pixels, or where a band needs more axes.
fn repeated_pixel(band: &BandRef<'_>) -> Result<Band> {
    fn repeated<T: Pixel>(shape: &[usize]) -> Result<Band> {
        let pixel = ArrayD::<T>::default(vec![1; shape.len()]);
        let source = pixel.broadcast(shape).ok_or_else(|| Error::other("too many pixels"))?;
        Band::from_ndarray_with(source, MemoryLayout::AsIs).map_err(Error::other)
    }
    as_type!(band, T => repeated::<T>(band.source_shape()))
}

/// What depends on whether [`repeated_pixel`] has pixels for each band.
fn loaded<R>(result: Result<R>) -> Result<()> {
    match result {
        Err(error) if error.kind() == ErrorKind::Other => Ok(()),
        other => other.map(drop),
    }
}

/// The column, borrowed anew from its array.
fn view_of(column: &RasterArray) -> Result<RasterArrayView<'_>> {
    RasterArrayView::try_from(column.as_struct_array())
}

/// What depends on whether the rows of a column are alike and lie side by side.
fn batched<R>(result: Result<R>) -> Result<()> {
    match result {
        Err(error) if [ErrorKind::Null, ErrorKind::Layout].contains(&error.kind()) => Ok(()),
        other => placed(other),
    }
}

fn every_band(raster: &RasterRef<'_>) -> Result<()> {
    (0..raster.num_bands()?).try_for_each(|number| raster.band(number).map(drop))
}

/// Half of an extent. An extent that cannot be read makes the reader fail whatever it is given.
fn half(extent: Result<usize>) -> usize {
    extent.unwrap_or(0) / 2
}

/// An array of the shape that rows like the first have together, or of another shape if that has many pixels.
fn batch_target<T: Pixel>(column: &RasterArray) -> ArrayD<T> {
    let bands: Vec<_> = column.get(0).iter().flat_map(|raster| raster.bands().take(100)).flatten().collect();
    let shape = bands
        .first()
        .filter(|band| shows_few(band))
        .map(|band| [column.len().min(100), bands.len()].iter().chain(band.shape()).copied().collect::<Vec<_>>());
    ArrayD::default(shape.unwrap_or(vec![2, 1, 2, 3]))
}

/// An array of the band's shape to copy into, or of another shape if there is no band or it has many pixels.
fn target<T: Pixel>(band: Option<&BandRef<'_>>) -> ArrayD<T> {
    let shape = band.filter(|band| shows_few(band)).map(BandRef::shape);
    ArrayD::default(shape.unwrap_or(&[2, 3]))
}
