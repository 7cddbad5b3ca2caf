//! Reads the text that GDAL keeps nodata in.

use ndraster::{Pixel, PixelType};

use crate::pixel_type::with_pixel_type;

/// Evaluates an expression with the integer type of a pixel type, or gives `None` for floats.
macro_rules! with_integer_type {
    ($pixel_type:expr, $T:ident => $body:expr) => {
        match $pixel_type {
            PixelType::UInt8 => with_integer_type!(@ $T u8 $body),
            PixelType::Int8 => with_integer_type!(@ $T i8 $body),
            PixelType::UInt16 => with_integer_type!(@ $T u16 $body),
            PixelType::Int16 => with_integer_type!(@ $T i16 $body),
            PixelType::UInt32 => with_integer_type!(@ $T u32 $body),
            PixelType::Int32 => with_integer_type!(@ $T i32 $body),
            PixelType::UInt64 => with_integer_type!(@ $T u64 $body),
            PixelType::Int64 => with_integer_type!(@ $T i64 $body),
            PixelType::Float32 | PixelType::Float64 => None,
        }
    };
    (@ $T:ident $rust:ident $body:expr) => {{
        type $T = $rust;
        Some($body)
    }};
}

/// Returns the pixel that the text stands for, or `None` where no pixel of this type can have the value.
///
/// The text is a number first, in any spelling (`255.000000`, `-9999.00`, `1e+20`, `nan`), and then exactly a pixel:
/// 0.5 is no `u8`, and -1 neither. Of floats the nearest one counts, since writers round. What follows the number is
/// not read, and a comma is a point, as in GDAL.
pub(crate) fn nodata<T: Pixel>(text: &str) -> Option<T> {
    let text = number(text)?;
    let number = text.as_str();
    if matches!(T::PIXEL_TYPE, PixelType::Float32 | PixelType::Float64) {
        return float(number);
    }
    if let Ok(integer) = number.parse::<i128>() {
        return exact(integer);
    }
    let number = number.parse::<f64>().ok()?;
    // Beyond 2^53 a number with a point or an exponent does not say which integer it means.
    (number.fract() == 0.0 && number.abs() <= (1_u64 << 53) as f64).then_some(number as i128).and_then(exact)
}

/// Returns the pixel in the place of those that a writer left out: nodata, and if no pixel equals it, the nearest one,
/// as in GDAL.
pub(crate) fn fill<T: Pixel>(text: &str) -> T {
    let nearest = || {
        let number = number(text)?.parse::<f64>().ok()?.round();
        // Every number is a float.
        pixel(&with_integer_type!(T::PIXEL_TYPE, U => bytes_of(&(number as U)))?)
    };
    nodata(text).or_else(nearest).unwrap_or_default()
}

/// Returns the first word, or the number that it starts with.
pub(crate) fn number(text: &str) -> Option<String> {
    let word = text.trim_matches('\0').split_whitespace().next()?;
    let word = if word.contains('.') { word.to_owned() } else { word.replacen(',', ".", 1) };
    let is_digit = |c: &char| c.is_ascii_digit();
    let starts_a_number = word.trim_start_matches(['+', '-', '.']).chars().next().as_ref().is_some_and(is_digit);
    if word.parse::<f64>().is_ok() || !starts_a_number || word.contains('#') {
        return Some(word);
    }
    // No number has more characters than this.
    let ends = word.char_indices().map(|(at, _)| at).take(400).collect::<Vec<_>>();
    ends.into_iter()
        .rev()
        .filter_map(|end| word.get(..end))
        .find(|start| start.parse::<f64>().is_ok())
        .map(str::to_owned)
}

fn exact<T: Pixel>(integer: i128) -> Option<T> {
    let bytes = with_integer_type!(T::PIXEL_TYPE, U => U::try_from(integer).ok().map(|value| bytes_of(&value)));
    pixel(&bytes??)
}

fn float<T: Pixel>(text: &str) -> Option<T> {
    let number = match text.to_ascii_lowercase().as_str() {
        "-nan" | "1.#qnan" | "-1.#qnan" | "-1.#ind" | "1.#ind" => f64::NAN,
        "1.#inf" => f64::INFINITY,
        "-1.#inf" => f64::NEG_INFINITY,
        other => other.parse().ok()?,
    };
    if T::PIXEL_TYPE == PixelType::Float64 {
        return pixel(&bytes_of(&number));
    }
    // Writers that keep six digits write "-3.40282e+38" for the lowest float32, which is what pixels hold.
    let is_limit = (number.abs() / f64::from(f32::MAX) - 1.0).abs() < 1e-5;
    let single = if is_limit { f32::MAX.copysign(number as f32) } else { number as f32 };
    pixel(&bytes_of(&single))
}

fn bytes_of<T: bytemuck::Pod>(value: &T) -> Vec<u8> {
    bytemuck::bytes_of(value).to_vec()
}

fn pixel<T: Pixel>(bytes: &[u8]) -> Option<T> {
    bytemuck::try_pod_read_unaligned(bytes).ok()
}

/// Can a pixel of this type have the value that the text stands for?
pub(crate) fn is_pixel(text: &str, pixel_type: PixelType) -> bool {
    with_pixel_type!(pixel_type, T => nodata::<T>(text).is_some())
}

/// Writes a nodata value as text that reads as exactly this value, as GDAL spells it.
pub(crate) fn to_text<T: Pixel>(nodata: T) -> String {
    let number = format!("{nodata:?}");
    match number.as_str() {
        "NaN" => "nan".to_owned(),
        // Debug has the shortest digits that read as the same number, and `.0` for integers.
        other => other.strip_suffix(".0").unwrap_or(other).to_owned(),
    }
}
