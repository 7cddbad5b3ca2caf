//! How a band refers to a file: `file:///path#band=N`, with N from 1, as SedonaDB writes it.

use std::path::{Path, PathBuf};

use percent_encoding::{AsciiSet, CONTROLS, percent_decode_str, utf8_percent_encode};

use crate::error::{Result, error};

/// What a path keeps as it is in a URI.
const ESCAPED: &AsciiSet = &CONTROLS.add(b' ').add(b'"').add(b'#').add(b'%').add(b'<').add(b'>').add(b'?').add(b'`');

/// Returns the URI of a file, without a band.
pub(crate) fn to_uri(path: &Path) -> Result<String> {
    let text = path.to_str().ok_or_else(|| error!(Argument, "the path {path:?} is no UTF-8, so no URI has it"))?;
    let text = text.replace('\\', "/");
    let root = if text.starts_with('/') { "file://" } else { "file:///" };
    Ok(format!("{root}{}", utf8_percent_encode(&text, ESCAPED)))
}

/// Returns the path of a URI, and the number of its band, from 0.
pub(crate) fn from_uri(uri: &str) -> Result<(PathBuf, usize)> {
    let (place, band) = match uri.rsplit_once("#band=") {
        Some((place, band)) => {
            let band = band.parse::<usize>().ok().and_then(|band| band.checked_sub(1));
            (place, band.ok_or_else(|| error!(Argument, "`{uri}`: bands of a URI are numbered from 1"))?)
        }
        None => (uri, 0),
    };
    Ok((to_path(place)?, band))
}

/// Returns the path that a `file://` URI stands for, or the path itself.
pub(crate) fn to_path(place: &str) -> Result<PathBuf> {
    let is_file = place.get(..5).is_some_and(|scheme| scheme.eq_ignore_ascii_case("file:"));
    if !is_file && place.contains("://") {
        return Err(error!(
            Unsupported,
            "`{place}` is no file: read other storage by `GeoTiff::from_source`, or its bytes by `GeoTiff::from_bytes`"
        ));
    }
    if !is_file {
        return Ok(PathBuf::from(place));
    }
    let path = place.get(5..).unwrap_or_default();
    let path = match path.strip_prefix("//") {
        // The host comes first, and is this machine.
        Some(rest) => match rest.split_once('/') {
            Some((host, _)) if host.is_empty() || host.eq_ignore_ascii_case("localhost") => {
                rest.get(host.len()..).unwrap_or_default()
            }
            _ => return Err(error!(Unsupported, "`{place}` is on another machine: `file:///` has three slashes")),
        },
        None => path,
    };
    let path = percent_decode_str(path).decode_utf8().map_err(|_| error!(Argument, "`{place}` is no UTF-8"))?;
    let path = if cfg!(windows) { path.trim_start_matches('/') } else { &path };
    Ok(PathBuf::from(path))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[cfg(unix)]
    fn uris_are_paths_and_bands() {
        for (uri, path, band) in [
            ("file:///data/dem.tif#band=3", "/data/dem.tif", 2),
            ("file:/data/dem.tif", "/data/dem.tif", 0),
            ("FILE://LocalHost/data/dem.tif", "/data/dem.tif", 0),
            ("/data/dem.tif#band=1", "/data/dem.tif", 0),
            ("dem.tif", "dem.tif", 0),
            ("file:///a%20b/c%23d.tif#x#band=2", "/a b/c#d.tif#x", 1),
        ] {
            assert_eq!(from_uri(uri).unwrap(), (PathBuf::from(path), band), "{uri}");
        }
        for uri in [
            "s3://bucket/dem.tif",
            "/dem.tif#band=0",
            "/dem.tif#band=-1",
            "/dem.tif#band=",
            "file:///%ff",
            "file://server/dem.tif",
            "file://localhosted/dem.tif",
        ] {
            assert!(from_uri(uri).is_err(), "{uri}");
        }
        for path in ["/data/dem.tif", "/a b/#1?/100%/ü.tif"] {
            let uri = format!("{}#band=7", to_uri(Path::new(path)).unwrap());
            assert_eq!(from_uri(&uri).unwrap(), (PathBuf::from(path), 6), "{uri}");
        }
    }
}
