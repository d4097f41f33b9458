use crm_widgets::store::sites::{Apply, LoadSites, Revision};

use crate::on_both_engines;
use crate::support::database::Database;

on_both_engines!(applying_the_same_again_changes_nothing, a_change_raises_the_revision);

fn apply(sites: &[(&str, &str)]) -> Apply {
    Apply { sites: sites.iter().map(|(key, body)| ((*key).into(), (*body).into())).collect() }
}

async fn applying_the_same_again_changes_nothing(database: Database) {
    let store = database.open().await;
    let first = store.run(apply(&[("clinic", "{}"), ("dentist", "{}")])).await.unwrap();
    assert_eq!(first.changed, ["clinic", "dentist"]);
    let again = store.run(apply(&[("clinic", "{}"), ("dentist", "{}")])).await.unwrap();
    assert_eq!((again.changed.len(), again.revision), (0, first.revision));
    assert_eq!(store.run(Revision).await.unwrap(), first.revision);
}

async fn a_change_raises_the_revision(database: Database) {
    let store = database.open().await;
    let first = store.run(apply(&[("clinic", "1"), ("dentist", "1")])).await.unwrap();
    let second = store.run(apply(&[("clinic", "2"), ("dentist", "1")])).await.unwrap();
    assert_eq!(second.changed, ["clinic"]);
    assert!(second.revision > first.revision);
    // Sites that a file does not name stay.
    let third = store.run(apply(&[("clinic", "3")])).await.unwrap();
    let (revision, sites) = store.run(LoadSites).await.unwrap();
    assert_eq!(revision, third.revision);
    assert_eq!(sites, [("clinic".into(), "3".into()), ("dentist".into(), "1".into())]);
}
