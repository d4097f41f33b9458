//! Writing HTML.

use crm_protocol::text::Lang;
use serde::Serialize;

/// Text as it may stand in an element or in a quoted attribute.
pub fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            letter => escaped.push(letter),
        }
    }
    escaped
}

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
