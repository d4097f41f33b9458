//! A request of our own, beside those of the connector's file: with its credentials, to its hosts, at its pace.

use std::collections::BTreeMap;

use crm_protocol::id::DeliveryId;
use serde_json::{Map, Value, json};

use super::client::Answer;
use super::event::Event;
use super::file::Request;
use super::memory::Book;
use super::{Connector, Delivery, Outcome, Report, Site};
use crate::definitions::Connection;

/// A request. What is in it is never read as a template.
#[derive(Clone, Debug)]
pub struct Inquiry {
    /// `GET`, `PUT`, `POST` …
    pub method: &'static str,
    /// The whole URL.
    pub url: String,
    /// Headers besides those of the file.
    pub headers: BTreeMap<String, String>,
    /// A JSON body and its media type.
    pub body: Option<(Value, &'static str)>,
}

impl Inquiry {
    /// One that only reads.
    pub fn get(url: impl Into<String>) -> Self {
        Self { method: "GET", url: url.into(), headers: BTreeMap::new(), body: None }
    }

    /// What the templates of [`Inquiry::request`] see as `question`.
    pub(super) fn names(&self) -> Value {
        let body = self.body.as_ref().map(|(body, _)| body);
        json!({"url": self.url, "headers": self.headers, "body": body})
    }

    /// The request as a file would have it: all that is given stands behind names.
    pub(super) fn request(&self) -> Result<Request, serde_json::Error> {
        let named = |name: &String| (name.clone(), json!(format!("{{{{ question.headers['{name}'] }}}}")));
        let headers: Map<String, Value> = self.headers.keys().map(named).collect();
        let mut request = json!({"method": self.method, "url": "{{ question.url }}", "headers": headers});
        if let Some((_, kind)) = &self.body {
            request["body"] = json!("{{ question.body }}");
            request["contentType"] = json!(kind);
        }
        serde_json::from_value(request)
    }
}

impl Connector {
    /// Sends a request to the destination of a connection.
    ///
    /// # Errors
    /// No answer came: the report says why. An answer with any status is none.
    pub async fn ask(
        &self,
        connection: &Connection,
        site: &Site,
        question: &Inquiry,
    ) -> Result<Answer, Report> {
        let event = Event { r#type: String::new(), timestamp: String::new(), data: Map::new() };
        let delivery = Delivery { id: DeliveryId::from_u128(0), site: site.clone(), event, message: None };
        let mut ledger = Book::default().open(delivery.id);
        let (report, answer) = self.attempt(connection, &delivery, &mut ledger, None, Some(question)).await;
        match (report.outcome, answer) {
            (Outcome::Delivered { .. }, Some(answer)) => Ok(answer),
            _ => Err(report),
        }
    }
}
