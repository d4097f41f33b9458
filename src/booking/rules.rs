//! From when and until when a slot may be booked, moved and cancelled.

use jiff::civil::Time;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

use super::clock;
use super::days::{self, MINUTE};
use crate::definitions::booking::Service;
use crate::store::Millis;

/// Most days that a window or a release can be ahead.
const MOST_DAYS: u32 = 366;

/// The first instant at which a slot may start that is booked now.
pub fn earliest(service: &Service, now: Timestamp) -> Millis {
    now.as_millisecond() + Millis::from(service.notice) * MINUTE
}

/// The last day that can be booked now, as a number. `None` where the release cannot be read: such slots never open.
pub fn last_day(service: &Service, zone: &TimeZone, now: Timestamp) -> Option<i64> {
    let ahead = service.release.as_ref().map_or(MOST_DAYS, |release| release.days.min(MOST_DAYS));
    let last = today(zone, now) + i64::from(window(service).min(ahead));
    // A day opens at the earliest on the day for which it is counted, so the one before has been open since yesterday.
    Some(if opening(service, zone, last)? <= now { last } else { last - 1 })
}

/// When the slots of that day open: once it is in the window, and at its release.
pub fn opening(service: &Service, zone: &TimeZone, day: i64) -> Option<Timestamp> {
    let in_window = instant(zone, day - i64::from(window(service)), 0)?;
    let Some(release) = &service.release else { return Some(in_window) };
    let released = instant(zone, day - i64::from(release.days.min(MOST_DAYS)), clock::minute(&release.at)?)?;
    Some(in_window.max(released))
}

/// Until when the owner of an appointment may cancel it; `None` once that is over.
pub fn cancellable_until(service: &Service, start: Timestamp, now: Timestamp) -> Option<Timestamp> {
    deadline(service.cancel, start, now)
}

/// Until when the owner of an appointment may move it; `None` once that is over.
pub fn movable_until(service: &Service, start: Timestamp, now: Timestamp) -> Option<Timestamp> {
    deadline(service.change, start, now)
}

/// Today's number on that clock.
pub(super) fn today(zone: &TimeZone, now: Timestamp) -> i64 {
    days::number(now.to_zoned(zone.clone()).date())
}

fn window(service: &Service) -> u32 {
    service.window.min(MOST_DAYS)
}

fn deadline(minutes: u32, start: Timestamp, now: Timestamp) -> Option<Timestamp> {
    let until = start.checked_sub(SignedDuration::from_mins(i64::from(minutes))).ok()?;
    (now <= until).then_some(until)
}

/// When the clock shows that minute of the day: the first time where it does so twice, and the moment of the jump plus
/// what is missing where it jumps over it.
fn instant(zone: &TimeZone, day: i64, minute: u32) -> Option<Timestamp> {
    let day = day + i64::from(minute / 1_440);
    let minute = minute % 1_440;
    let time = Time::new((minute / 60) as i8, (minute % 60) as i8, 0, 0).ok()?;
    zone.to_timestamp(days::date(day)?.to_datetime(time)).ok()
}
