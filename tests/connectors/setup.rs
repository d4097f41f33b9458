//! Connections to the CRMs, as a site's definition would have them.

use crm_widgets::connector::library::Library;
use crm_widgets::connector::memory::Book;
use crm_widgets::connector::{Connector, Settings};
use serde_json::{Value, json};

use super::Stage;
use crate::support::crms::{self, fake::Fake};

/// Starts the CRM of that connector (`_` for `-`) and sets up a connection to it.
pub async fn start(connector: &str) -> Stage {
    let connector = connector.replace('_', "-");
    let crm = crms::ALL.iter().find(|crm| crm.name == connector);
    stage(Fake::start(crm.unwrap_or_else(|| panic!("no CRM to imitate {connector}"))).await)
}

impl Stage {
    /// The same with a CRM that has nothing in it, and no memory.
    pub async fn anew(&self) -> Self {
        start(self.crm.name()).await
    }
}

fn stage(crm: Fake) -> Stage {
    let settings = Settings {
        public_url: "https://gateway.example".into(),
        allow_private: vec!["127.0.0.1".into()],
        smtp: None,
        // The tests' secrets are no secrets: they stand where the name of a variable would.
        secret: |name| name.strip_prefix("value:").map(str::to_owned),
    };
    let connector =
        Connector::new(settings, Library::embedded().expect("connectors without faults")).unwrap();
    let secrets = crm.secrets();
    let in_place = |name: &str| format!("value:{}", secrets[name]);
    let connection = serde_json::from_value(connection(&crm, &in_place)).expect("a connection");
    Stage { crm, connection, connector, book: Book::default() }
}

/// The JSON of a connection to that CRM, and the variables that hold its secrets.
pub fn for_a_program(crm: &Fake) -> (Value, Vec<(String, String)>) {
    let variable = |name: &str| format!("{}_{name}", crm.name().replace('-', "_")).to_uppercase();
    let secrets = crm.secrets();
    let environment = secrets.iter().map(|(name, value)| (variable(name), value.clone())).collect();
    (connection(crm, &|name| variable(name)), environment)
}

/// The JSON of a connection to that CRM. `variable` names where the CRM's secret of that name is.
fn connection(crm: &Fake, variable: &dyn Fn(&str) -> String) -> Value {
    let base = if crm.name() == "fhir" { "/fhir/R4" } else { "" };
    let (inputs, secrets) = set_up(crm, &|name| json!({"env": variable(name)}));
    json!({
        "name": crm.name(), "connector": crm.name(), "url": format!("{}{base}", crm.url()), "hosts": ["127.0.0.1"],
        "allowPrivate": true, "timeoutSeconds": 2, "inputs": inputs, "secrets": secrets
    })
}

/// What each connector wants to know, and its secrets.
fn set_up(crm: &Fake, secret: &dyn Fn(&str) -> Value) -> (Value, Value) {
    let known = crm.secrets();
    let value = |name: &str| known[name].clone();
    let client = || json!({"clientId": secret("client_id"), "clientSecret": secret("client_secret")});
    match crm.name() {
        "bottlecrm" | "hubspot" | "pipedrive" | "fhir" => (json!({}), json!({"token": secret("token")})),
        "chatwoot" => (
            json!({"account": value("account_id"), "inbox": value("inbox_id")}),
            json!({"token": secret("token")}),
        ),
        "dataverse" => (json!({"tenant": value("tenant"), "authority": crm.url()}), client()),
        "espocrm" | "odoo" | "twenty" => (json!({}), json!({"key": secret("api_key")})),
        "frappe" | "erpnext" => (
            json!({"timeZone": value("time_zone")}),
            json!({"key": secret("api_key"), "secret": secret("api_secret")}),
        ),
        "krayin" => (
            json!({"timeZone": value("time_zone")}),
            json!({"email": secret("email"), "password": secret("password")}),
        ),
        "odoo-rpc" => (
            json!({"database": value("database")}),
            json!({"user": secret("username"), "key": secret("api_key")}),
        ),
        "salesforce" | "suitecrm" => (json!({}), client()),
        "wukong" => (json!({}), json!({"username": secret("username"), "password": secret("password")})),
        "zoho" => {
            let mut secrets = client();
            secrets["refreshToken"] = secret("refresh_token");
            (json!({"accounts": crm.url()}), secrets)
        }
        other => panic!("{other} is not set up"),
    }
}
