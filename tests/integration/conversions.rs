//! Pixels convert to another type exactly, or by Rust's `as`.

use ndraster::MemoryLayout::AsIs;
use ndraster::ndarray::{Array2, Array3, ArrayViewMut, Axis, Ix3, Slice, array, s};
use ndraster::{Band, ErrorKind, Pixel, Raster, Result, dispatch};

fn survives<P: Pixel, T: Pixel>(pixel: P) -> bool {
    let raster = Raster::from_ndarray(Array2::from_elem((1, 2), pixel)).unwrap();
    match raster.to_array_exact::<T>() {
        Ok(_) => true,
        Err(error) => {
            assert_eq!(error.kind(), ErrorKind::Inexact);
            false
        }
    }
}

#[test]
fn an_integer_converts_exactly_where_the_type_has_it() -> Result<()> {
    // Compared with the standard library's own checked conversions.
    for value in i8::MIN..=i8::MAX {
        assert_eq!(survives::<i8, u8>(value), u8::try_from(value).is_ok());
        assert_eq!(survives::<i8, u64>(value), u64::try_from(value).is_ok());
        assert!(survives::<i8, i16>(value) && survives::<i8, f32>(value) && survives::<i8, f64>(value));
        assert!(!survives::<f32, i8>(f32::from(value) + 0.5));
        assert_eq!(survives::<i16, i8>(i16::from(value) * 2), i8::try_from(i16::from(value) * 2).is_ok());
    }
    Ok(())
}

#[test]
fn a_saturated_pixel_is_inexact() {
    assert!(!survives::<i64, f64>(i64::MAX) && survives::<i64, f64>(i64::MIN));
    assert!(!survives::<u64, f64>(u64::MAX) && !survives::<u64, f32>(u64::MAX));
    assert!(!survives::<i32, f32>(i32::MAX) && !survives::<u32, f32>(u32::MAX));
    assert!(!survives::<f64, i64>(9_223_372_036_854_775_808.0) && !survives::<f64, u64>(1e300));
    assert!(!survives::<f64, f32>(1e300) && survives::<f64, f32>(f64::INFINITY) && survives::<f64, f32>(f64::NAN));
    assert!(!survives::<f32, u8>(f32::NAN) && !survives::<f32, u8>(f32::INFINITY) && survives::<f32, u8>(-0.0));
}

#[test]
fn the_pixel_that_does_not_convert_is_named() -> Result<()> {
    let raster = Raster::from_ndarray(array![[1.0f64, 2.0], [3.0, 4.5]])?;
    assert_eq!(
        raster.to_array_exact::<i32>().unwrap_err().to_string(),
        "band 0: the pixel at [1, 1] is 4.5, which int32 cannot hold: ask for a type that can, or take `to_array_cast::<i32>()`, which makes it 4"
    );
    assert_eq!(raster.to_array_cast::<i32>()?, array![[1, 2], [3, 4]].into_dyn());
    Ok(())
}

#[test]
fn a_cast_is_rusts_as() -> Result<()> {
    let pixels = array![[-1.5f64, 300.0, f64::NAN, f64::INFINITY, 0.1, -0.0]];
    let raster = Raster::from_ndarray(&pixels)?;
    assert_eq!(raster.to_array_cast::<u8>()?, pixels.mapv(|p| p as u8).into_dyn());
    assert_eq!(raster.to_array_cast::<i64>()?, pixels.mapv(|p| p as i64).into_dyn());
    let as_f32 = raster.to_array_cast::<f32>()?;
    let bits: Vec<u32> = as_f32.iter().map(|p| p.to_bits()).collect();
    assert_eq!(bits, pixels.iter().map(|&p| (p as f32).to_bits()).collect::<Vec<_>>());
    Ok(())
}

fn sum<T: Pixel>(values: [T; 2]) -> Result<f64> {
    let raster =
        Raster::from_ndarray(Array2::from_shape_vec((1, 2), values.to_vec()).unwrap().broadcast((4, 2)).unwrap())?;
    let view = raster.as_any_view()?;
    assert_eq!((view.pixel_type(), view.shape()), (T::PIXEL_TYPE, [4, 2].as_slice()));
    #[allow(clippy::unnecessary_cast, reason = "of one type in ten")]
    let sum = dispatch!(view, view => view.iter().map(|&pixel| pixel as f64).sum());
    Ok(sum)
}

#[test]
fn any_view_dispatches_over_all_types() -> Result<()> {
    let sums = [
        sum([1u8, 2])?,
        sum([1u16, 2])?,
        sum([1i16, 2])?,
        sum([1u32, 2])?,
        sum([1i32, 2])?,
        sum([1f32, 2.0])?,
        sum([1f64, 2.0])?,
        sum([1u64, 2])?,
        sum([1i64, 2])?,
        sum([1i8, 2])?,
    ];
    assert_eq!(sums, [12.0; 10]);
    Ok(())
}

/// The first pixel that is lost is named by its index: wherever it is in the blocks in which pixels are converted, and in every
/// memory order.
#[test]
fn the_first_lost_pixel_is_named_in_every_block_and_order() -> Result<()> {
    let shape = (5, 700);
    for at in [0, 1, 699, 700, 1023, 1024, 2047, 2048, 3498, 3499] {
        let mut pixels = Array2::from_shape_fn(shape, |(row, col)| ((row + col) % 200) as i16);
        let index = (at / shape.1, at % shape.1);
        pixels[index] = -7;
        // Another one behind it must not be named.
        let behind = (at + 1..shape.0 * shape.1).nth(900);
        behind.into_iter().for_each(|at| pixels[(at / shape.1, at % shape.1)] = 999);
        let wide = Array2::from_shape_fn((shape.0, 2 * shape.1), |(row, col)| pixels[(row, col / 2)]);
        let columns_first = pixels.t().as_standard_layout().into_owned().reversed_axes();
        let backwards = pixels.slice(s![..;-1, ..;-1]).as_standard_layout().into_owned();
        let mut backwards = Raster::from_ndarray(backwards)?;
        for dim in ["y", "x"] {
            backwards = backwards.slice_dim(dim, Slice::new(0, None, -1))?;
        }
        let window = Array2::from_shape_fn((shape.0 + 2, shape.1 + 2), |(row, col)| {
            pixels.get((row.wrapping_sub(1), col.wrapping_sub(1))).copied().unwrap_or(-1)
        });
        let layouts = [
            Raster::from_ndarray(pixels.clone())?,
            Raster::from_ndarray_with(columns_first, AsIs)?,
            Raster::from_ndarray(wide)?.slice_dim("x", Slice::new(0, None, 2))?,
            Raster::from_ndarray(window)?.window(1..shape.0 + 1, 1..shape.1 + 1)?,
            backwards,
        ];
        for (number, raster) in layouts.into_iter().enumerate() {
            assert_eq!(raster.as_array_view2::<i16>()?, pixels, "layout {number}");
            let expected = format!("the pixel at [{}, {}] is -7, which uint8 cannot hold", index.0, index.1);
            let found = raster.to_array_exact::<u8>().unwrap_err();
            assert!(found.to_string().contains(&expected), "layout {number}: {found}");
            // As nodata it is not lost, and the one behind it is.
            let filled = raster.clone().with_nodata(-7i16)?.to_array_filled(255u8);
            match behind {
                None => assert_eq!(filled?.iter().filter(|pixel| **pixel == 255).count(), 1),
                Some(at) => {
                    let expected = format!("the pixel at [{}, {}] is 999", at / shape.1, at % shape.1);
                    assert!(filled.unwrap_err().to_string().contains(&expected), "layout {number}");
                }
            }
            let mut cast = Array2::<f64>::zeros(shape);
            raster.copy_into_cast(cast.view_mut())?;
            assert_eq!(cast, pixels.mapv(f64::from), "layout {number}");
            let mut spread = Array2::<f64>::zeros((shape.1, shape.0));
            raster.copy_into_cast(spread.view_mut().reversed_axes())?;
            assert_eq!(spread.t(), cast, "layout {number}");
        }
    }
    Ok(())
}

/// Arrays of (5, 7, 9) in memory of every order and direction, with and without gaps, of which each index is used once.
fn targets<T: Pixel>(mut check: impl FnMut(ArrayViewMut<'_, T, Ix3>, &str)) {
    for order in [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]] {
        for step in [1isize, -1, 2, -3] {
            for stepped in 0..3 {
                let mut shape = order.map(|axis| [5, 7, 9][axis]);
                shape[stepped] *= step.unsigned_abs();
                let mut memory = Array3::<T>::default(shape);
                let mut view = memory.view_mut();
                view.slice_axis_inplace(Axis(stepped), Slice::new(0, None, step));
                let back: Vec<usize> =
                    (0..3).map(|axis| order.iter().position(|other| *other == axis).unwrap()).collect();
                check(
                    view.permuted_axes([back[0], back[1], back[2]]),
                    &format!("{order:?}, step {step} along {stepped}"),
                );
            }
        }
    }
}

#[test]
fn pixels_go_into_arrays_of_any_memory_layout() -> Result<()> {
    let pixels = Array3::from_shape_fn((5, 7, 9), |(a, b, c)| (100 * a + 10 * b + c) as i16 - 300);
    let stored = [
        ("C order", Band::from_ndarray(&pixels)?),
        ("as Fortran has it", Band::from_ndarray_with(pixels.view().reversed_axes().to_owned().reversed_axes(), AsIs)?),
        (
            "backwards",
            Band::from_ndarray_with(
                pixels.slice(s![..;-1, .., ..;-1]).to_owned().slice_move(s![..;-1, .., ..;-1]),
                AsIs,
            )?,
        ),
    ];
    let is_nodata = |pixel: &i16| *pixel == 7;
    for (name, band) in stored {
        let raster = Raster::from_bands([band.with_dim_names(["time", "y", "x"])?.with_nodata(7i16)?])?;
        targets::<i16>(|mut target, layout| {
            raster.copy_into(target.view_mut()).unwrap();
            assert_eq!(target, pixels, "{name} into {layout}");
        });
        targets::<f32>(|mut target, layout| {
            raster.copy_into_cast(target.view_mut()).unwrap();
            assert_eq!(target, pixels.mapv(f32::from), "{name} into {layout}");
            raster.copy_into_filled(0.5, target.view_mut()).unwrap();
            let filled = pixels.mapv(|pixel| if is_nodata(&pixel) { 0.5 } else { f32::from(pixel) });
            assert_eq!(target, filled, "{name} into {layout}");
        });
        targets::<u8>(|mut target, layout| {
            let error = raster.copy_into_filled(0, target.view_mut()).unwrap_err();
            assert!(
                error.to_string().starts_with("band 0: the pixel at [0, 0, 0] is -300,"),
                "{name} into {layout}: {error}"
            );
        });
        // What is beside the pixels of a target with gaps stays.
        let mut memory = Array3::<f32>::from_elem((5, 7, 20), -1.0);
        raster.copy_into_cast(memory.slice_mut(s![.., .., 1..;2]).slice_mut(s![.., .., ..9]))?;
        assert_eq!(memory.iter().filter(|pixel| **pixel == -1.0).count(), 5 * 7 * 11, "{name}");
    }
    // The first in C order, wherever it lies in the target.
    let raster = Raster::from_ndarray(array![[1i16, 2, 300], [400, 5, 6]])?;
    let mut target = Array2::<u8>::zeros((3, 2)).reversed_axes();
    let error = raster.copy_into_filled(0, target.view_mut()).unwrap_err();
    assert!(error.to_string().contains("the pixel at [0, 2] is 300, which uint8 cannot hold"), "{error}");
    Ok(())
}
