//! What a person is told about an appointment of theirs: the same event, for them and not for a CRM.

use std::collections::BTreeMap;

use crm_protocol::booking::Status;
use crm_protocol::catalogue::{Catalogue, fill, placeholders};
use crm_protocol::text::{Lang, Text};
use jiff::tz::TimeZone;
use jiff::{Timestamp, Zoned};
use serde::Serialize;

use super::contact::Contact;
use super::event::{Event, kind};
use super::mail;
use crate::booking::Words;
use crate::booking::ics::Entry;
use crate::definitions::booking::Place;
use crate::definitions::{Connection, Site};
use crate::texts;

/// The types of events that people are told about, and under which word their texts stand.
const KINDS: [(&str, &str); 6] = [
    (kind::REQUESTED, "requested"),
    (kind::BOOKED, "booked"),
    (kind::MOVED, "moved"),
    (kind::CANCELLED, "cancelled"),
    (kind::REMINDER, "reminder"),
    (kind::OFFERED, "offered"),
];

/// What a text may name in braces. A line all of whose names have no value is left out.
pub const PLACEHOLDERS: [&str; 14] = [
    "name",
    "site",
    "service",
    "practitioner",
    "place",
    "address",
    "map",
    "date",
    "time",
    "until",
    "bring",
    "code",
    "link",
    "book",
];

/// The longest name that is repeated, in characters.
const LONGEST_NAME: usize = 40;

/// A message, ready to be sent by mail or to a phone. `message` in templates, and never a part of the event: who has the
/// link may cancel the appointment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Message {
    /// One line.
    pub subject: String,
    /// Plain text, lines end in `\n`.
    pub text: String,
    /// Where its owner may see, move and cancel it.
    pub link: String,
    /// The appointment as an iCalendar file, where the person should have it in theirs.
    pub calendar: Option<String>,
}

/// The keys of the texts that a connection may replace: `booked.subject`, `booked.text`, …
pub fn keys() -> impl Iterator<Item = String> {
    KINDS.into_iter().flat_map(|(_, word)| ["subject", "text"].map(|part| format!("{word}.{part}")))
}

impl Message {
    /// The message of an event, in the visitor's language; `None` for an event that people are not told about.
    /// `public_url` is the gateway's own address; `token` makes the token by which the owner of that id may act on it.
    pub fn of(
        event: &Event,
        site: &Site,
        connection: &Connection,
        public_url: &str,
        token: impl Fn(&str) -> String,
    ) -> Option<Self> {
        let (_, word) = KINDS.into_iter().find(|(kind, _)| *kind == event.r#type)?;
        let lang = Lang::parse(event.text("lang")).unwrap_or_default();
        let words = texts::catalogue(&lang);
        // The page speaks the site's first language to who names none.
        let wanted =
            if site.languages.first() == Some(&lang) { String::new() } else { format!("?lang={lang}") };
        let page = site.booking_page(public_url);
        let book = format!("{page}{wanted}");
        let id = event.text("id");
        let link = format!("{book}#{id}.{}", token(id));
        let told = Told { event, site, words, lang: &lang };
        let mut values = told.values(connection);
        values.extend([("link", link.clone()), ("book", book)]);
        let values: Vec<(&str, &str)> = values.iter().map(|(name, value)| (*name, value.as_str())).collect();
        let text = |part: &str| told.text(&connection.texts, &format!("{word}.{part}"));
        let subject = one_line(&fill(text("subject"), &values));
        Some(Self { subject, text: lines(text("text"), &values), link, calendar: told.calendar(&page) })
    }

    /// What in the link gives the right to act on it.
    pub(super) fn token(&self) -> &str {
        self.link.rsplit('.').next().unwrap_or_default()
    }
}

struct Told<'a> {
    event: &'a Event,
    site: &'a Site,
    words: &'static Catalogue,
    lang: &'a Lang,
}

impl<'a> Told<'a> {
    /// The connection's own text, else ours.
    fn text(&self, own: &'a BTreeMap<String, Text>, key: &str) -> &'a str {
        match own.get(key) {
            Some(text) => text.get(self.lang),
            None => self.words.find(&format!("mail.{key}")).unwrap_or_default(),
        }
    }

    fn values(&self, connection: &Connection) -> Vec<(&'static str, String)> {
        let [start, until] = ["start", "expires"].map(|part| self.wall_time(part));
        let clock = |at: &Zoned| at.strftime("%H:%M").to_string();
        let both = |at: &Zoned| format!("{} {}", texts::date(self.words, at.date()), clock(at));
        let mut values = vec![
            (
                "name",
                Contact::of(self.event, &connection.contact).name.and_then(presentable).unwrap_or_default(),
            ),
            ("date", start.as_ref().map(|at| texts::date(self.words, at.date())).unwrap_or_default()),
            ("time", start.as_ref().map(clock).unwrap_or_default()),
            ("until", until.as_ref().map(both).unwrap_or_default()),
        ];
        let Words { site, service, practitioner, place, address, bring, code } = self.called();
        let map = self.place().and_then(|place| place.map.as_deref()).unwrap_or_default();
        let words = [
            ("site", site),
            ("service", service),
            ("practitioner", practitioner),
            ("place", place),
            ("address", address),
            ("bring", bring),
            ("code", code),
            ("map", map),
        ];
        values.extend(words.map(|(name, text)| (name, one_line(text))));
        values
    }

    /// What the definitions say, in this reader's language, of what is still in them; else what the event says.
    fn called(&self) -> Words<'a> {
        let key = |part| self.key(part).unwrap_or_default();
        let [service, practitioner, place] = ["service", "practitioner", "place"];
        let words = Words::defined(self.site, self.lang, key(service), key(practitioner), key(place));
        let or = |text: &'a str, part| if text.is_empty() { self.event.text(part) } else { text };
        Words {
            service: or(words.service, service),
            practitioner: or(words.practitioner, practitioner),
            place: or(words.place, place),
            code: or(self.event.text("code"), "receipt"),
            ..words
        }
    }

    /// For what is certain: booked, moved or cancelled.
    fn calendar(&self, page: &str) -> Option<String> {
        let status = match self.event.r#type.as_str() {
            kind::BOOKED | kind::MOVED => Status::Booked,
            kind::CANCELLED => Status::Cancelled,
            _ => return None,
        };
        let instant = |part: &str| self.event.text(part).parse().ok();
        let sequence = self.event.data.get("sequence").and_then(serde_json::Value::as_u64)?;
        let booking = self.site.booking.as_ref();
        let entry = Entry {
            id: self.event.text("id").parse().ok()?,
            sequence: u32::try_from(sequence).ok()?,
            status,
            start: instant("start")?,
            end: instant("end")?,
            changed: self.event.timestamp.parse().ok()?,
            words: self.called(),
            page,
            reminders: booking.map_or(&[], |booking| &booking.reminders),
        };
        Some(entry.text())
    }

    fn place(&self) -> Option<&'a Place> {
        self.site.booking.as_ref()?.place(self.key("place")?)
    }

    fn key(&self, part: &str) -> Option<&'a str> {
        self.event.data.get("keys")?.get(part)?.as_str()
    }

    /// What the clock on the wall shows at an instant of the event's data.
    fn wall_time(&self, part: &str) -> Option<Zoned> {
        let instant: Timestamp = self.event.text(part).parse().ok()?;
        let place = self.place().and_then(|place| place.time_zone.as_deref());
        let known = [place, Some(self.event.text("timeZone")), Some(self.site.time_zone.as_str())];
        let zone =
            known.into_iter().flatten().find_map(|zone| TimeZone::get(zone).ok()).unwrap_or(TimeZone::UTC);
        Some(instant.to_zoned(zone))
    }
}

/// Fills a text line by line. A line is left out if it names something and nothing of that is known; no two empty lines
/// follow each other.
fn lines(text: &str, values: &[(&str, &str)]) -> String {
    let value = |name: &str| values.iter().find(|(known, _)| *known == name).map_or("", |(_, value)| value);
    let mut filled: Vec<String> = Vec::new();
    for line in text.lines() {
        let mut names = placeholders(line).peekable();
        let silent = names.peek().is_some() && names.all(|name| value(name).is_empty());
        let gap = line.trim().is_empty() && filled.last().is_none_or(String::is_empty);
        if !silent && !gap {
            filled.push(fill(line, values).trim_end().to_owned());
        }
    }
    filled.join("\n").trim_end().to_owned()
}

/// Without line breaks and other control characters, and with one space where there are several.
fn one_line(text: &str) -> String {
    mail::one_line(text).split_whitespace().collect::<Vec<_>>().join(" ")
}

/// A name that can be repeated to whoever has that address, which may be somebody else's: no sentence, and nothing that
/// a mail program makes a link of.
fn presentable(name: String) -> Option<String> {
    let name = one_line(&name);
    let dotted = || name.split('.').skip(1).all(|after| after.is_empty() || after.starts_with(' '));
    let plain = |char: char| char.is_alphabetic() || " .-'’·・".contains(char) || is_mark(char);
    (name.chars().count() <= LONGEST_NAME && name.chars().all(plain) && dotted()).then_some(name)
}

/// A combining mark, as in names of South Asia.
fn is_mark(char: char) -> bool {
    matches!(char, '\u{300}'..='\u{36f}' | '\u{900}'..='\u{dff}' | '\u{200c}' | '\u{200d}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_of_which_nothing_is_known_is_left_out() {
        let text = "Hello {name},\n\n{date}, {time}\n{address}\n\nBring: {bring}\n\n{site}\n";
        let some = [("date", "Monday"), ("time", "10:00"), ("site", "Clinic {name}")];
        assert_eq!(lines(text, &some), "Monday, 10:00\n\nClinic {name}");
        let all = [("name", "Ada"), ("date", "Monday"), ("time", ""), ("bring", "card")];
        assert_eq!(lines(text, &all), "Hello Ada,\n\nMonday,\n\nBring: card");
    }

    #[test]
    fn a_name_that_is_no_name_is_not_repeated_to_a_stranger() {
        for name in ["王小明", "Ada King-Lovelace", "J. R. O’Brien", "José Ñandú", "अमित कुमार", "阿里·买买提"]
        {
            assert_eq!(presentable(name.to_owned()).as_deref(), Some(name));
        }
        for name in ["Win at example.com", "https://x", "you won 100", "a@b", "<b>", &"long ".repeat(20)] {
            assert_eq!(presentable(name.to_owned()), None, "{name}");
        }
        assert_eq!(presentable("Ada\r\nBcc".to_owned()).as_deref(), Some("Ada Bcc"));
    }

    #[test]
    fn every_kind_of_message_has_its_texts_with_known_placeholders() {
        for (tag, _) in crm_protocol::catalogue::FILES {
            let words = texts::catalogue(&Lang::parse(tag).unwrap());
            for key in keys() {
                let text = words.find(&format!("mail.{key}")).unwrap_or_default();
                assert!(!text.is_empty(), "{tag} {key}");
                assert!(placeholders(text).all(|name| PLACEHOLDERS.contains(&name)), "{tag} {key}");
            }
        }
    }
}
