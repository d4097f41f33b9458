use std::path::Path;
use std::process::{Command, Output};

use serde_json::{Value, json};

pub(super) fn run(folder: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_crm-widgets"));
    command.args(arguments).current_dir(folder).output().unwrap()
}

/// What a command that fails says.
pub(super) fn refused(folder: &Path, arguments: &[&str]) -> String {
    let output = run(folder, arguments);
    assert_eq!(output.status.code(), Some(1), "{arguments:?}");
    String::from_utf8(output.stderr).unwrap()
}

/// What a command that succeeds says.
pub(super) fn said(folder: &Path, arguments: &[&str]) -> String {
    let output = run(folder, arguments);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn a_new_connector_is_checked_listed_and_set_up() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    std::fs::create_dir(folder.join("own")).unwrap();
    assert!(
        said(folder, &["connector", "new", "acme", "--directory", "own"])
            .contains("own/acme.yaml is written")
    );
    let schema: Value =
        serde_json::from_slice(&std::fs::read(folder.join("own/connector.schema.json")).unwrap()).unwrap();
    assert_eq!(schema["properties"]["connector"]["type"], "string");
    assert!(
        refused(folder, &["connector", "new", "acme", "--directory", "own"]).contains("is there already")
    );
    assert!(refused(folder, &["connector", "new", "Acme"]).contains("no name"));
    let sample = "own/samples/submission.created.json";
    let tried = said(folder, &["connector", "try", "own/acme.yaml", "--event", sample]);
    assert!(tried.contains("POST https://crm.example.com/contacts/‹"), "{tried}");
    let checked = said(folder, &["connector", "check", "own/acme.yaml"]);
    assert_eq!(
        checked,
        "own/acme.yaml: ok, 3 steps for submission.created, conversation.closed, appointment.booked, appointment.moved, appointment.cancelled\n"
    );

    let listed = said(folder, &["connector", "list", "--inputs", "--connectors", "own"]);
    assert!(listed.lines().any(|line| line.starts_with("acme ")), "{listed}");
    assert!(listed.lines().any(|line| line.starts_with("hubspot ")), "{listed}");
    assert!(listed.contains("    secrets.token: "), "{listed}");
    assert!(!said(folder, &["connector", "list"]).contains("acme"));

    let connection = json!({"name": "crm", "connector": "acme", "url": "https://acme.example.com/api", "secrets": {"token": {"env": "T"}}});
    let site = |connection: &Value| json!({"sites": [{"key": "clinic", "name": "Clinic", "languages": ["en"], "connections": [connection]}]});
    std::fs::write(folder.join("site.json"), site(&connection).to_string()).unwrap();
    said(folder, &["check", "site.json", "--connectors", "own"]);
    assert!(
        refused(folder, &["check", "site.json"])
            .contains("sites[0].connections[0].connector: there is no connector \"acme\"")
    );
    let mut without = connection;
    without["secrets"] = json!({});
    std::fs::write(folder.join("site.json"), site(&without).to_string()).unwrap();
    for command in ["check", "apply"] {
        let error = refused(folder, &[command, "site.json", "--connectors", "own"]);
        assert!(
            error.contains("sites[0].connections[0].secrets.token: it is missing; write {\"env\""),
            "{error}"
        );
    }
}

#[test]
fn a_broken_connector_is_refused_with_its_lines_and_stops_the_gateway() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let text = "connector: acme\ntitel: Acme\nverified: live\nsteps:\n  - {stepId: a, request: {path: /a}}\n";
    std::fs::write(folder.join("acme.yaml"), text).unwrap();
    for command in [
        ["connector", "check", "acme.yaml"].as_slice(),
        &["serve", "--connectors", ".", "--listen", "127.0.0.1:0"],
    ] {
        let error = refused(folder, command);
        for wanted in [
            "acme.yaml:2:1: titel: there is no member \"titel\" here; did you mean \"title\"?",
            "acme.yaml:5:5: steps[0].repeat: a POST must say",
        ] {
            assert!(error.contains(wanted), "{command:?}: {error}");
        }
    }
}
