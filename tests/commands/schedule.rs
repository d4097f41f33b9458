use std::process::Stdio;
use std::time::{Duration, Instant};

use crm_widgets::closing::{Fate, affected, cancel};
use crm_widgets::definitions::booking::Closure;
use crm_widgets::sites::Sites;
use serde_json::json;
use tokio::io::{AsyncBufReadExt, BufReader};

use super::{printed, run};
use crate::desk::{Visitor, day, key, open, patient, serving, site};
use crate::on_both_engines;
use crate::staff::Staff;
use crate::support::database::Database;

on_both_engines!(
    running_gateways_follow_what_is_closed_opened_and_removed,
    closing_names_the_appointments_in_it_and_cancels_them_only_on_demand,
    each_line_is_printed_as_it_happens,
    what_changed_meanwhile_is_looked_at_again_before_it_is_cancelled,
    what_cannot_be_is_refused_with_the_fix_and_changes_nothing,
);

/// Far longer than a gateway needs, so that a slow machine does not decide.
const PATIENCE: Duration = Duration::from_secs(20);

/// Waits until so many of the two days' slots of that dentist are free.
async fn free(visitor: &Visitor<'_>, who: &str, count: usize) {
    let begun = Instant::now();
    loop {
        let free = visitor.free(who).await.len();
        if free == count {
            return;
        }
        assert!(begun.elapsed() < PATIENCE, "{free} are free, not {count}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

/// The id at the beginning of what was printed.
fn id(printed: &str) -> &str {
    printed.split_whitespace().next().expect("an id")
}

async fn running_gateways_follow_what_is_closed_opened_and_removed(database: Database) {
    let gateway = open(database).await;
    let visitor = Visitor(&gateway.caller);
    let day = day(&visitor.free("li").await[0]);
    let close = ["schedule", "close", "clinic", "--who", "li", "--from", &day, "--reason", "training"];
    let closed = printed(&gateway.database, &close);
    assert_eq!(closed.lines().count(), 1, "no appointment lies in it: {closed}");
    free(&visitor, "li", 20).await;
    assert_eq!(visitor.free("zhao").await.len(), 40);
    let open = [
        "schedule",
        "open",
        "clinic",
        "--who",
        "li",
        "--place",
        "lakeside",
        "--day",
        &day,
        "--hours",
        "19:00-20:00",
    ];
    let opened = printed(&gateway.database, &open);
    free(&visitor, "li", 22).await;
    let list = printed(&gateway.database, &["schedule", "list", "clinic"]);
    let expected = format!(
        "{}  closed  {day}  li  training\n{}  open    {day} 19:00-20:00  li at lakeside\n",
        id(&closed),
        id(&opened)
    );
    assert_eq!(list, expected);
    printed(&gateway.database, &["schedule", "remove", "clinic", id(&closed)]);
    free(&visitor, "li", 42).await;
    let again = run(&gateway.database, &["schedule", "remove", "clinic", id(&closed)]);
    assert!(String::from_utf8_lossy(&again.stderr).contains("`schedule list clinic` shows all"));
    gateway.stop().await;
}

async fn closing_names_the_appointments_in_it_and_cancels_them_only_on_demand(database: Database) {
    let gateway = open(database).await;
    let (visitor, staff) = (Visitor(&gateway.caller), Staff::chief(&gateway).await);
    let slots = visitor.free("li").await;
    let mut booked = Vec::new();
    // At 8:00 and 14:00, and the day after.
    for (number, at) in [0, 12, 20].into_iter().enumerate() {
        booked.push(visitor.book(&key(number as u32), number as u32, "li", &slots[at]).await.json());
    }
    let wait = json!({"service": "checkup", "answers": patient(9)});
    assert_eq!(visitor.post("waitlist", &key(9), "", &wait).await.status, 201);
    let code = |at: usize| booked[at]["code"].as_str().expect("a code");
    let status = async |at: usize| {
        let one = staff.get(&format!("appointments/{}", booked[at]["id"].as_str().expect("an id"))).await;
        one["status"].as_str().expect("a status").to_owned()
    };
    let day = day(&slots[0]);
    let close =
        ["schedule", "close", "clinic", "--from", &day, "--hours", "13:00-18:00", "--reason", "a power cut"];
    let said = printed(&gateway.database, &close);
    assert!(
        said.contains(&format!("{day} 14:00  {}  checkup  li", code(1))) && said.contains("still stands"),
        "{said}"
    );
    assert!(!said.contains(code(0)) && !said.contains(code(2)) && !said.contains("Patient"), "{said}");
    assert_eq!(status(1).await, "booked", "nothing is cancelled silently");

    let said = printed(&gateway.database, &[&close[..], &["--cancel"]].concat());
    assert!(said.contains(&format!("{}  checkup", code(1))) && said.contains("  cancelled"), "{said}");
    assert_eq!([status(0).await, status(1).await, status(2).await], ["booked", "cancelled", "booked"]);
    let one = staff.get(&format!("appointments/{}", booked[1]["id"].as_str().expect("an id"))).await;
    let last = &one["history"][1];
    assert_eq!((&last["type"], &last["reason"]), (&json!("appointment.cancelled"), &json!("a power cut")));
    assert_eq!(one["late"], false, "it is nobody's fault");
    let list = printed(&gateway.database, &["deliveries", "list", "--site", "clinic", "--json"]);
    assert_eq!(list.lines().count(), 4, "three bookings, and what became of one: {list}");
    // What was closed was offered to nobody who waits: opened again, it is free.
    let changes = printed(&gateway.database, &["schedule", "list", "clinic"]);
    for change in changes.lines() {
        printed(&gateway.database, &["schedule", "remove", "clinic", id(change)]);
    }
    free(&visitor, "li", 40 - 2).await;
    assert_eq!(staff.get("waitlist").await["waiting"][0]["turn"], "waiting");
    gateway.stop().await;
}

async fn each_line_is_printed_as_it_happens(database: Database) {
    let gateway = open(database).await;
    let (visitor, staff) = (Visitor(&gateway.caller), Staff::chief(&gateway).await);
    let slots = visitor.free("li").await;
    let booked = visitor.book(&key(1), 1, "li", &slots[0]).await.json();
    let path = format!("appointments/{}", booked["id"].as_str().expect("an id"));
    let mut closing = tokio::process::Command::new(env!("CARGO_BIN_EXE_crm-widgets"))
        .args(["schedule", "close", "clinic", "--who", "li", "--from", &day(&slots[0]), "--cancel"])
        .env("CRM_WIDGETS_DATABASE", &gateway.database.url)
        .stdout(Stdio::piped())
        .spawn()
        .expect("it starts");
    let mut lines = BufReader::new(closing.stdout.take().expect("its output")).lines();
    let first = lines.next_line().await.expect("UTF-8").expect("a line");
    assert!(first.starts_with("exc_") && first.ends_with(" holds"), "{first}");
    // It waits for what gateways book until they know: who is moved away in that time keeps the appointment.
    let moved = staff.patch(&path, json!({"practitioner": "zhao", "start": slots[0]})).await;
    assert_eq!(moved.status, 200, "{}", moved.text());
    assert_eq!(lines.next_line().await.expect("UTF-8"), None);
    assert!(closing.wait().await.expect("it ends").success());
    assert_eq!(staff.get(&path).await["status"], "booked");
    gateway.stop().await;
}

async fn what_changed_meanwhile_is_looked_at_again_before_it_is_cancelled(database: Database) {
    let mut site = site();
    site["booking"]["services"][0]["approval"] = json!(true);
    let gateway = serving(database, site).await;
    let (visitor, staff) = (Visitor(&gateway.caller), Staff::chief(&gateway).await);
    let slots = visitor.free("li").await;
    let mut paths = Vec::new();
    for number in 0..3 {
        let booked = visitor.book(&key(number), number, "li", &slots[number as usize]).await.json();
        paths.push(format!("appointments/{}", booked["id"].as_str().expect("an id")));
    }
    let store = gateway.database.open().await;
    let site = Sites::load(store.clone()).await.expect("the sites").get("clinic").expect("the site");
    let closure = Closure {
        from: day(&slots[0]),
        to: None,
        hours: None,
        who: Some("li".into()),
        place: None,
        reason: None,
    };
    let found = affected(&store, &site, &closure).await.expect("read");
    assert_eq!(found.len(), 3);
    for (path, change) in [
        (&paths[0], json!({"practitioner": "zhao", "start": slots[0]})),
        (&paths[1], json!({"status": "arrived"})),
        (&paths[2], json!({"status": "booked"})),
    ] {
        assert_eq!(staff.patch(path, change).await.status, 200);
    }
    let expected = [(Fate::Elsewhere, "requested"), (Fate::Over, "arrived"), (Fate::Cancelled, "cancelled")];
    for ((appointment, path), (fate, status)) in found.into_iter().zip(&paths).zip(expected) {
        assert_eq!(cancel(&store, &site, &closure, appointment).await.expect("done"), fate);
        assert_eq!(staff.get(path).await["status"], status);
    }
    gateway.stop().await;
}

async fn what_cannot_be_is_refused_with_the_fix_and_changes_nothing(database: Database) {
    let gateway = open(database).await;
    let close = ["schedule", "close", "clinic", "--from", "2026-12-24"];
    let open = ["schedule", "open", "clinic", "--who", "li", "--day", "2026-12-27"];
    for (arguments, more, fix) in [
        (&close[..], &["--who", "lee"][..], "choose from li, zhao"),
        (&close, &["--place", "moon"], "choose from lakeside"),
        (&close, &["--to", "2026-12-01"], "write the last day"),
        (&close, &["--hours", "13:00"], "write hours such as 13:00-18:00"),
        (&close, &["--hours", "13:00-12:00"], "write a later time"),
        (&close, &["--hours", "13:01-18:00"], "write one such as \"08:30\""),
        (&open, &["--place", "lakeside", "--hours", "9-12"], "write one such as \"08:30\""),
        (&open, &["--place", "moon", "--hours", "09:00-12:00"], "choose from lakeside"),
        (&["schedule", "close", "clinik", "--from", "2026-12-24"], &[], "choose from clinic"),
        (&["schedule", "close", "clinic", "--from", "24.12.2026"], &[], "write a day such as"),
    ] {
        let output = run(&gateway.database, &[arguments, more].concat());
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(!output.status.success() && said.contains(fix), "{arguments:?} {more:?}: {said}");
    }
    assert_eq!(printed(&gateway.database, &["schedule", "list", "clinic"]), "");
    gateway.stop().await;
}
