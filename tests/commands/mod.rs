//! The program's commands, run as an operator runs them.

mod check;
mod connections;
mod connector;
mod deliveries;
mod export;
mod pipes;
mod schedule;
mod token;
mod trial;

use std::process::{Command, Output};

use crm_widgets::definitions::Definitions;
use crm_widgets::store::Store;
use serde_json::json;

use crate::support::database::Database;

/// A site `clinic` with a form and a connection, in a file of its own.
async fn clinic() -> (Database, Store) {
    let database = Database::sqlite();
    let store = database.open().await;
    let field = |name: &str| json!({"name": name, "type": "text", "label": name});
    let definitions = json!({"sites": [{
        "key": "clinic", "name": "Clinic", "languages": ["en"],
        "forms": [{"id": "enquiry", "title": "Enquiry", "pages": [{"fields": [field("name"), field("note")]}]}],
        "connections": [{"name": "crm", "connector": "webhook", "url": "https://crm.example.com/hook"}]
    }]});
    let definitions: Definitions = serde_json::from_value(definitions).unwrap();
    crm_widgets::command::apply::apply(&store, &definitions).await.unwrap();
    (database, store)
}

/// Runs the program beside the open store, as beside a running gateway.
fn run(database: &Database, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_crm-widgets"))
        .args(arguments)
        .env("CRM_WIDGETS_DATABASE", &database.url)
        .output()
        .unwrap()
}

/// Standard output of a command that succeeds.
fn printed(database: &Database, arguments: &[&str]) -> String {
    let output = run(database, arguments);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}
