//! Cases that anybody may make up, and what must hold for each. Property tests draw them from strategies, the
//! fuzz targets read them from bytes; the expectations come from loops over indices, or from ndarray's own slicing.

pub(crate) mod memory;
pub(crate) mod reads;
pub(crate) mod round_trip;
pub(crate) mod slices;
pub(crate) mod views;

/// Calls a function that is generic over the pixel type, for one that is known at run time only.
macro_rules! for_pixel_type {
    ($pixel_type:expr, $function:ident($($argument:expr),*)) => {
        match $pixel_type {
            ndraster::PixelType::UInt8 => $function::<u8>($($argument),*),
            ndraster::PixelType::UInt16 => $function::<u16>($($argument),*),
            ndraster::PixelType::Int16 => $function::<i16>($($argument),*),
            ndraster::PixelType::UInt32 => $function::<u32>($($argument),*),
            ndraster::PixelType::Int32 => $function::<i32>($($argument),*),
            ndraster::PixelType::Float32 => $function::<f32>($($argument),*),
            ndraster::PixelType::Float64 => $function::<f64>($($argument),*),
            ndraster::PixelType::UInt64 => $function::<u64>($($argument),*),
            ndraster::PixelType::Int64 => $function::<i64>($($argument),*),
            ndraster::PixelType::Int8 => $function::<i8>($($argument),*),
        }
    };
}
pub(crate) use for_pixel_type;
