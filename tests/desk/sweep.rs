//! Ended holds are swept, whatever is in the way.

use std::time::Duration;

use crm_protocol::id::HoldId;
use crm_widgets::booking::{Candidate, Taking};
use crm_widgets::store::Store;
use crm_widgets::store::booking::{FindHold, Held, Hold};
use serde_json::json;

use super::{Visitor, key, open, patient};
use crate::on_both_engines;
use crate::support::database::Database;

on_both_engines!(holds_of_what_is_gone_are_let_go_and_hold_up_nobody);

/// More than are read at once.
const MANY: u128 = 450;
const HALF_HOUR: i64 = 1_800_000;

/// A hold of a visitor who went away: the lower the number, the longer ago.
async fn left_behind(store: &Store, number: u128, (site, service): (&str, &str), start: i64) {
    let end = start + HALF_HOUR;
    let takings = vec![Taking { resource: "li".into(), from: start, to: end, seats: 1 }];
    let slot = Candidate { practitioner: "li".into(), place: "lakeside".into(), start, end, takings };
    let day =
        jiff::Timestamp::from_millisecond(start).expect("an instant").in_tz("Asia/Shanghai").expect("a zone");
    let hold = Hold {
        id: HoldId::from_u128(number),
        site: site.into(),
        service: service.into(),
        candidates: vec![slot],
        day: day.date().to_string(),
        per_day: Default::default(),
        now: 1,
        expires_at: 1_000 + number as i64,
        key: format!("left-behind-{number}"),
        body_sha256: [0; 32],
        spent: None,
    };
    assert!(matches!(store.run(hold).await.expect("stored"), Held::Stored(_)));
}

async fn holds_of_what_is_gone_are_let_go_and_hold_up_nobody(database: Database) {
    let gateway = open(database).await;
    let (visitor, store) = (Visitor(&gateway.caller), gateway.database.open().await);
    let slot = visitor.free("li").await.remove(0);
    let start = slot.parse::<jiff::Timestamp>().expect("an instant").as_millisecond();
    let wait = json!({"service": "checkup", "practitioner": "li", "answers": patient(1)});
    let waiting = visitor.post("waitlist", &key(1), "", &wait).await.json();
    for number in 0..MANY {
        // In years to come, where nothing is offered.
        let at = start + (20_000 + number as i64) * HALF_HOUR;
        let of = if number % 2 == 0 { ("clinic", "gone") } else { ("gone", "checkup") };
        left_behind(&store, number, of, at).await;
    }
    left_behind(&store, MANY, ("clinic", "checkup"), start).await;
    let own = format!("waitlist/{}", waiting["id"].as_str().expect("an id"));
    let token = waiting["token"].as_str().expect("a token");
    for tried in 0.. {
        let seen = visitor.own("GET", &own, token, None).await.json();
        if seen["turn"] == "offered" {
            assert_eq!(seen["offer"]["start"], slot);
            break;
        }
        assert!(tried < 100, "nothing was offered: {seen}");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    // Those of a service that is gone are free; a site may come back.
    for (number, site, kept) in [(0, "clinic", false), (MANY - 2, "clinic", false), (1, "gone", true)] {
        let find = FindHold { site: site.into(), id: HoldId::from_u128(number) };
        assert_eq!(store.run(find).await.expect("read").is_some(), kept, "{number}");
    }
    gateway.stop().await;
}
