//! Ground coordinates are those of arithmetic done by hand.

use ndraster::ndarray::Array2;
use ndraster::{ErrorKind, GeoTransform, Raster, Registration, Result};

fn skewed() -> GeoTransform {
    GeoTransform::from_gdal([100.0, 2.0, 0.5, 50.0, -0.25, -3.0]).unwrap()
}

#[test]
fn a_transform_is_the_formula_of_gdals_manual() {
    for (col, row) in [(0.0, 0.0), (1.0, 0.0), (0.0, 1.0), (3.5, -2.0)] {
        let expected = (100.0 + col * 2.0 + row * 0.5, 50.0 + col * -0.25 + row * -3.0);
        assert_eq!(skewed().apply(col, row), expected);
    }
    assert_eq!(skewed().pixel_center(0, 0), (101.25, 48.375));
    assert_eq!(skewed().to_affine(), [2.0, 0.5, 100.0, -0.25, -3.0, 50.0]);
    assert_eq!(GeoTransform::from_affine(skewed().to_affine()).unwrap(), skewed());
}

#[test]
fn pixel_at_inverts_pixel_center() -> Result<()> {
    for (row, col) in [(0, 0), (7, 3), (-2, 11), (1000, -1000)] {
        let (x, y) = skewed().pixel_center(row, col);
        assert_eq!(skewed().pixel_at(x, y)?, (row, col));
    }
    let (col, row) = skewed().invert()?.apply(101.25, 48.375);
    assert!((col - 0.5).abs() < 1e-12 && (row - 0.5).abs() < 1e-12);
    Ok(())
}

#[test]
fn a_transform_without_area_has_no_inverse() {
    for gdal in [[0.0; 6], [0.0, 1.0, 2.0, 0.0, 1.0, 2.0], [0.0, 1.0, 0.0, 0.0, 0.0, 0.0]] {
        assert_eq!(GeoTransform::from_gdal(gdal).unwrap().invert().unwrap_err().kind(), ErrorKind::Argument);
    }
    assert!(GeoTransform::default().pixel_at(f64::NAN, 0.0).is_err());
}

#[test]
fn the_bounding_box_is_the_envelope_of_the_corners() {
    // Corners of 4 x 2 pixels: (100, 50), (108, 49), (101, 44), (109, 43).
    assert_eq!(skewed().bbox(4, 2).unwrap(), [100.0, 43.0, 109.0, 50.0]);
    assert_eq!(
        GeoTransform::from_gdal([0.0, -1.0, 0.0, 0.0, 0.0, 1.0]).unwrap().bbox(4, 2).unwrap(),
        [-4.0, 0.0, 0.0, 2.0]
    );
}

#[test]
fn coordinates_are_centres_and_need_an_unrotated_grid() -> Result<()> {
    let transform = GeoTransform::from_gdal([10.0, 0.5, 0.0, 20.0, 0.0, -0.25])?;
    assert_eq!(transform.x_coords(3)?, [10.25, 10.75, 11.25]);
    assert_eq!(transform.y_coords(2)?, [19.875, 19.625]);
    assert_eq!(transform.x_coords(0)?, [0.0; 0]);
    assert_eq!(
        skewed().x_coords(3).unwrap_err().to_string(),
        "x_coords: the transform is rotated (skew_x 0.5, skew_y -0.25): use pixel_center"
    );
    Ok(())
}

#[test]
fn a_bounding_box_is_that_of_edges_or_of_centres() -> Result<()> {
    let bbox = [-10.0, 40.0, -6.0, 43.0];
    let pixel = GeoTransform::from_bbox(bbox, 4, 3, Registration::Pixel)?;
    assert_eq!(pixel.to_gdal(), [-10.0, 1.0, 0.0, 43.0, 0.0, -1.0]);
    assert_eq!(pixel.bbox(4, 3)?, bbox);
    // Five and four nodes, half a cell beyond the box.
    let node = GeoTransform::from_bbox(bbox, 5, 4, Registration::Node)?;
    assert_eq!(node.to_gdal(), [-10.5, 1.0, 0.0, 43.5, 0.0, -1.0]);
    assert_eq!((node.pixel_center(0, 0), node.pixel_center(3, 4)), ((-10.0, 43.0), (-6.0, 40.0)));
    assert_eq!(Registration::default(), Registration::Pixel);
    Ok(())
}

#[test]
fn a_box_without_area_or_of_too_few_cells_is_an_error() {
    let error = |bbox, width, height, registration| {
        let error = GeoTransform::from_bbox(bbox, width, height, registration).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Argument);
        error.to_string()
    };
    let bbox = [0.0, 0.0, 1.0, 1.0];
    assert_eq!(
        error([1.0, 0.0, 0.0, 1.0], 2, 2, Registration::Pixel),
        "bbox: expected [xmin, ymin, xmax, ymax] with xmin < xmax and ymin < ymax, found [1.0, 0.0, 0.0, 1.0]"
    );
    assert_eq!(
        error(bbox, 1, 2, Registration::Node),
        "bbox: Node registration needs at least 2 cells along each axis, found width 1 and height 2"
    );
    error(bbox, 0, 2, Registration::Pixel);
    error([0.0, 0.0, f64::INFINITY, 1.0], 2, 2, Registration::Pixel);
    error([0.0, f64::NAN, 1.0, 1.0], 2, 2, Registration::Pixel);
    let empty = Raster::from_ndarray(Array2::<u8>::zeros((0, 3))).unwrap();
    assert!(empty.with_bbox(bbox, Registration::Pixel).is_err());
}
