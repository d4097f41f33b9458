//! Instants (RFC 3339, or Unix seconds or milliseconds) and the time between them. A day without a time, as forms ask
//! for, is its first instant in UTC.

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use minijinja::value::Kwargs;
use minijinja::{Error, Value};

use super::wants;

const INSTANT: &str = "an instant such as 2026-11-23T02:00:00Z, or Unix seconds";

/// Numbers from here on are milliseconds: as seconds they would be after the year 5000.
const MILLISECONDS_FROM: i64 = 100_000_000_000;

/// `time(format, zone='UTC')`.
pub fn time(value: &Value, format: &str, zone: Option<String>, more: Kwargs) -> Result<Value, Error> {
    let instant = instant("time", value)?;
    let zone = zone.or(more.get("zone")?);
    more.assert_all_used()?;
    let zone = match zone.as_deref() {
        None | Some("UTC") => TimeZone::UTC,
        Some(name) => TimeZone::get(name)
            .map_err(|_| wants("time", "an IANA time zone such as Asia/Shanghai in `zone`"))?,
    };
    let pattern = match format {
        "epoch" => return Ok(Value::from(instant.as_second())),
        "epoch_ms" => return Ok(Value::from(instant.as_millisecond())),
        "iso" => return written(instant, TimeZone::UTC, "%Y-%m-%dT%H:%M:%SZ"),
        "iso_ms" => return written(instant, TimeZone::UTC, "%Y-%m-%dT%H:%M:%S.%3fZ"),
        "offset" => "%Y-%m-%dT%H:%M:%S%:z",
        "sql" => "%Y-%m-%d %H:%M:%S",
        "date" => "%Y-%m-%d",
        "clock" => "%H:%M",
        own if own.contains('%') => own,
        _ => {
            let formats =
                "iso, iso_ms, offset, sql, date, clock, epoch, epoch_ms or a pattern such as %d.%m.%Y";
            return Err(wants("time", formats));
        }
    };
    written(instant, zone, pattern)
}

/// `duration(end, unit='minutes')`: whole units, rounded down; `clock` is `HH:MM`.
pub fn duration(start: &Value, end: &Value, unit: Option<&str>) -> Result<Value, Error> {
    if super::is_nothing(end) {
        return Ok(Value::UNDEFINED);
    }
    let between = instant("duration", end)?.duration_since(instant("duration", start)?);
    let seconds = between.as_secs();
    match unit.unwrap_or("minutes") {
        "seconds" => Ok(Value::from(seconds)),
        "minutes" => Ok(Value::from(seconds.div_euclid(60))),
        "hours" => Ok(Value::from(seconds.div_euclid(3_600))),
        "clock" if seconds < 0 => Err(wants("duration", "an end that is not before the start")),
        "clock" => Ok(Value::from(format!("{:02}:{:02}", seconds / 3_600, seconds / 60 % 60))),
        _ => Err(wants("duration", "one of the units seconds, minutes, hours, clock")),
    }
}

/// `plus(minutes)`: an instant later, or earlier.
pub fn plus(value: &Value, minutes: i32) -> Result<Value, Error> {
    let later = instant("plus", value)?.checked_add(SignedDuration::from_mins(minutes.into()));
    let later = later.map_err(|_| wants("plus", "a result before the year 10000"))?;
    written(later, TimeZone::UTC, "%Y-%m-%dT%H:%M:%SZ")
}

fn instant(filter: &str, value: &Value) -> Result<Timestamp, Error> {
    let parsed = match (value.as_str(), value.as_i64()) {
        (Some(text), _) => text.trim().parse().ok().or_else(|| midnight(text)),
        (None, Some(number)) if number.unsigned_abs() < MILLISECONDS_FROM.unsigned_abs() => {
            Timestamp::from_second(number).ok()
        }
        (None, Some(number)) => Timestamp::from_millisecond(number).ok(),
        _ => None,
    };
    parsed.ok_or_else(|| wants(filter, INSTANT))
}

fn midnight(day: &str) -> Option<Timestamp> {
    let day = jiff::civil::Date::strptime("%Y-%m-%d", day.trim()).ok()?;
    day.to_zoned(TimeZone::UTC).ok().map(|start| start.timestamp())
}

fn written(instant: Timestamp, zone: TimeZone, pattern: &str) -> Result<Value, Error> {
    jiff::fmt::strtime::format(pattern, &instant.to_zoned(zone))
        .map(Value::from)
        .map_err(|_| wants("time", "a pattern of strftime such as %d.%m.%Y"))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::tests::{refused, shown};

    const AT: &str = "2026-11-23T02:05:09.250Z";

    #[test]
    fn an_instant_is_written_as_each_crm_wants_it() {
        for (filter, written) in [
            ("time('iso')", "2026-11-23T02:05:09Z"),
            ("time('iso_ms')", "2026-11-23T02:05:09.250Z"),
            ("time('offset')", "2026-11-23T02:05:09+00:00"),
            ("time('offset', zone='Asia/Shanghai')", "2026-11-23T10:05:09+08:00"),
            ("time('sql')", "2026-11-23 02:05:09"),
            ("time('sql', 'Asia/Shanghai')", "2026-11-23 10:05:09"),
            ("time('date', zone='America/New_York')", "2026-11-22"),
            ("time('clock', zone='Asia/Kolkata')", "07:35"),
            ("time('epoch')", "1795399509"),
            ("time('epoch_ms')", "1795399509250"),
            ("time('%d.%m.%Y %H Uhr', zone='Europe/Berlin')", "23.11.2026 03 Uhr"),
        ] {
            assert_eq!(shown(&format!("x | {filter}"), AT), written, "{filter}");
        }
    }

    #[test]
    fn an_instant_comes_with_any_offset_or_as_a_number() {
        for same in ["x", "'2026-11-23T10:05:09+08:00'", "'2026-11-23 02:05:09Z'"] {
            assert_eq!(shown(&format!("{same} | time('iso')"), AT), "2026-11-23T02:05:09Z", "{same}");
        }
        assert_eq!(shown("x | time('%d.%m.%Y')", "1984-02-29"), "29.02.1984");
        assert_eq!(shown("x | time('iso')", "1984-02-29"), "1984-02-29T00:00:00Z");
        assert_eq!(shown("x | time('iso')", 1_795_399_509_i64), "2026-11-23T02:05:09Z");
        assert_eq!(shown("x | time('iso_ms')", 1_795_399_509_250_i64), "2026-11-23T02:05:09.250Z");
    }

    #[test]
    fn a_duration_is_whole_units_or_a_clock() {
        let end = |unit| format!("x | duration('2026-11-23T03:50:10Z', '{unit}')");
        assert_eq!(shown(&end("seconds"), "2026-11-23T02:05:09Z"), "6301");
        assert_eq!(shown(&end("minutes"), "2026-11-23T02:05:09Z"), "105");
        assert_eq!(shown(&end("hours"), "2026-11-23T02:05:09Z"), "1");
        assert_eq!(shown(&end("clock"), "2026-11-23T02:05:09Z"), "01:45");
        assert_eq!(shown("x | duration(nowhere, 'clock')", AT), "nothing");
        assert_eq!(shown("x | plus(30)", "2026-11-23T23:45:00+08:00"), "2026-11-23T16:15:00Z");
        assert_eq!(shown("x | plus(-30)", "2026-11-23T00:15:00Z"), "2026-11-22T23:45:00Z");
    }

    #[test]
    fn what_is_no_time_is_refused() {
        assert!(refused("x | time('iso')", "tomorrow").contains("an instant such as"));
        assert!(refused("x | time('short')", AT).contains("iso, iso_ms, offset"));
        assert!(refused("x | time('sql', zone='Peking')", AT).contains("Asia/Shanghai"));
        assert!(refused("x | time('sql', timezone='UTC')", AT).contains("timezone"));
        assert!(refused("x | time('%!')", AT).contains("strftime"));
        assert!(
            refused("x | duration('2026-11-22T00:00:00Z', 'clock')", AT).contains("not before the start")
        );
        assert!(refused("x | duration(x, 'days')", AT).contains("seconds, minutes, hours"));
    }

    proptest! {
        #[test]
        fn what_is_written_can_be_read_again(seconds in -2_000_000_000_i64..4_000_000_000) {
            for format in ["iso", "offset"] {
                let twice = format!("x | time('{format}', zone='Asia/Shanghai') | time('epoch')");
                prop_assert_eq!(shown(&twice, seconds), seconds.to_string());
            }
        }

        #[test]
        fn any_text_is_an_instant_or_refused(typed in "\\PC*", pattern in "%\\PC{0,6}") {
            let context = minijinja::context! { x => typed, pattern, at => AT };
            let _ = super::super::tests::eval("x | time('iso')", context.clone());
            let _ = super::super::tests::eval("at | time(pattern)", context);
        }
    }
}
