//! Reads and writes the names of bands in GDAL's XML, the tag `GDAL_METADATA`.

/// Returns the name of each band. What is no XML names none, as in GDAL.
pub(crate) fn band_names(xml: Option<&str>, bands: usize) -> Vec<Option<String>> {
    let mut names = vec![None; bands];
    let Some(document) = xml.and_then(|xml| roxmltree::Document::parse(xml).ok()) else { return names };
    for item in document.descendants().filter(|node| node.has_tag_name("Item")) {
        let is_name = item.attribute("role").is_some_and(|role| role.eq_ignore_ascii_case("description"));
        let band = item.attribute("sample").and_then(|band| band.parse::<usize>().ok());
        if let (true, Some(name), Some(text)) = (is_name, band.and_then(|band| names.get_mut(band)), item.text()) {
            *name = Some(unescape(text.trim_start()));
        }
    }
    names
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
    !name.is_empty() && name.trim_start() == name && name.chars().all(|c| !c.is_control() || matches!(c, '\t' | '\n'))
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
        assert_eq!(band_names(Some(xml), 2), [None, Some("a < b & \"c\"".to_owned())]);
    }

    #[test]
    fn what_is_no_xml_names_no_band() {
        for xml in ["", "<GDALMetadata>", "<a/><b/>", "\u{0}"] {
            assert_eq!(band_names(Some(xml), 1), [None], "{xml}");
        }
    }
}
