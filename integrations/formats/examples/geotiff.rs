//! The elevation model as a GeoTIFF and back.
//!
//! `cargo run --example geotiff`: pixels, transform, CRS and nodata into a file that GDAL reads, and out of one into a
//! raster. With the `tiff` crate and no GDAL: for files whose grid is given by an EPSG code and a transform, which are most.

use std::fs::File;
use std::io::{BufReader, BufWriter};
use std::path::Path;
use std::str::FromStr;

use ndarray::{Array3, Axis};
use ndraster::{Band, GeoTransform, MemoryLayout, Pixel, PixelType, Raster, RasterRef};
use ndraster_formats::{Result, elevation, folder};
use tiff::decoder::{Decoder, DecodingResult};
use tiff::encoder::colortype::{self, ColorType};
use tiff::encoder::{Compression, DeflateLevel, TiffEncoder, TiffValue};
use tiff::tags::Tag;

/// Where GDAL keeps the value that stands for "nothing here", as text.
const GDAL_NODATA: Tag = Tag::Unknown(42113);

/// The geo keys that say which CRS it is, and whether pixels are areas or points.
const RASTER_TYPE: u16 = 1025;
const GEOGRAPHIC_CRS: u16 = 2048;
const PROJECTED_CRS: u16 = 3072;
const MODEL_TYPE: u16 = 1024;

fn main() -> Result<()> {
    run(&folder("geotiff")?)
}

/// Everything, with its file in a folder.
pub(crate) fn run(folder: &Path) -> Result<()> {
    let model = elevation()?;
    let path = folder.join("dem.tif");
    write(&path, &model.as_ref())?;
    let back = read(&path)?;
    if back.as_array_view2::<i16>()? != model.as_array_view2::<i16>()? {
        return Err("the pixels are not what was written".into());
    }
    if (back.crs()?, back.nodata::<i16>()?) != (model.crs()?, model.nodata::<i16>()?) {
        return Err("the CRS or nodata are not what was written".into());
    }
    let off =
        back.transform()?.to_gdal().iter().zip(model.transform()?.to_gdal()).map(|(a, b)| (a - b).abs()).sum::<f64>();
    if off > 1e-12 {
        return Err("it is somewhere else on the ground".into());
    }
    println!("{back}\nin {}", path.display());
    Ok(())
}

/// Writes a raster of one band, north up or not, whose CRS is an EPSG code.
pub(crate) fn write(path: &Path, raster: &RasterRef<'_>) -> Result<()> {
    match raster.only_band()?.pixel_type() {
        PixelType::UInt8 => write_as::<u8, colortype::Gray8>(path, raster),
        PixelType::UInt16 => write_as::<u16, colortype::Gray16>(path, raster),
        PixelType::Int16 => write_as::<i16, colortype::GrayI16>(path, raster),
        PixelType::UInt32 => write_as::<u32, colortype::Gray32>(path, raster),
        PixelType::Int32 => write_as::<i32, colortype::GrayI32>(path, raster),
        PixelType::Float32 => write_as::<f32, colortype::Gray32Float>(path, raster),
        PixelType::Float64 => write_as::<f64, colortype::Gray64Float>(path, raster),
        PixelType::UInt64 => write_as::<u64, colortype::Gray64>(path, raster),
        PixelType::Int64 => write_as::<i64, colortype::GrayI64>(path, raster),
        PixelType::Int8 => write_as::<i8, colortype::GrayI8>(path, raster),
    }
}

fn write_as<T: Pixel + std::fmt::Display, C: ColorType<Inner = T>>(path: &Path, raster: &RasterRef<'_>) -> Result<()>
where
    [T]: TiffValue,
{
    let pixels = raster.to_cow_array::<T>()?;
    let pixels = pixels.as_standard_layout();
    let &[height, width] = pixels.shape() else { return Err("a GeoTIFF has rows and columns".into()) };
    let mut file = TiffEncoder::new(BufWriter::new(File::create(path)?))?
        .with_compression(Compression::Deflate(DeflateLevel::Balanced));
    let mut image = file.new_image::<C>(width.try_into()?, height.try_into()?)?;

    let [origin_x, scale_x, skew_x, origin_y, skew_y, scale_y] = raster.transform()?.to_gdal();
    #[rustfmt::skip]
    let matrix = [
        scale_x, skew_x,  0.0, origin_x,
        skew_y,  scale_y, 0.0, origin_y,
        0.0,     0.0,     0.0, 0.0,
        0.0,     0.0,     0.0, 1.0,
    ];
    let directory = image.encoder();
    if (skew_x, skew_y) == (0.0, 0.0) && scale_y < 0.0 {
        directory.write_tag(Tag::ModelPixelScaleTag, [scale_x, -scale_y, 0.0].as_slice())?;
        directory.write_tag(Tag::ModelTiepointTag, [0.0, 0.0, 0.0, origin_x, origin_y, 0.0].as_slice())?;
    } else {
        directory.write_tag(Tag::ModelTransformationTag, matrix.as_slice())?;
    }
    if let Some(crs) = raster.crs()? {
        let code = crs.strip_prefix("EPSG:").and_then(|code| code.parse().ok()).ok_or("the CRS is no EPSG code")?;
        directory.write_tag(Tag::GeoKeyDirectoryTag, geo_keys(code)?.as_slice())?;
    }
    if let Some(nodata) = raster.only_band()?.nodata::<T>()? {
        directory.write_tag(GDAL_NODATA, nodata.to_string().as_str())?;
    }
    image.write_data(pixels.as_slice().ok_or("the pixels are not in C order")?)?;
    Ok(())
}

/// Header, then four numbers a key.
fn geo_keys(epsg: u16) -> Result<[u16; 16]> {
    let (model, key) = match epsg {
        4000..5000 => (2, GEOGRAPHIC_CRS),
        2000..4000 | 20000..32767 => (1, PROJECTED_CRS),
        _ => return Err(format!("whether EPSG:{epsg} has degrees or metres only the EPSG's registry knows").into()),
    };
    #[rustfmt::skip]
    let keys = [
        1, 1, 0, 3,
        MODEL_TYPE, 0, 1, model,
        RASTER_TYPE, 0, 1, 1, // a pixel is an area
        key, 0, 1, epsg,
    ];
    Ok(keys)
}

/// Reads every band of a file's first image.
pub(crate) fn read(path: &Path) -> Result<Raster> {
    let mut file = Decoder::new(BufReader::new(File::open(path)?))?;
    let mut pixels = DecodingResult::U8(vec![]);
    file.read_image_to_buffer(&mut pixels)?;
    match pixels {
        DecodingResult::U8(pixels) => raster(&mut file, pixels),
        DecodingResult::U16(pixels) => raster(&mut file, pixels),
        DecodingResult::U32(pixels) => raster(&mut file, pixels),
        DecodingResult::U64(pixels) => raster(&mut file, pixels),
        DecodingResult::I8(pixels) => raster(&mut file, pixels),
        DecodingResult::I16(pixels) => raster(&mut file, pixels),
        DecodingResult::I32(pixels) => raster(&mut file, pixels),
        DecodingResult::I64(pixels) => raster(&mut file, pixels),
        DecodingResult::F32(pixels) => raster(&mut file, pixels),
        DecodingResult::F64(pixels) => raster(&mut file, pixels),
        DecodingResult::F16(_) => Err("rasters have no pixels of float16".into()),
    }
}

/// The decoded memory becomes the raster's, whether bands lie pixel by pixel in it or one after the other.
fn raster<T: Pixel + FromStr>(file: &mut Decoder<BufReader<File>>, pixels: Vec<T>) -> Result<Raster> {
    let (width, height) = file.dimensions()?;
    let (width, height) = (width as usize, height as usize);
    let count = pixels.len().checked_div(width * height).ok_or("the image has no pixels")?;
    let is_planar = file.find_tag_unsigned::<u16>(Tag::PlanarConfiguration)? == Some(2);
    let bands = if is_planar {
        Band::split(Array3::from_shape_vec((count, height, width), pixels)?, Axis(0))?
    } else {
        Band::split_with(Array3::from_shape_vec((height, width, count), pixels)?, Axis(2), MemoryLayout::Standard)?
    };
    let nodata = match file.find_tag(GDAL_NODATA)? {
        // A value that no pixel can have marks none, as in GDAL.
        Some(text) => text.into_string()?.trim_matches(['\0', ' ']).trim_end_matches(".0").parse::<T>().ok(),
        None => None,
    };
    let bands = bands.into_iter().map(|band| nodata.map_or(Ok(band.clone()), |nodata| band.with_nodata(nodata)));
    let mut raster = Raster::from_bands(bands.collect::<ndraster::Result<Vec<_>>>()?)?;

    let keys = file.find_tag_unsigned_vec::<u16>(Tag::GeoKeyDirectoryTag)?.unwrap_or_default();
    let key = |wanted: u16| keys.chunks_exact(4).skip(1).find(|key| key[0] == wanted && key[1] == 0).map(|key| key[3]);
    if let Some(epsg) = key(PROJECTED_CRS).or(key(GEOGRAPHIC_CRS)).filter(|code| (1024..32767).contains(code)) {
        raster = raster.with_crs(format!("EPSG:{epsg}"));
    }
    if let Some(transform) = transform(file)? {
        // A point of a grid is the centre of a pixel.
        let half = if key(RASTER_TYPE) == Some(2) { -0.5 } else { 0.0 };
        let (x, y) = transform.apply(half, half);
        let [_, scale_x, skew_x, _, skew_y, scale_y] = transform.to_gdal();
        raster = raster.with_transform(GeoTransform::from_gdal([x, scale_x, skew_x, y, skew_y, scale_y])?);
    }
    Ok(raster)
}

/// By a matrix, or by a point and the size of a pixel.
fn transform(file: &mut Decoder<BufReader<File>>) -> Result<Option<GeoTransform>> {
    let mut numbers = |tag| file.find_tag(tag)?.map(|value| value.into_f64_vec()).transpose();
    if let Some(&[a, b, _, c, d, e, _, f, ..]) = numbers(Tag::ModelTransformationTag)?.as_deref() {
        return Ok(Some(GeoTransform::from_gdal([c, a, b, f, d, e])?));
    }
    let (scale, tie) = (numbers(Tag::ModelPixelScaleTag)?, numbers(Tag::ModelTiepointTag)?);
    let (Some(&[scale_x, scale_y, ..]), Some(&[col, row, _, x, y, ..])) = (scale.as_deref(), tie.as_deref()) else {
        return Ok(None);
    };
    Ok(Some(GeoTransform::from_gdal([x - col * scale_x, scale_x, 0.0, y + row * scale_y, 0.0, -scale_y])?))
}
