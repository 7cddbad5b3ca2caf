//! Tiles and neighbours are put together pixel by pixel as they lay on the ground.

use std::sync::Arc;

use ndraster::arrow_array::{Array, ListArray, StructArray};
use ndraster::arrow_buffer::OffsetBuffer;
use ndraster::ndarray::{Array2, Array3, array};
use ndraster::{Band, ErrorKind, GeoTransform, PixelType, Raster, RasterArray, RasterRef, Result, WindowRounding};
use ndraster_test_support::allocations::allocated;

use crate::ground::numbered;

#[test]
fn tiles_are_put_together_as_they_were() -> Result<()> {
    for names in [["y", "x"], ["x", "y"]] {
        let shape = if names[0] == "y" { [50, 70] } else { [70, 50] };
        let raster = numbered(shape, names)
            .with_transform(GeoTransform::from_gdal([-180.0, 0.1, 0.0, 90.0, 0.0, -0.1])?)
            .with_crs("EPSG:4326");
        for (height, width, overlap) in [(16, 16, 0), (16, 16, 3), (50, 70, 0), (7, 90, 2), (1, 1, 0)] {
            let tiles = raster.tiles_with_overlap(height, width, overlap)?;
            let whole = tiles.to_mosaic(overlap)?;
            assert_eq!(whole.to_array2::<f32>()?, raster.to_array2::<f32>()?, "{height} x {width}, {overlap}");
            assert_eq!((whole.transform()?, whole.crs()?), (raster.transform()?, raster.crs()?));
            let mut reused = Array2::<f32>::zeros((50, 70));
            assert_eq!(tiles.copy_mosaic_into(overlap, reused.view_mut())?, raster.transform()?);
            assert_eq!(reused, raster.to_array2::<f32>()?);
        }
    }
    Ok(())
}

#[test]
fn neighbours_make_one_raster_whose_gaps_are_nodata() -> Result<()> {
    let piece = |fill: i16, x: f64, y: f64| {
        Raster::from_ndarray(Array2::from_elem((2, 3), fill))?
            .with_nodata(-1i16)
            .map(|raster| raster.with_transform(GeoTransform::from_gdal([x, 10.0, 0.0, y, 0.0, -10.0]).unwrap()))
    };
    // Below and to the left of the first one, and one that overlaps it.
    let column = RasterArray::from_iter([
        Some(piece(1, 100.0, 100.0)?),
        None,
        Some(piece(2, 70.0, 80.0)?),
        Some(piece(3, 110.0, 100.0)?),
    ]);
    let mosaic = column.to_mosaic(0)?;
    assert_eq!(mosaic.bbox()?, [70.0, 60.0, 140.0, 100.0]);
    let n = -1;
    assert_eq!(
        mosaic.as_array_view2::<i16>()?,
        array![[n, n, n, 1, 1, 1, 3], [n, n, n, 1, 1, 1, 3], [2, 2, 2, n, n, n, n], [2, 2, 2, n, n, n, n]]
    );
    let misfit = RasterArray::from_iter([piece(1, 100.0, 100.0)?, piece(2, 135.0, 100.0)?]).to_mosaic(0).unwrap_err();
    assert_eq!((misfit.row(), misfit.kind()), (Some(1), ErrorKind::Shape));
    assert!(misfit.to_string().contains("does not lie on the grid of the first raster"), "{misfit}");
    let beyond = RasterArray::from_iter([piece(1, 0.0, 0.0)?, piece(2, 1e300, 0.0)?, piece(3, 2e300, 0.0)?]);
    let beyond = beyond.to_mosaic(0).unwrap_err();
    assert_eq!((beyond.kind(), beyond.row()), (ErrorKind::TooLarge, Some(1)));
    let far = RasterArray::from_iter([piece(1, 0.0, 0.0)?, piece(2, 1e9, 1e9)?]).to_mosaic(0).unwrap_err();
    assert_eq!(far.kind(), ErrorKind::TooLarge);
    assert!(far.to_string().contains("span 100000002 rows and 100000003 columns"), "{far}");
    let other_crs = RasterArray::from_iter([piece(1, 0.0, 0.0)?, piece(2, 30.0, 0.0)?.with_crs("EPSG:3857")]);
    assert_eq!(
        other_crs.to_mosaic(0).unwrap_err().to_string(),
        "row 1: its CRS is EPSG:3857, that of the first raster not set: set it by `with_crs`"
    );
    let gap = RasterArray::from_iter([piece(1, 0.0, 0.0)?.without_nodata(), piece(2, 50.0, 0.0)?.without_nodata()]);
    assert_eq!(gap.to_mosaic(0).unwrap_err().kind(), ErrorKind::Argument);
    Ok(())
}

#[test]
fn a_wrong_overlap_loses_no_pixel_of_a_mosaic() -> Result<()> {
    let raster = numbered([20, 30], ["y", "x"]);
    for nodata in [None, Some(7.0f32)] {
        let raster = match nodata {
            Some(value) => raster.clone().with_nodata(value)?,
            None => raster.clone(),
        };
        // Neighbours that only touch.
        let tiles = raster.tiles(8, 9)?;
        for overlap in [1, 2, 5, 100] {
            let whole = tiles.to_mosaic(overlap)?;
            assert_eq!(whole.as_array_view2::<f32>()?, raster.as_array_view2::<f32>()?, "{overlap}");
            let mut reused = Array2::<f32>::from_elem((20, 30), -1.0);
            tiles.copy_mosaic_into(overlap, reused.view_mut())?;
            assert_eq!(reused, raster.as_array_view2::<f32>()?);
        }
    }
    // A margin counts only where no other raster has pixels inside of its own margins.
    let marked = |fill: i16, col: usize, width: usize| {
        let transform = GeoTransform::from_gdal([col as f64, 1.0, 0.0, 0.0, 0.0, -1.0]).unwrap();
        Raster::from_ndarray(Array2::from_elem((1, width), fill)).unwrap().with_transform(transform)
    };
    let column = RasterArray::from_iter([marked(1, 0, 6), marked(2, 4, 6)]);
    assert_eq!(column.to_mosaic(1)?.as_array_view2::<i16>()?, array![[1, 1, 1, 1, 1, 2, 2, 2, 2, 2]]);
    assert_eq!(column.to_mosaic(0)?.as_array_view2::<i16>()?, array![[1, 1, 1, 1, 1, 1, 2, 2, 2, 2]]);
    Ok(())
}

/// Each tile is right in the part that it has without overlap, and blank around it, as the result of a model may be.
#[test]
fn a_mosaic_takes_each_pixel_from_the_tile_that_it_is_in() -> Result<()> {
    for (height, width, tile, overlap) in
        [(4, 130, 64, 8), (4, 130, 64, 2), (67, 130, 64, 3), (9, 9, 4, 3), (5, 6, 2, 1)]
    {
        let raster = numbered([height, width], ["y", "x"]);
        let windows = raster.tiles(tile, tile)?;
        let blank = |(padded, own): (RasterRef<'_>, RasterRef<'_>)| {
            let mut pixels = padded.to_array2::<f32>()?;
            let (rows, cols) = padded.window_of(own.bbox()?, WindowRounding::Nearest)?;
            for ((row, col), pixel) in pixels.indexed_iter_mut() {
                if !(rows.contains(&row) && cols.contains(&col)) {
                    *pixel = -1.0;
                }
            }
            Raster::from_ndarray(pixels)?.with_grid_of(padded)
        };
        let padded = raster.tiles_with_overlap(tile, tile, overlap)?;
        let tiles =
            padded.iter().flatten().zip(windows.iter().flatten()).map(blank).collect::<Result<RasterArray>>()?;
        assert_eq!(
            tiles.to_mosaic(overlap)?.as_array_view2::<f32>()?,
            raster.as_array_view2::<f32>()?,
            "{width} {overlap}"
        );
    }
    Ok(())
}

#[test]
fn a_mosaic_in_memory_that_was_used_before_has_no_old_pixel() -> Result<()> {
    let first = Raster::from_ndarray(array![[1i16, -9999, 3], [4, 5, 6]])?.with_nodata(-9999i16)?;
    let column = RasterArray::from_iter([first.clone(), first.window(.., 1..)?]);
    let mut reused = Array2::from_elem((2, 3), 77i16);
    column.copy_mosaic_into(0, reused.view_mut())?;
    assert_eq!(reused, first.as_array_view2::<i16>()?);
    let cube = Band::from_ndarray(Array3::<u8>::zeros((1, 2, 2)))?.with_dim_names(["t", "y", "x"])?;
    let cube = RasterArray::from(Raster::from_bands([cube])?);
    let error = cube.copy_mosaic_into(0, Array2::<u8>::zeros((2, 2)).view_mut()).unwrap_err();
    assert_eq!((error.kind(), error.row(), error.band()), (ErrorKind::Shape, Some(0), Some(0)));
    Ok(())
}

#[test]
fn a_mosaic_of_bands_that_are_not_loaded_names_the_row() -> Result<()> {
    let loaded = numbered([4, 4], ["y", "x"]);
    let outdb = Raster::from_bands([Band::outdb("s3://b/a.tif", [4, 4], PixelType::Float32)?])?
        .with_transform(GeoTransform::from_gdal([4.0, 1.0, 0.0, 0.0, 0.0, -1.0])?);
    let error = RasterArray::from_iter([loaded, outdb]).to_mosaic(1).unwrap_err();
    assert_eq!((error.kind(), error.row()), (ErrorKind::NotLoaded, Some(1)));
    Ok(())
}

#[test]
fn a_mosaic_compares_nodata_as_a_value() -> Result<()> {
    let piece = |x: f64, nodata: f32| {
        Raster::from_ndarray(array![[nodata, 1.0]])?
            .with_transform(GeoTransform::from_gdal([x, 1.0, 0.0, 0.0, 0.0, -1.0])?)
            .with_nodata(nodata)
    };
    for (nodata, other) in [(0.0, -0.0), (f32::NAN, -f32::NAN)] {
        let mosaic = RasterArray::from_iter([piece(0.0, nodata)?, piece(2.0, other)?]).to_mosaic(0)?;
        assert_eq!(mosaic.valid_pixels::<f32>()?.count(), 2);
    }
    assert!(RasterArray::from_iter([piece(0.0, 1.0)?, piece(2.0, 2.0)?]).to_mosaic(0).is_err());
    Ok(())
}

#[test]
fn a_mosaic_of_other_pixel_sizes_is_an_error_that_says_the_sizes() -> Result<()> {
    let piece = |size: f64| {
        let transform = GeoTransform::from_gdal([0.0, size, 0.0, 0.0, 0.0, -size])?;
        Raster::from_ndarray(Array2::<u8>::zeros((2, 3))).map(|raster| raster.with_transform(transform))
    };
    let error = RasterArray::from_iter([piece(10.0)?, piece(20.0)?]).to_mosaic(0).unwrap_err().to_string();
    assert!(error.contains("its pixels are 20 x -20, those of the first raster 10 x -10"), "{error}");
    Ok(())
}

#[test]
fn rows_without_bands_are_refused_before_their_place_is_marked() {
    let raster = Raster::from_bands([Band::outdb("", [40_000, 40_000], PixelType::UInt8).unwrap()]).unwrap();
    let (fields, mut columns, nulls) = StructArray::from(raster).into_parts();
    let bands: &ListArray = columns[4].as_any().downcast_ref().unwrap();
    let (item, _, values, _) = bands.clone().into_parts();
    columns[4] = Arc::new(ListArray::new(item, OffsetBuffer::from_lengths([0]), values, None));
    let column = RasterArray::try_from(StructArray::new(fields, columns, nulls)).unwrap();
    let (_, bytes, refused) = allocated(|| column.to_mosaic(0));
    assert_eq!(
        refused.unwrap_err().to_string(),
        "row 0: a raster without bands has nothing to put together: give each raster a band"
    );
    assert!(bytes < 8 << 10, "{bytes}");
}

/// Results that did not get the grid of their tile all lie at the origin.
#[test]
fn rasters_of_which_none_was_placed_are_no_mosaic() -> Result<()> {
    let tiles = numbered([4, 6], ["y", "x"]).tiles(2, 3)?;
    let lost: Result<Vec<Raster>> =
        tiles.iter().flatten().map(|tile| Raster::from_ndarray(tile.to_array2::<f32>()?)).collect();
    let lost = RasterArray::from_iter(lost?);
    let error = lost.to_mosaic(0).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Shape);
    assert!(error.to_string().starts_with("the 4 rasters all lie at the origin, since none was placed: "), "{error}");
    assert!(lost.copy_mosaic_into(0, Array2::<f32>::zeros((2, 3)).view_mut()).is_err());
    // One raster, tiles with a grid, and rasters that were placed on each other.
    assert!(lost.slice(0, 1)?.to_mosaic(0).is_ok() && tiles.to_mosaic(0).is_ok());
    let placed =
        |value: f32| Raster::from_ndarray(Array2::from_elem((2, 3), value)).map(|raster| raster.with_crs("EPSG:3857"));
    assert_eq!(RasterArray::from_iter([placed(1.0)?, placed(2.0)?]).to_mosaic(0)?.to_array2::<f32>()?.sum(), 6.0);
    Ok(())
}
