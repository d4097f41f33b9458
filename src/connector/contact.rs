//! Who an event is about, as far as its answers say.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::{Map, Value};

use super::event::Event;
use super::template::filters;

/// What a person is known by. What the event does not say is missing.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Contact {
    /// E-mail address.
    pub email: Option<String>,
    /// Telephone number, E.164.
    pub phone: Option<String>,
    /// The whole name, as it is called.
    pub name: Option<String>,
    /// Given name.
    pub given: Option<String>,
    /// Family name.
    pub family: Option<String>,
    /// Where they work.
    pub company: Option<String>,
    /// What to show for them: name, else e-mail, else phone, else the event's code. Never empty.
    pub label: String,
}

/// The names under which forms usually ask; the first that was answered counts.
const USUAL: [(&str, &[&str]); 4] = [
    ("name", &["name", "full_name", "fullname", "full-name", "your-name", "patient", "contact"]),
    ("given", &["given", "given_name", "given-name", "first_name", "firstname", "first-name"]),
    ("family", &["family", "family_name", "family-name", "last_name", "lastname", "last-name", "surname"]),
    ("company", &["company", "organization", "organisation", "company_name", "employer"]),
];

impl Contact {
    /// Reads it from an event: its `contact` where it has one, else from the answers, by the fields' types and usual
    /// names. `named` says which field holds what where a form has its own names: `{"company": "firm"}`.
    pub fn of(event: &Event, named: &BTreeMap<String, String>) -> Self {
        let asked = Asked { event, named };
        let email = asked.find("email").or_else(|| asked.by_type("email"));
        let phone = asked.find("phone").or_else(|| asked.by_type("phone"));
        let [given, family] = [asked.find("given"), asked.find("family")];
        let name = asked.find("name").or_else(|| join(given.as_deref(), family.as_deref()));
        let (split_given, split_family) = name.as_deref().map(filters::name::split).unwrap_or_default();
        let code = [event.text("receipt"), event.text("code"), event.text("id")];
        let label = [name.as_deref(), email.as_deref(), phone.as_deref()];
        let label = label.into_iter().flatten().chain(code).find(|text| !text.is_empty());
        Self {
            label: label.unwrap_or("?").to_owned(),
            given: given.or(split_given),
            family: family.or(split_family),
            company: asked.find("company"),
            email,
            phone,
            name,
        }
    }
}

struct Asked<'a> {
    event: &'a Event,
    named: &'a BTreeMap<String, String>,
}

impl Asked<'_> {
    fn find(&self, part: &str) -> Option<String> {
        if let Some(field) = self.named.get(part) {
            return self.answer(field);
        }
        let contact = self.event.data.get("contact").and_then(Value::as_object);
        if let Some(contact) = contact {
            return text(contact, part);
        }
        let usual = USUAL.iter().find(|(known, _)| *known == part).map_or(&[][..], |(_, names)| names);
        usual.iter().find_map(|name| self.answer(name))
    }

    fn by_type(&self, kind: &str) -> Option<String> {
        let fields = self.event.data.get("fields")?.as_array()?;
        let mut of_kind =
            fields.iter().filter(|field| field.get("type").and_then(Value::as_str) == Some(kind));
        of_kind.find_map(|field| self.answer(field.get("name")?.as_str()?))
    }

    fn answer(&self, field: &str) -> Option<String> {
        text(self.event.data.get("answers")?.as_object()?, field)
    }
}

fn text(object: &Map<String, Value>, name: &str) -> Option<String> {
    object.get(name)?.as_str().filter(|text| !text.is_empty()).map(str::to_owned)
}

/// Chinese, Japanese and Korean names have the family first and no space.
fn join(given: Option<&str>, family: Option<&str>) -> Option<String> {
    match (given, family) {
        (Some(given), Some(family)) if family.is_ascii() => Some(format!("{given} {family}")),
        (Some(given), Some(family)) => Some(format!("{family}{given}")),
        (one, other) => one.or(other).map(str::to_owned),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn contact(data: Value, named: &[(&str, &str)]) -> Contact {
        let event =
            serde_json::from_value(json!({"type": "submission.created", "timestamp": "", "data": data}));
        let named = named.iter().map(|(part, field)| ((*part).to_owned(), (*field).to_owned())).collect();
        Contact::of(&event.unwrap(), &named)
    }

    #[test]
    fn is_found_by_the_types_and_usual_names_of_the_fields() {
        let found = contact(
            json!({
                "id": "sub_1", "answers": {"mail": "wang@example.com", "tel": "+8613800138000", "name": "王芳"},
                "fields": [{"name": "tel", "type": "phone", "label": ""}, {"name": "mail", "type": "email", "label": ""}]
            }),
            &[],
        );
        assert_eq!(found.email.as_deref(), Some("wang@example.com"));
        assert_eq!(found.phone.as_deref(), Some("+8613800138000"));
        assert_eq!((found.family.as_deref(), found.given.as_deref()), (Some("王"), Some("芳")));
        assert_eq!(found.label, "王芳");
    }

    #[test]
    fn is_read_from_the_fields_a_connection_names() {
        let data = json!({"id": "sub_1", "answers": {"who": "Ada Lovelace", "firm": "Engines", "name": "x"}});
        let found = contact(data, &[("name", "who"), ("company", "firm")]);
        assert_eq!(found.name.as_deref(), Some("Ada Lovelace"));
        assert_eq!(found.company.as_deref(), Some("Engines"));
    }

    #[test]
    fn has_a_label_even_without_a_word_about_the_person() {
        assert_eq!(contact(json!({"id": "sub_1", "receipt": "K7QM-2F9X"}), &[]).label, "K7QM-2F9X");
        assert_eq!(contact(json!({"id": "sub_1"}), &[]).label, "sub_1");
    }
}
