//! What is asked of a hospital's server: resources, and searches page by page.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use serde_json::Value;
use url::Url;

use crate::connector::ask::Inquiry;
use crate::connector::client::{ANSWER, Answer};
use crate::connector::{Connector, Report, Site};
use crate::definitions::Connection;

/// The media type of FHIR's JSON (<https://hl7.org/fhir/R4/http.html#mime-type>).
const FHIR_JSON: &str = "application/fhir+json";

/// How many resources a page has at first: some 100 KB, of 256 that are read.
const PAGE: u32 = 100;

/// Most bytes of one search.
const LONGEST: usize = 32 * 1024 * 1024;

/// Most pages of one search: more are a server that goes round in circles.
const PAGES: usize = 10_000;

/// A server, as one connection reaches it.
#[derive(Debug)]
pub struct Source<'a> {
    connector: &'a Connector,
    connection: &'a Connection,
    site: Site,
}

/// It did not answer, or not with what was asked for: in words that name what was asked, without personal data.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Silence(pub String);

impl fmt::Display for Silence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl<'a> Source<'a> {
    /// The server of that connection.
    pub fn new(connector: &'a Connector, connection: &'a Connection, site: Site) -> Self {
        Self { connector, connection, site }
    }

    /// The resource of that type and id, such as `Slot/17`; none where it is gone.
    ///
    /// # Errors
    /// See [`Silence`].
    pub async fn get(&self, reference: &str) -> Result<Option<Value>, Silence> {
        let answer = self.ask(&Inquiry::get(self.url(reference)), reference).await?;
        match answer.status {
            404 | 410 => Ok(None),
            _ => json(&answer, reference).map(Some),
        }
    }

    /// All resources that a search such as `Slot?status=free` finds, with what it includes.
    ///
    /// # Errors
    /// See [`Silence`]; also where the server gives fewer than it says there are, or more than 32 MiB.
    pub async fn search(&self, search: &str) -> Result<Vec<Value>, Silence> {
        let more = if search.contains('?') { '&' } else { '?' };
        let mut count = PAGE;
        loop {
            if let Some(found) = self.pages(&format!("{search}{more}_count={count}")).await? {
                return Ok(found);
            }
            if count == 1 {
                return Err(Silence(format!("{search}: an answer is longer than 256 KiB")));
            }
            count /= 2;
        }
    }

    /// All pages of a search; `None` where one is too long to be read.
    async fn pages(&self, search: &str) -> Result<Option<Vec<Value>>, Silence> {
        let (mut found, mut length) = (Vec::new(), 0);
        let (mut seen, mut matches) = (BTreeSet::new(), 0);
        let mut next = self.url(search);
        while seen.insert(next.clone()) && seen.len() <= PAGES {
            let answer = self.ask(&Inquiry::get(next.clone()), search).await?;
            if answer.body.len() >= ANSWER {
                return Ok(None);
            }
            length += answer.body.len();
            if length > LONGEST {
                return Err(Silence(format!("{search}: it finds more than 32 MiB")));
            }
            let mut bundle = json(&answer, search)?;
            let entries = match bundle["entry"].take() {
                Value::Array(entries) => entries,
                _ => Vec::new(),
            };
            for mut entry in entries {
                let mode = entry["search"]["mode"].as_str().unwrap_or("match");
                matches += u64::from(mode == "match");
                if mode != "outcome" {
                    found.push(entry["resource"].take());
                }
            }
            let Some(link) = next_page(&bundle) else {
                return match bundle["total"].as_u64() {
                    Some(total) if total > matches => {
                        Err(Silence(format!("{search}: {matches} of {total} came, and no link to the rest")))
                    }
                    _ => Ok(Some(found)),
                };
            };
            let page = Url::parse(&next).and_then(|url| url.join(link));
            next =
                page.map_err(|_| Silence(format!("{search}: the link to the next page is no URL")))?.into();
        }
        Err(Silence(format!("{search}: its pages have no end")))
    }

    /// Sends a body with a method, and a version in `If-Match`.
    ///
    /// # Errors
    /// See [`Silence`]; an answer with any status is none.
    pub async fn send(
        &self,
        method: &'static str,
        path: &str,
        version: Option<&str>,
        body: Value,
    ) -> Result<Answer, Silence> {
        let headers = version.map(|version| ("if-match".to_owned(), etag(version)));
        let question = Inquiry {
            method,
            url: self.url(path),
            headers: headers.into_iter().collect::<BTreeMap<_, _>>(),
            body: Some((body, FHIR_JSON)),
        };
        self.ask(&question, path).await
    }

    fn url(&self, path: &str) -> String {
        let base = self.connection.base();
        if path.is_empty() { base.to_owned() } else { format!("{base}/{path}") }
    }

    async fn ask(&self, question: &Inquiry, what: &str) -> Result<Answer, Silence> {
        let silence = |report: Report| {
            let cause = report.error.unwrap_or_else(|| report.outcome.to_string());
            Silence(format!("{what}: {cause}"))
        };
        self.connector.ask(self.connection, &self.site, question).await.map_err(silence)
    }
}

/// A version as a weak entity tag (<https://hl7.org/fhir/R4/http.html#versioning>).
pub fn etag(version: &str) -> String {
    format!("W/\"{version}\"")
}

fn next_page(bundle: &Value) -> Option<&str> {
    let links = bundle["link"].as_array()?;
    links.iter().find(|link| link["relation"] == "next")?["url"].as_str()
}

fn json(answer: &Answer, what: &str) -> Result<Value, Silence> {
    if !(200..300).contains(&answer.status) {
        return Err(Silence(format!("{what}: the server answered {}", answer.status)));
    }
    let none = |_| Silence(format!("{what}: the answer is no JSON"));
    serde_json::from_slice(&answer.body).map_err(none)
}
