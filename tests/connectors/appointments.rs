//! What a CRM has after an appointment was booked, moved and called off.

use serde_json::{Value, json};

use super::{EMAIL, PHONE, Stage, event, of_every_connector};
use crate::support::crms::book::Meeting;

of_every_connector!(
    an_appointment_is_one_record_from_booking_to_cancellation,
    a_conversation_becomes_a_note_with_everything_that_was_said,
);

fn appointment(kind: &str, sequence: u32, start: &str, end: &str) -> super::Delivery {
    let mut appointment = event(
        kind,
        json!({
            "id": "apt_0192f1c46a0b7c3e9d1a2b3c4d5e6f70", "code": "B7QM-2F9X", "lang": "zh-CN", "site": "clinic",
            "service": "口腔检查", "practitioner": "李医生", "place": "湖滨诊所二楼", "start": start, "end": end,
            "timeZone": "Asia/Shanghai", "status": "confirmed", "sequence": sequence, "note": "第一次来",
            "contact": contact()
        }),
    );
    appointment.event.timestamp = format!("2026-11-21T08:15:3{sequence}Z");
    appointment
}

fn contact() -> Value {
    json!({"name": "王芳", "email": EMAIL, "phone": PHONE})
}

/// A CRM without appointments has notes about them instead.
async fn an_appointment_is_one_record_from_booking_to_cancellation(stage: Stage) {
    let name = stage.crm.name();
    stage
        .deliver(&appointment("appointment.booked", 0, "2026-11-23T02:00:00Z", "2026-11-23T02:30:00Z"))
        .await;
    let booked = stage.crm.meetings();
    stage.deliver(&appointment("appointment.moved", 1, "2026-11-24T06:00:00Z", "2026-11-24T06:45:00Z")).await;
    let moved = stage.crm.meetings();
    stage
        .deliver(&appointment("appointment.cancelled", 2, "2026-11-24T06:00:00Z", "2026-11-24T06:45:00Z"))
        .await;
    let cancelled = stage.crm.meetings();

    assert_eq!(stage.crm.complaints(), Vec::<String>::new(), "{name} complains");
    assert_eq!(stage.crm.people().len(), 1, "{name}: {:?}", stage.crm.people());
    if booked.is_empty() {
        assert_eq!(stage.crm.notes().len(), 3, "{name}: {:?}", stage.crm.notes());
        return;
    }
    let [one] = booked.as_slice() else { panic!("{name}: {booked:?}") };
    assert_between(one, "2026-11-23T02:00:00Z", "2026-11-23T02:30:00Z", name);
    assert_eq!(one.person, stage.crm.people()[0].id, "{name}");
    let [other] = moved.as_slice() else { panic!("{name}: {moved:?}") };
    assert_eq!(other.id, one.id, "{name}: moved, not booked again");
    assert_between(other, "2026-11-24T06:00:00Z", "2026-11-24T06:45:00Z", name);
    assert!(cancelled.iter().all(|meeting| meeting.cancelled), "{name}: {cancelled:?}");
    assert!(cancelled.len() <= 1, "{name}: {cancelled:?}");
}

/// As far as the CRM has a place for it.
fn assert_between(meeting: &Meeting, start: &str, end: &str, name: &str) {
    let known = |has: &str, wanted: &str| has.is_empty() || has == wanted;
    assert!(known(&meeting.start, start) && known(&meeting.end, end), "{name}: {meeting:?}");
}

async fn a_conversation_becomes_a_note_with_everything_that_was_said(stage: Stage) {
    let name = stage.crm.name();
    let closed = event(
        "conversation.closed",
        json!({
            "id": "conv_0192f1c46a0b7c3e9d1a2b3c4d5e6f71", "lang": "en", "site": "clinic", "contact": contact(),
            "messages": [
                {"at": "2026-11-21T08:15:30Z", "from": "visitor", "name": "王芳", "text": "Is Dr Li in on Monday?"},
                {"at": "2026-11-21T08:16:02Z", "from": "agent", "name": "Chen", "text": "Yes, from nine to noon."}
            ]
        }),
    );
    stage.deliver(&closed).await;
    assert_eq!(stage.crm.complaints(), Vec::<String>::new(), "{name} complains");
    let notes = stage.crm.notes();
    let said = |text: &str| notes.iter().filter(|note| note.text.contains(text)).count();
    assert_eq!(said("Is Dr Li in on Monday?"), 1, "{name}: {notes:?}");
    assert_eq!(said("Yes, from nine to noon."), 1, "{name}: {notes:?}");
    assert_eq!(stage.crm.people().len(), 1, "{name}");
}
