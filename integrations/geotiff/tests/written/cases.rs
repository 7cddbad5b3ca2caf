//! Rasters to write, and what a reader must find in the file.

use ndraster::ndarray::{Array2, Array3, ArrayD, Axis, s};
use ndraster::{Band, GeoTransform, Pixel, Raster};
use ndraster_geotiff::{Compression, Interleave, Resampling, WriteOptions};
use serde_json::{Value, json};

/// A raster, how it is written, and what is expected of the file: pixels as (band, y, x), made without this package.
pub(crate) struct Case {
    pub(crate) name: String,
    pub(crate) raster: Raster,
    pub(crate) options: WriteOptions,
    pub(crate) is_cog: bool,
    pub(crate) expected: Expected,
}

/// What a reader must find.
pub(crate) struct Expected {
    /// NumPy's name of the type.
    pub(crate) dtype: &'static str,
    pub(crate) shape: [usize; 3],
    /// The bytes of the pixels, (band, y, x), in the machine's order.
    pub(crate) pixels: Vec<u8>,
    /// In GDAL's order.
    pub(crate) transform: Option<[f64; 6]>,
    pub(crate) crs: Option<&'static str>,
    pub(crate) nodata: Option<String>,
    pub(crate) names: Vec<Option<String>>,
    pub(crate) overviews: Vec<Overview>,
}

/// The shape of an overview, and the bytes of its pixels, (band, y, x).
pub(crate) type Overview = ([usize; 2], Vec<u8>);

impl Expected {
    pub(crate) fn of<T: Pixel>(pixels: &Array3<T>) -> Self {
        let (bands, rows, cols) = pixels.dim();
        Expected {
            dtype: T::PIXEL_TYPE.name(),
            shape: [bands, rows, cols],
            pixels: bytes(pixels),
            transform: None,
            crs: None,
            nodata: None,
            names: vec![None; bands],
            overviews: vec![],
        }
    }

    pub(crate) fn to_json(&self) -> Value {
        json!({
            "dtype": self.dtype,
            "shape": self.shape,
            "transform": self.transform,
            "crs": self.crs,
            "nodata": self.nodata,
            "names": self.names,
            "overviews": self.overviews.iter().map(|(shape, _)| shape).collect::<Vec<_>>(),
        })
    }
}

pub(crate) fn bytes<T: Pixel>(pixels: &Array3<T>) -> Vec<u8> {
    pixels.iter().flat_map(|pixel| bytemuck::bytes_of(pixel).to_vec()).collect()
}

/// Pixels that differ along each axis, and reach over the type.
fn pixels<T: Pixel>(bands: usize, rows: usize, cols: usize) -> Array3<T> {
    Array3::from_shape_fn((bands, rows, cols), |(band, row, col)| {
        let number = 7 * row * row + 13 * col + 5 * row * col + 40 * band + 3;
        let bytes = if matches!(T::PIXEL_TYPE.name(), "float32" | "float64") {
            let number = number as f64 / 8.0 - 100.0;
            if size_of::<T>() == 4 { (number as f32).to_ne_bytes().to_vec() } else { number.to_ne_bytes().to_vec() }
        } else {
            (number as u64).wrapping_mul(0x0123_4567_89ab_cdef).to_le_bytes()[..size_of::<T>()].to_vec()
        };
        bytemuck::pod_read_unaligned(&bytes)
    })
}

fn raster<T: Pixel>(pixels: &Array3<T>) -> Raster {
    Raster::from_bands(Band::split(pixels.clone(), Axis(0)).unwrap()).unwrap()
}

fn small() -> WriteOptions {
    WriteOptions::new().tile_size(16).compression(Compression::None)
}

const PLACE: [f64; 6] = [500_100.0, 2.5, 0.0, 5_400_200.0, 0.0, -2.5];

fn placed(raster: Raster, transform: [f64; 6], crs: Option<&str>) -> Raster {
    let [x, a, b, y, d, e] = transform;
    let raster = raster.with_transform(GeoTransform::from_matrix([[a, b, x], [d, e, y]]).unwrap());
    match crs {
        Some(crs) => raster.with_crs(crs),
        None => raster,
    }
}

/// Each type, with each compression and both interleavings.
fn of_type<T: Pixel>(cases: &mut Vec<Case>) {
    let compressions = [
        ("none", Compression::None),
        ("lzw", Compression::Lzw),
        ("deflate", Compression::Deflate),
        ("zstd", Compression::Zstd),
    ];
    for (name, compression) in compressions {
        for bands in [1, 3] {
            for interleave in [Interleave::Pixel, Interleave::Band] {
                let planes = pixels::<T>(bands, 37, 53);
                let mut expected = Expected::of(&planes);
                (expected.transform, expected.crs) = (Some(PLACE), Some("EPSG:32633"));
                cases.push(Case {
                    name: format!("{}_{name}_{bands}_{interleave:?}", expected.dtype).to_lowercase(),
                    raster: placed(raster(&planes), PLACE, Some("EPSG:32633")),
                    options: small().compression(compression).interleave(interleave),
                    is_cog: false,
                    expected,
                });
            }
        }
    }
    let planes = pixels::<T>(2, 37, 53);
    let mut expected = Expected::of(&planes);
    (expected.transform, expected.crs) = (Some(PLACE), Some("EPSG:32633"));
    expected.overviews = [[19, 27], [10, 14]].map(|shape| (shape, bytes(&nearest(&planes, shape)))).to_vec();
    cases.push(Case {
        name: format!("{}_cog", expected.dtype),
        raster: placed(raster(&planes), PLACE, Some("EPSG:32633")),
        options: small(),
        is_cog: true,
        expected,
    });
}

/// The pixel under the centre of each part, by floats.
fn nearest<T: Pixel>(pixels: &Array3<T>, [rows, cols]: [usize; 2]) -> Array3<T> {
    let (bands, height, width) = pixels.dim();
    Array3::from_shape_fn((bands, rows, cols), |(band, row, col)| {
        let at =
            |part: usize, len: usize, parts: usize| ((part as f64 + 0.5) * len as f64 / parts as f64).floor() as usize;
        pixels[[band, at(row, height, rows), at(col, width, cols)]]
    })
}

fn nodata<T: Pixel>(cases: &mut Vec<Case>, value: T, text: &str) {
    let planes = pixels::<T>(1, 5, 7);
    let mut expected = Expected::of(&planes);
    expected.nodata = Some(text.to_owned());
    cases.push(Case {
        name: format!("nodata_{}_{}", expected.dtype, text.replace('.', "_")),
        raster: raster(&planes).with_nodata(value).unwrap(),
        options: small(),
        is_cog: false,
        expected,
    });
}

fn place(cases: &mut Vec<Case>, name: &str, transform: [f64; 6]) {
    let planes = pixels::<u8>(1, 5, 7);
    let mut expected = Expected::of(&planes);
    (expected.transform, expected.crs) = (Some(transform), Some("EPSG:32633"));
    cases.push(Case {
        name: format!("place_{name}"),
        raster: placed(raster(&planes), transform, Some("EPSG:32633")),
        options: small(),
        is_cog: false,
        expected,
    });
}

/// A place without a CRS stays without one.
fn place_alone(cases: &mut Vec<Case>) {
    let planes = pixels::<u8>(1, 5, 7);
    let mut expected = Expected::of(&planes);
    expected.transform = Some(PLACE);
    let raster = placed(raster(&planes), PLACE, None);
    cases.push(Case { name: "place_alone".to_owned(), raster, options: small(), is_cog: false, expected });
}

fn crs(cases: &mut Vec<Case>, name: &str, text: &str, expected_code: &'static str) {
    let planes = pixels::<u8>(1, 5, 7);
    let mut expected = Expected::of(&planes);
    let transform = [10.0, 0.5, 0.0, 50.0, 0.0, -0.25];
    (expected.transform, expected.crs) = (Some(transform), Some(expected_code));
    cases.push(Case {
        name: format!("crs_{name}"),
        raster: placed(raster(&planes), transform, Some(text)),
        options: small(),
        is_cog: false,
        expected,
    });
}

/// A raster that is written as it looks, whatever its memory is.
fn look(cases: &mut Vec<Case>, name: &str, raster: Raster, pixels: &Array3<i16>, transform: [f64; 6]) {
    let mut expected = Expected::of(pixels);
    (expected.transform, expected.crs) = (Some(transform), Some("EPSG:32633"));
    cases.push(Case { name: format!("look_{name}"), raster, options: small(), is_cog: false, expected });
}

fn looks(cases: &mut Vec<Case>) {
    let planes = pixels::<i16>(1, 37, 53);
    let plane = planes.index_axis(Axis(0), 0);
    let whole = || placed(raster(&planes), PLACE, Some("EPSG:32633"));
    let three = |view: ndraster::ndarray::ArrayView2<'_, i16>| view.to_owned().insert_axis(Axis(0));

    look(
        cases,
        "window",
        whole().window(3..30, 5..50).unwrap(),
        &three(plane.slice(s![3..30, 5..50])),
        [500_112.5, 2.5, 0.0, 5_400_192.5, 0.0, -2.5],
    );
    let flipped = whole().as_ref().slice_dim("y", s![..;-1].as_ref()[0].try_into_slice()).unwrap();
    look(cases, "flipped", flipped, &three(plane.slice(s![..;-1, ..])), [500_100.0, 2.5, 0.0, 5_400_107.5, 0.0, 2.5]);
    let stepped = whole().as_ref().slice_dim("x", s![1..;3].as_ref()[0].try_into_slice()).unwrap();
    look(cases, "stepped", stepped, &three(plane.slice(s![.., 1..;3])), [500_100.0, 7.5, 0.0, 5_400_200.0, 0.0, -2.5]);
    look(cases, "transposed", whole().as_ref().transpose_dims(["x", "y"]).unwrap(), &planes, PLACE);

    let fortran: Array2<i16> = plane.reversed_axes().as_standard_layout().into_owned().reversed_axes();
    let fortran = Raster::from_ndarray_with(fortran, ndraster::MemoryLayout::AsIs).unwrap();
    look(cases, "fortran", placed(fortran, PLACE, Some("EPSG:32633")), &planes, PLACE);

    let cube = pixels::<i16>(6, 37, 53);
    let four: ArrayD<i16> = cube.clone().into_dyn().into_shape_with_order(vec![2, 3, 37, 53]).unwrap();
    let band = Band::from_ndarray(four).unwrap().with_dim_names(["time", "level", "y", "x"]).unwrap().with_name("t");
    let raster = placed(Raster::from_bands([band]).unwrap(), PLACE, Some("EPSG:32633"));
    look(cases, "cube", raster, &cube, PLACE);
    if let Some(case) = cases.last_mut() {
        case.expected.names = (0..6).map(|image| Some(format!("t_{image}"))).collect();
    }
    // Not square, (x, y), south up, and NaN as nodata.
    let mut heights = pixels::<f32>(1, 4, 7);
    heights[[0, 2, 5]] = f32::NAN;
    let turned = heights.index_axis(Axis(0), 0).t().as_standard_layout().into_owned();
    let band = Band::from_ndarray(turned).unwrap().with_dim_names(["x", "y"]).unwrap().with_nodata(f32::NAN).unwrap();
    let place = [500_100.0, 2.5, 0.0, 5_400_200.0, 0.0, 10.0];
    let raster = Raster::from_bands_with_spatial_dims([band], "x", "y").unwrap();
    let mut expected = Expected::of(&heights);
    (expected.transform, expected.crs, expected.nodata) = (Some(place), Some("EPSG:32633"), Some("nan".to_owned()));
    let raster = placed(raster, place, Some("EPSG:32633"));
    cases.push(Case { name: "look_on_the_ground".to_owned(), raster, options: small(), is_cog: true, expected });

    // The spatial dims need not be the last ones.
    let last: ArrayD<i16> = cube.clone().permuted_axes([1, 2, 0]).as_standard_layout().into_owned().into_dyn();
    let optical = Band::from_ndarray(last).unwrap().with_dim_names(["y", "x", "band"]).unwrap().with_name("optical");
    let dem = Band::from_ndarray(planes.index_axis(Axis(0), 0).to_owned()).unwrap().with_name("dem");
    let raster = placed(Raster::from_bands([optical, dem]).unwrap(), PLACE, Some("EPSG:32633"));
    let all = ndraster::ndarray::concatenate(Axis(0), &[cube.view(), planes.view()]).unwrap();
    look(cases, "names_of_each", raster, &all, PLACE);
    if let Some(case) = cases.last_mut() {
        let optical = (0..6).map(|image| Some(format!("optical_{image}")));
        case.expected.names = optical.chain([Some("dem".to_owned())]).collect();
    }
    let last: ArrayD<i16> = cube.clone().permuted_axes([1, 2, 0]).as_standard_layout().into_owned().into_dyn();
    let band = Band::from_ndarray(last).unwrap().with_dim_names(["y", "x", "band"]).unwrap();
    let raster = placed(Raster::from_bands([band]).unwrap(), PLACE, Some("EPSG:32633"));
    look(cases, "channels_last", raster, &cube, PLACE);
}

trait TryIntoSlice {
    fn try_into_slice(self) -> ndraster::ndarray::Slice;
}

impl TryIntoSlice for ndraster::ndarray::SliceInfoElem {
    fn try_into_slice(self) -> ndraster::ndarray::Slice {
        match self {
            Self::Slice { start, end, step } => ndraster::ndarray::Slice { start, end, step },
            _ => panic!("no range"),
        }
    }
}

fn names(cases: &mut Vec<Case>) {
    let planes = pixels::<u16>(4, 5, 7);
    let names = [Some("near infrared"), None, Some("a & b < c > \"d\" 'e'"), Some("Höhe, 高さ &amp;")];
    let bands = Band::split(planes.clone(), Axis(0)).unwrap().into_iter().zip(names);
    let bands = bands.map(|(band, name)| name.map_or(band.clone(), |name| band.with_name(name)));
    let mut expected = Expected::of(&planes);
    expected.names = names.map(|name| name.map(str::to_owned)).to_vec();
    cases.push(Case {
        name: "names".to_owned(),
        raster: Raster::from_bands(bands).unwrap(),
        options: small(),
        is_cog: true,
        expected,
    });
}

/// Means of 2 x 2 pixels, where the extents are even, by hand.
fn averages(cases: &mut Vec<Case>) {
    let planes = Array3::from_shape_fn((1, 32, 48), |(_, row, col)| match (row, col) {
        (4..6, 4..6) if row == col => -9998,
        (4..6, 4..6) => -10_000,
        _ if (row + col) % 5 == 0 => -9999,
        _ => (row * col) as i16,
    });
    let mean = |row: usize, col: usize| {
        let four = [[0, 0], [0, 1], [1, 0], [1, 1]].map(|[r, c]| planes[[0, 2 * row + r, 2 * col + c]]);
        let valid: Vec<f64> = four.into_iter().filter(|pixel| *pixel != -9999).map(f64::from).collect();
        let mean = valid.iter().sum::<f64>() / valid.len() as f64;
        // GDAL puts the next larger number in the place of a mean that is nodata.
        match mean.round() as i16 {
            _ if valid.is_empty() => -9999,
            -9999 => -9998,
            mean => mean,
        }
    };
    let smaller = Array3::from_shape_fn((1, 16, 24), |(_, row, col)| mean(row, col));
    let mut expected = Expected::of(&planes);
    expected.nodata = Some("-9999".to_owned());
    expected.overviews = vec![([16, 24], bytes(&smaller))];
    let options = small().tile_size(32).resampling(Resampling::Average);
    let raster = raster(&planes).with_nodata(-9999i16).unwrap();
    cases.push(Case { name: "averages".to_owned(), raster, options, is_cog: true, expected });
}

/// BigTIFF, which is not chosen for files as small as these.
fn big_tiffs(cases: &mut Vec<Case>) {
    let planes = pixels::<u16>(2, 37, 53);
    for is_cog in [false, true] {
        let mut expected = Expected::of(&planes);
        (expected.transform, expected.crs) = (Some(PLACE), Some("EPSG:32633"));
        if is_cog {
            expected.overviews = [[19, 27], [10, 14]].map(|shape| (shape, bytes(&nearest(&planes, shape)))).to_vec();
        }
        cases.push(Case {
            name: format!("big_tiff{}", if is_cog { "_cog" } else { "" }),
            raster: placed(raster(&planes), PLACE, Some("EPSG:32633")),
            options: small().big_tiff(),
            is_cog,
            expected,
        });
    }
}

pub(crate) fn cases() -> Vec<Case> {
    let mut cases = vec![];
    of_type::<u8>(&mut cases);
    of_type::<i8>(&mut cases);
    of_type::<u16>(&mut cases);
    of_type::<i16>(&mut cases);
    of_type::<u32>(&mut cases);
    of_type::<i32>(&mut cases);
    of_type::<u64>(&mut cases);
    of_type::<i64>(&mut cases);
    of_type::<f32>(&mut cases);
    of_type::<f64>(&mut cases);
    nodata(&mut cases, 255u8, "255");
    nodata(&mut cases, -128i8, "-128");
    nodata(&mut cases, 65535u16, "65535");
    nodata(&mut cases, -9999i16, "-9999");
    nodata(&mut cases, u32::MAX, "4294967295");
    nodata(&mut cases, i32::MIN, "-2147483648");
    nodata(&mut cases, u64::MAX, "18446744073709551615");
    nodata(&mut cases, i64::MIN, "-9223372036854775808");
    nodata(&mut cases, (1i64 << 53) + 1, "9007199254740993");
    nodata(&mut cases, f32::NAN, "nan");
    nodata(&mut cases, f32::MIN, "-3.4028235e38");
    nodata(&mut cases, 0.1f32, "0.1");
    nodata(&mut cases, f32::NEG_INFINITY, "-inf");
    nodata(&mut cases, 1e-40f64, "1e-40");
    nodata(&mut cases, f64::MIN, "-1.7976931348623157e308");
    nodata(&mut cases, -0.0f64, "-0");
    place(&mut cases, "south_up", [500_100.0, 2.5, 0.0, 5_400_200.0, 0.0, 2.5]);
    place(&mut cases, "west", [500_100.0, -2.5, 0.0, 5_400_200.0, 0.0, -2.5]);
    place(&mut cases, "oblong", [500_100.0, 2.5, 0.0, 5_400_200.0, 0.0, -10.0]);
    place(&mut cases, "rotated", [500_100.0, 2.0, 1.5, 5_400_200.0, 1.5, -2.0]);
    place(&mut cases, "quarter", [500_100.0, 0.0, 2.0, 5_400_200.0, -0.5, 0.0]);
    place(&mut cases, "origin", [0.0, 1.0, 0.0, 0.0, 0.0, -1.0]);
    place(&mut cases, "thirds", [1.0 / 3.0, 1.0 / 7.0, 0.0, 2.0 / 3.0, 0.0, -1.0 / 9.0]);
    place_alone(&mut cases);
    crs(&mut cases, "projected_4547", "EPSG:4547", "EPSG:4547");
    crs(&mut cases, "projected_3857", "EPSG:3857", "EPSG:3857");
    crs(&mut cases, "projected_27700", "EPSG:27700", "EPSG:27700");
    crs(&mut cases, "geographic", "EPSG:4326", "EPSG:4326");
    crs(&mut cases, "nad27", "EPSG:4267", "EPSG:4267");
    crs(&mut cases, "crs84", "OGC:CRS84", "EPSG:4326");
    crs(&mut cases, "compound", "EPSG:25832+7837", "EPSG:25832+7837");
    crs(&mut cases, "heights_4979", "EPSG:4979", "EPSG:4979");
    crs(&mut cases, "compound_7415", "EPSG:7415", "EPSG:28992+5709");
    crs(&mut cases, "urn", "urn:ogc:def:crs:EPSG::27700", "EPSG:27700");
    crs(
        &mut cases,
        "wkt",
        r#"PROJCS["any",GEOGCS["WGS 84",AUTHORITY["EPSG","4326"]],AUTHORITY["EPSG","32633"]]"#,
        "EPSG:32633",
    );
    crs(&mut cases, "projjson", r#"{"type": "GeographicCRS", "id": {"authority": "EPSG", "code": 4258}}"#, "EPSG:4258");
    looks(&mut cases);
    names(&mut cases);
    averages(&mut cases);
    big_tiffs(&mut cases);
    cases
}
