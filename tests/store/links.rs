use std::collections::BTreeMap;

use crm_protocol::id::DeliveryId;
use crm_widgets::store::Store;
use crm_widgets::store::deliveries::{Claim, Claimed, Lease, Next, Recorded, Release};
use crm_widgets::store::erase::By;
use crm_widgets::store::links::{LinkKey, Reserve, Reserved};
use crm_widgets::store::steps::FinishStep;

use super::{NOW, claim, key, lease, record, submission};
use crate::on_both_engines;
use crate::support::database::Database;

on_both_engines!(
    one_delivery_at_a_time_works_on_a_link,
    links_are_taken_together_or_not_at_all,
    a_reservation_lasts_as_long_as_its_lease,
    many_at_once_never_share_a_link,
    what_was_remembered_is_known_to_the_next,
    links_go_with_the_submission_that_brought_them,
);

async fn reserve(store: &Store, lease: Lease, keys: &[LinkKey]) -> Reserved {
    store.run(Reserve { lease, keys: keys.to_vec() }).await.unwrap()
}

fn free() -> Reserved {
    Reserved::Free(BTreeMap::new())
}

/// Accepts and claims that many deliveries.
async fn claimed(store: &Store, count: u128) -> Vec<Claimed> {
    for number in 1..=count {
        store.run(submission(number)).await.unwrap();
    }
    let claimed = store.run(claim(NOW, 1_000)).await.unwrap();
    assert_eq!(claimed.len() as u128, count);
    claimed
}

async fn remember(store: &Store, claimed: &Claimed, key: LinkKey, value: &str) {
    let remember = vec![(key, value.to_owned())];
    let lease = lease(claimed, NOW);
    let finish = FinishStep { lease, step: "create".into(), outputs: "{}".into(), remember };
    assert_eq!(store.run(finish).await.unwrap(), Recorded::Ok);
}

async fn one_delivery_at_a_time_works_on_a_link(database: Database) {
    let store = database.open().await;
    let all = claimed(&store, 3).await;
    let person = [key("person", 1)];
    assert_eq!(reserve(&store, lease(&all[0], NOW), &person).await, free());
    assert_eq!(reserve(&store, lease(&all[0], NOW), &person).await, free(), "it has it already");
    assert_eq!(reserve(&store, lease(&all[1], NOW), &person).await, Reserved::Busy);
    assert_eq!(reserve(&store, lease(&all[1], NOW), &[key("person", 2)]).await, free(), "someone else");
    record(&store, &all[0], Next::Delivered).await;
    assert_eq!(reserve(&store, lease(&all[1], NOW), &person).await, free(), "once it is recorded");
    let release = Release { delivery: all[1].delivery, fence: all[1].fence, due_at: NOW };
    store.run(release).await.unwrap();
    assert_eq!(reserve(&store, lease(&all[2], NOW), &person).await, free(), "once it is released");
}

async fn links_are_taken_together_or_not_at_all(database: Database) {
    let store = database.open().await;
    let all = claimed(&store, 3).await;
    let (person, company) = (key("person", 1), key("company", 1));
    assert_eq!(reserve(&store, lease(&all[0], NOW), std::slice::from_ref(&person)).await, free());
    let both = [company.clone(), person];
    assert_eq!(reserve(&store, lease(&all[1], NOW), &both).await, Reserved::Busy);
    assert_eq!(reserve(&store, lease(&all[2], NOW), &[company]).await, free(), "nothing of it was kept");
}

async fn a_reservation_lasts_as_long_as_its_lease(database: Database) {
    let store = database.open().await;
    let all = claimed(&store, 2).await;
    let person = [key("person", 1)];
    let claim = Claim { lease_ms: 500_000, ..claim(NOW + 60_000, 1) };
    assert_eq!(reserve(&store, lease(&all[0], NOW), &person).await, free());
    remember(&store, &all[0], key("company", 1), "9").await;
    let renewed = Lease { lease_ms: 90_000, ..lease(&all[0], NOW + 1) };
    assert_eq!(reserve(&store, renewed, &[key("company", 1)]).await, known("company", "9"));
    let other = store.run(claim).await.unwrap().remove(0);
    assert_eq!(other.delivery, all[1].delivery, "the first one's lease was renewed");
    assert_eq!(reserve(&store, lease(&other, NOW + 90_000), &person).await, Reserved::Busy);
    assert_eq!(reserve(&store, lease(&other, NOW + 90_001), &person).await, free());
    let late = lease(&all[0], NOW + 90_001);
    assert_eq!(reserve(&store, late, &person).await, Reserved::LeaseLost);
}

async fn many_at_once_never_share_a_link(database: Database) {
    let (one, two) = (database.open().await, database.open().await);
    let all = claimed(&one, 40).await;
    let racers = all.iter().enumerate().map(|(at, claimed)| {
        let store = if at % 2 == 0 { one.clone() } else { two.clone() };
        let mut keys = vec![key("person", 1), key("company", 1)];
        if at % 3 == 0 {
            keys.reverse();
        }
        let lease = lease(claimed, NOW);
        tokio::spawn(async move { reserve(&store, lease, &keys).await })
    });
    let mut won = 0;
    for racer in racers.collect::<Vec<_>>() {
        match racer.await.unwrap() {
            Reserved::Free(_) => won += 1,
            other => assert_eq!(other, Reserved::Busy),
        }
    }
    assert_eq!(won, 1);
}

fn known(link: &str, value: &str) -> Reserved {
    Reserved::Free(BTreeMap::from([(link.to_owned(), value.to_owned())]))
}

async fn what_was_remembered_is_known_to_the_next(database: Database) {
    let store = database.open().await;
    let all = claimed(&store, 2).await;
    let (person, company) = (key("person", 1), key("company", 1));
    remember(&store, &all[0], person.clone(), "41").await;
    remember(&store, &all[0], person.clone(), "42").await;
    assert_eq!(reserve(&store, lease(&all[1], NOW), &[person.clone(), company]).await, known("person", "42"));

    let mut elsewhere = submission(3);
    elsewhere.deliveries[0].connection = "archive".into();
    store.run(elsewhere).await.unwrap();
    let archive = Claim { connection: ("clinic".into(), "archive".into()), ..claim(NOW, 1) };
    let other = store.run(archive).await.unwrap().remove(0);
    assert_eq!(other.delivery, DeliveryId::from_u128(3));
    assert_eq!(reserve(&store, lease(&other, NOW), &[person]).await, free(), "another CRM, other ids");
}

async fn links_go_with_the_submission_that_brought_them(database: Database) {
    let store = database.open().await;
    let all = claimed(&store, 3).await;
    let (one, two) = (key("person", 1), key("person", 2));
    remember(&store, &all[0], one.clone(), "41").await;
    remember(&store, &all[1], two.clone(), "42").await;
    store.erase(By::Submission(all[0].submission.id)).await.unwrap();
    assert_eq!(reserve(&store, lease(&all[2], NOW), &[one]).await, free());
    assert_eq!(reserve(&store, lease(&all[2], NOW), &[two]).await, known("person", "42"));
}
