//! `connector try`: what whoever writes a connector sees of it.

use std::path::Path;
use std::process::Command;

use serde_json::json;
use tempfile::TempDir;

use super::connector::{refused, said};
use crate::support::authority::{Authority, ok, refusal};

/// A connector with a login, a composite header and a step of each kind.
const OWN: &str = r#"connector: own
title: Own CRM
verified: documentation
inputs:
  owner: {description: Id of the owner}
  source: {description: Source, default: Website}
  team: {description: Id of the team, optional: true}
secrets: {password: {description: Password of the user web}}
auth:
  type: login
  request: {path: /login, body: {user: web, password: "{{ secret.password }}"}}
  outputs: {session: "{{ body.session }}"}
  apply: {header: x-session, value: "{{ ('web:' ~ token.session) | base64 }}"}
errors:
  - {when: status == 409, class: permanent}
links: {person: "{{ contact.email }}"}
steps:
  - stepId: find
    when: not link.person
    request: {method: GET, path: /people, query: {email: "{{ contact.email }}"}}
    outputs: {id: "{{ body.items[0].id }}"}
    remember: {person: "{{ outputs.id }}"}
  - stepId: create
    when: not (link.person or steps.find.id)
    request:
      path: /people
      body: {email: "{{ contact.email }}", owner: "{{ input.owner | int }}", team: "{{ input.team }}"}
    successCriteria: [status == 201, body.made]
    outputs: {id: "{{ body.id }}"}
    remember: {person: "{{ outputs.id }}"}
    repeat:
      lookup:
        request: {method: GET, path: /people, query: {ref: "{{ event.id }}"}}
        found: body.items
        outputs: {id: "{{ body.items[0].id }}"}
  - stepId: note
    request: {method: PUT, path: "/people/{{ link.person or steps.find.id or steps.create.id }}/notes/{{ event.id }}"}
"#;

/// A folder with that connector as `own.yaml`.
fn folder(connector: &str) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("own.yaml"), connector).unwrap();
    folder
}

/// `connector try own.yaml` with an enquiry, and more arguments.
fn trial<'a>(more: &[&'a str]) -> Vec<&'a str> {
    let sample = concat!(env!("CARGO_MANIFEST_DIR"), "/connectors/samples/submission.created.json");
    [&["connector", "try", "own.yaml", "--event", sample], more].concat()
}

#[test]
fn every_request_is_shown_with_the_names_of_what_is_not_known() {
    let folder = folder(OWN);
    let tried = said(folder.path(), &trial(&[]));
    for wanted in [
        "── login · once, while its token lasts ──\nPOST https://crm.example.com/login\n",
        "\"password\": \"‹secret.password›\"",
        "── find · only when not link.person ──\nGET https://crm.example.com/people?email=",
        "x-session: ‹base64 of web:‹token.session››",
        "\"owner\": \"‹input.owner›\"",
        "── create, lookup · asked only when a repetition is possible ──\nGET https://crm.example.com/people?ref=sub_",
        "PUT https://crm.example.com/people/‹link.person›/notes/sub_",
        "3 steps, nothing sent",
    ] {
        assert!(tried.contains(wanted), "{wanted} is not in:\n{tried}");
    }
    assert!(!tried.contains("team"), "what may be left out is left out:\n{tried}");
    let set = said(folder.path(), &trial(&["--input", "owner=7", "--url", "http://crm.local/api"]));
    assert!(set.contains("\"owner\": 7") && set.contains("POST http://crm.local/api/people\n"), "{set}");
}

#[test]
fn the_request_for_a_token_is_shown_too() {
    let folder = tempfile::tempdir().unwrap();
    let sample = concat!(env!("CARGO_MANIFEST_DIR"), "/connectors/samples/submission.created.json");
    let tried = said(folder.path(), &["connector", "try", "dataverse", "--event", sample]);
    for wanted in [
        "── login · once, while its token lasts ──\nPOST https://login.microsoftonline.com/‹input.tenant›/oauth2/v2.0/token\n",
        "\nclient_id=‹secret.clientId›\nclient_secret=‹secret.clientSecret›\ngrant_type=client_credentials\nscope=",
        "authorization: Bearer ‹token.access_token›",
    ] {
        assert!(tried.contains(wanted), "{wanted} is not in:\n{tried}");
    }
}

#[test]
fn what_the_command_line_says_wrongly_is_refused_with_what_to_write() {
    let folder = folder(OWN);
    let set = ["--send", "--url", "http://127.0.0.1:1", "--input", "owner=7"];
    for (more, wanted) in [
        (
            ["--input", "ovner=7"].as_slice(),
            "--input ovner: the connector own knows no \"ovner\"; did you mean \"owner\"?",
        ),
        (&["--input", "colour=red"], "knows no \"colour\"; choose from owner, source, team"),
        (
            &["--secret", "pasword=P"],
            "--secret pasword: the connector own knows no \"pasword\"; did you mean \"password\"?",
        ),
        (&["--secret", "hunter2"], "write --secret NAME=VARIABLE"),
        (
            &["--url", "crm.example.com/api"],
            "--url crm.example.com/api: requests cannot be sent there; write https://crm.example.com/api",
        ),
        (&["--url", "ftp://crm.example.com"], "write https://crm.example.com"),
        (&["--send"], "add --input owner=VALUE: Id of the owner"),
        (
            &["--send", "--input", "owner=7", "--secret", "password=HOME"],
            "--url: it is missing; write the address of your Own CRM: https://",
        ),
        (
            &set,
            "add --secret password=VARIABLE: Password of the user web; VARIABLE is the environment variable",
        ),
        (
            &[&set[..], &["--secret", "password=NOT_SET_ANYWHERE"]].concat(),
            "--secret password=NOT_SET_ANYWHERE: the environment variable NOT_SET_ANYWHERE is not set; export NOT_SET_ANYWHERE=…",
        ),
        (
            &[&set[..], &["--secret", "password=HOME"]].concat(),
            "http is only for destinations that the settings allow; use https, or start with --allow-private HOST",
        ),
    ] {
        let error = refused(folder.path(), &trial(more));
        assert!(error.contains(wanted), "{more:?}: {error}");
        assert!(!error.contains("hunter2"), "{error}");
    }
}

#[test]
fn an_event_that_no_step_is_for_is_said_so() {
    let folder = folder(&OWN.replace("links:", "on: [submission.created]\nlinks:"));
    let sample = concat!(env!("CARGO_MANIFEST_DIR"), "/connectors/samples/message.created.json");
    let error = refused(folder.path(), &["connector", "try", "own.yaml", "--event", sample]);
    assert!(error.contains("own does nothing with message.created: no step has it in its `on`"), "{error}");
}

#[test]
fn a_template_that_can_never_be_rendered_is_no_missing_answer() {
    let folder = folder(&OWN.replace("{{ input.owner | int }}", "{{ data.receipt | time('iso') }}"));
    let error = refused(folder.path(), &trial(&[]));
    assert!(error.contains("step create: the template \"data.receipt | time('iso')\": "), "{error}");
    assert!(error.contains("`time` wants an instant"), "{error}");
    let folder = self::folder(&OWN.replace("{{ input.owner | int }}", "{{ steps.find.id + 1 }}"));
    let tried = said(folder.path(), &trial(&[]));
    assert!(tried.contains("depends on an answer: \"steps.find.id + 1\""), "{tried}");
}

/// What `connector try --send` prints on its two ways out.
fn sent(folder: &Path, crm: &Authority) -> (String, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_crm-widgets"));
    let more = ["--send", "--url", &crm.url, "--input", "owner=7", "--secret", "password=OWN_PASSWORD"];
    let command = command.args(trial(&more)).args(["--allow-private", "127.0.0.1"]).current_dir(folder);
    let output = command.env("OWN_PASSWORD", "correct-horse").output().unwrap();
    let [out, err] = [output.stdout, output.stderr].map(|bytes| String::from_utf8(bytes).unwrap());
    assert!(!(out.clone() + &err).contains("correct-horse"), "{out}{err}");
    (out, err)
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_sent_is_shown_by_step_with_what_each_answer_means() {
    let crm = Authority::start(|seen, _| match (seen.path.split('?').next(), seen.path.contains("notes")) {
        (Some("/login"), _) => ok(json!({"session": "a-session-of-the-user"})),
        (Some("/people"), _) if seen.body.is_empty() => ok(json!({"items": []})),
        (Some("/people"), _) => refusal(201, json!({"made": true, "id": 12})),
        _ => ok(json!({})),
    })
    .await;
    let folder = folder(OWN);
    let (out, err) = sent(folder.path(), &crm);
    for wanted in [
        "── login ──\nPOST http://127.0.0.1:",
        "── find ──\nGET ",
        "find: 200, done\n",
        "── create ──\nPOST ",
        "create: 201, done\n",
        "note: 200, done\n",
        "\ndelivered\n",
    ] {
        assert!(out.contains(wanted), "{wanted} is not in:\n{out}{err}");
    }
    assert!(!out.contains("a-session-of-the-user"), "{out}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failure_says_its_class_and_what_did_not_hold() {
    for (status, body, wanted) in [
        (409, json!({}), "permanent (rejected), the CRM answered 409, and `status == 201` does not hold"),
        (503, json!({}), "retry (server), the CRM answered 503, and `status == 201` does not hold"),
        (201, json!({"id": 12}), "retry (rejected), the CRM answered 201, and `body.made` does not hold"),
    ] {
        let crm = crm(status, body).await;
        let folder = folder(OWN);
        let (out, err) = sent(folder.path(), &crm);
        assert!(out.contains(&format!("create: {wanted}")), "{out}{err}");
        let last = format!("crm-widgets: {}", wanted.replacen(", ", ": step create: ", 1));
        assert!(err.starts_with(&last), "{err}");
    }
}

/// A record that was made and that nobody would find again.
#[tokio::test(flavor = "multi_thread")]
async fn a_create_that_puts_out_nothing_to_remember_has_failed() {
    let crm = crm(201, json!({"made": true, "guid": "12"})).await;
    let folder = folder(OWN);
    let (_, err) = sent(folder.path(), &crm);
    let wanted = "retry (settings): step create: it succeeded, but what it remembers as person, `outputs.id`, is nothing";
    assert!(err.contains(wanted), "{err}");
    assert!(crm.seen("/people/").is_empty() && crm.requests() == 3, "and nothing more was sent");
}

/// Too long to be shown as a whole, and no secret is left where it is cut.
#[tokio::test(flavor = "multi_thread")]
async fn of_a_secret_that_a_long_answer_repeats_nothing_is_shown() {
    let crm = crm(201, json!({"made": true, "id": 12, "echo": "correct-horse ".repeat(1_000)})).await;
    let folder = folder(OWN);
    let (out, _) = sent(folder.path(), &crm);
    let (shown, _) = out.split_once("\n…\n").expect("it is cut");
    assert!(shown.contains("••• •••") && shown.ends_with(['•', ' ']), "{out}");
}

/// A CRM that answers the creation of a person so.
async fn crm(status: u16, body: serde_json::Value) -> Authority {
    Authority::start(move |seen, _| match seen.path.split('?').next() {
        Some("/login") => ok(json!({"session": "a-session-of-the-user"})),
        Some("/people") if seen.body.is_empty() => ok(json!({"items": []})),
        Some("/people") => refusal(status, body.clone()),
        _ => ok(json!({})),
    })
    .await
}
