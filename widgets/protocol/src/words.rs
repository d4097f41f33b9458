//! Days and times in words, from the catalogue: the gateway, which has no `Intl`, says them as the page does.
//! Days are counted from 1970-01-01.

use crate::catalogue::Catalogue;
use crate::check::date::Date;
use crate::check::number::digits;

/// One of the words of a text that has `|` between them, counted from 0.
fn nth(texts: &Catalogue, key: &str, number: u8) -> String {
    texts.get(key).split('|').nth(number.into()).unwrap_or_default().to_owned()
}

/// A day of the week, 0 being Monday.
pub fn weekday(texts: &Catalogue, day: u8) -> String {
    nth(texts, "booking.weekdays", day)
}

/// The same in one to three letters, for the head of a calendar.
pub fn weekday_short(texts: &Catalogue, day: u8) -> String {
    nth(texts, "booking.weekdays-short", day)
}

/// A day in words: "Tuesday, 24 November 2026".
pub fn day(texts: &Catalogue, day: i32) -> String {
    date(texts, "booking.date", day)
}

/// The same without its year.
pub fn day_short(texts: &Catalogue, day: i32) -> String {
    date(texts, "booking.date-short", day)
}

/// The month a day lies in: "November 2026".
pub fn month(texts: &Catalogue, day: i32) -> String {
    date(texts, "booking.month-year", day)
}

/// Day and time: "Tuesday, 24 November 2026, 09:00".
pub fn when(texts: &Catalogue, on: i32, minute: u32) -> String {
    texts.fill("booking.at", &[("date", &day(texts, on)), ("time", &clock(minute))])
}

/// The same, shorter.
pub fn when_short(texts: &Catalogue, on: i32, minute: u32) -> String {
    texts.fill("booking.at", &[("date", &day_short(texts, on)), ("time", &clock(minute))])
}

fn date(texts: &Catalogue, key: &str, day: i32) -> String {
    let Ok(date) = Date::from_unix(day) else { return String::new() };
    let values = [
        ("weekday", weekday(texts, date.weekday())),
        ("day", digits(date.day().into())),
        ("month", nth(texts, "booking.months", date.month() - 1)),
        ("year", digits(date.year().into())),
    ];
    let values = values.each_ref().map(|(name, value)| (*name, value.as_str()));
    texts.fill(key, &values)
}

/// A minute of the day: `09:05`.
pub fn clock(minute: u32) -> String {
    let two = |number: u32| [if number < 10 { "0" } else { "" }, &digits(number.into())].concat();
    [&two(minute / 60), ":", &two(minute % 60)].concat()
}
