//! Files for calendars, read by two parsers that know nothing of ours.

use calcard::Entry;
use calcard::icalendar::{
    ICalendarComponent, ICalendarParameterName, ICalendarParameterValue, ICalendarProperty, ICalendarValue,
    Uri,
};
use icalendar::parser::{Component, read_calendar, unfold};
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

/// What a calendar is told of one appointment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Told {
    pub method: String,
    pub uid: String,
    pub sequence: i64,
    pub organizer: String,
    /// What the organizer is called; empty where it is not said.
    pub organizer_name: String,
    pub start: Timestamp,
    pub end: Timestamp,
    pub status: String,
    /// Empty where there is none, as the two that follow.
    pub summary: String,
    pub location: String,
    pub description: String,
    pub alarms: Vec<Alarm>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Alarm {
    pub action: String,
    /// Seconds after the start.
    pub trigger: i64,
    pub description: String,
}

/// What both parsers read, which is the same.
pub fn read(file: &str) -> Told {
    let told = by_icalendar(file);
    assert_eq!(by_calcard(file), told);
    told
}

fn by_icalendar(file: &str) -> Told {
    let unfolded = unfold(file);
    let calendar = read_calendar(&unfolded).expect("a calendar");
    let method = calendar.properties.iter().find(|property| property.name == "METHOD");
    let [event] = &calendar.components[..] else { panic!("not one event") };
    assert_eq!(event.name, "VEVENT");
    let text = |of: &Component<'_>, name: &str| {
        of.find_prop(name).map(|property| property.val.to_string()).unwrap_or_default()
    };
    let instant = |name: &str| {
        let utc = DateTime::strptime("%Y%m%dT%H%M%SZ", text(event, name)).expect("a time in UTC");
        TimeZone::UTC.to_timestamp(utc).expect("an instant")
    };
    let alarm = |alarm: &Component<'_>| {
        assert_eq!(alarm.name, "VALARM");
        let trigger: SignedDuration = text(alarm, "TRIGGER").parse().expect("a duration");
        Alarm {
            action: text(alarm, "ACTION"),
            trigger: trigger.as_secs(),
            description: text(alarm, "DESCRIPTION"),
        }
    };
    let organizer = event.find_prop("ORGANIZER").expect("an organizer");
    let name = organizer.params.iter().find(|param| param.key == "CN").and_then(|param| param.val.as_ref());
    Told {
        method: method.expect("a method").val.to_string(),
        uid: text(event, "UID"),
        sequence: text(event, "SEQUENCE").parse().expect("a number"),
        organizer: organizer.val.to_string(),
        organizer_name: name.map(ToString::to_string).unwrap_or_default(),
        start: instant("DTSTART"),
        end: instant("DTEND"),
        status: text(event, "STATUS"),
        summary: text(event, "SUMMARY"),
        location: text(event, "LOCATION"),
        description: text(event, "DESCRIPTION"),
        alarms: event.components.iter().map(alarm).collect(),
    }
}

fn by_calcard(file: &str) -> Told {
    let mut parser = calcard::Parser::new(file);
    let entry = parser.entry();
    let Entry::ICalendar(calendar) = entry else { panic!("no calendar: {entry:?}") };
    assert_eq!(parser.entry(), Entry::Eof);
    let [whole, rest @ ..] = &calendar.components[..] else { panic!("an empty file") };
    let (events, alarms): (Vec<_>, Vec<_>) = rest.iter().partition(|part| part.component_type.is_event());
    let [event] = events[..] else { panic!("not one event") };
    let value = |of: &ICalendarComponent, name: ICalendarProperty| -> Option<ICalendarValue> {
        let entry = of.property(&name)?;
        assert_eq!(entry.values.len(), 1, "{entry:?}");
        entry.values.first().cloned()
    };
    let text = |of: &ICalendarComponent, name| {
        value(of, name).map_or(String::new(), |value| value.as_text().expect("a text").to_owned())
    };
    let instant = |name| {
        let value = value(event, name).and_then(ICalendarValue::into_partial_date_time).expect("a time");
        value.to_rfc3339().expect("an instant").parse().expect("an instant")
    };
    let alarm = |alarm: &ICalendarComponent| {
        assert!(alarm.component_type.is_alarm());
        let Some(ICalendarValue::Duration(trigger)) = value(alarm, ICalendarProperty::Trigger) else {
            panic!("no trigger")
        };
        Alarm {
            action: text(alarm, ICalendarProperty::Action),
            trigger: trigger.as_seconds(),
            description: text(alarm, ICalendarProperty::Description),
        }
    };
    let organizer = event.property(&ICalendarProperty::Organizer).expect("an organizer");
    let address = match &organizer.values[..] {
        [ICalendarValue::Uri(Uri::Location(address)) | ICalendarValue::Text(address)] => address.clone(),
        other => panic!("{other:?}"),
    };
    let name = organizer.params.iter().find(|param| param.name == ICalendarParameterName::Cn);
    let name = name.map_or(String::new(), |name| match &name.value {
        ICalendarParameterValue::Text(name) => name.clone(),
        other => panic!("{other:?}"),
    });
    Told {
        method: text(whole, ICalendarProperty::Method),
        uid: text(event, ICalendarProperty::Uid),
        sequence: value(event, ICalendarProperty::Sequence)
            .and_then(|value| value.as_integer())
            .expect("a number"),
        start: instant(ICalendarProperty::Dtstart),
        end: instant(ICalendarProperty::Dtend),
        organizer: address,
        organizer_name: name,
        status: text(event, ICalendarProperty::Status),
        summary: text(event, ICalendarProperty::Summary),
        location: text(event, ICalendarProperty::Location),
        description: text(event, ICalendarProperty::Description),
        alarms: alarms.into_iter().map(alarm).collect(),
    }
}
