//! Arrays of every kind, in every order, read back equal.

use ndraster::ndarray::{
    Array, Array2, Array3, ArrayBase, ArrayD, ArrayView, ArrayView2, ArrayViewD, Axis, CowArray, Data, Dimension, Ix1,
    Ix2, Ix3, IxDyn, Slice, array,
};
use ndraster::{Band, ErrorKind, GeoTransform, Pixel, Raster, Result};
use ndraster_test_support::cases::dim_names;
use ndraster_test_support::random::Random;

fn same<T: Pixel, S: Data<Elem = T>, D: Dimension>(raster: Result<Raster>, expected: &ArrayBase<S, D>) -> Result<()> {
    assert_eq!(raster?.as_array_view::<T>()?, expected.view().into_dyn());
    Ok(())
}

#[test]
fn every_kind_of_array_goes_in_by_call_and_by_trait() -> Result<()> {
    let pixels = Array2::from_shape_fn((7, 5), |(row, col)| (10 * row + col) as i32);
    same(Raster::from_ndarray(pixels.clone()), &pixels)?;
    same(Raster::from_ndarray(&pixels), &pixels)?;
    same(Raster::from_ndarray(pixels.view()), &pixels)?;
    let (view, shared) = (pixels.view(), pixels.to_shared());
    same(Raster::from_ndarray(view), &pixels)?;
    same(Raster::from_ndarray(pixels.to_shared()), &pixels)?;
    same(Raster::from_ndarray(&shared), &pixels)?;
    same(Raster::from_ndarray(CowArray::from(&pixels)), &pixels)?;
    same(Raster::from_ndarray(CowArray::from(pixels.clone())), &pixels)?;
    same(Raster::from_ndarray(pixels.clone().into_dyn()), &pixels)?;
    same(Raster::from_ndarray(pixels.view().into_dyn()), &pixels)?;

    same(Raster::try_from(pixels.clone()), &pixels)?;
    same(Raster::try_from(&pixels), &pixels)?;
    same(Raster::try_from(pixels.view()), &pixels)?;
    same(Raster::try_from(pixels.view().into_dyn()), &pixels)?;
    same(Raster::try_from(pixels.to_shared()), &pixels)?;
    same(Raster::try_from(CowArray::from(&pixels)), &pixels)?;

    let raster = Raster::try_from(&pixels)?;
    let band = raster.band(0)?;
    let by_reference: ArrayViewD<'_, i32> = (&band).try_into()?;
    let matrix: ArrayView2<'_, i32> = (&band).try_into()?;
    assert_eq!((by_reference, matrix), (pixels.view().into_dyn(), pixels.view()));
    let matrix: ArrayView2<'_, i32> = band.clone().try_into()?;
    let by_value: ArrayViewD<'_, i32> = band.try_into()?;
    assert_eq!((by_value, matrix), (pixels.view().into_dyn(), pixels.view()));
    Ok(())
}

/// An array in any order: axes permuted, reversed, sliced with steps, broadcast.
fn random_layout(random: &mut Random) -> ArrayD<u16> {
    let ndim = 2 + random.below(3);
    let shape: Vec<usize> = (0..ndim).map(|_| random.below(6)).collect();
    let mut array = ArrayD::from_shape_fn(IxDyn(&shape), |_| random.below(1 << 16) as u16);
    array = array.permuted_axes(IxDyn(&random.permutation(ndim)));
    for axis in (0..ndim).map(Axis) {
        let extent = array.len_of(axis);
        if random.below(3) == 0 {
            array.invert_axis(axis);
        }
        if extent > 0 && random.below(3) == 0 {
            let start = random.below(extent) as isize;
            array.slice_axis_inplace(axis, Slice::new(start, None, [1, 2, -1][random.below(3)]));
        }
    }
    array
}

#[test]
fn an_array_in_any_order_reads_back_equal() -> Result<()> {
    let mut random = Random::new(11);
    for _ in 0..2000 {
        let array = random_layout(&mut random);
        let names = dim_names(array.ndim());
        let band = |band: Result<Band>| Raster::from_bands([band?.with_dim_names(names.clone())?]);
        same(band(Band::from_ndarray(&array)), &array)?;
        let shared = array.to_shared();
        let mut inverted = shared.clone();
        inverted.invert_axis(Axis(0));
        same(band(Band::from_ndarray(inverted.clone())), &inverted)?;
        same(band(Band::from_ndarray(array.clone())), &array)?;
        let expected = array.clone();
        same(band(Band::from_ndarray(array)), &expected)?;
    }
    Ok(())
}

#[test]
fn a_broadcast_view_is_copied_in_full() -> Result<()> {
    let row = array![1u8, 2, 3];
    let matrix = row.broadcast((4, 3)).unwrap();
    same(Raster::from_ndarray(matrix), &matrix)
}

#[test]
fn three_axes_need_names_and_one_axis_is_an_error() {
    let message = |result: Result<Raster>| result.unwrap_err().to_string();
    assert_eq!(
        message(Raster::from_ndarray(Array::<u8, Ix1>::zeros(3))),
        "a band has two axes or more, this shape is [3]: add one of extent 1 with `insert_axis`"
    );
    assert_eq!(
        message(Raster::from_ndarray(Array3::<u8>::zeros((2, 3, 4)))),
        "band 0: the axes of the shape [2, 3, 4] need names: \
         `Band::from_ndarray(a)?.with_dim_names([\"time\", \"y\", \"x\"])?`, then `Raster::from_bands`; if the first is the bands, `Raster::from_bands(Band::split(a, Axis(0))?)`; if the last is, `Axis(2)`"
    );
    let band = || Band::from_ndarray(Array2::<u8>::zeros((2, 3))).unwrap();
    assert_eq!(
        band().with_dim_names(["y"]).unwrap_err().to_string(),
        "dim_names: the shape [2, 3] needs 2 names, one an axis; given are 1: [\"y\"]"
    );
    assert_eq!(
        band().with_dim_names(["x", "x"]).unwrap_err().to_string(),
        "dim_names: `x` is there twice in [\"x\", \"x\"]"
    );
    assert_eq!(message(Raster::from_bands([])), "a raster is made of at least one band");
}

fn named<const N: usize>(shape: [usize; N], names: [&str; N]) -> Band {
    Band::from_ndarray(ArrayD::<u8>::zeros(IxDyn(&shape))).unwrap().with_dim_names(names).unwrap()
}

#[test]
fn the_spatial_dims_are_a_pair_known_by_name_or_the_only_two() -> Result<()> {
    let dims = |band: Band| -> Result<_> {
        let raster = Raster::from_bands([band])?;
        Ok((raster.spatial_dims()?.join(","), raster.spatial_shape()?))
    };
    assert_eq!(dims(named([2, 3], ["y", "x"]))?, ("x,y".into(), vec![3, 2]));
    assert_eq!(dims(named([2, 3], ["x", "y"]))?, ("x,y".into(), vec![2, 3]));
    assert_eq!(dims(named([2, 3, 4], ["lat", "lon", "rgba"]))?, ("lon,lat".into(), vec![3, 2]));
    assert_eq!(dims(named([2, 3, 4], ["longitude", "time", "latitude"]))?, ("longitude,latitude".into(), vec![2, 4]));
    assert_eq!(dims(named([2, 3, 4], ["northing", "t", "easting"]))?, ("easting,northing".into(), vec![4, 2]));
    assert_eq!(dims(named([2, 3], ["a", "b"]))?, ("b,a".into(), vec![3, 2]));
    assert_eq!(dims(named([2, 3, 4], ["row", "col", "rgb"]))?, ("col,row".into(), vec![3, 2]));
    assert_eq!(dims(named([2, 3, 4], ["Y", "X", "band"]))?, ("X,Y".into(), vec![3, 2]));
    assert_eq!(dims(named([2, 3, 4], ["Band", "LAT", "Lon"]))?, ("Lon,LAT".into(), vec![4, 3]));
    Ok(())
}

#[test]
fn three_dims_that_say_nothing_of_x_and_y_are_refused_unless_two_are_chosen() -> Result<()> {
    for names in [["a", "b", "c"], ["a", "x", "c"], ["line", "sample", "channel"]] {
        assert_eq!(
            Raster::from_bands([named([2, 3, 4], names)]).unwrap_err().to_string(),
            format!(
                "the dims {names:?} do not say which ones are x and y: name them with \
                 `Raster::from_bands_with_spatial_dims(bands, x, y)`"
            )
        );
    }
    let chosen =
        Raster::from_bands_with_spatial_dims([named([2, 3, 4], ["line", "sample", "channel"])], "sample", "line")?;
    assert_eq!((chosen.spatial_dims()?, chosen.spatial_shape()?), (vec!["sample", "line"], vec![3, 2]));
    Ok(())
}

#[test]
fn bands_share_one_grid() -> Result<()> {
    let error = |bands: Vec<Band>| Raster::from_bands(bands).unwrap_err();
    let other = error(vec![named([2, 3], ["y", "x"]), named([2, 4], ["y", "x"])]);
    assert_eq!(
        (other.kind(), other.to_string().as_str()),
        (ErrorKind::Shape, "band 1: `x` has extent 4, but 3 in band 0: bands share one grid")
    );
    let missing = error(vec![named([2, 3], ["y", "x"]), named([2, 3], ["lat", "lon"])]);
    assert_eq!(missing.to_string(), "band 1: the spatial dimension `x` is not among its dims [\"lat\", \"lon\"]");
    // Other dims may differ.
    let raster = Raster::from_bands([named([2, 3], ["y", "x"]), named([9, 3, 2], ["time", "x", "y"])])?;
    assert_eq!(raster.band(1)?.as_array_view_dim::<u8, Ix3>()?.dim(), (9, 3, 2));
    Ok(())
}

#[test]
fn spatial_dims_can_be_chosen() -> Result<()> {
    let raster = || Raster::from_bands([named([2, 3, 4], ["row", "col", "rgba"])]);
    let chosen = raster()?.with_spatial_dims("col", "row")?;
    assert_eq!((chosen.spatial_dims()?, chosen.spatial_shape()?), (vec!["col", "row"], vec![3, 2]));
    assert_eq!(
        raster()?.with_spatial_dims("col", "line").unwrap_err().to_string(),
        "band 0: the spatial dimension `line` is not among its dims [\"row\", \"col\", \"rgba\"]"
    );
    assert_eq!(
        raster()?.with_spatial_dims("col", "col").unwrap_err().to_string(),
        "spatial_dims: `col` cannot be both x and y"
    );
    Ok(())
}

#[test]
fn a_result_takes_over_the_grid_of_its_input() -> Result<()> {
    let input = Raster::from_bands([named([2, 3], ["lat", "lon"])])?
        .with_crs("OGC:CRS84")
        .with_transform(GeoTransform::from_gdal([1.0, 2.0, 3.0, 4.0, 5.0, 6.0])?);
    let output = Raster::from_ndarray(Array2::<f32>::zeros((2, 3)))?.with_grid_of(&input)?;
    assert_eq!(output.crs()?, Some("OGC:CRS84"));
    assert_eq!(output.transform()?.to_gdal(), [1.0, 2.0, 3.0, 4.0, 5.0, 6.0]);
    assert_eq!(output.spatial_dims()?, ["lon", "lat"]);
    assert_eq!(output.band(0)?.dim_names(), ["lat", "lon"]);
    let other_size = Raster::from_ndarray(Array2::<f32>::zeros((3, 2)))?;
    assert_eq!(
        other_size.with_grid_of(&input).unwrap_err().to_string(),
        "grid: this raster has y 3 and x 2, the other one has lat 2 and lon 3: the array is transposed, a matrix is (y, x)"
    );
    let taken = Raster::from_bands([named([7, 2, 3], ["lat", "y", "x"])])?;
    assert_eq!(
        taken.with_grid_of(input.as_ref()).unwrap_err().to_string(),
        "band 0: grid: the band already has another axis named `lat`"
    );
    Ok(())
}

#[test]
fn a_view_outlives_the_handle_of_its_band() -> Result<()> {
    fn first<'a>(raster: &'a Raster) -> Result<ArrayView<'a, u8, Ix2>> {
        raster.band(0)?.as_array_view2()
    }
    let raster = Raster::from_ndarray(array![[1u8, 2]])?;
    assert_eq!(first(&raster)?[[0, 1]], 2);
    Ok(())
}
