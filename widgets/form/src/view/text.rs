//! Fields in which one types.

use crm_element::tag::Tag;
use crm_protocol::form::{Field, Kind};
use crm_protocol::text::Text;

use super::State;
use super::field::control;

/// One line: text, e-mail, phone, number, date, identity number.
pub fn line(state: State, field: &Field) -> Tag {
    control(state, field, "input").fixed(|tag| {
        let Keyboard { kind, mode, autocomplete } = keyboard(field);
        let value = typed(state, field);
        tag.attr("type", kind)
            .maybe("inputmode", mode.map(str::to_owned))
            .attr("autocomplete", field.autocomplete.clone().unwrap_or_else(|| autocomplete.to_owned()))
            .maybe("placeholder", placeholder(field))
            .maybe("value", (!value.is_empty()).then_some(value))
    })
}

/// Several lines.
pub fn area(state: State, field: &Field) -> Tag {
    control(state, field, "textarea").fixed(|tag| {
        tag.attr("rows", "4")
            .attr("autocomplete", field.autocomplete.clone().unwrap_or_else(|| "off".to_owned()))
            .maybe("placeholder", placeholder(field))
            .child(typed(state, field))
    })
}

/// How a device should help with typing.
struct Keyboard {
    kind: &'static str,
    mode: Option<&'static str>,
    autocomplete: &'static str,
}

fn keyboard(field: &Field) -> Keyboard {
    let (kind, mode, autocomplete) = match field.kind {
        Kind::Email => ("email", Some("email"), "email"),
        Kind::Phone => ("tel", Some("tel"), "tel"),
        // Not type=number: it changes with the mouse wheel and drops full-width digits.
        Kind::Number if field.decimals.unwrap_or(0) > 0 => ("text", Some("decimal"), "off"),
        Kind::Number => ("text", Some("numeric"), "off"),
        Kind::Date => ("date", None, if field.name.starts_with("birth") { "bday" } else { "off" }),
        Kind::ResidentId => ("text", None, "off"),
        _ => ("text", None, personal(&field.name)),
    };
    Keyboard { kind, mode, autocomplete }
}

/// What browsers know about people, by the usual names of fields.
fn personal(name: &str) -> &'static str {
    match name {
        "name" | "fullName" | "full_name" => "name",
        "givenName" | "given_name" | "firstName" | "first_name" => "given-name",
        "familyName" | "family_name" | "lastName" | "last_name" => "family-name",
        "company" | "organization" | "organisation" => "organization",
        "address" => "street-address",
        "city" => "address-level2",
        "postcode" | "postalCode" | "zip" => "postal-code",
        _ => "on",
    }
}

fn typed(state: State, field: &Field) -> String {
    state.look(|form| form.draft().text(&field.name).to_owned())
}

fn placeholder(field: &Field) -> Option<String> {
    field.placeholder.as_ref().map(Text::as_str).map(str::to_owned)
}
