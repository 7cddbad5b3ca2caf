//! Files that GDAL wrote, or that were made by hand, against what GDAL reads in them: `manifest.json`, by `make.py`.
//!
//! Every file is equal in size, type, pixels, transform, CRS, nodata, names, masks and overviews, or it is refused.
//! Where this package does something else than GDAL, [`DIFFERENT`] and [`REFUSED`] say why.

use std::path::{Path, PathBuf};

use ndraster::{AnyArrayView, Pixel, Raster, dispatch};
use ndraster_geotiff::{Crs, ErrorKind, GeoTiff, Mask};
use serde_json::Value;

/// Files that GDAL reads, and this package refuses.
#[rustfmt::skip]
const REFUSED: &[(&str, ErrorKind)] = &[
    // No raster has such pixels, or the decoder does not know them.
    ("type_complex64.tif", ErrorKind::Unsupported),
    ("type_complex128.tif", ErrorKind::Unsupported),
    ("type_complex_int16.tif", ErrorKind::Unsupported),
    ("type_f16.tif", ErrorKind::Unsupported),
    ("type_f16_predictor3.tif", ErrorKind::Unsupported),
    ("bits_20.tif", ErrorKind::Unsupported),
    ("compress_lzma_tiles.tif", ErrorKind::Unsupported),
    ("compress_ccittrle.tif", ErrorKind::Unsupported),
    ("compress_ccittfax3.tif", ErrorKind::Unsupported),
    ("compress_ccittfax4.tif", ErrorKind::Unsupported),
    // LERC that keeps the alpha band as a mask of its own.
    ("compress_lerc_rgba.tif", ErrorKind::Malformed),
    ("compress_lerc_gray_alpha.tif", ErrorKind::Malformed),
    ("block_lerc_inf.tif", ErrorKind::Malformed),
    ("jpeg_2bands.tif", ErrorKind::Malformed),
    // Differences of pixels of 4 bits, of which GDAL ignores the tag.
    ("block_packbits_predictor_4bit.tif", ErrorKind::Malformed),
    // A place that is no number.
    ("grid_tie_nan.tif", ErrorKind::Malformed),
    ("grid_tie_inf.tif", ErrorKind::Malformed),
    ("grid_scale_nan.tif", ErrorKind::Malformed),
    ("grid_matrix_nan.tif", ErrorKind::Malformed),
    // Damaged, and GDAL reads what is left.
    ("damaged_strips_missing.tif", ErrorKind::Malformed),
    ("damaged_loop.tif", ErrorKind::Malformed),
    ("damaged_count_huge.tif", ErrorKind::Malformed),
];

/// What differs from GDAL: the file, what of it, and why.
#[rustfmt::skip]
const DIFFERENT: &[(&str, &[&str], &str)] = &[
    ("cmyk.tif", &["pixels", "mask"], "GDAL converts to RGBA; pixels are stored values here"),
    ("cielab.tif", &["size", "names", "scales", "offsets", "units", "pixels", "mask"], "GDAL converts to RGBA; pixels are stored values here"),
    ("ycbcr_plain.tif", &["pixels"], "GDAL converts to RGB; pixels are stored values here"),
    ("crs_4326_5773.tif", &["units"], "GDAL takes the unit of the heights' CRS"),
    ("crs_25832_7837.tif", &["units"], "GDAL takes the unit of the heights' CRS"),
    ("crs_7415.tif", &["units"], "GDAL takes the unit of the heights' CRS"),
    ("keys_compound.tif", &["units"], "GDAL takes the unit of the heights' CRS"),
    ("keys_compound_geographic.tif", &["units"], "GDAL takes the unit of the heights' CRS"),
    ("keys_compound_1_1.tif", &["units"], "GDAL takes the unit of the heights' CRS"),
    ("keys_compound_geographic_1_1.tif", &["units"], "GDAL takes the unit of the heights' CRS"),
    ("keys_compound_vertical_user_1_1.tif", &["units"], "GDAL takes the unit of the heights' CRS"),
    ("keys_compound_vertical_user.tif", &["units"], "GDAL takes the unit of the heights' CRS"),
    ("nodata_nan_minus.tif", &["nodata", "valid mask"], "GDAL reads -nan as 0"),
    ("nodata_words.tif", &["nodata", "valid mask"], "GDAL reads words as 0"),
    ("nodata_nano.tif", &["nodata", "valid mask"], "GDAL reads words as 0"),
    ("nodata_plus_plus.tif", &["nodata", "valid mask"], "GDAL reads words as 0"),
    ("nodata_i64_exponent.tif", &["nodata", "valid mask"], "GDAL ends an int64 at its exponent"),
    ("sparse_f32_nodata_na.tif", &["nodata", "valid mask"], "GDAL reads words as 0"),
    ("sparse_i64_nodata_1e30.tif", &["pixels", "nodata", "valid mask"], "GDAL ends an int64 at its exponent; the nearest one is its largest"),
    ("sparse_i64_nodata_9223372036854775808.tif", &["nodata", "valid mask"], "no i64 has the value; GDAL takes the nearest"),
    ("sparse_u64_nodata_-1.tif", &["pixels", "nodata", "valid mask"], "no u64 is -1, and 0 is the nearest; GDAL takes the largest"),
    ("sparse_u8_nodata_0.4.tif", &["valid mask"], "no u8 is 0.4; GDAL's mask takes it for 0"),
    ("nodata_u8_half.tif", &["valid mask"], "no u8 is 0.5; GDAL's mask takes it for 0"),
    ("nodata_comma.tif", &["valid mask"], "no u8 is 1.5; GDAL's mask takes it for 1"),
    ("nodata_i64_beyond.tif", &["nodata", "valid mask"], "no i64 has the value; GDAL takes the nearest"),
    ("nodata_u64_minus_1.tif", &["nodata", "valid mask"], "no u64 is -1; GDAL takes the largest"),
    ("nodata_lowest_short.tif", &["nodata"], "what GDAL's mask finds by a tolerance is the value here"),
    ("crs_4978.tif", &["crs"], "GDAL writes it by parameters, and finds the code by comparing them"),
    ("crs_esri_102001.tif", &["crs"], "GDAL writes it by parameters, and finds Esri's code by comparing them"),
    ("crs_esri_pe_3857.tif", &["crs"], "the file has Esri's text, whose code GDAL finds"),
    ("crs_esri_pe_102001.tif", &["crs"], "the file has Esri's text, whose code GDAL finds"),
    ("crs_esri_54009.tif", &["crs"], "GDAL writes it by parameters, and finds Esri's code by comparing them"),
    ("keys_vertical_alone.tif", &["crs"], "heights alone place nothing"),
    ("keys_model_user.tif", &["crs"], "GDAL makes a local CRS of nothing"),
    ("keys_model_zero.tif", &["crs"], "GDAL makes a local CRS of nothing"),
    ("keys_raster_type_alone.tif", &["crs"], "GDAL makes a local CRS of nothing"),
    ("keys_point_alone.tif", &["crs"], "GDAL makes a local CRS of nothing"),
    ("keys_utm_only_projection.tif", &["crs"], "the zone has a code"),
    ("keys_utm_3072_user.tif", &["crs"], "the zone has a code"),
    ("keys_no_model_type_geographic.tif", &["crs"], "the key says it without the model type"),
    ("keys_geocentric.tif", &["crs"], "the code is there; GDAL wants parameters"),
    ("keys_unknown_code.tif", &["crs"], "EPSG may have the code by now"),
    ("keys_deprecated_code.tif", &["crs"], "GDAL replaces codes that EPSG withdrew"),
    ("keys_compound.tif", &["crs"], "GDAL leaves heights out below version 1.1"),
    ("keys_compound_geographic.tif", &["crs"], "GDAL leaves heights out below version 1.1"),
    ("keys_compound_vertical_user_1_1.tif", &["crs"], "heights without a code are left out"),
    ("keys_doubled.tif", &["crs"], "of two keys the first one counts"),
    ("keys_count_too_large.tif", &["crs"], "keys that are there count"),
    ("keys_text_out_of_range.tif", &["crs"], "keys that are there count"),
    ("grid_scale_zero.tif", &["crs"], "GDAL drops the CRS with the place"),
    ("grid_scale_one_zero.tif", &["crs"], "GDAL drops the CRS with the place"),
    ("grid_scale_one_value.tif", &["crs"], "GDAL drops the CRS with the place"),
    ("grid_tie_only.tif", &["crs"], "GDAL keeps the CRS with its control points"),
    ("grid_ties_two.tif", &["crs"], "GDAL keeps the CRS with its control points"),
    ("grid_ties_four.tif", &["crs"], "GDAL keeps the CRS with its control points"),
    ("grid_point_ties_four.tif", &["crs"], "GDAL keeps the CRS with its control points"),
    ("grid_gcps.tif", &["crs"], "GDAL keeps the CRS with its control points"),
    ("grid_tie_nan.tif", &["transform"], "no transform has numbers that are not finite"),
    ("grid_tie_inf.tif", &["transform"], "no transform has numbers that are not finite"),
    ("grid_scale_nan.tif", &["transform"], "no transform has numbers that are not finite"),
    ("grid_matrix_nan.tif", &["transform"], "no transform has numbers that are not finite"),
    ("grid_identity.tif", &["transform"], "the file has one; GDAL shows none in its place"),
    ("meta_xml_entities.tif", &["names"], "GDAL ends a name at an `&` that is no entity"),
];

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/corpus")
}

fn manifest() -> Vec<Value> {
    let text = std::fs::read_to_string(folder().join("manifest.json")).unwrap();
    let manifest: Value = serde_json::from_str(&text).unwrap();
    manifest["files"].as_array().unwrap().clone()
}

fn open(entry: &Value) -> Result<GeoTiff, ndraster_geotiff::Error> {
    GeoTiff::open(folder().join("files").join(entry["file"].as_str().unwrap()))
}

/// What of a file differs from the manifest.
#[derive(Default)]
struct Differences(Vec<(&'static str, String)>);

impl Differences {
    fn compare<T: PartialEq + std::fmt::Debug>(&mut self, what: &'static str, ours: T, gdal: T) {
        if ours != gdal {
            self.0.push((what, format!("{ours:?}, in GDAL {gdal:?}")));
        }
    }
}

fn crc_of<T: Pixel>(pixels: impl IntoIterator<Item = T>) -> u64 {
    let mut hasher = crc32fast::Hasher::new();
    pixels.into_iter().for_each(|pixel| hasher.update(bytemuck::bytes_of(&pixel)));
    hasher.finalize().into()
}

/// The checksum of each band, as the manifest has it: rows first, little-endian.
fn crcs(raster: &Raster) -> Vec<u64> {
    let crc = |view: AnyArrayView<'_>| dispatch!(view, pixels => crc_of(pixels.iter().copied()));
    raster.as_ref().bands().map(|band| crc(band.unwrap().as_any_view().unwrap())).collect()
}

fn numbers<T: serde::de::DeserializeOwned>(value: &Value) -> Vec<T> {
    serde_json::from_value(value.clone()).unwrap()
}

/// Numbers, of which some are "nan" or "inf".
fn floats(value: &Value) -> Option<Vec<f64>> {
    let number = |value: &Value| value.as_f64().unwrap_or_else(|| value.as_str().unwrap().parse().unwrap());
    Some(value.as_array()?.iter().map(number).collect())
}

/// The CRS that GDAL finds: a code, the codes of the parts of a compound one, or a text.
fn crs_of(entry: &Value) -> Option<String> {
    if let Some([horizontal, vertical]) = entry["crs_parts"].as_array().map(Vec::as_slice) {
        let vertical = vertical.as_str().map(|code| code.trim_start_matches("EPSG:"));
        return Some(format!("{}+{}", horizontal.as_str().unwrap(), vertical.unwrap_or("none")));
    }
    entry["crs"].as_str().or_else(|| entry["crs_wkt"].as_str().map(|_| "without a code")).map(str::to_owned)
}

fn crs_text(crs: &Crs) -> Option<String> {
    match crs {
        Crs::Text(text) if text.contains('[') => Some("without a code".to_owned()),
        Crs::Text(text) => Some(text.clone()),
        Crs::WithoutCode(_) => Some("without a code".to_owned()),
        _ => None,
    }
}

/// The pixel that equals GDAL's nodata, if there is one.
fn nodata_of<T: Pixel>(entry: &Value) -> Option<String> {
    let text = entry["nodata"][0].as_str()?;
    let is_float = matches!(T::PIXEL_TYPE.name(), "float32" | "float64");
    let number: f64 = text.parse().unwrap();
    let exact = text.parse::<i128>().ok().or((number.fract() == 0.0).then_some(number as i128));
    let (least, most) = match T::PIXEL_TYPE.name() {
        "uint8" => (0, u8::MAX.into()),
        "int8" => (i8::MIN.into(), i8::MAX.into()),
        "uint16" => (0, u16::MAX.into()),
        "int16" => (i16::MIN.into(), i16::MAX.into()),
        "uint32" => (0, u32::MAX.into()),
        "int32" => (i32::MIN.into(), i32::MAX.into()),
        "uint64" => (0, u64::MAX.into()),
        "int64" => (i64::MIN.into(), i64::MAX.into()),
        _ => (i128::MIN, i128::MAX),
    };
    match exact {
        _ if T::PIXEL_TYPE.name() == "float32" => Some(format!("{:?}", number as f32)),
        _ if is_float => Some(format!("{number:?}")),
        Some(exact) if (least..=most).contains(&exact) => Some(exact.to_string()),
        _ => None,
    }
}

fn compare(entry: &Value, file: &GeoTiff, found: &mut Differences) -> ndraster_geotiff::Result<()> {
    let info = file.info();
    let gdal_size = [&entry["height"], &entry["width"], &entry["count"]].map(|n| n.as_u64().unwrap() as usize);
    found.compare("size", [info.height, info.width, info.band_names.len()], gdal_size);
    found.compare("type", info.pixel_type.name(), entry["dtype"].as_str().unwrap());
    found.compare("names", info.band_names.clone(), numbers(&entry["descriptions"]));
    found.compare("scales", info.scales.clone(), numbers(&entry["scales"]));
    found.compare("offsets", info.offsets.clone(), numbers(&entry["offsets"]));
    found.compare("units", info.units.clone(), numbers(&entry["units"]));
    found.compare("crs", crs_text(&info.crs), crs_of(entry));
    found.compare(
        "overviews",
        info.overviews.clone(),
        numbers::<[usize; 2]>(&entry["overviews"]).iter().map(|[w, h]| [*h, *w]).collect(),
    );
    found.compare("block", info.block, numbers::<[usize; 2]>(&entry["block_shapes"])[0]);
    let transform = info.transform.map(|transform| transform.to_gdal().to_vec());
    let gdal = floats(&entry["transform"]);
    let is_close = match (&transform, &gdal) {
        (Some(ours), Some(gdal)) => {
            ours.iter().zip(gdal).all(|(ours, gdal)| (ours - gdal).abs() <= 1e-12 * gdal.abs().max(1.0))
        }
        (ours, gdal) => ours.is_none() && gdal.is_none(),
    };
    if !is_close {
        found.compare("transform", transform, gdal);
    }

    let raster = file.clone().without_crs().read()?;
    let band = raster.band(0).unwrap();
    if entry["lossy"] == true {
        let ours =
            dispatch!(band.as_any_view()?, pixels => pixels.iter().map(|pixel| pixel.to_f64()).collect::<Vec<_>>());
        let gdal: Vec<f64> = numbers::<Vec<f64>>(&entry["pixels"]).concat();
        let off = ours.iter().zip(&gdal).map(|(ours, gdal)| (ours - gdal).abs()).fold(0.0, f64::max);
        if off > 3.0 || ours.len() != gdal.len() {
            found.0.push(("pixels", format!("off by {off}")));
        }
    } else {
        found.compare("pixels", crcs(&raster), numbers(&entry["crc"]));
    }
    dispatch!(band.as_any_view()?, pixels => {
        let nodata = nodata_text(&band, &pixels);
        found.compare("nodata", nodata, nodata_like(&pixels, entry));
    });
    for window in entry["windows"].as_array().into_iter().flatten() {
        let [[top, bottom], [left, right]] =
            [&window["rows"], &window["cols"]].map(|range| numbers::<usize>(range).try_into().unwrap());
        let part = file.window(top..bottom, left..right)?.without_crs().read()?;
        found.compare("window", crcs(&part), numbers(&window["crc"]));
    }
    for (level, crc) in numbers::<u64>(&entry["overview_crc"]).into_iter().enumerate() {
        let smaller = file.overview(level)?.bands([0])?.without_crs().read()?;
        found.compare("overview", crcs(&smaller), vec![crc]);
    }
    let gdal = entry["mask_crc"].as_u64();
    let mask = file.mask()?;
    match info.mask {
        // GDAL's mask is how opaque a pixel is. That of a file is compared above, as a band.
        Mask::Alpha(band) => {
            let alpha = raster.band(band)?.to_array_cast::<f64>()?.mapv(|alpha| alpha != 0.0);
            found.compare("mask", mask.map(|mask| mask.into_dyn()), Some(alpha));
        }
        _ => found.compare("mask", mask.map(|mask| crc_of(mask.iter().map(|valid| u8::from(*valid) * 255))), gdal),
    }
    if entry["mask_flags"][0] == serde_json::json!(["nodata"]) {
        let mask = raster.as_ref().bands().map(|band| {
            let band = band?;
            let mask = band.valid_mask()?;
            let mask = mask.unwrap_or(ndraster::ndarray::ArrayD::from_elem(band.shape(), true));
            Ok(crc_of(mask.iter().map(|valid| u8::from(*valid) * 255)))
        });
        found.compare("valid mask", mask.collect::<ndraster::Result<Vec<_>>>()?, numbers(&entry["band_mask_crc"]));
    }
    if info.mask != Mask::None && gdal.is_some() {
        check_masked(file, found)?;
    }
    Ok(())
}

fn nodata_text<T: Pixel>(band: &ndraster::BandRef<'_>, _: &ndraster::ndarray::ArrayViewD<'_, T>) -> Option<String> {
    Some(format!("{:?}", band.nodata::<T>().unwrap()?))
}

fn nodata_like<T: Pixel>(_: &ndraster::ndarray::ArrayViewD<'_, T>, entry: &Value) -> Option<String> {
    nodata_of::<T>(entry)
}

/// The mask of `read_masked` is the file's, on the pixels of `read`.
fn check_masked(file: &GeoTiff, found: &mut Differences) -> ndraster_geotiff::Result<()> {
    let mask = file.mask()?.unwrap();
    let file = file.clone().without_crs();
    let raster = match file.read_masked() {
        Ok(raster) => raster,
        // 17 is a pixel of some of the files, so those count as masked too.
        Err(error) if error.kind() == ErrorKind::Argument => match file.info().pixel_type.name() {
            "uint8" => file.clone().with_nodata(17u8)?.read_masked()?,
            "int16" => file.clone().with_nodata(17i16)?.read_masked()?,
            _ => file.clone().with_nodata(17u16)?.read_masked()?,
        },
        Err(error) => return Err(error),
    };
    let plain = file.read()?;
    let (ours, plain) = (raster.band(0)?, plain.band(0)?);
    let [ours, plain] = [ours, plain].map(|band| band.to_array_cast::<f64>().unwrap());
    let nodata = raster.as_ref().band(0)?.nodata_bytes().map(|_| ());
    found.compare("masked nodata", nodata, Some(()));
    let valid = raster.band(0)?.valid_mask2()?.unwrap();
    for ((place, is_valid), valid) in mask.indexed_iter().zip(&valid) {
        let (ours, plain) = (ours[[place.0, place.1]], plain[[place.0, place.1]]);
        let is_same = if *is_valid { ours == plain } else { !valid };
        if !is_same {
            found.compare("masked", (place, ours), (place, plain));
            break;
        }
    }
    Ok(())
}

#[test]
fn every_file_is_read_as_gdal_reads_it_or_refused() {
    let (mut failures, mut seen) = (vec![], std::collections::HashSet::new());
    let (mut equal, mut refused) = (0, 0);
    for entry in manifest() {
        let name = entry["file"].as_str().unwrap();
        let mut found = Differences::default();
        let result = open(&entry).and_then(|file| match entry["refused"] == true {
            true => file.read().map(drop),
            false => compare(&entry, &file, &mut found),
        });
        let expected = REFUSED.iter().find(|(file, _)| *file == name).map(|(_, kind)| *kind);
        match (result, entry["refused"] == true, expected) {
            (Err(_), true, _) => refused += 1,
            (Ok(()), true, None) => failures.push(format!("{name}: read, though GDAL refuses it")),
            (Err(error), false, Some(kind)) if error.kind() == kind => refused += 1,
            (Err(error), false, _) => failures.push(format!("{name}: refused: {error:?}")),
            (Ok(()), _, Some(_)) => failures.push(format!("{name}: not refused")),
            (Ok(()), false, None) => equal += 1,
        }
        for (what, text) in found.0 {
            if DIFFERENT.iter().any(|(file, differs, _)| *file == name && differs.contains(&what)) {
                seen.insert((name.to_owned(), what));
            } else {
                failures.push(format!("{name}: {what}: {text}"));
            }
        }
    }
    // A difference that is gone leaves the list.
    for (file, differs, _) in DIFFERENT {
        let gone = differs.iter().filter(|what| !seen.contains(&(file.to_string(), **what)));
        failures.extend(gone.map(|what| format!("{file}: {what} is as in GDAL, though listed as different")));
    }
    assert!(failures.is_empty(), "{} of them:\n{}", failures.len(), failures.join("\n"));
    println!("{equal} equal, {refused} refused");
}
