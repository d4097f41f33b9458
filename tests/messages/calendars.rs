//! The file for calendars, from the API and with the mail, read by parsers of others.

use jiff::SignedDuration;
use serde_json::{Value, json};

use super::journey::{Visitor, at, gateway_of, site, wait_for};
use crate::on_both_engines;
use crate::support::calendars::{Told, read};
use crate::support::database::Database;
use crate::support::smtp::{Received, Smtp};

on_both_engines!(a_calendar_follows_the_appointment_with_every_letter_of_its_texts);

/// Written with its backslashes, the first emoji would begin at the 74th octet of its line and end behind the 75th.
const SERVICE: &str = "Check-up, cleaning; polishing (without any pain) and a look at 🦷🦷 \\ 洗牙";
/// Longer than two lines, without a blank.
const ADDRESS: &str =
    "湖滨路十八号，康宁口腔门诊部大楼东侧入口处上二楼左转第三个诊室；请从北门进入；停车场在地下二层";
const BRING: &str = "医保卡, 身份证; \"X光片\"\nC:\\card\n\n第四行：🦷👩‍⚕️";

fn odd() -> Value {
    let mut site = site();
    let booking = &mut site["booking"];
    booking["services"][0]["name"] = SERVICE.into();
    booking["services"][0]["bring"] = BRING.into();
    booking["places"][0]["address"] = ADDRESS.into();
    site
}

fn attached(mail: &Received) -> Told {
    read(&mail.file("text/calendar").expect("a calendar"))
}

async fn a_calendar_follows_the_appointment_with_every_letter_of_its_texts(database: Database) {
    let smtp = Smtp::start().await;
    let gateway = gateway_of(database, &smtp, odd()).await;
    let visitor = Visitor(&gateway);
    let answers = json!({"name": "Wang Fang", "mail": "wang@example.com"});
    let book = json!({"service": "checkup", "start": at(9), "lang": "zh-CN", "answers": answers});
    let booked = visitor.send("POST", "appointments", "", book).await;
    assert_eq!(booked.status, 201, "{}", booked.text());
    let booked = booked.json();
    let [id, token, code] = ["id", "token", "code"].map(|part| booked[part].as_str().unwrap());
    let path = format!("appointments/{id}");
    let file = async || {
        let reply = visitor.send("GET", &format!("{path}/calendar"), token, json!({})).await;
        assert_eq!((reply.status, reply.header("content-type")), (200, "text/calendar; charset=utf-8"));
        assert!(reply.text().split("\r\n").all(|line| line.len() <= 75 && !line.contains('\n')));
        assert!(reply.text().contains("look at \r\n 🦷"), "{}", reply.text());
        read(reply.text())
    };

    let first = file().await;
    assert_eq!(first.uid, format!("{id}@crm-widgets"));
    assert_eq!((first.method.as_str(), first.status.as_str(), first.sequence), ("PUBLISH", "CONFIRMED", 0));
    assert_eq!(first.organizer, "https://book.example.com/b/clinic");
    assert_eq!(first.organizer_name, "河滨诊所");
    assert_eq!(first.start, at(9).parse().unwrap());
    assert_eq!(first.end, first.start + SignedDuration::from_mins(30));
    assert_eq!(first.summary, format!("{SERVICE} · 李医生"));
    assert_eq!(first.location, format!("Lakeside, {ADDRESS}"));
    assert_eq!(first.description, format!("河滨诊所\n{code}\n{BRING}"));
    let alarms: Vec<_> = first.alarms.iter().map(|alarm| (alarm.action.as_str(), alarm.trigger)).collect();
    assert_eq!(alarms, [("DISPLAY", -24 * 3_600), ("DISPLAY", -2 * 3_600)]);
    assert!(first.alarms.iter().all(|alarm| alarm.description == first.summary));
    assert_eq!(attached(&wait_for(&smtp, 1).await[0]), first, "the mail brings the same");

    assert_eq!(visitor.send("PATCH", &path, token, json!({"start": at(11)})).await.status, 200);
    let moved = file().await;
    let start = at(11).parse().unwrap();
    let end = start + SignedDuration::from_mins(30);
    assert_eq!(moved, Told { sequence: 1, start, end, ..first }, "known by the same name, and newer");
    assert_eq!(attached(&wait_for(&smtp, 2).await[1]), moved);

    assert_eq!(visitor.send("DELETE", &path, token, json!({})).await.status, 200);
    let cancelled = file().await;
    let [method, status] = ["CANCEL", "CANCELLED"].map(str::to_owned);
    assert_eq!(cancelled, Told { method, status, sequence: 2, alarms: Vec::new(), ..moved });
    assert_eq!(attached(&wait_for(&smtp, 3).await[2]), cancelled);
    gateway.stop().await;
}
