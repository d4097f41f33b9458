//! Whether a site's connections say what their connectors want to know.

use crm_protocol::faults::Fault;

use super::event::kind;
use super::file::ConnectorFile;
use super::file::faults::{connection_template, instead};
use super::library::Library;
use crate::definitions::{Connection, Definitions};

/// Everything that keeps a connection from working, as far as its connector says.
pub fn faults(definitions: &Definitions, library: &Library) -> Vec<Fault> {
    let mut faults = Vec::new();
    for (at, site) in definitions.sites.iter().enumerate() {
        for (connection_at, connection) in site.connections.iter().enumerate() {
            let path = format!("sites[{at}].connections[{connection_at}]");
            let mut found = Found { path, faults: &mut faults };
            match library.get(&connection.connector) {
                Some(file) => found.check(connection, &file),
                None => {
                    let message = format!("there is no connector \"{}\"", connection.connector);
                    found.add("connector", message, instead(&connection.connector, library.names()));
                }
            }
        }
    }
    faults
}

/// What may be applied and will hardly be meant: reminders that nothing brings to anybody.
pub fn hints(definitions: &Definitions, library: &Library) -> Vec<Fault> {
    let sites = definitions.sites.iter().enumerate();
    let silent = sites.filter(|(_, site)| {
        let reminds = site.booking.as_ref().is_some_and(|booking| !booking.reminders.is_empty());
        reminds && !site.connections.iter().any(|connection| carries(connection, library, kind::REMINDER))
    });
    let hint = |(at, _)| Fault {
        path: format!("sites[{at}].booking.reminders"),
        message: format!("no connection takes {}: nobody is reminded but by a calendar", kind::REMINDER),
        fix: "set one up with the connector email, sms or wechat, or write []".to_owned(),
    };
    silent.map(hint).collect()
}

fn carries(connection: &Connection, library: &Library, event: &str) -> bool {
    connection.wants_event(event)
        && library.get(&connection.connector).is_some_and(|file| file.handles(event))
}

/// Faults of one connection.
struct Found<'a> {
    path: String,
    faults: &'a mut Vec<Fault>,
}

impl Found<'_> {
    fn add(&mut self, member: &str, message: impl Into<String>, fix: impl Into<String>) {
        let path = format!("{}.{member}", self.path);
        self.faults.push(Fault { path, message: message.into(), fix: fix.into() });
    }

    fn check(&mut self, connection: &Connection, file: &ConnectorFile) {
        if connection.url.is_none() && file.url.is_none() {
            self.add("url", "it is missing", format!("write the address of your {}: https://…", file.title));
        }
        let inputs = connection.inputs.keys().map(String::as_str);
        self.undeclared("inputs", inputs, file.inputs.keys().map(String::as_str), &file.connector);
        let secrets = connection.secrets.keys().map(String::as_str);
        self.undeclared("secrets", secrets, file.secrets.keys().map(String::as_str), &file.connector);
        for (name, input) in &file.inputs {
            if input.is_needed() && !connection.inputs.contains_key(name) {
                self.add(
                    &format!("inputs.{name}"),
                    "it is missing",
                    format!("write it: {}", input.description),
                );
            }
        }
        for (name, secret) in &file.secrets {
            if !secret.optional && !connection.secrets.contains_key(name) {
                let fix = format!(
                    "write {{\"env\": VARIABLE}} or {{\"file\": PATH}} for it: {}",
                    secret.description
                );
                self.add(&format!("secrets.{name}"), "it is missing", fix);
            }
        }
        for (at, event) in connection.events.iter().flatten().enumerate() {
            if !file.handles(event) {
                let message = format!("the connector {} does nothing with {event}", file.connector);
                self.add(&format!("events[{at}]"), message, "leave it out, or add a step to the connector");
            }
        }
        for (name, template) in &connection.fields {
            for (message, fix) in connection_template(template, file) {
                self.add(&format!("fields.{name}"), message, fix);
            }
        }
    }

    fn undeclared<'n>(
        &mut self,
        member: &str,
        written: impl Iterator<Item = &'n str>,
        declared: impl Iterator<Item = &'n str>,
        connector: &str,
    ) {
        let declared: Vec<&str> = declared.collect();
        for name in written.filter(|name| !declared.contains(name)) {
            let message = format!("the connector {connector} knows no \"{name}\"");
            self.add(&format!("{member}.{name}"), message, instead(name, declared.iter().copied()));
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    const ACME: &str = r#"
connector: acme
title: Acme CRM
verified: documentation
inputs:
  owner: {description: Id of the owner}
  source: {description: Source, default: Website}
secrets:
  key: {description: "Settings > API"}
  extra: {description: "for signatures", optional: true}
steps:
  - {stepId: note, on: [submission.created], request: {method: PUT, path: /notes}}
"#;

    fn said(connection: Value) -> Vec<String> {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("acme.yaml"), ACME).unwrap();
        let library = Library::load(Some(folder.path())).unwrap_or_else(|error| panic!("{error}"));
        let mut members = json!({"name": "crm", "connector": "acme", "url": "https://crm.example.com",
            "inputs": {"owner": "7"}, "secrets": {"key": {"env": "KEY"}}});
        for (name, value) in connection.as_object().unwrap() {
            members[name] = value.clone();
        }
        members.as_object_mut().unwrap().retain(|_, value| !value.is_null());
        let site = json!({"key": "clinic", "name": "Clinic", "languages": ["en"], "connections": [members]});
        let definitions = serde_json::from_value(json!({"sites": [site]})).unwrap();
        let path = |fault: &Fault| fault.to_string().replace("sites[0].connections[0].", "");
        faults(&definitions, &library).iter().map(path).collect()
    }

    #[test]
    fn a_connection_that_says_everything_has_no_faults() {
        assert_eq!(said(json!({})), [""; 0]);
        let all = json!({"inputs": {"owner": "7", "source": "Fair"}, "events": ["submission.created"],
            "secrets": {"key": {"env": "KEY"}, "extra": {"file": "/run/secrets/extra"}},
            "fields": {"a": "name", "b": "{{ answers.name | upper }} {{ contact.email }} {{ input.source }}"}});
        assert_eq!(said(all), [""; 0]);
    }

    #[test]
    fn what_a_connection_leaves_out_or_invents_is_said() {
        for (members, wanted) in [
            (
                json!({"connector": "acne"}),
                "connector: there is no connector \"acne\"; did you mean \"acme\"?",
            ),
            (json!({"url": null}), "url: it is missing; write the address of your Acme CRM: https://…"),
            (json!({"inputs": null}), "inputs.owner: it is missing; write it: Id of the owner"),
            (
                json!({"inputs": {"owner": 7, "sorce": "x"}}),
                "inputs.sorce: the connector acme knows no \"sorce\"; did you mean \"source\"?",
            ),
            (
                json!({"secrets": null}),
                "secrets.key: it is missing; write {\"env\": VARIABLE} or {\"file\": PATH} for it: Settings > API",
            ),
            (
                json!({"secrets": {"key": {"env": "K"}, "token": {"env": "T"}}}),
                "secrets.token: the connector acme knows no \"token\"; choose from extra, key",
            ),
            (
                json!({"events": ["case.opened"]}),
                "events[0]: the connector acme does nothing with case.opened; leave it out",
            ),
            (
                json!({"fields": {"a": "{{ answer.name }}"}}),
                "fields.a: there is no name \"answer\" here; did you mean \"answers\"?",
            ),
            (json!({"fields": {"a": "{{ answers.name"}}), "fields.a: the template cannot be read: "),
            (
                json!({"fields": {"a": "{{ answers.name | uper }}"}}),
                "fields.a: there is no filter \"uper\"; did you mean \"upper\"?",
            ),
        ] {
            let said = said(members.clone());
            assert!(said.len() == 1 && said[0].starts_with(wanted), "{members}: {said:?}");
        }
    }
}
