//! Booking's words from JSON that the browser has parsed; see [`crate::read`].

use super::{
    Alternative, Appointment, Department, Held, Offer, Place, Practitioner, Range, Row, Service, Slots,
    Status, Turn, Waiting,
};
use crate::read::{Json, Read, flag, list, may, string};

impl Read for Offer {
    fn read(json: &impl Json) -> Option<Self> {
        Some(Self {
            services: may(json, "services")?,
            site: string(json, "site"),
            lang: may(json, "lang").unwrap_or_default(),
            time_zone: string(json, "timeZone"),
            challenge: flag(json, "challenge"),
            departments: list(json, "departments"),
            practitioners: list(json, "practitioners"),
            places: list(json, "places"),
            forms: list(json, "forms"),
            texts: may(json, "texts").unwrap_or_default(),
        })
    }
}

impl Read for Department {
    fn read(json: &impl Json) -> Option<Self> {
        Some(Self { key: may(json, "key")?, name: string(json, "name"), intro: string(json, "intro") })
    }
}

impl Read for Service {
    fn read(json: &impl Json) -> Option<Self> {
        Some(Self {
            key: may(json, "key")?,
            department: string(json, "department"),
            name: string(json, "name"),
            intro: string(json, "intro"),
            minutes: may(json, "minutes").unwrap_or_default(),
            practitioners: list(json, "practitioners"),
            form: string(json, "form"),
            approval: flag(json, "approval"),
            waitlist: flag(json, "waitlist"),
            bring: string(json, "bring"),
        })
    }
}

impl Read for Practitioner {
    fn read(json: &impl Json) -> Option<Self> {
        Some(Self { key: may(json, "key")?, name: string(json, "name"), title: string(json, "title") })
    }
}

impl Read for Place {
    fn read(json: &impl Json) -> Option<Self> {
        Some(Self {
            key: may(json, "key")?,
            name: string(json, "name"),
            address: string(json, "address"),
            map: string(json, "map"),
        })
    }
}

impl Read for Slots {
    fn read(json: &impl Json) -> Option<Self> {
        Some(Self {
            rows: may(json, "rows")?,
            service: string(json, "service"),
            time_zone: string(json, "timeZone"),
            minutes: may(json, "minutes").unwrap_or_default(),
            step: may(json, "step").unwrap_or_default(),
            from: string(json, "from"),
            to: string(json, "to"),
            offset: may(json, "offset").unwrap_or_default(),
            opens: may(json, "opens"),
        })
    }
}

impl Read for Row {
    fn read(json: &impl Json) -> Option<Self> {
        Some(Self {
            practitioner: may(json, "practitioner")?,
            place: string(json, "place"),
            ranges: list(json, "ranges"),
        })
    }
}

impl Read for Range {
    fn read(json: &impl Json) -> Option<Self> {
        let items = json.items()?;
        let [day, minute, offset, seats] = items.as_slice() else { return None };
        Some(Self {
            day: u32::read(day)?,
            minute: u32::read(minute)?,
            offset: i32::read(offset)?,
            seats: String::read(seats)?,
        })
    }
}

impl Read for Held {
    fn read(json: &impl Json) -> Option<Self> {
        Some(Self {
            id: string(json, "id").parse().ok()?,
            token: string(json, "token"),
            service: string(json, "service"),
            practitioner: string(json, "practitioner"),
            place: string(json, "place"),
            start: string(json, "start"),
            end: string(json, "end"),
            offset: may(json, "offset").unwrap_or_default(),
            expires: string(json, "expires"),
            seconds: may(json, "seconds").unwrap_or_default(),
        })
    }
}

impl Read for Alternative {
    fn read(json: &impl Json) -> Option<Self> {
        Some(Self { practitioner: may(json, "practitioner")?, start: may(json, "start")? })
    }
}

impl Read for Appointment {
    fn read(json: &impl Json) -> Option<Self> {
        Some(Self {
            id: string(json, "id").parse().ok()?,
            token: string(json, "token"),
            code: string(json, "code"),
            status: Status::parse(&string(json, "status"))?,
            service: string(json, "service"),
            practitioner: string(json, "practitioner"),
            place: string(json, "place"),
            start: string(json, "start"),
            end: string(json, "end"),
            offset: may(json, "offset").unwrap_or_default(),
            sequence: may(json, "sequence").unwrap_or_default(),
            movable_until: may(json, "movableUntil"),
            cancellable_until: may(json, "cancellableUntil"),
        })
    }
}

impl Read for Waiting {
    fn read(json: &impl Json) -> Option<Self> {
        let turn = match string(json, "turn").as_str() {
            "waiting" => Turn::Waiting,
            "offered" => Turn::Offered,
            "over" => Turn::Over,
            _ => return None,
        };
        Some(Self {
            id: string(json, "id").parse().ok()?,
            token: string(json, "token"),
            turn,
            service: string(json, "service"),
            offer: may(json, "offer"),
        })
    }
}
