//! Bands that refer to files: what a view shows of them, as ndarray slices it, and what is refused.

use std::path::{Path, PathBuf};
use std::thread;

use ndraster::ndarray::{Array2, Array3, ArrayD, Axis, s};
use ndraster::{Band, LoadedBand, PixelType, Raster, RasterArray, View, ViewEntry};
use ndraster_geotiff::{Loader, OpenOptions, Request, WriteOptions, scan, scan_tiles, write_geotiff};

fn pixels() -> Array3<i32> {
    Array3::from_shape_fn((2, 45, 70), |(band, row, col)| (10_000 * band + 100 * row + col) as i32)
}

/// A file of two bands, in tiles of 16 x 16.
fn file(folder: &Path) -> PathBuf {
    let path = folder.join("two bands #1.tif");
    let bands = Band::split(pixels(), Axis(0)).unwrap().into_iter().zip(["low", "high"]);
    let raster = Raster::from_bands(bands.map(|(band, name)| band.with_name(name).with_nodata(7i32).unwrap())).unwrap();
    let raster =
        raster.with_crs("EPSG:32633").with_bbox([0.0, 0.0, 700.0, 450.0], ndraster::Registration::Pixel).unwrap();
    write_geotiff(&raster, &path, &WriteOptions::new().tile_size(16)).unwrap();
    path
}

fn shown(loaded: LoadedBand) -> ArrayD<i32> {
    let (LoadedBand::Visible(band) | LoadedBand::Source(band)) = loaded;
    let ndim = Raster::from_bands([band]).unwrap();
    ndim.to_array_cast::<i32>().unwrap()
}

#[test]
fn a_scan_is_the_file_without_its_pixels() {
    let folder = tempfile::tempdir().unwrap();
    let path = file(folder.path());
    let column = scan([&path, &path]).unwrap();
    assert_eq!(column.len(), 2);
    let row = column.get(1).unwrap();
    assert_eq!((row.crs().unwrap(), row.bbox().unwrap()), (Some("EPSG:32633"), [0.0, 0.0, 700.0, 450.0]));
    let band = row.band_by_name("high").unwrap();
    assert!(!band.is_loaded());
    assert_eq!((band.shape(), band.nodata::<i32>().unwrap()), (&[45, 70][..], Some(7)));
    assert_eq!(band.outdb_format(), Some("geotiff"));

    let loader = Loader::new();
    let loaded = column.load_with(|band| loader.load(band)).unwrap();
    for (row, band) in [(0, 0), (0, 1), (1, 0), (1, 1)] {
        let view = loaded.get(row).unwrap().band(band).unwrap();
        assert_eq!(view.as_array_view2::<i32>().unwrap(), pixels().index_axis(Axis(0), band));
        assert_eq!((view.name(), view.nodata::<i32>().unwrap()), (Some(["low", "high"][band]), Some(7)));
    }
}

#[test]
fn tiles_are_loaded_each_from_its_place() {
    let folder = tempfile::tempdir().unwrap();
    let path = file(folder.path());
    let tiles = scan_tiles([&path], 16, 32).unwrap();
    assert_eq!(tiles.len(), 9);
    let loader = Loader::new();
    let loaded = tiles.load_with(|band| loader.load(band)).unwrap();
    let expected = pixels();
    for (index, tile) in loaded.iter().flatten().enumerate() {
        let (row, col) = (index / 3 * 16, index % 3 * 32);
        let part = expected.slice(s![1, row..(row + 16).min(45), col..(col + 32).min(70)]);
        let band = tile.band(1).unwrap();
        assert_eq!(band.as_array_view2::<i32>().unwrap(), part, "tile {index}");
        // The tile alone was read.
        assert_eq!(band.source_shape(), part.shape());
        assert_eq!(tile.bbox().unwrap()[0], 10.0 * col as f64);
    }
}

#[test]
fn views_show_what_ndarray_slices() {
    let folder = tempfile::tempdir().unwrap();
    let path = file(folder.path());
    let raster = scan([&path]).unwrap().get(0).unwrap().to_raster().unwrap();
    let loader = Loader::new();
    let all = pixels().index_axis_move(Axis(0), 0);
    let load = |raster: Raster| {
        raster.load_with(|band| loader.load(band)).unwrap().band(0).unwrap().to_cow_array::<i32>().unwrap().into_owned()
    };
    let slice = |dim: &str, from: isize, to: Option<isize>, step: isize| {
        raster.slice_dim(dim, ndraster::ndarray::Slice::new(from, to, step)).unwrap()
    };
    assert_eq!(load(raster.window(3..20, 15..18).unwrap()), all.slice(s![3..20, 15..18]).into_dyn());
    assert_eq!(load(slice("y", 1, Some(44), 3)), all.slice(s![1..44;3, ..]).into_dyn());
    assert_eq!(load(slice("y", 0, None, -1)), all.slice(s![..;-1, ..]).into_dyn());
    assert_eq!(load(slice("x", 2, Some(60), -7)), all.slice(s![.., 2..60;-7]).into_dyn());
    assert_eq!(load(raster.transpose_dims(["x", "y"]).unwrap()), all.t().into_dyn());
    let turned = slice("x", 2, Some(60), -7).transpose_dims(["x", "y"]).unwrap();
    assert_eq!(load(turned), all.slice(s![.., 2..60;-7]).t().into_dyn());
    assert_eq!(load(raster.window(5..5, ..).unwrap()).shape(), [0, 70]);
    assert_eq!(load(raster.window(44..45, 69..70).unwrap()), all.slice(s![44..45, 69..70]).into_dyn());
}

#[test]
fn repeated_pixels_are_repeated_up_to_the_limit() {
    let folder = tempfile::tempdir().unwrap();
    let path = file(folder.path());
    let uri = path.to_str().unwrap();
    let entry = |source_axis, start, step, steps| ViewEntry { source_axis, start, step, steps };
    let load = |entries: &[ViewEntry]| {
        let view = View::new(&[45, 70], entries).unwrap();
        let loader = Loader::with_options(OpenOptions::new().max_bytes(100_000));
        loader.load_request(Request { uri, pixel_type: PixelType::Int32, dim_names: ["y", "x"], view: &view })
    };
    let buffer = |entries: &[ViewEntry]| {
        let view = View::new(&[45, 70], entries).unwrap();
        let request = Request { uri, pixel_type: PixelType::Int32, dim_names: ["y", "x"], view: &view };
        Loader::new().load_buffer(request).unwrap().typed_data::<i32>().to_vec()
    };
    assert_eq!(buffer(&[entry(1, 3, -2, 2), entry(0, 1, 1, 2)]), [103, 203, 101, 201]);
    assert_eq!(buffer(&[entry(0, 40, 1, 2), entry(1, 9, 3, 2)]), [4009, 4012, 4109, 4112]);
    assert_eq!(buffer(&[entry(0, 0, 1, 0), entry(1, 0, 1, 70)]), [0; 0]);
    let found = shown(load(&[entry(0, 7, 0, 3), entry(1, 2, 1, 4)]).unwrap());
    assert_eq!(found, Array2::from_shape_fn((3, 4), |(_, col)| 702 + col as i32).into_dyn());
    let found = shown(load(&[entry(1, 9, 0, 2), entry(0, 8, -4, 3)]).unwrap());
    assert_eq!(found, Array2::from_shape_fn((2, 3), |(_, row)| 809 - 400 * row as i32).into_dyn());
    let error = load(&[entry(0, 0, 0, 1 << 40), entry(1, 0, 1, 70)]).unwrap_err();
    assert_eq!(error.kind(), ndraster_geotiff::ErrorKind::TooLarge);
}

#[test]
fn what_is_not_there_is_an_error_with_its_row() {
    let folder = tempfile::tempdir().unwrap();
    let path = file(folder.path());
    let path = path.to_str().unwrap();
    let loader = Loader::new();
    let good = || Band::outdb(path, [45, 70], PixelType::Int32).unwrap();
    for (band, message) in [
        (Band::outdb("s3://bucket/dem.tif#band=1", [45, 70], PixelType::Int32), "is no file"),
        (Band::outdb("file:///no/such/file.tif#band=1", [45, 70], PixelType::Int32), "No such file"),
        (Band::outdb(format!("{path}#band=0"), [45, 70], PixelType::Int32), "numbered from 1"),
        (Band::outdb(format!("{path}#band=3"), [45, 70], PixelType::Int32), "the file has 2 bands"),
        (Band::outdb(path, [70, 45], PixelType::Int32), "the column says [70, 45]"),
        (Band::outdb(path, [45, 70], PixelType::Float32), "the column says [45, 70] of float32"),
        (
            Band::outdb(path, [1, 45, 70], PixelType::Int32).and_then(|band| band.with_dim_names(["t", "y", "x"])),
            "the column says [1, 45, 70]",
        ),
    ] {
        let rasters = [Raster::from_bands([good()]).unwrap(), Raster::from_bands([band.unwrap()]).unwrap()];
        let error = RasterArray::from_iter(rasters).load_with(|band| loader.load(band)).unwrap_err();
        assert!(error.to_string().contains(message), "{error}");
        assert_eq!((error.row(), error.band()), (Some(1), Some(0)));
    }
}

#[test]
fn threads_share_a_loader() {
    let folder = tempfile::tempdir().unwrap();
    let path = file(folder.path());
    let tiles = scan_tiles([&path], 10, 10).unwrap();
    let loader = Loader::new();
    thread::scope(|scope| {
        for _ in 0..6 {
            scope.spawn(|| {
                let loaded = tiles.load_with(|band| loader.load(band)).unwrap();
                let last = loaded.get(loaded.len() - 1).unwrap().band(1).unwrap();
                assert_eq!(last.as_array_view2::<i32>().unwrap(), pixels().slice(s![1, 40.., 60..]));
            });
        }
    });
}

/// A square file hides that its axes were swapped, so the names count.
#[test]
fn a_column_whose_axes_are_swapped_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("square.tif");
    let square = Array2::from_shape_fn((9, 9), |(row, col)| (10 * row + col) as u8);
    write_geotiff(&Raster::from_ndarray(square.clone()).unwrap(), &path, &WriteOptions::new()).unwrap();
    let outdb = |dims: [&str; 2]| {
        let band = Band::outdb(path.to_str().unwrap(), [9, 9], PixelType::UInt8).unwrap().with_dim_names(dims).unwrap();
        let [x, y] = if dims[0].starts_with(['x', 'l']) { dims } else { [dims[1], dims[0]] };
        Raster::from_bands_with_spatial_dims([band], x, y).unwrap()
    };
    let loader = Loader::new();
    for dims in [["x", "y"], ["lon", "lat"], ["longitude", "latitude"]] {
        let error = outdb(dims).load_with(|band| loader.load(band)).unwrap_err();
        assert!(error.to_string().contains("transpose_dims"), "{error}");
    }
    for dims in [["y", "x"], ["row", "col"]] {
        let loaded = outdb(dims).load_with(|band| loader.load(band)).unwrap();
        assert_eq!(loaded.as_array_view2::<u8>().unwrap(), square);
    }
    // Turned on purpose.
    let turned = outdb(["y", "x"]).transpose_dims(["x", "y"]).unwrap().load_with(|band| loader.load(band)).unwrap();
    assert_eq!(turned.as_array_view::<u8>().unwrap(), square.t().into_dyn());
}

/// A loader that lives longer than a file gives the pixels of the file that is there.
#[test]
fn a_file_that_was_replaced_is_opened_anew() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("one.tif");
    let loader = Loader::new();
    for (extent, value) in [(20, 1i32), (20, 2), (30, 3)] {
        let pixels = Array2::from_elem((extent, 20), value);
        write_geotiff(&Raster::from_ndarray(pixels).unwrap(), &path, &WriteOptions::new().tile_size(16)).unwrap();
        // Of two files of one length the time differs.
        let later = std::time::SystemTime::now() + std::time::Duration::from_secs(value as u64);
        std::fs::File::options().write(true).open(&path).unwrap().set_modified(later).unwrap();
        let loaded = scan([&path]).unwrap().load_with(|band| loader.load(band)).unwrap();
        assert_eq!(loaded.get(0).unwrap().as_array_view2::<i32>().unwrap().sum(), value * 20 * extent as i32);
    }
}
