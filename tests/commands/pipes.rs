use std::process::{Command, Stdio};

use super::clinic;

/// As `crm-widgets … | true` does.
#[tokio::test]
async fn a_command_whose_output_nobody_reads_ends_quietly() {
    let (database, store) = clinic().await;
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
    store.close().await;
}
