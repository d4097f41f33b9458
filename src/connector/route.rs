//! Whose lead it is: the first route of a connection's table that fits the event.

use serde_json::{Value, json};

use super::contact::Contact;
use super::event::Event;
use crate::definitions::Route;

/// What a path may start with: the members of the event's data, its type as `event`, and who it is about as `contact`.
pub fn names(event: &Event, contact: &Contact) -> Value {
    let mut names = event.data.clone();
    names.insert("event".to_owned(), json!(event.r#type));
    names.insert("contact".to_owned(), json!(contact));
    names.into()
}

/// The first route that fits, with its number from 1. None where the table is empty.
pub fn choose<'a>(routes: &'a [Route], names: &Value) -> Option<(usize, &'a Route)> {
    (1..).zip(routes).find(|(_, route)| fits(route, names))
}

/// Every condition must hold. Of an answer with several values one is enough.
fn fits(route: &Route, names: &Value) -> bool {
    route.when.iter().all(|(path, wanted)| {
        let found = path.split('.').try_fold(names, |value, part| value.get(part));
        let is_wanted =
            |value: &Value| plain(value).is_some_and(|text| wanted.iter().any(|wanted| wanted == text));
        match found {
            Some(Value::Array(values)) => values.iter().any(is_wanted),
            Some(value) => is_wanted(value),
            None => false,
        }
    })
}

fn plain(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Bool(_) | Value::Number(_) => Some(value.to_string()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn owner(names: &Value) -> Value {
        let routes: Vec<Route> = serde_json::from_value(json!([
            {"when": {"lang": ["zh-CN", "zh-TW"], "answers.region": "east"}, "set": {"owner": "li"}},
            {"when": {"answers.products": "mri"}, "set": {"owner": "chen"}},
            {"set": {"owner": "desk"}}
        ]))
        .unwrap();
        choose(&routes, names).unwrap().1.set["owner"].clone()
    }

    #[test]
    fn the_first_route_that_fits_wins() {
        assert_eq!(
            owner(&json!({"lang": "zh-TW", "answers": {"region": "east", "products": ["mri"]}})),
            "li"
        );
        assert_eq!(
            owner(&json!({"lang": "en", "answers": {"region": "east", "products": ["ct", "mri"]}})),
            "chen"
        );
        assert_eq!(owner(&json!({"lang": "en", "answers": {}})), "desk");
    }
}
