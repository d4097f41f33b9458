//! CRMs to deliver to, each as strict as the real one, on free ports of 127.0.0.1.
//!
//! A CRM's file says which requests it takes, what it refuses and in which words. Everything else is the same for all:
//! [`Fake`] serves it, remembers the requests, plays [`Mishap`]s and shows what has taken effect.
//!
//! ```no_run
//! let crm = Fake::start(&hubspot::CRM).await;
//! crm.at(2, Mishap::Lose);
//! // … deliver to crm.url() with crm.secrets() …
//! assert_eq!(crm.complaints(), [""; 0]);
//! assert_eq!(crm.people().len(), 1);
//! ```

pub mod ask;
pub mod book;
pub mod check;
pub mod exchange;
pub mod fake;
pub mod filter;
pub mod mishap;

pub mod bottlecrm;
pub mod chatwoot;
pub mod dataverse;
pub mod espocrm;
pub mod fhir;
pub mod frappe;
pub mod hubspot;
pub mod krayin;
pub mod odoo;
pub mod odoo_jsonrpc;
pub mod pipedrive;
pub mod salesforce;
pub mod suitecrm;
pub mod twenty;
pub mod wukong;
pub mod zoho;

use axum::Router;

use book::{Book, Fact, Record};
use exchange::{Reply, Request};
use fake::Fake;

/// What makes a CRM that CRM.
pub struct Crm {
    /// Its name in connector files, in small letters.
    pub name: &'static str,
    /// What it lets in, and what else a connection must know of it.
    pub secrets: &'static [(&'static str, &'static str)],
    /// Beginnings of the paths that need no authentication.
    pub open: &'static [&'static str],
    /// Refuses who may not come in.
    pub auth: fn(&mut Book, &Request) -> Result<(), Reply>,
    /// What it can be asked.
    pub routes: fn() -> Router<Fake>,
    /// Its own error body, for a status and a reason.
    pub fault: fn(u16, &str) -> Reply,
    /// What it says to a client that asks too often.
    pub limited: fn() -> Reply,
    /// What a record means to somebody who looks at this CRM.
    pub fact: fn(&Book, &Record) -> Option<Fact>,
}

/// All of them, to loop over.
pub const ALL: &[&Crm] = &[
    &bottlecrm::CRM,
    &chatwoot::CRM,
    &dataverse::CRM,
    &frappe::ERPNEXT,
    &espocrm::CRM,
    &fhir::CRM,
    &frappe::CRM,
    &hubspot::CRM,
    &krayin::CRM,
    &odoo::JSON2,
    &odoo_jsonrpc::CRM,
    &pipedrive::CRM,
    &salesforce::CRM,
    &suitecrm::CRM,
    &twenty::CRM,
    &wukong::CRM,
    &zoho::CRM,
];
