//! Takes secrets out of texts that people will read.

use std::collections::BTreeSet;

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use url::form_urlencoded;

/// What stands in a secret's place.
const MARK: &str = "•••";

/// A value with fewer bytes is taken out only where it stands alone: `a` inside every word would show more than it hides.
const SHORT: usize = 4;

/// A word of a longer secret with as many bytes is a secret too: one of several signing secrets, a line of a key.
const WORD: usize = 16;

/// Knows what must not be seen, in the forms in which it can come back.
#[derive(Default)]
pub(super) struct Redactor(BTreeSet<String>);

impl Redactor {
    /// Adds a value.
    pub(super) fn add(&mut self, value: &str) {
        if self.0.contains(value) {
            return;
        }
        let words = value.split_whitespace().filter(|word| word.len() >= WORD);
        for text in words.chain([value]).filter(|text| !text.is_empty()) {
            self.0.extend(forms(text));
        }
    }

    /// Bytes of the longest form.
    pub(super) fn longest(&self) -> usize {
        self.0.iter().map(String::len).max().unwrap_or(0)
    }

    /// `text` without any of the values.
    pub(super) fn redact(&self, text: &str) -> String {
        let mut hidden: Vec<_> = self.0.iter().flat_map(|value| found(text, value)).collect();
        hidden.sort_unstable();
        let mut redacted = String::with_capacity(text.len());
        let mut done = 0;
        for (start, end) in hidden {
            if start >= done {
                redacted.push_str(text.get(done..start).unwrap_or_default());
                redacted.push_str(MARK);
            }
            done = done.max(end);
        }
        redacted.push_str(text.get(done..).unwrap_or_default());
        redacted
    }
}

/// Where `value` is in `text`: start and end of each place.
fn found<'a>(text: &'a str, value: &'a str) -> impl Iterator<Item = (usize, usize)> + 'a {
    let part_of_word = |byte: Option<&u8>| byte.is_some_and(u8::is_ascii_alphanumeric);
    text.match_indices(value).map(|(start, _)| (start, start + value.len())).filter(move |(start, end)| {
        let bytes = text.as_bytes();
        let before = start.checked_sub(1).and_then(|before| bytes.get(before));
        value.len() >= SHORT || !(part_of_word(before) || part_of_word(bytes.get(*end)))
    })
}

/// As it is, and as answers may repeat it: in a URL, a form, JSON (PHP writes `\/`), HTML, base 64.
fn forms(value: &str) -> Vec<String> {
    let percent = utf8_percent_encode(value, NON_ALPHANUMERIC).to_string();
    let form: String = form_urlencoded::byte_serialize(value.as_bytes()).collect();
    let quoted = serde_json::Value::from(value).to_string();
    let json = quoted.trim_matches('"').to_owned();
    let html = value.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;");
    let mut forms = vec![percent.to_lowercase(), form.to_lowercase(), percent, form];
    forms.extend([json.replace('/', "\\/"), json, html, value.to_owned()]);
    if value.len() >= SHORT {
        forms.extend([STANDARD.encode(value), URL_SAFE_NO_PAD.encode(value)]);
    }
    forms
}

#[cfg(test)]
mod tests {
    use super::*;

    fn redactor(values: &[&str]) -> Redactor {
        let mut redactor = Redactor::default();
        values.iter().for_each(|value| redactor.add(value));
        redactor
    }

    #[test]
    fn a_secret_is_hidden_in_every_form_an_answer_may_repeat() {
        let redactor = redactor(&["p/ss w\"rd&<1>"]);
        for text in [
            "p/ss w\"rd&<1>",
            r#"{"got": "p\/ss w\"rd&<1>"}"#,
            r#"{"got": "p/ss w\"rd&<1>"}"#,
            "p%2Fss%20w%22rd%26%3C1%3E",
            "p%2fss%20w%22rd%26%3c1%3e",
            "p%2Fss+w%22rd%26%3C1%3E",
            "p/ss w&quot;rd&amp;&lt;1&gt;",
            "cC9zcyB3InJkJjwxPg==",
            "cC9zcyB3InJkJjwxPg",
        ] {
            let redacted = redactor.redact(&format!("before {text} after"));
            assert!(
                redacted.contains(MARK) && !redacted.contains("ss") && !redacted.contains("rd"),
                "{redacted}"
            );
            assert!(redacted.starts_with("before ") && redacted.ends_with(" after"), "{redacted}");
        }
    }

    #[test]
    fn overlapping_secrets_leave_nothing_of_either() {
        assert_eq!(redactor(&["abcdef", "defghi", "cdef"]).redact("abcdefghi abcdef"), "••• •••");
    }

    #[test]
    fn each_of_several_secrets_in_one_value_is_hidden() {
        let both = redactor(&["whsec_MfKQ9r8GKYqrTwjU whsec_C2FVsBQIhrscChlQ"]);
        assert_eq!(both.redact("whsec_C2FVsBQIhrscChlQ is wrong"), "••• is wrong");
    }

    #[test]
    fn a_short_value_is_hidden_only_where_it_stands_alone() {
        let redactor = redactor(&["12", ""]);
        assert_eq!(redactor.redact("pin=12; error 1234, 12 of 912"), "pin=•••; error 1234, ••• of 912");
    }
}
