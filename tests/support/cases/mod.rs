//! Cases, and what must hold for each.
//!
//! Property tests draw the cases from strategies, the fuzz targets read them from bytes. The expectations come from loops
//! over indices, or from ndarray's own slicing.

pub mod memory;
pub mod reads;
pub mod round_trip;
pub mod slices;
pub mod views;

/// Evaluates an expression in which `$T` is the type of pixels that a [`PixelType`](ndraster::PixelType) names.
#[macro_export]
macro_rules! for_pixel_type {
    ($pixel_type:expr, $T:ident => $body:expr) => {
        $crate::for_pixel_type!(@match $pixel_type, $T => $body,
            UInt8 u8, UInt16 u16, Int16 i16, UInt32 u32, Int32 i32, Float32 f32, Float64 f64, UInt64 u64, Int64 i64, Int8 i8)
    };
    (@match $pixel_type:expr, $T:ident => $body:expr, $($variant:ident $rust:ty),*) => {
        match $pixel_type {
            $($crate::PixelType::$variant => {
                type $T = $rust;
                $body
            })*
        }
    };
}

/// The names of so many axes: the last two are y and x.
pub fn dim_names(ndim: usize) -> Vec<String> {
    let name = |axis: usize| match ndim - axis {
        1 => "x".to_owned(),
        2 => "y".to_owned(),
        _ => format!("d{axis}"),
    };
    (0..ndim).map(name).collect()
}
