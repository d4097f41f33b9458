//! What can be booked at a site, cut to one language: public, and the same bytes for every visitor.

use serde::{Deserialize, Serialize};

use crate::catalogue::Catalogue;
use crate::form::Form;
use crate::text::Lang;

/// Answer of `GET /v1/sites/{site}/services`, and the data inside a first view.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Offer {
    /// The site's key.
    pub site: String,
    /// The language shown.
    pub lang: Lang,
    /// IANA time zone of the site; every day and clock time is in it.
    pub time_zone: String,
    /// Whether taking a slot needs a solved challenge.
    #[serde(default)]
    pub challenge: bool,
    /// In the order they are shown.
    pub departments: Vec<Department>,
    /// In the order they are shown.
    pub services: Vec<Service>,
    /// In the order they are shown.
    pub practitioners: Vec<Practitioner>,
    /// Where people go.
    pub places: Vec<Place>,
    /// The forms that the services ask.
    pub forms: Vec<Form>,
    /// Our own texts in that language.
    pub texts: Catalogue,
}

/// A department.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Department {
    /// Its key in the site.
    pub key: String,
    /// Its name.
    pub name: String,
    /// A sentence about it; empty where there is none.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub intro: String,
}

/// Something that takes some minutes of somebody's time.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Service {
    /// Its key in the site.
    pub key: String,
    /// Key of its department.
    pub department: String,
    /// Its name.
    pub name: String,
    /// A sentence about it; empty where there is none.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub intro: String,
    /// How long it takes.
    pub minutes: u32,
    /// Keys of the practitioners who do it.
    pub practitioners: Vec<String>,
    /// Id of the form that is asked before booking.
    pub form: String,
    /// The staff confirms each appointment.
    #[serde(default)]
    pub approval: bool,
    /// Whether people may wait for a slot that becomes free.
    #[serde(default)]
    pub waitlist: bool,
    /// What to bring; empty where there is nothing to say.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub bring: String,
}

/// Who does services: a person, or a team that sees several people at once.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Practitioner {
    /// Its key in the site.
    pub key: String,
    /// The name.
    pub name: String,
    /// Rank or field, e.g. "Chief physician"; empty where there is none.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub title: String,
}

/// A place where services are done.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Place {
    /// Its key in the site.
    pub key: String,
    /// Its name.
    pub name: String,
    /// The address, in one line; empty where there is none.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub address: String,
    /// `https://…` of a map; empty where there is none.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub map: String,
}

impl Offer {
    /// The service of that key.
    pub fn service(&self, key: &str) -> Option<&Service> {
        self.services.iter().find(|service| service.key == key)
    }

    /// The department of that key.
    pub fn department(&self, key: &str) -> Option<&Department> {
        self.departments.iter().find(|department| department.key == key)
    }

    /// The practitioner of that key.
    pub fn practitioner(&self, key: &str) -> Option<&Practitioner> {
        self.practitioners.iter().find(|practitioner| practitioner.key == key)
    }

    /// The place of that key.
    pub fn place(&self, key: &str) -> Option<&Place> {
        self.places.iter().find(|place| place.key == key)
    }

    /// The form of that id.
    pub fn form(&self, id: &str) -> Option<&Form> {
        self.forms.iter().find(|form| form.id == id)
    }
}
