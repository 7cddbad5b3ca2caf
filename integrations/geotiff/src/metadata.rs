//! Reads what GDAL's XML, the tag `GDAL_METADATA`, says of bands, and writes their names.

use std::collections::BTreeMap;

use crate::read::nodata;

/// What a file says of a band.
#[derive(Clone, Debug)]
pub(crate) struct BandMetadata {
    pub(crate) name: Option<String>,
    /// The value that a pixel stands for is `scale * pixel + offset`.
    pub(crate) scale: f64,
    pub(crate) offset: f64,
    pub(crate) unit: Option<String>,
}

impl BandMetadata {
    /// What it says of a band of which it says nothing.
    pub(crate) const NONE: Self = BandMetadata { name: None, scale: 1.0, offset: 0.0, unit: None };
}

/// Returns what the XML says of bands. What is no XML says nothing, as in GDAL.
pub(crate) fn of_bands(xml: Option<&str>, bands: usize) -> BTreeMap<usize, BandMetadata> {
    let mut found = BTreeMap::new();
    let xml = xml.map(root).filter(|xml| is_plain(xml));
    let Some(document) = xml.and_then(|xml| roxmltree::Document::parse(xml).ok()) else {
        return found;
    };
    for item in document.descendants().filter(|node| node.has_tag_name("Item")) {
        let band = item.attribute("sample").and_then(|band| band.trim().parse::<usize>().ok());
        let (Some(band), Some(text)) = (band.filter(|band| *band < bands), item.text()) else { continue };
        let band = found.entry(band).or_insert(BandMetadata::NONE);
        let number = nodata::number(text).and_then(|number| number.parse().ok());
        match item.attribute("role").unwrap_or_default().to_ascii_lowercase().as_str() {
            "description" => band.name = Some(unescape(text.trim_start())),
            "unittype" => band.unit = Some(unescape(text.trim_start())),
            "scale" => band.scale = number.unwrap_or(band.scale),
            "offset" => band.offset = number.unwrap_or(band.offset),
            _ => {}
        }
    }
    found
}

/// Returns GDAL's element, without what stands before or behind it.
fn root(xml: &str) -> &str {
    const END: &str = "</GDALMetadata>";
    let Some(element) = xml.find("<GDALMetadata").and_then(|start| xml.get(start..)) else { return xml };
    element.find(END).and_then(|end| element.get(..end + END.len())).unwrap_or(element)
}

/// Returns the XML for these names, or `None` if no band has one.
pub(crate) fn to_xml(names: &[Option<&str>]) -> Option<String> {
    let items: Vec<String> = names
        .iter()
        .enumerate()
        .filter_map(|(band, name)| Some((band, (*name)?)))
        .map(|(band, name)| {
            format!(
                "  <Item name=\"DESCRIPTION\" sample=\"{band}\" role=\"description\">{}</Item>\n",
                escape(&escape(name))
            )
        })
        .collect();
    (!items.is_empty()).then(|| format!("<GDALMetadata>\n{}</GDALMetadata>\n", items.concat()))
}

/// The most elements that are read: a parser takes some eighty bytes for each.
const MOST_ELEMENTS: usize = 1 << 17;

/// Is it XML as GDAL writes it, without what takes a parser long: thousands of attributes, or namespaces?
fn is_plain(xml: &str) -> bool {
    xml.matches('<').count() <= MOST_ELEMENTS
        && xml.split('<').all(|tag| tag.find('>').unwrap_or(tag.len()) < 1 << 12)
        && !xml.contains("xmlns")
}

/// GDAL escapes a name before the XML escapes it once more.
fn unescape(text: &str) -> String {
    let text = text.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"").replace("&apos;", "'");
    text.replace("&amp;", "&")
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

/// Can the XML hold the name? Readers take away spaces before it.
pub(crate) fn holds(name: &str) -> bool {
    !name.is_empty() && name.trim_start() == name && name.chars().all(is_text)
}

/// Can XML hold the character?
fn is_text(c: char) -> bool {
    !matches!(c, '\u{fffe}' | '\u{ffff}') && (!c.is_control() || matches!(c, '\t' | '\n'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_those_of_the_description_role() {
        let xml = r#"<GDALMetadata>
          <Item name="SCALE" sample="0" role="scale">0.1</Item>
          <Item name="DESCRIPTION" sample="1" role="description"> a &amp;lt; b &amp;amp; "c"</Item>
          <Item name="DESCRIPTION" sample="7" role="description">beyond</Item>
          <Item name="note">of the file</Item>
        </GDALMetadata>"#;
        let found = of_bands(Some(xml), 2);
        let [first, second] = [&found[&0], &found[&1]];
        assert_eq!(found.len(), 2);
        assert_eq!((first.name.as_deref(), first.scale, first.offset), (None, 0.1, 0.0));
        assert_eq!((second.name.as_deref(), second.scale), (Some("a < b & \"c\""), 1.0));
    }

    #[test]
    fn what_is_no_xml_names_no_band() {
        let long = format!("<a {}/>", "b=\"\" ".repeat(60_000));
        for xml in [long.as_str(), "", "<GDALMetadata>", "<a/><b/>", "\u{0}"] {
            assert!(of_bands(Some(xml), 1).is_empty(), "{xml}");
        }
    }
}
