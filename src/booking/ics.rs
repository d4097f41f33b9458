//! An appointment as a file for calendars: iCalendar (RFC 5545), published or cancelled as in iTIP (RFC 5546).

use crm_protocol::booking::Status;
use crm_protocol::id::AppointmentId;
use jiff::Timestamp;

use super::words::Words;

/// Most octets of a line without its end (RFC 5545, 3.1).
const LINE: usize = 75;
/// Behind the id: the same at whatever address the gateway is found, so that a calendar knows the appointment again.
const DOMAIN: &str = "crm-widgets";
const PRODUCT: &str = "-//CRM widgets//Booking//EN";

/// What a calendar is told. A text that is empty is left out.
#[derive(Clone, Copy, Debug)]
pub struct Entry<'a> {
    /// The appointment.
    pub id: AppointmentId,
    /// Counts up with every change.
    pub sequence: u32,
    /// Where it stands.
    pub status: Status,
    /// Start.
    pub start: Timestamp,
    /// End.
    pub end: Timestamp,
    /// When it was made or changed.
    pub changed: Timestamp,
    /// What it is called.
    pub words: Words<'a>,
    /// Address of the site's page for booking: the organizer, who must be named in what is published or cancelled
    /// (RFC 5546, 3.2.1 and 3.2.5). No mailbox, so no calendar program writes to it or makes an invitation of the entry,
    /// and the same in every file, or a change would be taken for somebody else's.
    pub page: &'a str,
    /// Hours before the start at which the calendar reminds.
    pub reminders: &'a [u32],
}

impl Entry<'_> {
    /// The file's text, `text/calendar; charset=utf-8`.
    pub fn text(&self) -> String {
        let cancelled = self.status == Status::Cancelled;
        let summary = self.words.summary();
        let mut file = File::default();
        file.line("BEGIN", "VCALENDAR");
        file.line("VERSION", "2.0");
        file.line("PRODID", PRODUCT);
        file.line("CALSCALE", "GREGORIAN");
        file.line("METHOD", if cancelled { "CANCEL" } else { "PUBLISH" });
        file.line("BEGIN", "VEVENT");
        file.line("UID", &format!("{}@{DOMAIN}", self.id));
        file.line("DTSTAMP", &utc(self.changed));
        file.line("SEQUENCE", &self.sequence.to_string());
        file.line(&format!("ORGANIZER{}", common_name(self.words.site)), self.page);
        file.line("DTSTART", &utc(self.start));
        file.line("DTEND", &utc(self.end));
        file.text("SUMMARY", &summary);
        file.text("LOCATION", &self.words.location());
        file.text("DESCRIPTION", &self.words.description());
        file.line("STATUS", status(self.status));
        for hours in self.reminders.iter().filter(|_| !cancelled) {
            file.line("BEGIN", "VALARM");
            file.line("ACTION", "DISPLAY");
            file.line("TRIGGER", &format!("-PT{hours}H"));
            // An alarm has to say something (RFC 5545, 3.6.6).
            file.text("DESCRIPTION", if summary.is_empty() { DOMAIN } else { &summary });
            file.line("END", "VALARM");
        }
        file.line("END", "VEVENT");
        file.line("END", "VCALENDAR");
        file.0
    }
}

/// Lines with their ends.
#[derive(Default)]
struct File(String);

impl File {
    /// A property whose value is written by us.
    fn line(&mut self, name: &str, value: &str) {
        let mut octets = 0;
        for letter in name.chars().chain([':']).chain(value.chars()) {
            if octets + letter.len_utf8() > LINE {
                self.0.push_str("\r\n ");
                octets = 1;
            }
            self.0.push(letter);
            octets += letter.len_utf8();
        }
        self.0.push_str("\r\n");
    }

    /// A property whose value is somebody's text.
    fn text(&mut self, name: &str, text: &str) {
        let text = escape(text);
        if !text.is_empty() {
            self.line(name, &text);
        }
    }
}

/// The parameter CN with its sign before it; nothing where there is no name. A parameter knows no escapes: a quotation mark
/// or a control character cannot be part of it (RFC 5545, 3.1), and some readers take a backslash for the sign of one.
fn common_name(name: &str) -> String {
    let plain = |letter: char| match letter {
        '"' => '\'',
        '\\' => '/',
        _ if ends_line(letter) || letter.is_control() => ' ',
        _ => letter,
    };
    let name: String = name.chars().map(plain).collect();
    match name.trim() {
        "" => String::new(),
        name => format!(";CN=\"{name}\""),
    }
}

/// Whether a reader might take it for the end of a line.
fn ends_line(letter: char) -> bool {
    matches!(letter, '\r' | '\n' | '\u{b}' | '\u{c}' | '\u{85}' | '\u{2028}' | '\u{2029}')
}

/// The text as a value of the type TEXT (RFC 5545, 3.3.11). Control characters cannot be written and are left out; what any
/// reader might take for the end of a line is one.
fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    let mut letters = text.chars().peekable();
    while let Some(letter) = letters.next() {
        match letter {
            '\r' if letters.peek() == Some(&'\n') => {}
            _ if ends_line(letter) => escaped.push_str("\\n"),
            '\\' | ';' | ',' => escaped.extend(['\\', letter]),
            '\t' => escaped.push(letter),
            _ if letter.is_control() => {}
            _ => escaped.push(letter),
        }
    }
    escaped
}

fn status(status: Status) -> &'static str {
    match status {
        Status::Requested => "TENTATIVE",
        Status::Booked | Status::Missed | Status::Arrived => "CONFIRMED",
        Status::Cancelled => "CANCELLED",
    }
}

/// An instant as a date with time in UTC (RFC 5545, 3.3.5, form 2).
fn utc(at: Timestamp) -> String {
    at.strftime("%Y%m%dT%H%M%SZ").to_string()
}
