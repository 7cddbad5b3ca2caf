//! A target is replaced whole, or not at all, and what cannot be written is refused before it is touched.

use std::fs;
use std::io::{self, Seek, SeekFrom, Write};

use ndraster::ndarray::{Array2, array};
use ndraster::{Band, GeoTransform, PixelType, Raster};
use ndraster_geotiff::{ErrorKind, GeoTiff, Interleave, WriteOptions, write_cog, write_geotiff, write_geotiff_to};

fn raster() -> Raster {
    Raster::from_ndarray(array![[1u8, 2, 3], [4, 5, 6]]).unwrap()
}

#[test]
fn what_cannot_be_written_leaves_the_target_as_it_was() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("target.tif");
    fs::write(&path, b"precious").unwrap();
    let two = |a: Band, b: Band| Raster::from_bands([a, b]).unwrap();
    let band = || Band::from_ndarray(array![[1u8, 2]]).unwrap();
    let flat = GeoTransform::from_matrix([[1.0, 0.0, 0.0], [0.0, 0.0, 0.0]]).unwrap();
    let cases = [
        (raster().with_crs("ESRI:54009"), ErrorKind::Crs, "has no EPSG code"),
        (raster().with_crs("EPSG:1"), ErrorKind::Crs, "crs_kind"),
        (raster().with_transform(flat), ErrorKind::Unsupported, "without area"),
        (two(band(), Band::from_ndarray(array![[1i16, 2]]).unwrap()), ErrorKind::Unsupported, "uint8 and int16"),
        (two(band().with_nodata(1u8).unwrap(), band()), ErrorKind::Unsupported, "1 and none"),
        (Raster::from_bands([band().with_name("a\u{7}")]).unwrap(), ErrorKind::Unsupported, "control characters"),
        (Raster::from_ndarray(Array2::<u8>::zeros((0, 3))).unwrap(), ErrorKind::Unsupported, "1 x 0 x 3 pixels"),
        (
            Raster::from_bands([Band::outdb("s3://a", [2, 3], PixelType::UInt8).unwrap()]).unwrap(),
            ErrorKind::Raster,
            "not loaded",
        ),
    ];
    for (raster, kind, message) in cases {
        let options = WriteOptions::new();
        for result in [write_geotiff(&raster, &path, &options), write_cog(&raster, &path, &options)] {
            let error = result.unwrap_err();
            assert_eq!(error.kind(), kind, "{error}");
            assert!(error.to_string().contains(message) && error.to_string().contains("target.tif"), "{error}");
        }
    }
    for options in [WriteOptions::new().tile_size(100), WriteOptions::new().level(10), WriteOptions::new().tile_size(0)]
    {
        assert_eq!(write_geotiff(&raster(), &path, &options).unwrap_err().kind(), ErrorKind::Argument);
    }
    let planar = WriteOptions::new().interleave(Interleave::Band);
    assert_eq!(write_cog(&raster(), &path, &planar).unwrap_err().kind(), ErrorKind::Unsupported);
    assert_eq!(fs::read(&path).unwrap(), b"precious");
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1, "nothing is left behind");
}

#[test]
fn a_target_is_replaced_and_keeps_its_permissions() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("target.tif");
    write_geotiff(&raster(), &path, &WriteOptions::new()).unwrap();
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        fs::write(folder.path().join("plain"), b"").unwrap();
        let mode = |name: &str| fs::metadata(folder.path().join(name)).unwrap().permissions().mode();
        assert_eq!(mode("target.tif"), mode("plain"), "a new file is as any other");
        fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
        let link = folder.path().join("link.tif");
        std::os::unix::fs::symlink(&path, &link).unwrap();
        write_cog(&raster(), &link, &WriteOptions::new()).unwrap();
        assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
        assert_eq!(mode("target.tif") & 0o777, 0o640);
    }
    assert_eq!(
        GeoTiff::open(&path).unwrap().read().unwrap().as_array_view2::<u8>().unwrap(),
        array![[1, 2, 3], [4, 5, 6]]
    );
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let refused =
            |name: &str| write_geotiff(&raster(), folder.path().join(name), &WriteOptions::new()).unwrap_err();
        std::os::unix::fs::symlink(folder.path().join("nothing"), folder.path().join("dangling")).unwrap();
        let _listener = std::os::unix::net::UnixListener::bind(folder.path().join("socket")).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o444)).unwrap();
        for name in ["dangling", "socket", "target.tif", "."] {
            assert_eq!(refused(name).kind(), ErrorKind::Io, "{name}");
        }
    }
    let error = write_geotiff(&raster(), folder.path().join("no/such/folder.tif"), &WriteOptions::new()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Io);
}

/// A writer that is full after so many bytes.
struct Full(io::Cursor<Vec<u8>>, u64);

impl Write for Full {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self.0.position() + bytes.len() as u64 > self.1 {
            true => Err(io::Error::new(io::ErrorKind::StorageFull, "no space left")),
            false => self.0.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Seek for Full {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.0.seek(to)
    }
}

#[test]
fn a_full_disk_is_an_error() {
    let pixels = Array2::from_shape_fn((100, 100), |(row, col)| (row * col) as u16);
    let raster = Raster::from_ndarray(pixels).unwrap();
    let whole =
        write_geotiff_to(&raster, io::Cursor::new(vec![]), &WriteOptions::new()).unwrap().into_inner().len() as u64;
    for most in [0, 7, 100, whole / 2, whole - 1] {
        let full = Full(io::Cursor::new(vec![]), most);
        let error = write_geotiff_to(&raster, full, &WriteOptions::new()).map(drop).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Io, "{most} of {whole}: {error}");
    }
}
