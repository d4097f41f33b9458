//! The CRMs the tests deliver to are as strict as they are said to be, and so is what can go wrong with them.

mod bottlecrm;
mod chatwoot;
mod dataverse;
mod espocrm;
mod fhir;
mod frappe;
mod hubspot;
mod krayin;
mod mishaps;
mod odoo;
mod odoo_jsonrpc;
mod pipedrive;
mod salesforce;
mod suitecrm;
mod twenty;
mod wukong;
mod zoho;

use serde_json::Value;

use crate::support::crms::fake::Fake;

/// A secret of a CRM.
fn secret(crm: &Fake, name: &str) -> String {
    crm.secrets()[name].clone()
}

/// A text somewhere in an answer, or whatever else is there as JSON.
fn text(value: &Value, pointer: &str) -> String {
    let found = value.pointer(pointer).unwrap_or_else(|| panic!("no {pointer} in {value}"));
    found.as_str().map_or_else(|| found.to_string(), str::to_owned)
}
