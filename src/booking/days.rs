//! Days as numbers since 1970-01-01, so that weeks, windows and midnights are plain arithmetic.

use jiff::SignedDuration;
use jiff::civil::Date;

use crate::store::Millis;

/// Milliseconds in a minute.
pub const MINUTE: Millis = 60_000;
/// Milliseconds in a day of 24 hours.
pub const DAY: Millis = 1_440 * MINUTE;

const FIRST: Date = Date::constant(1970, 1, 1);

/// The day's number.
pub fn number(date: Date) -> i64 {
    date.duration_since(FIRST).as_hours() / 24
}

/// The day of that number; `None` beyond the years that can be written.
pub fn date(number: i64) -> Option<Date> {
    let hours = number.checked_mul(24).filter(|hours| hours.abs() < i64::MAX / 3_600)?;
    FIRST.checked_add(SignedDuration::from_hours(hours)).ok()
}

/// The number of the day that an operator wrote, ISO 8601.
pub fn parse(text: &str) -> Option<i64> {
    text.parse().ok().map(number)
}

/// 0 for Monday to 6 for Sunday.
pub fn weekday(number: i64) -> u32 {
    // 1970-01-01 was a Thursday.
    (number + 3).rem_euclid(7) as u32
}

/// Number of the week, which begins on a Monday.
pub fn week(number: i64) -> i64 {
    (number + 3).div_euclid(7)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_has_a_number_a_weekday_and_a_week() {
        for year in [-9_999, 1_582, 1_969, 1_970, 2_024, 9_999] {
            for (month, day) in [(1, 1), (2, 28), (12, 31)] {
                let day = Date::constant(year, month, day);
                let number = number(day);
                assert_eq!(date(number), Some(day));
                assert_eq!(weekday(number), u32::from(day.weekday().to_monday_zero_offset().unsigned_abs()));
                assert_eq!(week(number + 7), week(number) + 1);
            }
        }
        assert_eq!(week(parse("2026-11-22").unwrap()) + 1, week(parse("2026-11-23").unwrap()));
        for beyond in [i64::MIN, i64::MAX, 3_000_000] {
            assert_eq!(date(beyond), None);
        }
        assert_eq!(parse("2026-02-29"), None);
    }
}
