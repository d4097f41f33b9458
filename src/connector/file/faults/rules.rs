//! Whatever else would go wrong later: what a schema cannot say.

use std::collections::BTreeMap;

use serde_json::Value;

use super::super::yaml::child;
use super::{Faults, names_in, words};

/// Headers that follow from the request itself.
const ENGINE: [&str; 5] = ["host", "content-length", "connection", "transfer-encoding", "te"];

/// Adds what breaks a rule. `name` is that of the file.
pub(super) fn check(name: Option<&str>, faults: &mut Faults<'_>) {
    let file = &faults.document.value;
    if let (Some(name), Some(connector)) = (name, file["connector"].as_str())
        && name != connector
    {
        let message = format!("the file is called {name}.yaml, the connector \"{connector}\"");
        faults.at_value("/connector", message, format!("write \"{name}\", or rename the file"));
    }
    headers("/headers", &file["headers"], faults);
    auth(&file["auth"], faults);
    hosts(file, faults);
    failures("/errors", &file["errors"], faults);
    let mut ids = BTreeMap::new();
    for (at, step) in items(&file["steps"]) {
        let pointer = format!("/steps/{at}");
        events(&pointer, &step["on"], &file["on"], faults);
        if let Some(id) = step["stepId"].as_str()
            && let Some(first) = ids.insert(id, at)
        {
            let message = format!("steps[{first}] is called \"{id}\" too");
            faults.at_value(&child(&pointer, "stepId"), message, "give each step its own name");
        }
        self::step(&pointer, step, &file["links"], faults);
    }
}

fn step(pointer: &str, step: &Value, links: &Value, faults: &mut Faults<'_>) {
    let at_request = child(pointer, "request");
    request(&at_request, &step["request"], faults);
    request(&format!("{pointer}/repeat/lookup/request"), &step["repeat"]["lookup"]["request"], faults);
    failures(&child(pointer, "onFailure"), &step["onFailure"], faults);
    lookup(pointer, step, faults);
    let posts = step["request"].is_object()
        && step["request"]["method"].as_str().is_none_or(|method| method == "POST");
    if posts && step["repeat"].is_null() {
        let message = "a POST must say what happens if it is sent twice, since an answer can get lost";
        let fix =
            "write `safe` if the CRM takes it once, or `{lookup: {request: …, found: …}}` to look first";
        faults.at_name(&child(pointer, "repeat"), message, fix);
    }
    for link in keys(&step["remember"]) {
        if links[link].is_null() {
            let known = keys(links);
            let fix = match words::nearest(link, known.iter().copied()) {
                Some(meant) => format!("did you mean \"{meant}\"?"),
                None => format!("declare it in `links`: {link}: \"{{{{ contact.email }}}}\""),
            };
            faults.at_name(
                &format!("{pointer}/remember/{link}"),
                format!("there is no link \"{link}\""),
                fix,
            );
        }
    }
}

/// A step is for no event that its file is not for.
fn events(pointer: &str, step: &Value, file: &Value, faults: &mut Faults<'_>) {
    let of_file: Vec<&Value> = items(file).map(|(_, event)| event).collect();
    for (at, event) in items(step).filter(|(_, event)| !of_file.is_empty() && !of_file.contains(event)) {
        let fix = "add it to the file's `on`, or leave it out here";
        faults.at_value(&format!("{pointer}/on/{at}"), format!("the file is not for {event}"), fix);
    }
}

/// Whichever way it is learnt that a step is done, what it remembers of its outputs is among them.
fn lookup(pointer: &str, step: &Value, faults: &mut Faults<'_>) {
    let lookup = &step["repeat"]["lookup"];
    let remembered =
        step["remember"].as_object().into_iter().flatten().filter_map(|(_, value)| value.as_str());
    for path in remembered.filter(|_| lookup.is_object()).flat_map(names_in) {
        if let [root, output, ..] = path.as_slice()
            && root == "outputs"
            && lookup["outputs"][output].is_null()
        {
            let message = format!("it does not say where \"{output}\" is, which the step remembers");
            let fix = format!(
                "write the outputs of an answer that shows the effect: {output}: \"{{{{ body.… }}}}\""
            );
            faults.at_name(&format!("{pointer}/repeat/lookup/outputs"), message, fix);
        }
    }
}

fn request(pointer: &str, request: &Value, faults: &mut Faults<'_>) {
    let mut either = |one: &str, other: &str, fix: &str| {
        if !request[one].is_null() && !request[other].is_null() {
            faults.at_name(&child(pointer, other), format!("`{one}` is there too"), fix);
        }
    };
    either("body", "form", "keep `body` for JSON, or `form` for a form-encoded body");
    either("path", "url", "keep `path` below the server, or a whole `url`");
    either("form", "contentType", "leave it out: a form is application/x-www-form-urlencoded");
    headers(&child(pointer, "headers"), &request["headers"], faults);
}

fn headers(pointer: &str, headers: &Value, faults: &mut Faults<'_>) {
    for name in keys(headers) {
        if ENGINE.contains(&name.to_ascii_lowercase().as_str()) {
            let message = format!("the header {name} follows from the request");
            faults.at_name(&child(pointer, name), message, "leave it out");
        }
        if name.eq_ignore_ascii_case("content-type") {
            let fix = "write `contentType` in the request";
            faults.at_name(&child(pointer, name), "the body's type has its own member", fix);
        }
    }
}

fn failures(pointer: &str, failures: &Value, faults: &mut Faults<'_>) {
    for (at, failure) in items(failures) {
        let pointer = format!("{pointer}/{at}");
        match (failure["class"].is_null(), failure["outputs"].is_null()) {
            (true, true) if failure.is_object() => {
                let fix =
                    "write `class: retry` or another class, or `outputs: {…}` if the step has succeeded";
                faults.at_value(&pointer, "it does not say what follows", fix);
            }
            (false, false) => {
                let fix = "keep `class` for a failure, or `outputs` if the step has succeeded after all";
                faults.at_name(&child(&pointer, "outputs"), "`class` is there too", fix);
            }
            _ => {}
        }
        if !failure["retryAfter"].is_null() && failure["class"].is_null() && !failure["outputs"].is_null() {
            let fix = "leave it out: after a success nothing waits";
            faults.at_name(&child(&pointer, "retryAfter"), "the step has succeeded", fix);
        }
    }
}

fn auth(auth: &Value, faults: &mut Faults<'_>) {
    request("/auth/request", &auth["request"], faults);
    if auth["type"] != "oauth2" {
        return;
    }
    let there = |name: &str| !auth[name].is_null();
    if there("clientSecret") && there("assertion") {
        let fix = "keep one of them: an assertion signs instead of a secret";
        faults.at_name("/auth/assertion", "`clientSecret` is there too", fix);
    }
    match auth["grant"].as_str() {
        Some("refresh_token") if !there("refreshToken") => {
            let fix = "write the first refresh token, in quotes: \"{{ secret.refresh }}\"";
            faults.at_name("/auth/refreshToken", super::schema::MISSING, fix);
        }
        Some("client_credentials") if there("refreshToken") => {
            let fix = "leave it out, or write `grant: refresh_token`";
            faults.at_name("/auth/refreshToken", "client_credentials needs no refresh token", fix);
        }
        Some("client_credentials") if !there("clientSecret") && !there("assertion") => {
            let fix = "write the client's secret, in quotes: \"{{ secret.client }}\", or an `assertion`";
            faults.at_name("/auth/clientSecret", super::schema::MISSING, fix);
        }
        _ => {}
    }
}

/// Whole URLs may only lead to hosts that are named, since the secrets go there.
fn hosts(file: &Value, faults: &mut Faults<'_>) {
    let own = file["url"].as_str().and_then(host);
    let named = |host: &str| {
        own == Some(host)
            || file["hosts"].as_array().into_iter().flatten().filter_map(Value::as_str).any(|pattern| {
                match pattern.strip_prefix('*') {
                    Some(below) => host.ends_with(below),
                    None => pattern == host,
                }
            })
    };
    let mut check = |pointer: String, url: &Value| {
        if let Some(host) = url.as_str().and_then(host).filter(|host| !named(host)) {
            let message = format!("{host} is no host of this connector");
            faults.at_value(&pointer, message, format!("write `hosts: [{host}]`"));
        }
    };
    check("/auth/tokenUrl".to_owned(), &file["auth"]["tokenUrl"]);
    check("/auth/request/url".to_owned(), &file["auth"]["request"]["url"]);
    for (at, step) in items(&file["steps"]) {
        check(format!("/steps/{at}/request/url"), &step["request"]["url"]);
        check(format!("/steps/{at}/repeat/lookup/request/url"), &step["repeat"]["lookup"]["request"]["url"]);
    }
}

/// The host of a URL; nothing where a template has a part in it.
fn host(url: &str) -> Option<&str> {
    let host = url.strip_prefix("https://")?.split(['/', '?', '#', ':']).next()?;
    Some(host).filter(|host| !host.contains('{'))
}

fn items(list: &Value) -> impl Iterator<Item = (usize, &Value)> {
    list.as_array().into_iter().flatten().enumerate()
}

fn keys(object: &Value) -> Vec<&str> {
    object.as_object().into_iter().flatten().map(|(key, _)| key.as_str()).collect()
}
