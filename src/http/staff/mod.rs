//! `/console/api/sites/{site}/…`: the staff's side of booking, for a console or a program at the desk.
//!
//! # Layout
//!
//! - [`Staff`] who asks, by the token of `crm-widgets token add`; what it does is written to the log
//! - [`entry`] an appointment as staff sees it
//! - nouns: [`appointments`] lists them and books, [`appointment`] shows and changes one, [`blocks`] who may not book,
//!   [`waitlist`] who waits, [`exceptions`] changes of the schedules
//!
//! Without a token that is known: 401. At other sites than the token's: 404, so nobody learns which there are. What it does
//! not permit: 403.

pub mod appointment;
pub mod appointments;
pub mod blocks;
pub mod entry;
pub mod exceptions;
pub mod waitlist;

use std::collections::HashMap;
use std::sync::Arc;

use axum::extract::rejection::PathRejection;
use axum::extract::{FromRequestParts, Path};
use axum::http::request::Parts;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::http::bearer::bearer;
use crate::http::desk::Desk;
use crate::http::intake::now;
use crate::http::problem::{Code, Refusal};
use crate::http::routes::{Operation, Routes};
use crate::http::{App, openapi};
use crate::store::staff::{FindStaffToken, NoteStaffToken, Permission, StaffToken};

/// Adds the routes of this folder.
pub fn routes(routes: Routes) -> Routes {
    let files =
        [appointments::routes, appointment::routes, blocks::routes, waitlist::routes, exceptions::routes];
    files.iter().fold(routes, |routes, add| add(routes))
}

/// The JSON Schemas of this folder's types.
pub fn schemas() -> Value {
    let nouns = [
        entry::schemas(),
        appointments::schemas(),
        appointment::schemas(),
        blocks::schemas(),
        waitlist::schemas(),
        exceptions::schemas(),
    ];
    let members = nouns.into_iter().filter_map(|noun| match noun {
        Value::Object(members) => Some(members),
        _ => None,
    });
    Value::Object(members.flatten().collect())
}

/// An operation of staff at a site.
fn operation(id: &'static str, summary: &'static str) -> Operation {
    Operation::new(id, summary).path("site", openapi::name()).bearer().refuses(&[
        Code::Unauthorized,
        Code::NotPermitted,
        Code::UnknownSite,
        Code::UnknownService,
        Code::Internal,
        Code::Unavailable,
    ])
}

/// One that is about an appointment.
fn about(id: &'static str, summary: &'static str) -> Operation {
    let pattern = json!({"type": "string", "pattern": "^apt_[0-9a-f]{32}$"});
    operation(id, summary).path("id", pattern).refuses(&[Code::NotFound])
}

/// A header by which a repetition is known.
fn keyed(operation: Operation) -> Operation {
    let schema = json!({"type": "string", "pattern": "^[!-~]{16,100}$"});
    operation
        .header("Idempotency-Key", true, "The same for every sending of the same body", schema)
        .refuses(&[Code::KeyMissing, Code::KeyReused])
}

/// Somebody with a token that holds at the site in the address. What it permits is asked by [`Staff::may`], and there is no
/// other way to the site.
pub struct Staff {
    app: Arc<App>,
    token: StaffToken,
    site: String,
}

impl FromRequestParts<Arc<App>> for Staff {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, Refusal> {
        let shown = bearer(&parts.headers).ok_or(Code::Unauthorized)?;
        let find = FindStaffToken { sha256: Sha256::digest(shown).into() };
        let token = app.store.run(find).await?.ok_or(Code::Unauthorized)?;
        let (name, now) = (token.name.clone(), now());
        if token.is_unnoted(now) {
            app.store.run(NoteStaffToken { name, now }).await?;
        }
        let malformed = |_: PathRejection| Refusal::new(Code::Malformed).detail("The address is not valid.");
        let path: Result<Path<HashMap<String, String>>, _> = Path::from_request_parts(parts, app).await;
        let site = path.map_err(malformed)?.0.remove("site").unwrap_or_default();
        match token.holds_at(&site) {
            true => app.site(&site).map(|_| Self { app: app.clone(), token, site }),
            false => Err(Code::UnknownSite.into()),
        }
    }
}

impl Staff {
    /// The site's desk, for who may do that.
    ///
    /// # Errors
    /// 403 where the token does not permit it, 404 where nothing can be booked at the site.
    pub fn may(&self, permission: Permission) -> Result<Desk, Refusal> {
        if !self.token.permits(permission) {
            let needed = format!("It needs the permission `{}`.", permission.as_str());
            return Err(Refusal::new(Code::NotPermitted).detail(needed));
        }
        Desk::of(&self.app, &self.site)
    }

    /// Whether what people wrote may be shown besides.
    pub fn reads(&self) -> bool {
        self.token.permits(Permission::Read)
    }

    /// Writes down what was done to what. `id` is no personal data; empty for a whole list.
    pub fn did(&self, action: &'static str, id: &str) {
        tracing::info!(token = self.token.name, site = self.site, action, on = id, "staff");
    }
}
