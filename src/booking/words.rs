//! What an appointment is called, in its person's language.

use crm_protocol::text::{Lang, Text};

use crate::definitions::Site;

/// The words of an appointment. Texts may hold anything; one that is not known is empty.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Words<'a> {
    /// Name of the site.
    pub site: &'a str,
    /// Name of the service.
    pub service: &'a str,
    /// Name of the practitioner.
    pub practitioner: &'a str,
    /// Name of the place.
    pub place: &'a str,
    /// Its address.
    pub address: &'a str,
    /// What to bring.
    pub bring: &'a str,
    /// The code that its person was given.
    pub code: &'a str,
}

impl<'a> Words<'a> {
    /// As the definitions have them: nothing of what is not in them any more, and no code.
    pub fn defined(site: &'a Site, lang: &Lang, service: &str, practitioner: &str, place: &str) -> Self {
        let text = |text: Option<&'a Text>| text.map_or("", |text| text.get(lang));
        let booking = site.booking.as_ref();
        let service = booking.and_then(|booking| booking.service(service));
        let practitioner = booking.and_then(|booking| booking.practitioner(practitioner));
        let place = booking.and_then(|booking| booking.place(place));
        Self {
            site: site.name.get(lang),
            service: text(service.map(|service| &service.name)),
            practitioner: text(practitioner.map(|practitioner| &practitioner.name)),
            place: text(place.map(|place| &place.name)),
            address: text(place.and_then(|place| place.address.as_ref())),
            bring: text(service.and_then(|service| service.bring.as_ref())),
            code: "",
        }
    }

    /// What it is.
    pub fn summary(&self) -> String {
        join([self.service, self.practitioner], " · ")
    }

    /// Where it is.
    pub fn location(&self) -> String {
        join([self.place, self.address], ", ")
    }

    /// What to know about it.
    pub fn description(&self) -> String {
        join([self.site, self.code, self.bring], "\n")
    }
}

/// What is not empty.
fn join<const N: usize>(parts: [&str; N], between: &str) -> String {
    parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(between)
}
