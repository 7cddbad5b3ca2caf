//! Translates between a raster's CRS text and the keys of a GeoTIFF.
//!
//! A GeoTIFF has codes of EPSG, or a list of parameters. A raster has a text. Between them go codes alone: from
//! parameters no text follows that other programs are sure to take for the same CRS, so a CRS without a code is an
//! error that says what to do.

use geotiff_core::geokeys::{self, GeoKeyDirectory, GeoKeyValue};
use geotiff_core::tags::{TAG_GEO_ASCII_PARAMS, TAG_GEO_DOUBLE_PARAMS, TAG_GEO_KEY_DIRECTORY};
use geotiff_core::{ModelType, RasterType};
use tiff_reader::Ifd;

use crate::error::{Result, error};
use crate::read::tags;

/// The CRS of a file.
///
/// # Examples
///
/// ```
/// use ndraster_geotiff::{Crs, GeoTiff, WriteOptions, write_geotiff_to};
/// use ndraster::{Raster, ndarray::array};
///
/// let raster = Raster::from_ndarray(array![[1u8, 2]])?.with_crs("EPSG:32633");
/// let bytes = write_geotiff_to(&raster, std::io::Cursor::new(vec![]), &WriteOptions::new())?.into_inner();
/// assert_eq!(GeoTiff::from_bytes(bytes)?.info().crs, Crs::Text("EPSG:32633".to_owned()));
/// # Ok::<(), ndraster_geotiff::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Crs {
    /// The file names none.
    Missing,
    /// A code, such as `EPSG:32633` or, with heights, `EPSG:25832+7837`; or the text of a CRS, where the file has one.
    Text(String),
    /// The file describes one by parameters, without a code. The text is the name that it gives, for people.
    WithoutCode(String),
}

/// The value of a key that says: given by parameters, not by a code.
const USER_DEFINED: u16 = 32767;

/// Reads the keys of an image, if it has any that can be read.
pub(crate) fn geo_keys(ifd: &Ifd) -> Option<GeoKeyDirectory> {
    let directory = tags::shorts(ifd, TAG_GEO_KEY_DIRECTORY)?;
    let doubles = tags::floats(ifd, TAG_GEO_DOUBLE_PARAMS).unwrap_or_default();
    let ascii = ifd.tag(TAG_GEO_ASCII_PARAMS).and_then(|tag| tag.value.as_str()).unwrap_or_default();
    GeoKeyDirectory::parse(&directory, &doubles, ascii)
}

/// Says whether coordinates are those of a pixel's corner or of its centre.
pub(crate) fn raster_type(keys: Option<&GeoKeyDirectory>) -> RasterType {
    let code = keys.and_then(|keys| keys.get_short(geokeys::GT_RASTER_TYPE));
    code.map_or(RasterType::PixelIsArea, RasterType::from_code)
}

/// Reads the CRS: by the model type first, then by the key that this model has.
pub(crate) fn crs(keys: Option<&GeoKeyDirectory>) -> Crs {
    let Some(keys) = keys else { return Crs::Missing };
    let code = |key| keys.get_short(key).filter(|code| !matches!(*code, 0 | USER_DEFINED));
    let model = keys.get_short(geokeys::GT_MODEL_TYPE).map(ModelType::from_code);
    let geographic = code(geokeys::GEODETIC_CRS_TYPE);
    let horizontal = match model {
        Some(ModelType::Projected) => code(geokeys::PROJECTED_CRS_TYPE).or_else(|| utm_zone(keys)),
        Some(ModelType::Geographic | ModelType::Geocentric) => geographic,
        // What describes a projected CRS without its code is not the geographic one below it.
        Some(ModelType::Unknown(_)) | None if is_described_as_projected(keys) => code(geokeys::PROJECTED_CRS_TYPE),
        Some(ModelType::Unknown(_)) | None => geographic,
    };
    let Some(horizontal) = horizontal else { return without_code(keys, model) };
    if !has_units_of_its_code(keys, model, horizontal) {
        return without_code(keys, model);
    }
    match code(geokeys::VERTICAL_CS_TYPE) {
        // The code of the geographic CRS of three dimensions, which stands for both.
        Some(vertical) if Some(horizontal) == geographic && kind(vertical) == Some(CrsKind::Geographic) => {
            Crs::Text(format!("EPSG:{vertical}"))
        }
        Some(5030) if (geographic, horizontal) == (Some(4326), 4326) => Crs::Text("EPSG:4979".to_owned()),
        // Codes of ellipsoids, by which older files say the same. No code stands for both together.
        Some(5001..=5033) => Crs::Text(format!("EPSG:{horizontal}")),
        Some(vertical) if vertical != horizontal => Crs::Text(format!("EPSG:{horizontal}+{vertical}")),
        _ => Crs::Text(format!("EPSG:{horizontal}")),
    }
}

/// Are there keys of a projected CRS, which have numbers from 3072 to 4095?
fn is_described_as_projected(keys: &GeoKeyDirectory) -> bool {
    keys.keys.iter().any(|key| (geokeys::PROJECTED_CRS_TYPE..geokeys::VERTICAL_CS_TYPE).contains(&key.id))
}

/// Is the unit of projected coordinates the one that the code has? Otherwise the code is that of another CRS.
fn has_units_of_its_code(keys: &GeoKeyDirectory, model: Option<ModelType>, code: u16) -> bool {
    let given = keys.get_short(geokeys::PROJ_LINEAR_UNITS).filter(|unit| !matches!(*unit, 0 | USER_DEFINED));
    let (Some(ModelType::Projected), Some(given)) = (model, given) else { return true };
    let Some(wkt) = crs_definitions::from_code(code).map(|definition| definition.wkt) else { return true };
    // The unit of the coordinates is the last one: those before it belong to the geographic CRS and to parameters.
    let unit = ["UNIT[", "LENGTHUNIT["].iter().filter_map(|keyword| wkt.rfind(keyword)).max();
    let codes = unit.and_then(|at| wkt.get(at..)).and_then(|unit| unit.split("EPSG\",").nth(1));
    let unit =
        codes.map(|code| code.trim_start_matches('"').chars().take_while(char::is_ascii_digit).collect::<String>());
    unit.and_then(|unit| unit.parse::<u16>().ok()).is_none_or(|unit| unit == given)
}

/// A zone of UTM by its projection and its geographic CRS, as older writers have it.
fn utm_zone(keys: &GeoKeyDirectory) -> Option<u16> {
    if keys.get_short(geokeys::PROJECTED_CRS_TYPE).is_some_and(|code| code != USER_DEFINED) {
        return None;
    }
    match (keys.get_short(geokeys::PROJECTION)?, keys.get_short(geokeys::GEODETIC_CRS_TYPE)?) {
        (zone @ (16001..=16060 | 16101..=16160), 4326) => Some(zone + 16600),
        (zone @ 16001..=16023, 4269) => Some(zone + 10900),
        (zone @ 16001..=16022, 4267) => Some(zone + 10700),
        _ => None,
    }
}

fn without_code(keys: &GeoKeyDirectory, model: Option<ModelType>) -> Crs {
    let citation = [geokeys::PROJ_CITATION, geokeys::GT_CITATION, geokeys::GEODETIC_CITATION]
        .into_iter()
        .find_map(|key| keys.get_ascii(key))
        .unwrap_or_default();
    // Esri's programs keep the whole text of a CRS there.
    if let Some(wkt) = citation.strip_prefix("ESRI PE String = ") {
        return Crs::Text(wkt.to_owned());
    }
    let describes_one = keys.keys.iter().any(|key| key.id >= geokeys::GEODETIC_CRS_TYPE);
    match model {
        Some(ModelType::Projected | ModelType::Geographic | ModelType::Geocentric) if describes_one => {
            Crs::WithoutCode(citation.to_owned())
        }
        _ if is_described_as_projected(keys) => Crs::WithoutCode(citation.to_owned()),
        _ => Crs::Missing,
    }
}

/// What the coordinates of a code are, for [`WriteOptions::crs_kind`](crate::WriteOptions::crs_kind).
///
/// # Examples
///
/// ```
/// use ndraster_geotiff::{CrsKind, WriteOptions};
///
/// let options = WriteOptions::new().crs_kind(CrsKind::Projected);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum CrsKind {
    /// Metres or feet on a plane.
    Projected,
    /// Degrees of longitude and latitude.
    Geographic,
    /// Metres from the centre of the earth.
    Geocentric,
}

/// Returns the keys that stand for a raster's CRS.
///
/// `given` is what the caller says of the code, for codes that the list lacks.
pub(crate) fn to_geo_keys(crs: &str, given: Option<CrsKind>) -> Result<GeoKeyDirectory> {
    let mut keys = GeoKeyDirectory::new();
    keys.set(geokeys::GT_RASTER_TYPE, GeoKeyValue::Short(RasterType::PixelIsArea.code()));
    let (horizontal, vertical) = match parts(codes(crs)?) {
        // Of three dimensions: by the code of its two, and its own.
        (4979, None) => (4326, Some(4979)),
        (4937, None) => (4258, Some(4937)),
        (code, None) if has_heights(code) => {
            return Err(error!(
                Crs,
                "EPSG:{code} has three dimensions, and a GeoTIFF names it by the code of its two, which is not known here: set that \
                 code by `with_crs`"
            ));
        }
        (code, Some(vertical)) if has_heights(code) || kind(vertical).is_some() => {
            return Err(error!(
                Crs,
                "EPSG:{code}+{vertical} is no horizontal CRS and a vertical one: name each by its code, as in `EPSG:4326+5773`"
            ));
        }
        codes => codes,
    };
    let kind = kind(horizontal).or(given).ok_or_else(|| {
        error!(
            Crs,
            "EPSG:{horizontal} is not in the list of codes here, so a reader would not know its units: say what it is by \
             `WriteOptions::crs_kind(CrsKind::Projected)`, or leave the CRS out by `WriteOptions::without_crs`"
        )
    })?;
    let (model, key) = match kind {
        CrsKind::Projected => (ModelType::Projected, geokeys::PROJECTED_CRS_TYPE),
        CrsKind::Geographic => (ModelType::Geographic, geokeys::GEODETIC_CRS_TYPE),
        CrsKind::Geocentric => (ModelType::Geocentric, geokeys::GEODETIC_CRS_TYPE),
    };
    keys.set(geokeys::GT_MODEL_TYPE, GeoKeyValue::Short(model.code()));
    keys.set(key, GeoKeyValue::Short(horizontal));
    if let Some(vertical) = vertical {
        keys.set(geokeys::VERTICAL_CS_TYPE, GeoKeyValue::Short(vertical));
    }
    Ok(keys)
}

/// Splits the code of a compound CRS into those of its parts.
fn parts((code, vertical): Codes) -> Codes {
    let wkt = crs_definitions::from_code(code).map(|definition| definition.wkt);
    match (vertical, wkt.and_then(compound_code)) {
        (None, Some(parts)) => parts,
        _ => (code, vertical),
    }
}

/// Is it a geographic CRS of longitude, latitude and height?
fn has_heights(code: u16) -> bool {
    let wkt = crs_definitions::from_code(code).map_or("", |definition| definition.wkt);
    kind(code) == Some(CrsKind::Geographic) && (wkt.contains("ellipsoidal,3") || wkt.contains("llipsoidal height"))
}

/// Looks a code up in EPSG's list.
fn kind(code: u16) -> Option<CrsKind> {
    let wkt = crs_definitions::from_code(code)?.wkt;
    // A CRS that is bound to another one is what it is without it.
    let wkt = wkt.strip_prefix("BOUNDCRS[SOURCECRS[").unwrap_or(wkt);
    match wkt.split('[').next()? {
        "PROJCS" | "PROJCRS" => Some(CrsKind::Projected),
        "GEOGCS" | "GEOGCRS" => Some(CrsKind::Geographic),
        "GEOCCS" | "GEODCRS" => Some(CrsKind::Geocentric),
        _ => None,
    }
}

/// The horizontal code of a CRS, and its vertical one.
type Codes = (u16, Option<u16>);

/// Returns the codes of a CRS text.
fn codes(crs: &str) -> Result<Codes> {
    let text = crs.trim();
    if text.is_empty() {
        return Err(error!(Crs, "the CRS is an empty text: name one by `with_crs(\"EPSG:32633\")`"));
    }
    let code = authority_code(text)
        .or_else(|| compound_code(text))
        .or_else(|| wkt_code(text).map(|code| (code, None)))
        .or_else(|| projjson_code(text));
    code.ok_or_else(|| {
        let shown: String = text.chars().take(60).collect();
        error!(
            Crs,
            "the CRS `{shown}{}` has no EPSG code up to 65535, and a GeoTIFF names a CRS by its code: set the code by \
             `with_crs(\"EPSG:32633\")`, or leave the CRS out by `WriteOptions::without_crs`",
            if shown.len() < text.len() { "..." } else { "" }
        )
    })
}

/// `EPSG:32633`, `EPSG:25832+7837` with heights, `OGC:CRS84`, and the URN and URL of the first and the last.
fn authority_code(text: &str) -> Option<Codes> {
    let urn = ["urn:ogc:def:crs:", "http://www.opengis.net/def/crs/", "https://www.opengis.net/def/crs/"];
    if let Some(rest) = urn.iter().find_map(|prefix| text.strip_prefix(prefix)) {
        // Authority, version, code.
        let [authority, _, code] = *rest.split([':', '/']).collect::<Vec<_>>() else { return None };
        return Some((code_of(authority, code)?, None));
    }
    let (authority, codes) = text.split_once(':')?;
    match codes.split_once('+') {
        Some((horizontal, vertical)) => {
            let vertical = vertical.strip_prefix("EPSG:").unwrap_or(vertical);
            Some((code_of(authority, horizontal)?, Some(code_of(authority, vertical)?)))
        }
        None => Some((code_of(authority, codes)?, None)),
    }
}

/// The code of EPSG that an authority's code stands for.
fn code_of(authority: &str, code: &str) -> Option<u16> {
    match authority.to_ascii_uppercase().as_str() {
        "EPSG" => code.parse().ok(),
        // It differs from EPSG:4326 in the order of its axes, and longitude comes first in every GeoTIFF.
        "OGC" => code.eq_ignore_ascii_case("CRS84").then_some(4326),
        _ => None,
    }
}

/// The code at the end of a WKT: `..., AUTHORITY["EPSG","32633"]]`, or `..., ID["EPSG",32633]]`.
fn wkt_code(text: &str) -> Option<u16> {
    let text: String = text.chars().filter(|c| !c.is_whitespace()).collect();
    let inner = text.strip_suffix("]]")?;
    let (_, last) = inner.rsplit_once('[')?;
    let keyword = inner.strip_suffix(last)?;
    if !keyword.ends_with(",AUTHORITY[") && !keyword.ends_with(",ID[") {
        return None;
    }
    let (authority, code) = last.split_once(',')?;
    code_of(authority.trim_matches('"'), code.trim_matches('"'))
}

/// The codes of the two parts of a WKT of a compound CRS, the horizontal one first.
fn compound_code(text: &str) -> Option<Codes> {
    let (keyword, rest) = text.split_once('[')?;
    if !matches!(keyword.trim(), "COMPD_CS" | "COMPOUNDCRS") {
        return None;
    }
    let (mut depth, mut is_quoted, mut start) = (0, false, 0);
    let mut parts = vec![];
    for (at, c) in rest.char_indices() {
        match c {
            '"' => is_quoted = !is_quoted,
            '[' if !is_quoted => depth += 1,
            ']' if !is_quoted => depth -= 1,
            _ => {}
        }
        if depth < 0 || (depth == 0 && c == ',' && !is_quoted) {
            parts.push(rest.get(start..at)?.trim());
            start = at + 1;
        }
    }
    let code = |keywords: &[&str]| {
        let part = parts.iter().find(|part| keywords.iter().any(|keyword| part.starts_with(keyword)))?;
        wkt_code(part)
    };
    let horizontal = code(&["PROJCS", "PROJCRS", "GEOGCS", "GEOGCRS", "BOUNDCRS"])?;
    Some((horizontal, Some(code(&["VERT_CS", "VERTCRS"])?)))
}

/// The id of a PROJJSON.
fn projjson_code(text: &str) -> Option<Codes> {
    if !text.starts_with('{') {
        return None;
    }
    let json: serde_json::Value = serde_json::from_str(text).ok()?;
    let code = |json: &serde_json::Value| -> Option<u16> {
        let id = json.get("id")?;
        let code = id.get("code")?;
        let number = code.as_u64().map(|number| number.to_string());
        code_of(id.get("authority")?.as_str()?, number.as_deref().or(code.as_str())?)
    };
    // A compound CRS is the sum of its components, which may have a code each.
    match (json.get("components").and_then(|components| components.as_array()).map(Vec::as_slice), code(&json)) {
        (Some([horizontal, vertical]), _) => Some((code(horizontal)?, Some(code(vertical)?))),
        (_, Some(code)) => Some((code, None)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_found_in_each_spelling() {
        for (text, expected) in [
            ("EPSG:32633", (32633, None)),
            ("epsg:4326", (4326, None)),
            ("EPSG:25832+7837", (25832, Some(7837))),
            ("OGC:CRS84", (4326, None)),
            ("urn:ogc:def:crs:EPSG::32633", (32633, None)),
            ("urn:ogc:def:crs:OGC:1.3:CRS84", (4326, None)),
            ("http://www.opengis.net/def/crs/EPSG/0/3857", (3857, None)),
            (
                r#"COMPD_CS["a, b]",PROJCS["c",AUTHORITY["EPSG","28992"]],VERT_CS["d",AUTHORITY["EPSG","5709"]]]"#,
                (28992, Some(5709)),
            ),
            (r#"COMPOUNDCRS["x", GEOGCRS["y", ID["EPSG",4326]], VERTCRS["z", ID["EPSG",5773]]]"#, (4326, Some(5773))),
            (r#"{"type": "GeographicCRS", "id": {"authority": "OGC", "code": "CRS84"}}"#, (4326, None)),
            (
                r#"GEOGCS["WGS 84",UNIT["degree",0.0174532925199433,AUTHORITY["EPSG","9122"]],AUTHORITY["EPSG","4326"]]"#,
                (4326, None),
            ),
            ("GEOGCRS[\"WGS 84\",\n  ID[\"EPSG\", 4326]]", (4326, None)),
            (r#"{"type": "ProjectedCRS", "id": {"authority": "EPSG", "code": 3857}}"#, (3857, None)),
        ] {
            assert_eq!(codes(text).unwrap(), expected, "{text}");
        }
    }

    #[test]
    fn what_has_no_code_is_refused() {
        for text in [
            "",
            "EPSG:",
            "EPSG:99999",
            "ESRI:54009",
            "+proj=sinu +R=6371007.181",
            // The code of its unit, not its own.
            r#"GEOGCS["mine",UNIT["degree",0.0174532925199433,AUTHORITY["EPSG","9122"]]]"#,
            r#"PROJCS["mine",AUTHORITY["ESRI","54009"]]"#,
            r#"{"type": "ProjectedCRS", "base_crs": {"id": {"authority": "EPSG", "code": 4326}}}"#,
        ] {
            assert!(codes(text).is_err(), "{text}");
        }
    }

    #[test]
    fn codes_are_what_epsg_says_and_not_what_their_number_suggests() {
        assert_eq!(kind(4547), Some(CrsKind::Projected));
        assert_eq!(kind(4326), Some(CrsKind::Geographic));
        assert_eq!(kind(4979), Some(CrsKind::Geographic));
        assert_eq!(kind(4978), Some(CrsKind::Geocentric));
        assert_eq!(kind(3857), Some(CrsKind::Projected));
        assert_eq!(kind(1), None);
        assert_eq!([4326, 4979, 4933, 32633].map(has_heights), [false, true, true, false]);
        for no_crs in ["EPSG:4933", "EPSG:4979+5773", "EPSG:4326+4979", "EPSG:32633+3857"] {
            assert!(to_geo_keys(no_crs, None).is_err(), "{no_crs}");
        }
        // Equal Earth, which the list lacks.
        assert!(to_geo_keys("EPSG:8857", None).is_err());
        let keys = to_geo_keys("EPSG:8857", Some(CrsKind::Projected)).unwrap();
        assert_eq!(crs(Some(&keys)), Crs::Text("EPSG:8857".to_owned()));
        // What the list knows counts, whatever the caller says.
        let keys = to_geo_keys("EPSG:4547", Some(CrsKind::Geographic)).unwrap();
        assert_eq!(keys.get_short(geokeys::GT_MODEL_TYPE), Some(1));
        assert_eq!(parts((7415, None)), (28992, Some(5709)));
        assert_eq!(parts((32633, None)), (32633, None));
    }
}
