//! An appointment as a file for calendars, read by the letter of RFC 5545 and by parsers of others.

use crm_protocol::booking::Status;
use crm_protocol::id::AppointmentId;
use crm_widgets::booking::Words;
use crm_widgets::booking::ics::Entry;
use proptest::prelude::*;

use super::clinic::at;
use crate::support::calendars::read;

const ID: AppointmentId = AppointmentId::from_u128(0x0192_f1c4_6a0b_7c3e_9d1a_2b3c_4d5e_6f74);

const PAGE: &str = "https://forms.example.com/b/riverside";

fn entry<'a>(summary: &'a str, location: &'a str, description: &'a str) -> Entry<'a> {
    Entry {
        id: ID,
        sequence: 2,
        status: Status::Booked,
        start: at("2026-11-24T01:00:00Z"),
        end: at("2026-11-24T01:30:00Z"),
        changed: at("2026-11-22T12:00:00.25Z"),
        words: Words { service: summary, place: location, site: description, ..Words::default() },
        page: PAGE,
        reminders: &[24],
    }
}

/// The lines of the file, unfolded (RFC 5545, 3.1).
fn lines(file: &str) -> Vec<String> {
    let content = file.strip_suffix("\r\n").expect("every line has an end");
    content.replace("\r\n ", "").split("\r\n").map(str::to_owned).collect()
}

/// The text of a value (RFC 5545, 3.3.11).
fn unescape(value: &str) -> String {
    let mut text = String::new();
    let mut letters = value.chars();
    while let Some(letter) = letters.next() {
        match (letter, letter == '\\') {
            (_, true) => match letters.next().expect("something is escaped") {
                'n' | 'N' => text.push('\n'),
                escaped @ ('\\' | ';' | ',') => text.push(escaped),
                other => panic!("\\{other} means nothing"),
            },
            (';' | ',', _) => panic!("{letter} would end the value"),
            _ => text.push(letter),
        }
    }
    text
}

/// What can be written of a text.
fn written(text: &str) -> String {
    let ends = ['\n', '\r', '\u{b}', '\u{c}', '\u{85}', '\u{2028}', '\u{2029}'];
    let text = text.replace("\r\n", "\n").replace(ends, "\n");
    text.chars().filter(|letter| matches!(letter, '\n' | '\t') || !letter.is_control()).collect()
}

#[test]
fn the_file_says_what_when_and_where() {
    let file = entry("Check-up, Dr. Li", "Lakeside; 2nd floor", "Bring:\n- your card").text();
    let expected = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//CRM widgets//Booking//EN",
        "CALSCALE:GREGORIAN",
        "METHOD:PUBLISH",
        "BEGIN:VEVENT",
        "UID:apt_0192f1c46a0b7c3e9d1a2b3c4d5e6f74@crm-widgets",
        "DTSTAMP:20261122T120000Z",
        "SEQUENCE:2",
        "ORGANIZER;CN=\"Bring: - your card\":https://forms.example.com/b/riverside",
        "DTSTART:20261124T010000Z",
        "DTEND:20261124T013000Z",
        "SUMMARY:Check-up\\, Dr. Li",
        "LOCATION:Lakeside\\; 2nd floor",
        "DESCRIPTION:Bring:\\n- your card",
        "STATUS:CONFIRMED",
        "BEGIN:VALARM",
        "ACTION:DISPLAY",
        "TRIGGER:-PT24H",
        "DESCRIPTION:Check-up\\, Dr. Li",
        "END:VALARM",
        "END:VEVENT",
        "END:VCALENDAR",
    ];
    assert_eq!(file, expected.map(|line| format!("{line}\r\n")).concat());
}

#[test]
fn a_cancelled_appointment_leaves_the_calendar_and_reminds_nobody() {
    let file = Entry { status: Status::Cancelled, sequence: 3, ..entry("Check-up", "", "") }.text();
    let lines = lines(&file);
    for line in [
        "METHOD:CANCEL",
        "STATUS:CANCELLED",
        "SEQUENCE:3",
        "UID:apt_0192f1c46a0b7c3e9d1a2b3c4d5e6f74@crm-widgets",
    ] {
        assert!(lines.iter().any(|known| known == line), "{line}");
    }
    assert!(!file.contains("VALARM") && !file.contains("LOCATION") && !file.contains("DESCRIPTION"));
    let requested = Entry { status: Status::Requested, ..entry("Check-up", "", "") }.text();
    assert!(requested.contains("\r\nSTATUS:TENTATIVE\r\n"));
}

/// RFC 5546: 3.2.1 and 3.2.5 want an organizer, and in what is published nobody is invited.
#[test]
fn whoever_publishes_or_cancels_is_named_and_nobody_is_invited() {
    use Status::{Arrived, Booked, Cancelled, Missed, Requested};
    for (status, method) in [Requested, Booked, Arrived, Missed]
        .map(|status| (status, "PUBLISH"))
        .into_iter()
        .chain([(Cancelled, "CANCEL")])
    {
        for (site, name) in [("Riverside \"R\"; a: b, c\\d\n", "Riverside 'R'; a: b, c/d"), ("", "")] {
            let file = Entry { status, ..entry("Check-up", "", site) }.text();
            let told = read(&file);
            assert_eq!(
                [&*told.method, &*told.organizer, &*told.organizer_name],
                [method, PAGE, name],
                "{file}"
            );
            assert!(!file.contains("ATTENDEE"));
        }
    }
}

#[test]
fn long_lines_are_folded_between_letters() {
    let file = entry(&"口腔检查".repeat(20), &"x".repeat(75 - "LOCATION:".len()), &"🦷".repeat(40)).text();
    let summary: Vec<_> =
        file.split("\r\n").skip_while(|line| !line.starts_with("SUMMARY:")).take(4).collect();
    // 8 octets and 22 letters of 3; then a blank and 24.
    assert_eq!(summary.iter().map(|line| line.len()).collect::<Vec<_>>(), [74, 73, 73, 31]);
    assert!(file.contains(&format!("\r\nLOCATION:{}\r\nDESCRIPTION:", "x".repeat(66))));
}

proptest! {
    #[test]
    fn no_text_adds_or_changes_a_line(summary: String, location in "[\\PC\r\n\t\\\\;,:\"^\u{85}\u{2028}]{0,90}", description in any::<String>()) {
        let file = entry(&summary, &location, &description).text();
        for line in file.split("\r\n") {
            prop_assert!(line.len() <= 75);
            prop_assert!(!line.contains(['\r', '\n']));
        }
        let lines = lines(&file);
        let mut expected = vec![
            "BEGIN", "VERSION", "PRODID", "CALSCALE", "METHOD", "BEGIN", "UID", "DTSTAMP", "SEQUENCE", "ORGANIZER", "DTSTART",
            "DTEND",
        ];
        let texts = [("SUMMARY", &summary), ("LOCATION", &location), ("DESCRIPTION", &description)];
        let texts = texts.map(|(name, text)| (name, written(text)));
        expected.extend(texts.iter().filter(|(_, text)| !text.is_empty()).map(|(name, _)| *name));
        expected.extend(["STATUS", "BEGIN", "ACTION", "TRIGGER", "DESCRIPTION", "END", "END", "END"]);
        let properties = lines.iter().map(|line| line.split_once(':').expect("a property"));
        let names: Vec<_> = properties.clone().map(|(name, _)| name.split(';').next().unwrap()).collect();
        prop_assert_eq!(names, expected);
        for (name, text) in &texts {
            let value = properties.clone().find(|(known, _)| known == name).map(|(_, value)| unescape(value));
            // The alarm's description is another one.
            if !text.is_empty() {
                prop_assert_eq!(value.as_ref(), Some(text));
            }
        }
        let told = read(&file);
        let name = description.replace('"', "'").replace('\\', "/");
        let name = name.replace(|letter: char| letter.is_control() || "\u{2028}\u{2029}".contains(letter), " ");
        prop_assert_eq!([&*told.organizer, &*told.organizer_name], [PAGE, name.trim()]);
        prop_assert_eq!([&told.summary, &told.location, &told.description], texts.each_ref().map(|(_, text)| text));
    }
}
