//! What is in a text.

use minijinja::value::ValueKind;
use minijinja::{Error, Value};
use regex::RegexBuilder;

use super::{text_of, wants};

/// Bytes that a compiled pattern may take; those of connector files take a hundredth.
const PATTERN_SIZE: usize = 1 << 20;

/// `capture(pattern)`: the first group of the first match, or all of the match where the pattern has no group; nothing
/// where nothing matches.
pub fn capture(value: &Value, pattern: &str) -> Result<Option<String>, Error> {
    let text = text_of("capture", value)?;
    let pattern = RegexBuilder::new(pattern)
        .size_limit(PATTERN_SIZE)
        .dfa_size_limit(PATTERN_SIZE)
        .nest_limit(50)
        .build()
        .map_err(|_| wants("capture", "a regular expression of the crate regex, and not a huge one"))?;
    let found = pattern.captures(&text).and_then(|groups| groups.get(1).or_else(|| groups.get(0)));
    Ok(found.map(|group| group.as_str().to_owned()))
}

/// `contains(part)`: whether it is part of a text, an item of a list, or a member of an object.
pub fn contains(value: &Value, part: &Value) -> Result<bool, Error> {
    match value.kind() {
        ValueKind::String | ValueKind::Seq | ValueKind::Iterable | ValueKind::Map => {
            Ok(containing(value, part))
        }
        _ => Err(wants("contains", "a text, a list or an object")),
    }
}

/// `is containing(part)`, for `select` and `selectattr` too: what is nothing contains nothing.
pub fn containing(value: &Value, part: &Value) -> bool {
    match (value.as_str(), part.as_str()) {
        (Some(text), Some(part)) => text.contains(part),
        (Some(text), None) if part.is_number() => text.contains(&part.to_string()),
        (None, _) if value.kind() == ValueKind::Map => {
            value.get_item(part).is_ok_and(|item| !item.is_undefined())
        }
        _ => value.try_iter().is_ok_and(|mut items| items.any(|item| &item == part)),
    }
}

/// `is startingwith(part)`: what is nothing starts with nothing.
pub fn starting(value: &Value, part: &str) -> bool {
    value.as_str().is_some_and(|text| text.starts_with(part))
}

/// `is endingwith(part)`.
pub fn ending(value: &Value, part: &str) -> bool {
    value.as_str().is_some_and(|text| text.ends_with(part))
}

#[cfg(test)]
mod tests {
    use super::super::tests::{eval, refused, shown};
    use minijinja::{Value, context};

    #[test]
    fn a_group_is_captured() {
        let message = "Contact already exists. Existing ID: 37765128953";
        assert_eq!(shown("x | capture('Existing ID: (\\\\d+)')", message), "37765128953");
        assert_eq!(shown("x | capture('[0-9]+')", message), "37765128953");
        assert_eq!(shown("x | capture('(a)|e')", "e"), "e");
        assert_eq!(shown("x | capture('[0-9]+')", "none"), "nothing");
        assert!(refused("x | capture('(')", "a").contains("a regular expression"));
        assert!(refused("x | capture('(a{1000}){1000}')", "a").contains("not a huge one"));
    }

    #[test]
    fn what_is_in_a_text_a_list_or_an_object_is_found() {
        for (expression, holds) in [
            ("x | contains('bc')", true),
            ("x | contains('cb')", false),
            ("x is containing('bc')", true),
            ("x is startingwith('ab')", true),
            ("x is startingwith 'b'", false),
            ("x is endingwith('d')", true),
            ("['a', 'b'] is containing('b')", true),
            ("['ab'] is containing('b')", false),
            ("{'a': 1} is containing('a')", true),
            ("nowhere is containing('a')", false),
            ("nowhere is startingwith('')", false),
            ("nowhere.at.all is endingwith('a')", false),
            ("not nowhere is containing('a')", true),
        ] {
            let context = context! { x => "abcd" };
            assert_eq!(eval(expression, context).unwrap(), Value::from(holds), "{expression}");
        }
    }

    #[test]
    fn a_list_is_searched_for_a_text_in_a_member() {
        let list = serde_json::json!([{"post": "Ref: sub_1"}, {"post": "Ref: sub_2"}, {"post": null}, {}]);
        let context = context! { list => Value::from(minijinja::value::Serde(&list)), marker => "sub_1" };
        let found = eval("list | selectattr('post', 'containing', marker) | list | length", context);
        assert_eq!(found.unwrap().to_string(), "1");
    }
}
