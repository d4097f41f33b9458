//! Calendar days of the proleptic Gregorian calendar, as typed by people and as written in definitions.

use super::width;

/// A day, from 0001-01-01 to 9999-12-31.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Date {
    year: u16,
    month: u8,
    day: u8,
}

/// 1970-01-01 in days since 0000-03-01.
const UNIX: i32 = 719_468;

/// The text is no day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotADate;

/// Parses a day as typed, year first: `2026-03-05` (ISO 8601), `2026/3/5`, `2026.3.5`, `2026年3月5日`, `20260305`,
/// with full-width characters and spaces between the parts. Day-first and month-first forms are refused, since
/// `3/5/2026` means two days.
///
/// # Errors
/// [`NotADate`] for every other shape and for days the calendar does not have.
pub fn parse(typed: &str) -> Result<Date, NotADate> {
    let text = width::plain(typed);
    if text.len() == 8 && text.bytes().all(|byte| byte.is_ascii_digit()) {
        let (year, rest) = text.split_at_checked(4).ok_or(NotADate)?;
        let (month, day) = rest.split_at_checked(2).ok_or(NotADate)?;
        return from_parts(year, month, day);
    }
    let (year, rest) = text.split_once(['-', '/', '.', '年']).ok_or(NotADate)?;
    let (month, day) = rest.split_once(['-', '/', '.', '月']).ok_or(NotADate)?;
    from_parts(year.trim(), month.trim(), day.trim_end_matches(['日', '号', '號']).trim())
}

/// Parses a bound of a definition: a day, `today`, or `today` with a distance such as `today-18y`, `today+30d`,
/// `today+6m`, `today+2w`. A distance that leads to a day the month does not have ends on its last day.
///
/// # Errors
/// [`NotADate`] for everything else.
pub fn bound(text: &str, today: Date) -> Result<Date, NotADate> {
    let Some(distance) = text.strip_prefix("today") else { return parse(text) };
    if distance.is_empty() {
        return Ok(today);
    }
    let unit = distance.chars().next_back().ok_or(NotADate)?;
    let count = distance.strip_suffix(unit).ok_or(NotADate)?;
    let shaped = count.starts_with(['+', '-']) && (2..=6).contains(&count.len());
    let count: i32 = count.parse().ok().filter(|_| shaped).ok_or(NotADate)?;
    match unit {
        'd' => today.plus_days(count),
        'w' => today.plus_days(count * 7),
        'm' => today.plus_months(count),
        'y' => today.plus_months(count * 12),
        _ => Err(NotADate),
    }
}

fn from_parts(year: &str, month: &str, day: &str) -> Result<Date, NotADate> {
    if year.len() != 4 {
        return Err(NotADate);
    }
    Date::new(number(year)?, number(month)?, number(day)?)
}

/// The value of one to four digits.
fn number(digits: &str) -> Result<u16, NotADate> {
    if !(1..=4).contains(&digits.len()) {
        return Err(NotADate);
    }
    digits.bytes().try_fold(0, |value, byte| match byte {
        b'0'..=b'9' => Ok(value * 10 + u16::from(byte - b'0')),
        _ => Err(NotADate),
    })
}

impl Date {
    /// The day of that year, month (1–12) and day of the month.
    ///
    /// # Errors
    /// [`NotADate`] when the calendar does not have it.
    pub fn new(year: u16, month: u16, day: u16) -> Result<Self, NotADate> {
        let (month, day) =
            (u8::try_from(month).map_err(|_| NotADate)?, u8::try_from(day).map_err(|_| NotADate)?);
        let exists = (1..=9999).contains(&year) && day >= 1 && day <= days_in(year, month);
        exists.then_some(Self { year, month, day }).ok_or(NotADate)
    }

    /// The day as ISO 8601: `2026-03-05`.
    pub fn iso(self) -> String {
        let digit = |value: u16| char::from(b'0' + u8::try_from(value % 10).unwrap_or_default());
        let (year, month, day) = (self.year, u16::from(self.month), u16::from(self.day));
        [
            digit(year / 1000),
            digit(year / 100),
            digit(year / 10),
            digit(year),
            '-',
            digit(month / 10),
            digit(month),
            '-',
            digit(day / 10),
            digit(day),
        ]
        .into_iter()
        .collect()
    }

    /// Its year.
    pub fn year(self) -> u16 {
        self.year
    }

    /// Its month, 1–12.
    pub fn month(self) -> u8 {
        self.month
    }

    /// Its day of the month, 1–31.
    pub fn day(self) -> u8 {
        self.day
    }

    /// Days since Monday: 0–6.
    pub fn weekday(self) -> u8 {
        // 0000-03-01 was a Wednesday.
        (self.to_days() + 2).rem_euclid(7).unsigned_abs() as u8
    }

    /// Days since 1970-01-01.
    pub fn to_unix(self) -> i32 {
        self.to_days() - UNIX
    }

    /// The inverse of [`Date::to_unix`].
    ///
    /// # Errors
    /// [`NotADate`] outside the years 1–9999.
    pub fn from_unix(days: i32) -> Result<Self, NotADate> {
        Self::from_days(days + UNIX)
    }

    /// The same day so many months later, or the last one of a month that does not have it.
    ///
    /// # Errors
    /// [`NotADate`] outside the years 1–9999.
    pub fn plus_months(self, count: i32) -> Result<Self, NotADate> {
        let months = i32::from(self.year) * 12 + i32::from(self.month) - 1 + count;
        let year = u16::try_from(months.div_euclid(12)).map_err(|_| NotADate)?;
        let month = u8::try_from(months.rem_euclid(12) + 1).map_err(|_| NotADate)?;
        Self::new(year, u16::from(month), u16::from(self.day.min(days_in(year, month))))
    }

    fn plus_days(self, count: i32) -> Result<Self, NotADate> {
        Self::from_days(self.to_days() + count)
    }

    /// Days since 0000-03-01, by Howard Hinnant's `days_from_civil`
    /// (<https://howardhinnant.github.io/date_algorithms.html>): a year that starts in March ends with its leap day.
    fn to_days(self) -> i32 {
        let (month, day) = (i32::from(self.month), i32::from(self.day));
        let year = i32::from(self.year) - i32::from(month < 3);
        let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
        year * 365 + year / 4 - year / 100 + year / 400 + day_of_year
    }

    /// The inverse of [`Date::to_days`].
    fn from_days(days: i32) -> Result<Self, NotADate> {
        let era = days.div_euclid(146_097);
        let in_era = days.rem_euclid(146_097);
        let year_of_era = (in_era - in_era / 1_460 + in_era / 36_524 - in_era / 146_096) / 365;
        let day_of_year = in_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        let shifted = (5 * day_of_year + 2) / 153;
        let (month, day) = ((shifted + 2) % 12 + 1, day_of_year - (153 * shifted + 2) / 5 + 1);
        let part = |value: i32| u16::try_from(value).map_err(|_| NotADate);
        Self::new(part(era * 400 + year_of_era + i32::from(month < 3))?, part(month)?, part(day)?)
    }
}

fn days_in(year: u16, month: u8) -> u8 {
    let leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    match month {
        2 if leap => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        1..=12 => 31,
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{Date, bound, days_in, parse};

    fn iso(typed: &str) -> Option<String> {
        parse(typed).ok().map(Date::iso)
    }

    fn bounded(text: &str, today: &str) -> Option<String> {
        bound(text, parse(today).ok()?).ok().map(Date::iso)
    }

    #[test]
    fn days_are_read_as_people_type_them() {
        for typed in [
            "2026-03-05",
            "2026-3-5",
            "2026/3/5",
            "2026.03.05",
            "2026年3月5日",
            "2026 年 3 月 5 日",
            "2026年3月5号",
            "2026年3月5",
            "20260305",
            "２０２６－０３－０５",
            "２０２６年３月５日",
            "2026。3。5",
            " 2026 - 3 - 5 ",
        ] {
            assert_eq!(iso(typed).as_deref(), Some("2026-03-05"), "{typed}");
        }
    }

    #[test]
    fn days_the_calendar_lacks_and_ambiguous_forms_are_refused() {
        for typed in [
            "",
            "2026",
            "2026-13-01",
            "2026-00-10",
            "2026-02-29",
            "1900-02-29",
            "2026-04-31",
            "3/5/2026",
            "26-3-5",
            "2026-3",
            "2026-03-05T00:00",
            "0000-01-01",
            "12026-01-01",
            "2026-+3-05",
            "2026035",
            "tomorrow",
        ] {
            assert_eq!(parse(typed).ok(), None, "{typed}");
        }
        assert!(parse("2000-02-29").is_ok() && parse("2024-2-29").is_ok());
    }

    #[test]
    fn bounds_move_with_today() {
        assert_eq!(bounded("today", "2026-11-21").as_deref(), Some("2026-11-21"));
        assert_eq!(bounded("today-18y", "2026-11-21").as_deref(), Some("2008-11-21"));
        assert_eq!(bounded("today+30d", "2026-12-21").as_deref(), Some("2027-01-20"));
        assert_eq!(bounded("today+2w", "2026-02-20").as_deref(), Some("2026-03-06"));
        assert_eq!(bounded("today+1m", "2026-01-31").as_deref(), Some("2026-02-28"));
        assert_eq!(bounded("today-1y", "2024-02-29").as_deref(), Some("2023-02-28"));
        assert_eq!(bounded("1900-01-01", "2024-02-29").as_deref(), Some("1900-01-01"));
        for text in [
            "today+",
            "today18y",
            "today-18",
            "today-18x",
            "today--1d",
            "today+99999d+",
            "yesterday",
            "today-99999y",
        ] {
            assert_eq!(bounded(text, "2026-11-21"), None, "{text}");
        }
    }

    #[test]
    fn every_day_of_two_centuries_is_read_back_and_follows_the_one_before() {
        let mut before: Option<Date> = None;
        for year in 1900..=2100 {
            for month in 1..=12 {
                for day in 1..=days_in(year, month) {
                    let date = Date::new(year, u16::from(month), u16::from(day)).expect("a day");
                    assert_eq!(parse(&date.iso()), Ok(date));
                    assert_eq!(parse(&date.iso().replace('-', "")), Ok(date));
                    assert_eq!(Date::from_days(date.to_days()), Ok(date));
                    if let Some(before) = before {
                        assert_eq!(before.plus_days(1), Ok(date));
                        assert!(before < date);
                    }
                    before = Some(date);
                }
            }
        }
    }

    proptest! {
        #[test]
        fn any_text_is_answered(typed in "\\PC*", distance in "today[-+0-9dwmy]{0,8}") {
            let _ = parse(&typed);
            let today = parse("2026-11-21").expect("a day");
            let _ = bound(&distance, today);
        }

        #[test]
        fn all_forms_of_a_day_are_equal(year in 1_u16..=9999, month in 1_u16..=12, day in 1_u16..=31) {
            let Ok(date) = Date::new(year, month, day) else { return Ok(()) };
            for typed in [
                format!("{year:04}/{month}/{day}"),
                format!("{year:04}.{month:02}.{day:02}"),
                format!("{year:04}年{month}月{day}日"),
                format!("{year:04}{month:02}{day:02}"),
            ] {
                prop_assert_eq!(parse(&typed), Ok(date), "{}", typed);
            }
        }
    }
}
