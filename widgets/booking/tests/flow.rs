//! Where a booking is on its way, without a page.

use std::sync::Arc;

use crm_booking::choice::{Ask, Choice, Who};
use crm_booking::free::{Free, instant, on_clock, parse_instant};
use crm_booking::phase::{Busy, Phase, Why};
use crm_booking::state::{Around, Flow};
use crm_protocol::booking::{Alternative, Appointment, Offer, Slots, Waiting};
use crm_protocol::words::clock;
use proptest::prelude::*;
use serde_json::json;

fn offer() -> Offer {
    let service = |key, department, practitioners: &[&str]| json!({"key": key, "department": department, "name": key, "minutes": 30, "practitioners": practitioners, "form": "f"});
    let offer = json!({
        "site": "clinic", "lang": "en", "timeZone": "Asia/Shanghai", "texts": {}, "forms": [], "places": [],
        "departments": [{"key": "teeth", "name": "Teeth"}, {"key": "eyes", "name": "Eyes"}],
        "services": [service("check", "teeth", &["li", "zhao"]), service("clean", "teeth", &["zhao"]), service("look", "eyes", &["wu"])],
        "practitioners": [{"key": "li", "name": "Li"}, {"key": "zhao", "name": "Zhao"}, {"key": "wu", "name": "Wu"}],
    });
    serde_json::from_value(offer).expect("the offer is well formed")
}

/// Tuesday and Wednesday, 09:00 to 10:30 in Shanghai.
fn slots() -> Slots {
    let slots = json!({
        "service": "check", "timeZone": "Asia/Shanghai", "minutes": 30, "step": 30, "from": "2026-11-23", "to": "2026-11-29",
        "rows": [
            {"practitioner": "li", "place": "a", "ranges": [[1, 540, 480, "101"]]},
            {"practitioner": "zhao", "place": "a", "ranges": [[1, 540, 480, "110"], [2, 540, 480, "100"]]},
        ],
    });
    serde_json::from_value(slots).expect("the slots are well formed")
}

fn flow(address: &str) -> Flow {
    let mut flow = Flow::new(Arc::new(offer()), Choice::of_address(address), Around::default());
    flow.show(slots());
    flow
}

fn held(flow: &mut Flow, now: f64) {
    let id = format!("hold_{:032x}", 1);
    let held = json!({"id": id, "token": "t", "service": "check", "practitioner": "li", "place": "a",
        "start": "2026-11-24T01:00:00Z", "end": "2026-11-24T01:30:00Z", "offset": 480, "expires": "", "seconds": 120});
    flow.keep(serde_json::from_value(held).expect("the hold is well formed"), now);
}

#[test]
fn what_has_only_one_choice_is_not_asked() {
    let asks = |address: &str| flow(address).choice.ask();
    assert_eq!(asks(""), Ask::Department);
    assert_eq!(asks("?department=teeth"), Ask::Service);
    assert_eq!(asks("?service=check"), Ask::Who);
    assert_eq!(asks("?service=clean"), Ask::When);
    assert_eq!(asks("?department=eyes"), Ask::When);
    assert_eq!(asks("?service=check&practitioner=any"), Ask::When);
}

#[test]
fn what_a_site_does_not_offer_is_not_chosen() {
    assert_eq!(
        flow("?department=no&service=neither&practitioner=nobody&day=2026-11-24").choice,
        Choice::default()
    );
    assert_eq!(flow("?service=check&practitioner=wu").choice.who, None);
    assert_eq!(flow("?department=eyes&service=check").choice.department.as_deref(), Some("teeth"));
}

#[test]
fn a_choice_is_what_its_address_says() {
    let choice =
        Choice::of_address("/b/clinic?lang=en&service=check&practitioner=any&day=2026-11-24&as=list");
    let pairs: Vec<_> = choice.pairs().collect();
    let expected = [("service", "check"), ("practitioner", "any"), ("day", "2026-11-24"), ("as", "list")];
    assert_eq!(pairs, expected);
    assert_eq!(
        choice.before(Ask::Who),
        Choice { service: Some("check".into()), list: true, ..Choice::default() }
    );
}

#[test]
fn whoever_is_free_first_has_every_time_once() {
    let slots = slots();
    let all = Free::new(&slots, None).expect("days");
    let tuesday = all.first + 1;
    let times =
        |free: &Free<'_>| free.times(tuesday).iter().map(|time| clock(time.minute)).collect::<Vec<_>>();
    assert_eq!(times(&all), ["09:00", "09:30", "10:00"]);
    assert_eq!([all.count(tuesday - 1), all.count(tuesday), all.count(tuesday + 1)], [0, 3, 1]);
    assert_eq!(all.times(tuesday).first().map(|time| time.seats), Some(2));
    assert_eq!(times(&Free::new(&slots, Some("li")).expect("days")), ["09:00", "10:00"]);
    let soonest: Vec<_> = all.soonest(4).iter().map(|time| time.start()).collect();
    assert_eq!(
        soonest,
        ["2026-11-24T01:00:00Z", "2026-11-24T01:30:00Z", "2026-11-24T02:00:00Z", "2026-11-25T01:00:00Z"]
    );
}

#[test]
fn the_first_day_with_something_is_shown_until_another_is_chosen() {
    let day = |address: &str| {
        flow(address).day().map(|day| day - flow(address).free().map_or(0, |free| free.first))
    };
    assert_eq!(day("?service=check&practitioner=any"), Some(1));
    assert_eq!(day("?service=check&practitioner=any&day=2026-11-25"), Some(2));
    assert_eq!(day("?service=check&practitioner=any&day=2030-01-01"), Some(1));
}

#[test]
fn a_kept_slot_ends_once_and_is_offered_again() {
    let mut flow = flow("?service=check&practitioner=li");
    held(&mut flow, 1_000.0);
    assert!(matches!(flow.phase, Phase::Details));
    assert!(!flow.tick(120_000.0));
    assert_eq!(flow.hold.as_ref().map(|hold| hold.left), Some(1));
    assert!(flow.tick(121_000.0));
    assert!(!flow.tick(122_000.0));
    let notice = flow.notice.as_ref().expect("a notice");
    let starts: Vec<_> = notice.times.iter().map(|time| time.start()).collect();
    assert_eq!(
        (notice.key, starts.as_slice()),
        ("booking.over", &["2026-11-24T01:00:00Z".to_owned(), "2026-11-24T02:00:00Z".to_owned()][..])
    );
}

#[test]
fn a_slot_that_is_being_booked_does_not_end_here() {
    let mut flow = flow("?service=check&practitioner=li");
    held(&mut flow, 0.0);
    flow.busy(Busy::Sending);
    assert!(!flow.tick(1_000_000.0));
    assert!(flow.hold.is_some());
}

#[test]
fn a_lost_slot_leads_back_to_the_times_with_the_nearest() {
    let mut flow = flow("?service=check&practitioner=li");
    held(&mut flow, 0.0);
    let nearest = [Alternative { practitioner: "zhao".into(), start: "2026-11-25T01:00:00Z".into() }];
    flow.refuse("slot-taken", &nearest);
    assert!(matches!(flow.phase, Phase::Choosing) && flow.hold.is_none());
    let notice = flow.notice.as_ref().expect("a notice");
    assert_eq!(notice.times.first().map(|time| (time.minute, time.offset)), Some((540, 480)));
}

#[test]
fn a_slot_whose_time_is_over_can_still_be_taken_whatever_was_refused_meanwhile() {
    let mut flow = flow("?service=check&practitioner=li");
    held(&mut flow, 0.0);
    assert!(flow.tick(120_000.0));
    flow.refuse("unreachable", &[]);
    assert!(matches!(flow.phase, Phase::Details));
    assert_eq!(flow.over.as_deref(), Some("2026-11-24T01:00:00Z,li"));
}

fn waiting(offered: bool) -> Waiting {
    let held = json!({"id": format!("hold_{:032x}", 2), "token": "t", "service": "check", "practitioner": "zhao", "place": "a",
        "start": "2026-11-25T01:00:00Z", "end": "", "offset": 480, "expires": "", "seconds": 600});
    let turn = if offered { "offered" } else { "waiting" };
    let mut waiting =
        json!({"id": format!("wait_{:032x}", 1), "token": "w", "turn": turn, "service": "check"});
    if offered {
        waiting["offer"] = held;
    }
    serde_json::from_value(waiting).expect("well formed")
}

#[test]
fn what_who_waits_is_offered_is_kept_and_ends_for_good() {
    let mut flow = flow("");
    flow.wait(waiting(false), 0.0);
    assert_eq!((flow.step(), flow.is_waiting()), ("waiting", true));
    assert_eq!(flow.capability(), format!("wait_{:032x}.w", 1));
    flow.wait(waiting(true), 0.0);
    assert_eq!((flow.step(), flow.service().map(|one| &*one.key)), ("details", Some("check")));
    assert_eq!(flow.hold.as_ref().map(|hold| (hold.time.minute, hold.left)), Some((540, 600)));
    assert!(flow.tick(600_000.0));
    assert_eq!((flow.step(), flow.is_waiting(), flow.over.as_deref()), ("waiting", false, None));
    assert_eq!(flow.notice.as_ref().map(|notice| notice.key), Some("booking.offer-over"));
}

#[test]
fn an_answer_to_what_is_no_longer_wanted_is_known_by_its_turn() {
    let mut flow = flow("?service=check&practitioner=li");
    let turn = flow.turns();
    flow.busy(Busy::Asking);
    flow.go(Choice::default());
    assert_eq!(flow.busy, Busy::No);
    assert_ne!(flow.turns(), turn);
}

#[test]
fn a_refused_move_leads_back_to_the_times() {
    let mut flow = flow("");
    flow.booked(appointment(), Why::Opened);
    flow.start_move();
    flow.show(slots());
    flow.confirm("2026-11-24T01:30:00Z", Some("zhao"));
    assert_eq!(flow.step(), "confirm");
    flow.refuse("slot-taken", &[]);
    assert_eq!(flow.step(), "move");
    flow.restart();
    assert_eq!(flow.step(), "department");
}

#[test]
fn where_nothing_is_free_the_clock_is_still_the_sites() {
    let mut slots = slots();
    slots.rows.clear();
    slots.offset = 480;
    assert_eq!(Free::new(&slots, None).map(|free| free.offset(0)), Some(480));
}

fn appointment() -> Appointment {
    let appointment = json!({"id": format!("apt_{:032x}", 1), "token": "t", "code": "C", "status": "booked", "service": "check",
        "practitioner": "li", "place": "a", "start": "2026-11-24T01:00:00Z", "end": "", "sequence": 0});
    serde_json::from_value(appointment).expect("well formed")
}

#[test]
fn another_time_is_chosen_for_the_appointment_alone() {
    let mut flow = flow("");
    flow.booked(appointment(), Why::Opened);
    assert_eq!(flow.step(), "booked");
    flow.turn(Phase::Moving(appointment()));
    flow.go(Choice { who: Some(Who::Anyone), ..Choice::default() });
    assert_eq!((flow.step(), flow.choice.service.as_deref()), ("move", Some("check")));
}

proptest! {
    #[test]
    fn instants_are_read_as_they_are_written(minutes in 0i64..4_000_000_000, offset in -840i32..=840) {
        prop_assume!(minutes < 4_219_000_000);
        prop_assert_eq!(parse_instant(&instant(minutes)), Some(minutes));
        let (day, minute) = on_clock(minutes, offset);
        prop_assert_eq!(i64::from(day) * 1_440 + i64::from(minute) - i64::from(offset), minutes);
        prop_assert!(minute < 1_440);
    }

    #[test]
    fn any_text_is_a_choice_or_none(text in "\\PC{0,40}") {
        let mut choice = Choice::of_address(&text);
        choice.settle(&offer());
        prop_assert!(choice.pairs().count() <= 6);
    }
}
