//! Writing HTML.

pub use crm_element::tag::escape;
use crm_protocol::text::Lang;
use serde::Serialize;

/// JSON as it may stand in a `<script>`: no `<`, so nothing in it can end the element or open a comment.
///
/// # Errors
/// The value cannot be written as JSON.
pub fn json<T: Serialize>(value: &T) -> Result<String, serde_json::Error> {
    Ok(serde_json::to_string(value)?.replace('<', "\\u003c"))
}

/// The attributes of `<html>`.
pub fn lang_and_dir(lang: &Lang) -> String {
    let dir = if lang.is_rtl() { "rtl" } else { "ltr" };
    format!("lang=\"{lang}\" dir=\"{dir}\"")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_ends_an_attribute_or_a_script() {
        assert_eq!(escape("\"><script>'&"), "&quot;&gt;&lt;script&gt;&#39;&amp;");
        assert_eq!(json(&"</script><!--").ok().as_deref(), Some("\"\\u003c/script>\\u003c!--\""));
    }
}
