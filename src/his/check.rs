//! Whether a server can be written to so that a slot has one owner: it has to refuse a change to a version that is not
//! the present one (`If-Match`), and all of a transaction with it
//! (<https://hl7.org/fhir/R4/http.html#concurrency>, <https://hl7.org/fhir/R4/http.html#trules>).
//!
//! It is found out by writing a slot as it is, over a version that never was.

use serde_json::{Value, json};

use super::source::{Silence, etag};
use super::{HisError, Hospital};
use crate::connector::client::Answer;
use crate::store::his::{FindVerdict, KeepVerdict, LoadHis, Verdict};

/// A version that no resource has.
const NEVER: &str = "999999999";

impl Hospital<'_> {
    /// What is known of the server; where nothing is, it is tried with the slot of that id.
    ///
    /// # Errors
    /// See [`HisError`].
    pub async fn verdict(&self, slot: &str) -> Result<Verdict, HisError> {
        let known = FindVerdict { site: self.key().to_owned(), url: self.url().to_owned() };
        match self.store.run(known).await? {
            Verdict::Unknown => self.try_out(slot).await,
            known => Ok(known),
        }
    }

    /// Tries the server with one of the slots that were imported, and keeps what comes of it.
    ///
    /// # Errors
    /// See [`HisError`]; also where there is no slot.
    pub async fn check(&self) -> Result<Verdict, HisError> {
        let loaded = self.store.run(LoadHis { site: self.key().to_owned() }).await?;
        let slot = loaded.and_then(|(_, slots)| slots.into_iter().next_back());
        let slot =
            slot.ok_or_else(|| Silence("there is no slot to try it with: import some first".to_owned()))?;
        self.try_out(&slot.id).await
    }

    async fn try_out(&self, slot: &str) -> Result<Verdict, HisError> {
        let refusal = self.fault(slot).await?.map(|fault| {
            format!(
                "{}: {fault}, so two people could be given one slot. Nothing is booked there: appointments stay \
                 requested until staff confirms them. Once the server is put right: crm-widgets his check {}",
                self.url(),
                self.key()
            )
        });
        let (site, url) = (self.key().to_owned(), self.url().to_owned());
        self.store.run(KeepVerdict { site, url, refusal: refusal.clone() }).await?;
        Ok(refusal.map_or(Verdict::Sound, Verdict::Unsound))
    }

    /// What is wrong with it.
    async fn fault(&self, slot: &str) -> Result<Option<String>, Silence> {
        let (source, path) = (self.source(), format!("Slot/{slot}"));
        let Some(resource) = source.get(&path).await? else {
            return Err(Silence(format!("{path}: it is not there any more")));
        };
        let alone = source.send("PUT", &path, Some(NEVER), resource.clone()).await?;
        match alone.status {
            409 | 412 => {}
            status @ 200..=299 => {
                return Ok(Some(format!(
                    "it answered {status} to a PUT of {path} with an If-Match of a version that never was"
                )));
            }
            status => return Err(undecided(&path, status)),
        }
        let whole = source.send("POST", "", None, transaction(&path, resource)).await?;
        match whole.status {
            409 | 412 => Ok(None),
            200..=299 => Ok(Some(in_part(&whole, &path))),
            status => Err(undecided("a transaction", status)),
        }
    }
}

fn transaction(path: &str, resource: Value) -> Value {
    let request = json!({"method": "PUT", "url": path, "ifMatch": etag(NEVER)});
    json!({"resourceType": "Bundle", "type": "transaction", "entry": [{"resource": resource, "request": request}]})
}

/// What a 2xx to the whole transaction says of the part.
fn in_part(answer: &Answer, path: &str) -> String {
    let bundle: Value = serde_json::from_slice(&answer.body).unwrap_or_default();
    let status = bundle["entry"][0]["response"]["status"].as_str().unwrap_or_default();
    let whole = answer.status;
    match status.starts_with("412") || status.starts_with("409") {
        true => format!(
            "it answered {whole} to a transaction of which it refused a part, and so does the rest by itself"
        ),
        false => format!(
            "it answered {whole} to a transaction with a PUT of {path} and an ifMatch of a version that never was"
        ),
    }
}

fn undecided(what: &str, status: u16) -> Silence {
    Silence(format!(
        "{what}: the server answered {status} where it should have refused a version that never was"
    ))
}
