use crate::desk::site;
use crate::support::database::Database;

use super::{clinic, printed, run};

#[tokio::test(flavor = "multi_thread")]
async fn a_token_is_printed_once_listed_without_itself_and_removed() {
    let (database, _store) = clinic().await;
    let secret =
        printed(&database, &["token", "add", "front-desk", "--site", "clinic", "--may", "read,book"]);
    let secret = secret.trim();
    assert!(secret.starts_with("crm_") && secret.len() == 47, "256 random bits: {secret}");
    let other = printed(&database, &["token", "add", "boss", "--may", "read,book,schedule"]);
    assert_ne!(secret, other.trim());
    let list = printed(&database, &["token", "list"]);
    assert_eq!(
        list,
        "boss  may read, book, schedule at all sites; never used\nfront-desk  may read, book at clinic; never used\n"
    );
    for file in std::fs::read_dir(database.dir.as_ref().expect("a file").path()).expect("a folder") {
        let bytes = std::fs::read(file.expect("a file").path()).expect("bytes");
        let found = bytes.windows(secret.len()).any(|window| window == secret.as_bytes());
        assert!(!found, "a token is kept as a hash only");
    }
    assert!(printed(&database, &["token", "remove", "front-desk"]).contains("opens nothing"));
    assert!(!printed(&database, &["token", "list"]).contains("front-desk"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_that_would_open_nothing_is_refused_with_the_fix() {
    let (database, _store) = clinic().await;
    printed(&database, &["token", "add", "front-desk", "--may", "read"]);
    for (arguments, fix) in [
        (&["token", "add", "front-desk", "--may", "read"][..], "remove it first"),
        (&["token", "add", "desk", "--may", "write"], "choose from read, book, schedule"),
        (&["token", "add", "desk", "--site", "clinik", "--may", "read"], "choose from clinic"),
        (&["token", "add", "Front desk", "--may", "read"], "write 1 to 64 of a-z, 0-9 and -"),
        (&["token", "add", "desk"], "--may"),
        (&["token", "remove", "desk"], "`token list` shows all"),
    ] {
        let output = run(&database, arguments);
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(!output.status.success() && said.contains(fix), "{arguments:?}: {said}");
    }
    assert_eq!(printed(&database, &["token", "list"]).lines().count(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_made_beside_a_running_gateway_opens_its_site_at_once_and_nothing_once_removed() {
    let gateway = crate::desk::open(Database::sqlite()).await;
    let secret = printed(&gateway.database, &["token", "add", "desk", "--site", "clinic", "--may", "read"]);
    let token = format!("Bearer {}", secret.trim());
    let path = format!("/console/api/sites/{}/appointments", site()["key"].as_str().expect("a key"));
    let headers = [("authorization", token.as_str())];
    assert_eq!(gateway.get(&path, &headers).await.status, 200);
    assert!(printed(&gateway.database, &["token", "list"]).contains("last used 20"));
    printed(&gateway.database, &["token", "remove", "desk"]);
    assert_eq!(gateway.get(&path, &headers).await.status, 401);
    gateway.stop().await;
}
