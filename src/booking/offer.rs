//! What can be booked at a site, cut to one language.

use std::collections::{BTreeMap, HashSet};

use crm_protocol::booking::{self as wire, Offer};
use crm_protocol::catalogue::Catalogue;
use crm_protocol::form::Form;
use crm_protocol::text::{Lang, Text};

use crate::definitions::Site;
use crate::definitions::booking::{Booking, Department, Place, Practitioner, Service};

/// Keys of our texts about booking begin with it.
const TEXTS: &str = "booking.";
/// Keys of texts around an enquiry, which booking says in words of its own, begin with one of these.
const OTHERS: [&str; 5] = ["button.again", "button.submit", "notice.", "status.", "thanks."];

/// What a page is about; everything where it says nothing.
#[derive(Clone, Copy, Debug, Default)]
pub struct Filter<'a> {
    /// Only services of the department of that key.
    pub department: Option<&'a str>,
    /// Only the service of that key.
    pub service: Option<&'a str>,
    /// Only what the practitioner of that key does.
    pub practitioner: Option<&'a str>,
}

/// What can be booked, with all that its services refer to and nothing else but the places. `lang` is one of the site's
/// languages, `texts` are all of ours in it. `None` where the site has no booking.
pub fn offer(site: &Site, lang: &Lang, texts: &Catalogue, filter: Filter<'_>) -> Option<Offer> {
    let booking = site.booking.as_ref()?;
    let services: Vec<_> = booking
        .services
        .iter()
        .filter(|service| filter.admits(service))
        .map(|one| service(one, lang, filter))
        .collect();
    let departments: HashSet<&str> = services.iter().map(|service| service.department.as_str()).collect();
    let forms: HashSet<&str> = services.iter().map(|service| service.form.as_str()).collect();
    let who: HashSet<&str> =
        services.iter().flat_map(|service| &service.practitioners).map(String::as_str).collect();
    let forms = site.forms.iter().filter(|form| forms.contains(form.id.as_str()));
    let forms: Vec<Form> = forms.map(|form| form.clone().localize(lang)).collect();
    let Booking { departments: all_departments, practitioners, places, .. } = booking;
    Some(Offer {
        site: site.key.clone(),
        lang: lang.clone(),
        time_zone: site.time_zone.clone(),
        challenge: site.challenge.enabled,
        departments: all_departments
            .iter()
            .filter(|one| departments.contains(one.key.as_str()))
            .map(|one| department(one, lang))
            .collect(),
        practitioners: practitioners
            .iter()
            .filter(|one| who.contains(one.key.as_str()))
            .map(|one| practitioner(one, lang))
            .collect(),
        places: places.iter().map(|one| place(one, lang)).collect(),
        texts: cut(texts, &forms),
        services,
        forms,
    })
}

impl Filter<'_> {
    fn admits(&self, service: &Service) -> bool {
        self.department.is_none_or(|key| key == service.department)
            && self.service.is_none_or(|key| key == service.key)
            && self.practitioner.is_none_or(|key| service.practitioners.iter().any(|known| known == key))
    }
}

/// Our texts about booking, and those that any of the forms shows.
fn cut(texts: &Catalogue, forms: &[Form]) -> Catalogue {
    let pair = |key: &str| (key.to_owned(), texts.get(key).to_owned());
    let mut kept: BTreeMap<String, String> =
        texts.keys().filter(|key| key.starts_with(TEXTS)).map(pair).collect();
    for form in forms {
        let shown = |key: &&str| !OTHERS.iter().any(|other| key.starts_with(other));
        kept.extend(texts.clone().for_form(form).keys().filter(shown).map(pair));
    }
    kept.into_iter().collect()
}

fn service(service: &Service, lang: &Lang, filter: Filter<'_>) -> wire::Service {
    let shown = |key: &&String| filter.practitioner.is_none_or(|wanted| wanted == *key);
    wire::Service {
        key: service.key.clone(),
        department: service.department.clone(),
        name: said(&service.name, lang),
        intro: maybe(service.intro.as_ref(), lang),
        minutes: service.minutes,
        practitioners: service.practitioners.iter().filter(shown).cloned().collect(),
        form: service.form.clone(),
        approval: service.approval,
        waitlist: service.waitlist,
        bring: maybe(service.bring.as_ref(), lang),
    }
}

fn department(department: &Department, lang: &Lang) -> wire::Department {
    wire::Department {
        key: department.key.clone(),
        name: said(&department.name, lang),
        intro: maybe(department.intro.as_ref(), lang),
    }
}

fn practitioner(practitioner: &Practitioner, lang: &Lang) -> wire::Practitioner {
    wire::Practitioner {
        key: practitioner.key.clone(),
        name: said(&practitioner.name, lang),
        title: maybe(practitioner.title.as_ref(), lang),
    }
}

fn place(place: &Place, lang: &Lang) -> wire::Place {
    wire::Place {
        key: place.key.clone(),
        name: said(&place.name, lang),
        address: maybe(place.address.as_ref(), lang),
        map: place.map.clone().unwrap_or_default(),
    }
}

fn said(text: &Text, lang: &Lang) -> String {
    text.get(lang).to_owned()
}

fn maybe(text: Option<&Text>, lang: &Lang) -> String {
    text.map(|text| said(text, lang)).unwrap_or_default()
}
