//! Compares two columns that must hold the same rasters.

use std::fmt::Debug;

use ndraster::{BandRef, RasterArray, RasterRef, Result};

/// Asserts that two columns hold the same rasters: each part of each row is the same in both, or an error in both.
pub fn assert_same_rasters(one: &RasterArray, other: &RasterArray) {
    assert_eq!(one.len(), other.len());
    for (row, (one, other)) in one.iter().zip(other).enumerate() {
        let place = format!("row {row}");
        match (one, other) {
            (Some(one), Some(other)) => assert_same_raster(&one, &other, &place),
            (one, other) => assert!(one.is_none() && other.is_none(), "{place}: {one:?} is not {other:?}"),
        }
    }
}

fn assert_same_raster(one: &RasterRef<'_>, other: &RasterRef<'_>, place: &str) {
    assert_same(one.crs(), other.crs(), "crs", place);
    let [transform, other_transform] =
        [one, other].map(|raster| raster.transform().map(|t| t.to_gdal().map(f64::to_bits)));
    assert_same(transform, other_transform, "transform", place);
    assert_same(one.spatial_dims(), other.spatial_dims(), "spatial_dims", place);
    assert_same(one.spatial_shape(), other.spatial_shape(), "spatial_shape", place);
    assert_same(one.num_bands(), other.num_bands(), "bands", place);
    for number in 0..one.num_bands().unwrap_or(0) {
        let place = format!("{place}, band {number}");
        match (one.band(number), other.band(number)) {
            (Ok(one), Ok(other)) => assert_same_band(&one, &other, &place),
            (one, other) => assert!(one.is_err() && other.is_err(), "{place}: {one:?} is not {other:?}"),
        }
    }
}

fn assert_same_band(one: &BandRef<'_>, other: &BandRef<'_>, place: &str) {
    assert_eq!(
        [one.name(), one.outdb_uri(), one.outdb_format()],
        [other.name(), other.outdb_uri(), other.outdb_format()],
        "{place}"
    );
    assert_eq!(one.dim_names(), other.dim_names(), "{place}");
    assert_eq!([one.shape(), one.source_shape()], [other.shape(), other.source_shape()], "{place}");
    assert_eq!(one.view().entries(), other.view().entries(), "{place}");
    assert_eq!((one.pixel_type(), one.is_loaded()), (other.pixel_type(), other.is_loaded()), "{place}");
    assert_eq!(one.nodata_bytes(), other.nodata_bytes(), "{place}");
    assert_same(one.source_data(), other.source_data(), "data", place);
}

fn assert_same<T: PartialEq + Debug>(one: Result<T>, other: Result<T>, what: &str, place: &str) {
    match (one, other) {
        (Ok(one), Ok(other)) => assert_eq!(one, other, "{place}: {what}"),
        (one, other) => assert!(one.is_err() && other.is_err(), "{place}: {what}: {one:?} is not {other:?}"),
    }
}
