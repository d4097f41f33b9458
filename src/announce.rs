//! What has happened, on its way to every connection that wants to hear of it.

use crm_protocol::id::{DeliveryId, EventId};
use crm_protocol::text::{Lang, Text};
use uuid::Uuid;

use crate::definitions::booking::{Booking, Service};
use crate::sites::LiveSite;
use crate::store::booking::{Names, NewEvent};
use crate::store::submissions::NewDelivery;

/// The types of the events that a desk makes.
pub mod kind {
    /// A slot was booked, or a request for one confirmed.
    pub const BOOKED: &str = "appointment.booked";
    /// A slot was booked, and the staff has yet to confirm it.
    pub const REQUESTED: &str = "appointment.requested";
    /// It is at another time, or with somebody else.
    pub const MOVED: &str = "appointment.moved";
    /// It was cancelled or declined.
    pub const CANCELLED: &str = "appointment.cancelled";
    /// Nobody came.
    pub const MISSED: &str = "appointment.missed";
    /// They came: kept as history, and sent to nobody.
    pub const ARRIVED: &str = "appointment.arrived";
    /// A slot is kept for somebody who waits.
    pub const OFFERED: &str = "waitlist.offered";
}

/// An event about something of that service, for a reader of `lang`.
pub fn event(site: &LiveSite, booking: &Booking, service: &Service, kind: &str, lang: &Lang) -> NewEvent {
    NewEvent {
        id: EventId::from_u128(Uuid::now_v7().as_u128()),
        r#type: kind.to_owned(),
        deliveries: match kind {
            kind::ARRIVED => Vec::new(),
            kind => deliveries(site, &service.form, kind),
        },
        names: names(site, booking, service, lang),
        reason: None,
    }
}

/// What is called how in events of that service, for a reader of `lang`.
pub fn names(site: &LiveSite, booking: &Booking, service: &Service, lang: &Lang) -> Names {
    let name = |key: &String, name: &Text| (key.clone(), name.get(lang).to_owned());
    let practitioner = |key: &String| Some(name(key, &booking.practitioner(key)?.name));
    Names {
        time_zone: site.definition.time_zone.clone(),
        service: service.name.get(lang).to_owned(),
        practitioners: service.practitioners.iter().filter_map(practitioner).collect(),
        places: booking.places.iter().map(|place| name(&place.key, &place.name)).collect(),
    }
}

/// A delivery to each connection of the site that wants this form and event.
pub fn deliveries(site: &LiveSite, form: &str, event: &str) -> Vec<NewDelivery> {
    let connections = site.definition.connections.iter();
    let wanting = connections.filter(|connection| connection.wants(form) && connection.wants_event(event));
    wanting
        .map(|connection| NewDelivery {
            id: DeliveryId::from_u128(Uuid::now_v7().as_u128()),
            connection: connection.name.clone(),
        })
        .collect()
}
