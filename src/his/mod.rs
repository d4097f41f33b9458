//! A hospital's information system that speaks FHIR R4 and owns departments, practitioners and slots.
//!
//! # Layout
//!
//! - [`Hospital`] one site's; [`source`] what is asked of it, through the connector engine
//! - [`fhir`] the resources, as far as they are read; [`read`] what is made of them; [`words`] in the site's definitions
//! - [`import`] all of it at once; [`turns`] again and again
//! - [`check`] whether it can be written to without harm; [`settle`] what becomes of an appointment once it has answered
//!
//! The requests that book, move and cancel are the steps of `connectors/fhir-his.yaml`, delivered by [`crate::delivery`].

pub mod check;
pub mod fhir;
pub mod import;
pub mod read;
pub mod settle;
pub mod source;
pub mod turns;
pub mod words;

use std::fmt;

use crate::connector::{self, Connector};
use crate::definitions::Connection;
use crate::definitions::booking::{Booking, His};
use crate::sites::LiveSite;
use crate::store::{Store, StoreError};

use self::source::{Silence, Source};

/// The hospital of a site.
#[derive(Clone, Copy)]
pub struct Hospital<'a> {
    store: &'a Store,
    connector: &'a Connector,
    site: &'a LiveSite,
    booking: &'a Booking,
    his: &'a His,
    connection: &'a Connection,
}

/// What could not be done.
#[derive(Debug)]
pub enum HisError {
    /// The hospital did not answer, or not with what was asked for.
    Silence(Silence),
    /// The database refused.
    Store(StoreError),
}

impl<'a> Hospital<'a> {
    /// The hospital of that site, if it has one.
    pub fn of(store: &'a Store, connector: &'a Connector, site: &'a LiveSite) -> Option<Self> {
        let booking = site.definition.booking.as_ref()?;
        let his = booking.his.as_ref()?;
        let connection = site.definition.connection(&his.connection)?;
        Some(Self { store, connector, site, booking, his, connection })
    }

    /// The same, if its connection is the one of that name.
    pub fn behind(
        store: &'a Store,
        connector: &'a Connector,
        site: &'a LiveSite,
        connection: &str,
    ) -> Option<Self> {
        Self::of(store, connector, site).filter(|hospital| hospital.connection.name == connection)
    }

    fn key(&self) -> &str {
        &self.site.definition.key
    }

    /// Where its server is, without a slash at the end.
    fn url(&self) -> &'a str {
        self.connection.base()
    }

    fn source(&self) -> Source<'a> {
        let definition = &self.site.definition;
        let site = connector::Site::of(definition, &definition.language(None));
        Source::new(self.connector, self.connection, site)
    }
}

impl fmt::Display for HisError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Silence(silence) => silence.fmt(f),
            Self::Store(cause) => write!(f, "database: {cause}"),
        }
    }
}

impl std::error::Error for HisError {}

impl From<Silence> for HisError {
    fn from(silence: Silence) -> Self {
        Self::Silence(silence)
    }
}

impl From<StoreError> for HisError {
    fn from(cause: StoreError) -> Self {
        Self::Store(cause)
    }
}
