//! Whether a server can be written to so that a slot has one owner: it has to refuse a change to a version that is not
//! the present one (`If-Match`), and all of a transaction with it
//! (<https://hl7.org/fhir/R4/http.html#concurrency>, <https://hl7.org/fhir/R4/http.html#trules>).
//!
//! It is found out by writing a slot as it is, over a version that never was: alone, and behind another that is written
//! over the version it has.

use serde_json::{Value, json};

use super::source::{Silence, etag};
use super::{HisError, Hospital};
use crate::connector::client::Answer;
use crate::store::his::{FindVerdict, KeepVerdict, LoadHis, Verdict};

/// A version that no resource has.
const NEVER: &str = "999999999";

/// How many slots are looked at to find some that are still there.
const SOUGHT: usize = 8;

impl Hospital<'_> {
    /// What is known of the server; where nothing is, it is tried.
    ///
    /// # Errors
    /// See [`HisError`].
    pub async fn verdict(&self) -> Result<Verdict, HisError> {
        let known = FindVerdict { site: self.key().to_owned(), url: self.url().to_owned() };
        match self.store.run(known).await? {
            Verdict::Unknown => self.check().await,
            known => Ok(known),
        }
    }

    /// Tries the server with slots that were imported, and keeps what comes of it: that it is sound only where it was tried
    /// with two.
    ///
    /// # Errors
    /// See [`HisError`]; also where there is no slot.
    pub async fn check(&self) -> Result<Verdict, HisError> {
        let (slot, beside) = self.samples().await?;
        let fault = self.fault(&slot, beside.as_ref()).await?;
        let refusal = fault.map(|fault| {
            format!(
                "{}: {fault}, so two people could be given one slot. Nothing is booked there: appointments stay \
                 requested until staff confirms them. Once the server is put right: crm-widgets his check {}, then \
                 crm-widgets replay --exhausted",
                self.url(),
                self.key()
            )
        });
        // With one slot alone nobody knows whether a transaction is done whole or not at all.
        if refusal.is_none() && beside.is_none() {
            return Ok(Verdict::Unknown);
        }
        let (site, url) = (self.key().to_owned(), self.url().to_owned());
        self.store.run(KeepVerdict { site, url, refusal: refusal.clone() }).await?;
        Ok(refusal.map_or(Verdict::Sound, Verdict::Unsound))
    }

    /// The last of the slots that were imported, as it is now, and the one before it where there is one.
    async fn samples(&self) -> Result<(Value, Option<Value>), HisError> {
        let loaded = self.store.run(LoadHis { site: self.key().to_owned() }).await?;
        let slots = loaded.map(|(_, slots)| slots).unwrap_or_default();
        let (source, mut samples) = (self.source(), Vec::new());
        // Some may be gone since.
        for slot in slots.iter().rev().take(SOUGHT) {
            samples.extend(source.get(&format!("Slot/{}", slot.id)).await?);
            if samples.len() == 2 {
                break;
            }
        }
        let mut samples = samples.into_iter();
        let none = || Silence("there is no slot to try it with: import some first".to_owned());
        Ok((samples.next().ok_or_else(none)?, samples.next()))
    }

    /// What is wrong with it.
    async fn fault(&self, slot: &Value, beside: Option<&Value>) -> Result<Option<String>, HisError> {
        let (source, path) = (self.source(), path(slot));
        let alone = source.send("PUT", &path, Some(NEVER), slot.clone()).await?;
        if let Some(fault) = fault_of(alone.status, &format!("a PUT of {path} with an If-Match"))? {
            return Ok(Some(fault));
        }
        // What comes first is as it should be, and is not to be done either.
        let entries: Vec<Value> =
            beside.map(|beside| put(beside, version(beside))).into_iter().chain([put(slot, NEVER)]).collect();
        let bundle = json!({"resourceType": "Bundle", "type": "transaction", "entry": entries});
        let whole = source.send("POST", "", None, bundle).await?;
        if (200..300).contains(&whole.status) && refused_part(&whole) {
            let status = whole.status;
            return Ok(Some(format!(
                "it answered {status} to a transaction of which it refused a part, and so does the rest by itself"
            )));
        }
        let fault = fault_of(whole.status, &format!("a transaction with a PUT of {path} and an ifMatch"))?;
        if fault.is_some() {
            return Ok(fault);
        }
        Ok(match beside {
            Some(beside) if self.was_written(beside).await? => {
                Some(format!("it answered {} to a transaction of which it has done a part", whole.status))
            }
            _ => None,
        })
    }

    /// Whether a slot has another version than it had, and says the same.
    async fn was_written(&self, slot: &Value) -> Result<bool, HisError> {
        let path = path(slot);
        let now = self.source().get(&path).await?;
        let bare = |slot: &Value| {
            let mut slot = slot.clone();
            slot.as_object_mut().map(|members| members.remove("meta"));
            slot
        };
        match now {
            Some(now) if version(&now) == version(slot) => Ok(false),
            Some(now) if bare(&now) == bare(slot) => Ok(true),
            _ => Err(Silence(format!("{path}: somebody has changed it while the server was tried")).into()),
        }
    }
}

/// What is wrong with a server that answers so to a version that never was. What says nothing of versions is asked again.
fn fault_of(status: u16, to: &str) -> Result<Option<String>, Silence> {
    let answered = format!("it answered {status} to {to} of a version that never was");
    match status {
        409 | 412 => Ok(None),
        401 | 403 | 408 | 425 | 429 => Err(Silence(answered)),
        200..=299 | 400..=499 | 501 => Ok(Some(answered)),
        _ => Err(Silence(answered)),
    }
}

fn put(slot: &Value, version: &str) -> Value {
    let request = json!({"method": "PUT", "url": path(slot), "ifMatch": etag(version)});
    json!({"resource": slot, "request": request})
}

fn path(slot: &Value) -> String {
    format!("Slot/{}", slot["id"].as_str().unwrap_or_default())
}

fn version(slot: &Value) -> &str {
    slot["meta"]["versionId"].as_str().unwrap_or_default()
}

/// Whether one of the answers in it is a refusal.
fn refused_part(answer: &Answer) -> bool {
    let bundle: Value = serde_json::from_slice(&answer.body).unwrap_or_default();
    let status = |entry: &Value| entry["response"]["status"].as_str().unwrap_or_default().to_owned();
    let refused = |status: String| status.starts_with("412") || status.starts_with("409");
    bundle["entry"].as_array().is_some_and(|entries| entries.iter().map(status).any(refused))
}
