//! Odoo 8 to 21, JSON-RPC: the models and rules of [`super::odoo`] under another protocol.
//!
//! Tried against a real 19.0: `execute_kw`, and that errors come with HTTP 200. From general knowledge: `authenticate`,
//! which answers false to a wrong password, the members of an error, and that `create` with one object answers one id.

use axum::Router;
use serde_json::{Map, Value, json};

use super::Crm;
use super::book::Book;
use super::exchange::{Outcome, Reply, Request};
use super::fake::{Fake, post};
use super::odoo::{Error, call, fact};

/// The user behind the login.
const UID: u64 = 2;

pub const CRM: Crm = Crm {
    name: "odoo-rpc",
    secrets: &[
        ("database", "clinic"),
        ("username", "bot@example.com"),
        ("api_key", "0b3f6578616d706c656b6579"),
    ],
    // Every call carries its own credentials.
    open: &["/"],
    auth: |_, _| Ok(()),
    routes: || Router::<Fake>::new().route("/jsonrpc", post(jsonrpc)),
    fault: |status, message| Reply::text(status, message),
    limited: || Reply::text(429, "Too Many Requests"),
    fact,
};

fn jsonrpc(book: &mut Book, request: &Request) -> Outcome {
    let call = request.json();
    let id = &call["id"];
    if request.media_type() != "application/json" || call["method"] != "call" || call["jsonrpc"] != "2.0" {
        return Err(Reply::text(400, "Invalid JSON data, JSON-RPC 2.0 expected"));
    }
    let arguments = call["params"]["args"].as_array().cloned().unwrap_or_default();
    let result = match (call["params"]["service"].as_str(), call["params"]["method"].as_str()) {
        (Some("common"), Some("version")) => Ok(json!({"server_version": "18.0", "protocol_version": 1})),
        (Some("common"), Some("authenticate" | "login")) => Ok(login(&arguments)),
        (Some("object"), Some("execute_kw")) => execute(book, &arguments),
        _ => Err(Error::new(200, "builtins.KeyError", "no such service")),
    };
    match result {
        Ok(result) => Ok(Reply::json(200, json!({"jsonrpc": "2.0", "id": id, "result": result}))),
        Err(error) => {
            let refused = error.name.ends_with("AccessDenied");
            let data = json!({"name": error.name, "message": error.message, "arguments": [error.message],
                "debug": "Traceback …", "context": {}});
            let error = json!({"code": 0, "message": "Odoo Server Error", "data": data});
            let reply = Reply::json(200, json!({"jsonrpc": "2.0", "id": id, "error": error}));
            Err(if refused { reply } else { reply.complaining() })
        }
    }
}

fn login(arguments: &[Value]) -> Value {
    let [(_, database), (_, user), (_, key)] = CRM.secrets else { unreachable!() };
    let known = arguments.len() >= 3 && arguments[..3] == [json!(database), json!(user), json!(key)];
    if known { json!(UID) } else { json!(false) }
}

/// `[database, uid, key, model, method, positional, named]`
fn execute(book: &mut Book, arguments: &[Value]) -> Result<Value, Error> {
    let text = |index: usize| arguments.get(index).and_then(Value::as_str).unwrap_or_default();
    let [(_, database), _, (_, key)] = CRM.secrets else { unreachable!() };
    if text(0) != *database || arguments.get(1) != Some(&json!(UID)) || text(2) != *key {
        return Err(Error::new(200, "odoo.exceptions.AccessDenied", "Access Denied"));
    }
    let (model, method) = (text(3), text(4));
    let mut named = arguments.get(6).and_then(Value::as_object).cloned().unwrap_or_default();
    let positional = arguments.get(5).and_then(Value::as_array);
    let positional =
        positional.ok_or_else(|| Error::new(200, "builtins.TypeError", "args must be a list"))?;
    let one = positional.first().is_some_and(Value::is_object);
    for (name, value) in names(method).iter().zip(positional) {
        named.insert((*name).to_owned(), value.clone());
    }
    listed(&mut named);
    let result = call(book, model, method, &named)?;
    let single = (method == "create" && one) || matches!(method, "message_post" | "activity_schedule");
    Ok(if single { result[0].clone() } else { result })
}

/// What the positional arguments of a method are called.
fn names(method: &str) -> &'static [&'static str] {
    match method {
        "create" => &["vals_list"],
        "write" => &["ids", "vals"],
        "read" => &["ids", "fields"],
        "search" => &["domain", "offset", "limit", "order"],
        "search_read" => &["domain", "fields", "offset", "limit", "order"],
        "search_count" => &["domain"],
        "load" => &["fields", "data"],
        _ => &["ids"],
    }
}

/// One id is as good as a list of it.
fn listed(named: &mut Map<String, Value>) {
    if let Some(ids) = named.get_mut("ids").filter(|ids| ids.is_u64()) {
        *ids = json!([ids]);
    }
}
