//! What is written, and how.

use std::collections::BTreeMap;

use crm_protocol::check::phone;
use minijinja::value::ValueKind;
use minijinja::{Error, Value};

use super::{text_of, wants};

/// `e164(country)`: nothing where it is no telephone number, since CRMs refuse the whole record for a wrong one.
pub fn e164(value: &Value, country: Option<&str>) -> Result<Option<String>, Error> {
    Ok(phone::parse(&text_of("e164", value)?, country.unwrap_or_default()).ok())
}

/// `pick({…}, default)`: the member of that name.
pub fn pick(value: &Value, choices: &Value, other: Option<Value>) -> Result<Value, Error> {
    if choices.kind() != ValueKind::Map {
        return Err(wants("pick", "an object such as {'yes': 1, 'no': 0}"));
    }
    let name = match value.kind() {
        ValueKind::Bool => value.is_true().to_string(),
        _ => text_of("pick", value)?,
    };
    let named = choices.get_item(&Value::from(name)).ok().filter(|found| !found.is_undefined());
    let found = named.or_else(|| choices.get_item(value).ok().filter(|found| !found.is_undefined()));
    Ok(found.or(other).unwrap_or(Value::UNDEFINED))
}

/// `nest(name)`: each member of an object within one of its own, as `{"time2": {"value": "10:00"}}`.
pub fn nest(value: &Value, name: &str) -> Result<Value, Error> {
    if value.kind() != ValueKind::Map {
        return Err(wants("nest", "an object"));
    }
    let nested =
        |key: Value| Ok((text_of("nest", &key)?, BTreeMap::from([(name.to_owned(), value.get_item(&key)?)])));
    value.try_iter()?.map(nested).collect::<Result<BTreeMap<_, _>, Error>>().map(Value::from)
}

/// `truncate(n)`: at most so many characters, the last of them `…` where something is left out.
pub fn truncate(value: &Value, length: usize) -> Result<String, Error> {
    let text = text_of("truncate", value)?;
    if text.chars().count() <= length {
        return Ok(text);
    }
    let Some(kept) = length.checked_sub(1) else { return Ok(String::new()) };
    let kept: String = text.chars().take(kept).collect();
    Ok(format!("{}…", kept.trim_end()))
}

/// `html`.
pub fn as_html(value: &Value) -> Result<String, Error> {
    text_of("html", value).map(|text| html(&text))
}

/// Plain text as HTML that shows it, line by line.
pub fn html(text: &str) -> String {
    let text = text.replace("\r\n", "\n");
    let mut html = String::with_capacity(text.len());
    for typed in text.chars() {
        match typed {
            '&' => html.push_str("&amp;"),
            '<' => html.push_str("&lt;"),
            '>' => html.push_str("&gt;"),
            '"' => html.push_str("&quot;"),
            '\'' => html.push_str("&#39;"),
            '\n' | '\r' => html.push_str("<br>"),
            plain => html.push(plain),
        }
    }
    html
}

/// `digits`: what is no digit left out.
pub fn digits(value: &Value) -> Result<String, Error> {
    Ok(text_of("digits", value)?.chars().filter(char::is_ascii_digit).collect())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::tests::{refused, shown};

    #[test]
    fn a_phone_number_is_read_as_of_a_country() {
        assert_eq!(shown("x | e164('CN')", "138 0013 8000"), "+8613800138000");
        assert_eq!(shown("x | e164", "+852 9123 4567"), "+85291234567");
        assert_eq!(shown("x | e164('HK') | digits", "9123 4567"), "85291234567");
        assert_eq!(shown("x | e164('CN')", "call me"), "nothing");
    }

    #[test]
    fn a_value_picks_a_member() {
        let choices = "x | pick({'yes': 1, 'no': 0, 3: 'c'}, 9)";
        assert_eq!(shown(choices, "yes"), "1");
        assert_eq!(shown(choices, "no"), "0");
        assert_eq!(shown(choices, 3), "c");
        assert_eq!(shown(choices, "maybe"), "9");
        assert_eq!(shown("x | pick({'yes': 1})", "maybe"), "nothing");
        assert_eq!(shown("x | pick({'true': 'Y'})", true), "Y");
        assert_eq!(shown("x | map('pick', {'a': 1, 'b': 2}) | list", vec!["b", "a"]), "[2, 1]");
        assert!(refused("x | pick('yes')", "yes").contains("an object such as"));
    }

    #[test]
    fn a_text_becomes_html_that_shows_it() {
        let typed = "a <b>\r\n\"c\" & 'd'\ne";
        assert_eq!(shown("x | html", typed), "a &lt;b&gt;<br>&quot;c&quot; &amp; &#39;d&#39;<br>e");
    }

    #[test]
    fn a_long_text_ends_in_an_ellipsis() {
        assert_eq!(shown("x | truncate(4)", "王小明王小明"), "王小明…");
        assert_eq!(shown("x | truncate(6)", "王小明王小明"), "王小明王小明");
        assert_eq!(shown("x | truncate(3)", "a bcd"), "a…");
        assert_eq!(shown("x | truncate(0)", "a"), "");
        assert!(refused("x | truncate(-1)", "a").starts_with("`truncate`"));
    }

    proptest! {
        #[test]
        fn a_truncated_text_is_never_longer(typed in "\\PC{0,40}", length in 0_usize..30) {
            let filter = format!("x | truncate({length})");
            let shown = shown(&filter, typed);
            prop_assert!(shown.chars().count() <= length);
        }

        #[test]
        fn html_holds_no_markup(typed in "[<>&\"'a\n]{0,30}") {
            let html = shown("x | html", typed).replace("<br>", "");
            prop_assert!(!html.contains(['<', '>', '"', '\'', '\n']));
        }
    }
}
