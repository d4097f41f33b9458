//! Fields in which one types.

use crm_protocol::form::{Field, Kind};
use leptos::html::{input, textarea};
use leptos::prelude::*;

use super::State;
use super::field::{described, id, invalid, required, shown};

/// One line: text, e-mail, phone, number, date, identity number.
pub fn line(state: State, field: &Field) -> AnyView {
    let Keyboard { kind, mode, autocomplete } = keyboard(field);
    let value = state.with_untracked(|form| form.draft().text(&field.name).to_owned());
    input()
        .attr("part", "input")
        .attr("type", kind)
        .attr("name", field.name.clone())
        .attr("id", id(&field.name))
        .attr("inputmode", mode)
        .attr("autocomplete", field.autocomplete.clone().unwrap_or_else(|| autocomplete.to_owned()))
        .attr("placeholder", placeholder(field))
        .attr("value", (!value.is_empty()).then_some(value))
        .attr("aria-describedby", described(field))
        .attr("aria-required", required(state, field))
        .attr("aria-invalid", invalid(state, &field.name))
        .into_any()
}

/// Several lines.
pub fn area(state: State, field: &Field) -> AnyView {
    let value = state.with_untracked(|form| form.draft().text(&field.name).to_owned());
    let area = textarea()
        .attr("part", "input")
        .attr("name", field.name.clone())
        .attr("id", id(&field.name))
        .attr("rows", "4")
        .attr("autocomplete", field.autocomplete.clone().unwrap_or_else(|| "off".to_owned()))
        .attr("placeholder", placeholder(field))
        .attr("aria-describedby", described(field))
        .attr("aria-required", required(state, field))
        .attr("aria-invalid", invalid(state, &field.name));
    // An empty child would be rendered as a space, which the visitor would have to delete.
    if value.is_empty() { area.into_any() } else { area.child(value).into_any() }
}

/// How a phone should help with typing.
struct Keyboard {
    kind: &'static str,
    mode: &'static str,
    autocomplete: &'static str,
}

fn keyboard(field: &Field) -> Keyboard {
    let (kind, mode, autocomplete) = match field.kind {
        Kind::Email => ("email", "email", "email"),
        Kind::Phone => ("tel", "tel", "tel"),
        // Not type=number: it changes with the mouse wheel and drops full-width digits.
        Kind::Number if field.decimals.unwrap_or(0) > 0 => ("text", "decimal", "off"),
        Kind::Number => ("text", "numeric", "off"),
        Kind::Date => ("date", "", if field.name.starts_with("birth") { "bday" } else { "off" }),
        Kind::ResidentId => ("text", "text", "off"),
        _ => ("text", "text", personal(&field.name)),
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

fn placeholder(field: &Field) -> Option<String> {
    field.placeholder.as_ref().map(|text| shown(Some(text)))
}
