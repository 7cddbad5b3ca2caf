//! Everything that reads, called one after the other on whatever there is.

use std::ops::RangeInclusive;

use ndraster::arrow_array::StructArray;
use ndraster::ndarray::{Array2, ArrayViewD, Ix3, Slice};
use ndraster::{BandRef, Error, GeoTransform, Pixel, Raster, RasterArray, RasterRef, Registration, Result};

/// Calls everything that reads, and counts what worked.
pub(crate) fn read_everything(column: &RasterArray) -> usize {
    let mut read = format!("{column:?}").len();
    for raster in column {
        read += raster.map_or(0, |raster| read_raster(&raster));
    }
    let works = [
        column.slice(column.len() / 2, column.len().div_ceil(2)).is_ok(),
        column.slice(1, usize::MAX).is_ok(),
        column.field("rast").is_nullable(),
        Raster::try_from(column.clone()).is_ok(),
        copies_are_cheap(column.iter().flatten()) && column.to_canonical().is_ok() && column.to_standard().is_ok(),
        column.payload_bytes().is_ok_and(|bytes| bytes > 0) && column.buffer_bytes() > 0,
        column.to_aligned().is_ok(),
        column.to_compact().is_ok_and(|compact| compact.to_canonical().is_ok()),
        column.to_offset_types().is_ok_and(|wire| wire.to_canonical().is_ok()),
    ];
    read + count(&works)
}

fn count(works: &[bool]) -> usize {
    works.iter().filter(|works| **works).count()
}

/// As many pixels make up to 16 GiB, of which up to 2 GiB are made when asked for, and more are refused.
const GIGABYTES: RangeInclusive<u128> = 10_000..=1 << 31;

fn copies_are_cheap<'a>(rasters: impl IntoIterator<Item = RasterRef<'a>>) -> bool {
    rasters.into_iter().flat_map(|raster| raster.bands()).flatten().all(|band| !is_gigabytes(&band))
}

fn is_gigabytes(band: &BandRef<'_>) -> bool {
    let pixels = band.shape().iter().fold(1u128, |all, extent| all.saturating_mul(*extent as u128));
    GIGABYTES.contains(&pixels)
}

fn read_raster(raster: &RasterRef<'_>) -> usize {
    let tiles = |size| {
        let few = raster.tile_grid(size, size).is_ok_and(|(rows, cols)| rows.saturating_mul(cols) <= 100);
        few && raster.tiles_with_overlap(size, size, 1).is_ok()
    };
    let coords = raster.transform().is_ok_and(|transform| match raster.width() {
        Ok(width) if !GIGABYTES.contains(&(width as u128)) => transform.x_coords(width).is_ok(),
        _ => false,
    });
    let works = [
        raster.num_bands().is_ok(),
        raster.crs().is_ok(),
        raster.transform().is_ok_and(|transform| transform.invert().is_ok()),
        coords,
        raster.width().is_ok(),
        raster.height().is_ok(),
        raster.bbox().is_ok(),
        raster.spatial_dims().is_ok(),
        raster.spatial_shape().is_ok(),
        raster.band_by_name("red").is_ok(),
        raster.as_stack_view::<u8>().is_ok(),
        raster.as_any_view().is_ok(),
        raster.window(1.., ..).is_ok(),
        raster.slice_dim("time", Slice::new(0, None, -1)).is_ok(),
        tiles(100),
        tiles(1 << 20),
        raster.to_raster().is_ok_and(|raster| own(&raster)),
    ];
    shorthand_is_the_one_band::<u8>(raster);
    shorthand_is_the_one_band::<i16>(raster);
    shorthand_is_the_one_band::<f32>(raster);
    shorthand_is_the_one_band::<f64>(raster);
    let bands = raster.bands().take(100).flatten().map(|band| read_band(&band)).sum::<usize>();
    bands + count(&works)
}

/// The raster's shorthand, which has a way of its own to usual bands, sees and refuses what the band itself does.
fn shorthand_is_the_one_band<T: Pixel>(raster: &RasterRef<'_>) {
    let band = raster.only_band();
    let same = |short: Result<(Vec<usize>, Vec<isize>, *const T)>, long| match (short, long) {
        (Ok(short), Ok(long)) => assert_eq!(short, long, "{raster:?}"),
        (Err(short), Err(long)) => assert_eq!(short.to_string(), Error::to_string(&long), "{raster:?}"),
        (short, long) => panic!("{short:?} is not {long:?} of {raster:?}"),
    };
    let parts = |view: ArrayViewD<'_, T>| (view.shape().to_vec(), view.strides().to_vec(), view.as_ptr());
    let of_band = |band: BandRef<'_>| band.as_array_view::<T>().map(parts);
    same(raster.as_array_view::<T>().map(parts), raster.only_band().and_then(of_band));
    let of_band = |band: BandRef<'_>| band.as_array_view2::<T>().map(|view| parts(view.into_dyn()));
    same(raster.as_array_view2::<T>().map(|view| parts(view.into_dyn())), band.and_then(of_band));
}

/// What only an owner can do.
fn own(raster: &Raster) -> bool {
    let cheap = copies_are_cheap([raster.as_ref()]);
    let same = [
        raster.clone().with_crs("EPSG:4326").with_transform(GeoTransform::from_gdal([0.0; 6])).num_bands().is_ok(),
        raster.clone().with_grid_of(raster).is_ok(),
        raster.clone().with_nodata(0u8).is_ok() == raster.as_ref().only_band().is_ok_and(|b| b.pixel_type().id() == 1),
    ];
    let _ = raster.clone().with_bbox([0.0, 0.0, 1.0, 1.0], Registration::Pixel);
    let _ = raster.clone().with_spatial_dims("x", "y");
    let back = match raster.clone().into_array::<u8>() {
        Ok(array) => !array.is_empty(),
        Err(refused) => refused.into_raster().num_bands().is_ok(),
    };
    if cheap {
        let _ = (raster.to_standard(), raster.to_stack_cast::<f32>(), raster.to_stack::<u8>());
    }
    same == [true; 3] && back && Raster::try_from(StructArray::from(raster.clone())).is_ok()
}

fn read_band(band: &BandRef<'_>) -> usize {
    let text = [band.name(), band.outdb_uri(), band.outdb_format()];
    let axes = [band.dim_names().len(), band.source_shape().len(), band.view().entries().len(), band.shape().len()];
    assert_eq!(axes, [band.ndim(); 4], "{band:?} {text:?}");
    let mut target = Array2::<u8>::zeros((2, 3));
    let mut works = vec![
        band.copy_into(target.view_mut()).is_ok(),
        band.as_array_view_dim::<u8, Ix3>().is_ok(),
        band.nodata_bytes().is_some(),
        band.source_data().is_ok(),
        band.as_any_view().is_ok(),
        band.as_array_view2::<f32>().is_ok(),
        band.nodata::<i16>().is_ok(),
        band.is_loaded(),
    ];
    if !is_gigabytes(band) {
        works.push(band.to_cow_array::<i16>().is_ok());
        works.push(band.to_array_cast::<f64>().is_ok());
        works.push(band.to_array_exact::<f64>().is_ok());
        works.push(band.to_array_filled(0f64).is_ok());
        works.push(band.valid_mask().is_ok());
    }
    count(&works)
}
