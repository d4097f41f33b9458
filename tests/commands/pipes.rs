use std::process::{Command, Stdio};

use crm_widgets::definitions::Definitions;
use serde_json::json;

use super::printed;
use crate::desk::site;
use crate::support::database::Database;

/// As `crm-widgets … | true` does.
#[tokio::test]
async fn a_command_whose_output_nobody_reads_ends_quietly() {
    let database = Database::sqlite();
    let store = database.open().await;
    let definitions: Definitions = serde_json::from_value(json!({"sites": [site()]})).unwrap();
    crm_widgets::command::apply::apply(&store, &definitions).await.unwrap();
    printed(&database, &["token", "add", "front-desk", "--may", "read"]);
    let closed = printed(&database, &["schedule", "close", "clinic", "--from", "2030-12-24"]);
    let closed = closed.split_whitespace().next().unwrap();
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str| concat!(env!("CARGO_MANIFEST_DIR"), "/connectors/").to_owned() + name;
    let (hubspot, sample) = (file("hubspot.yaml"), file("samples/submission.created.json"));
    for arguments in [
        ["connector", "list", "--inputs"].as_slice(),
        &["connector", "check", &hubspot],
        &["connector", "new", "acme"],
        &["connector", "try", "hubspot", "--event", &sample],
        &["deliveries", "list"],
        &["connections", "list"],
        &["connections", "pause", "clinic/crm"],
        &["export", "--site", "clinic"],
        &["erase", "--contact", "nobody@example.com"],
        &["replay", "--exhausted"],
        &["schedule", "list", "clinic"],
        &["schedule", "close", "clinic", "--from", "2030-12-31", "--cancel"],
        &[
            "schedule",
            "open",
            "clinic",
            "--who",
            "li",
            "--place",
            "lakeside",
            "--day",
            "2030-12-27",
            "--hours",
            "09:00-12:00",
        ],
        &["schedule", "remove", "clinic", closed],
        &["token", "list"],
        &["token", "add", "kiosk", "--may", "book"],
        &["token", "remove", "front-desk"],
        &["--help"],
    ] {
        let mut command = Command::new(env!("CARGO_BIN_EXE_crm-widgets"));
        command.args(arguments).current_dir(folder.path()).env("CRM_WIDGETS_DATABASE", &database.url);
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let ended = command.stdout(writer).stderr(Stdio::piped()).output().unwrap();
        let said = String::from_utf8_lossy(&ended.stderr).into_owned();
        assert!(ended.status.success() && said.is_empty(), "{arguments:?}: {:?}: {said}", ended.status);
    }
    // What was begun is done.
    let list = printed(&database, &["schedule", "list", "clinic"]);
    assert!(
        list.contains("2030-12-31") && list.contains("2030-12-27") && !list.contains("2030-12-24"),
        "{list}"
    );
    let list = printed(&database, &["token", "list"]);
    assert!(list.contains("kiosk") && !list.contains("front-desk"), "{list}");
    store.close().await;
}
