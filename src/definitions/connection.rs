//! A connector set up for a site: which CRM, as whom, with what.

use std::collections::{BTreeMap, BTreeSet};

use crm_protocol::catalogue::placeholders;
use crm_protocol::text::Text;
use crm_protocol::whole;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::Site;
use super::faults::Faults;
use super::route::{self, Route};
use crate::connector::event::{SUBMISSION, kind};
use crate::connector::hosts::Pattern;
use crate::connector::message::{self, PLACEHOLDERS};

/// Every type of event that a connection can be sent.
pub const EVENTS: [&str; 13] = [
    SUBMISSION,
    "conversation.closed",
    "message.created",
    kind::REQUESTED,
    kind::BOOKED,
    kind::MOVED,
    kind::CANCELLED,
    kind::MISSED,
    kind::REMINDER,
    kind::OFFERED,
    "survey.answered",
    "case.opened",
    "case.answered",
];

/// Those that are there to be told to somebody, and in which nothing has happened that a CRM would note: a step hears of
/// them only if its `on` names them.
pub const ONLY_WHERE_NAMED: [&str; 3] = [kind::REQUESTED, kind::REMINDER, kind::OFFERED];

/// Everything that is known of a contact.
pub const CONTACT: [&str; 6] = ["email", "phone", "name", "given", "family", "company"];

/// A connector set up for a site.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Connection {
    /// Name, unique in the site: 1–64 of `a–z`, `0–9`, `-`.
    pub name: String,
    /// Name of its connector file, without `.yaml`.
    pub connector: String,
    /// Where it goes: `https://…`, or `http://…` for a host allowed by name in the settings. May be left out where the
    /// connector's file has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// Where the secrets are that the connector asks for, by name.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub secrets: BTreeMap<String, Secret>,
    /// Values that the connector asks for, by name.
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    pub inputs: Map<String, Value>,
    /// Types of the events it wants; all that its connector can take where missing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub events: Option<Vec<String>>,
    /// Forms it wants; all where missing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub forms: Option<Vec<String>>,
    /// Which field of a form says what of the contact: `{"company": "org"}`. By the fields' types and usual names where
    /// missing.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub contact: BTreeMap<String, String>,
    /// The CRM's own fields: its name for each, and the name of the form's field or a template.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub fields: BTreeMap<String, String>,
    /// Texts of its messages in place of ours: `{"booked.subject": "…", "booked.text": "…"}`, with the same placeholders.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub texts: BTreeMap<String, Text>,
    /// Who gets what; the first route that fits wins.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub routes: Vec<Route>,
    /// Hosts that requests may go to besides the URL's own and those of the connector's file: `login.example.com`, or
    /// `*.example.com` for all below it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub hosts: Vec<String>,
    /// Whether the destination may have a private address. Has effect only for hosts that the settings'
    /// `allow_private` names too.
    #[serde(default)]
    pub allow_private: bool,
    /// Seconds until an unanswered request counts as failed: 1–120.
    #[serde(default = "fifteen", deserialize_with = "whole::number")]
    pub timeout_seconds: u32,
    /// Deliveries at the same time: 1–64.
    #[serde(default = "eight", deserialize_with = "whole::number")]
    pub concurrency: u32,
    /// How fast requests may follow each other; as the connector's file says where missing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rate: Option<Rate>,
}

/// A secret by reference: never in clear in the database. Exactly one of the two.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", try_from = "Value")]
pub enum Secret {
    /// Name of the environment variable that holds it.
    Env(String),
    /// Path of the file that holds it, and nothing but it.
    File(String),
}

impl TryFrom<Value> for Secret {
    type Error = &'static str;

    /// The error repeats nothing: what stands there instead may be the secret itself.
    fn try_from(value: Value) -> Result<Self, Self::Error> {
        let place = value.as_object().filter(|members| members.len() == 1);
        let text = |member: &str| place?.get(member)?.as_str().map(str::to_owned);
        let env = text("env").map(Self::Env);
        env.or_else(|| text("file").map(Self::File))
            .ok_or("a secret is {\"env\": VARIABLE} or {\"file\": PATH}, never the secret itself")
    }
}

/// So many requests in so many seconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rate {
    /// Requests: 1–10,000.
    #[serde(deserialize_with = "whole::number")]
    pub requests: u32,
    /// Seconds: 1–86,400.
    #[serde(deserialize_with = "whole::number")]
    pub seconds: u32,
}

impl Connection {
    /// Its URL without a slash at the end; empty where it has none.
    pub fn base(&self) -> &str {
        self.url.as_deref().unwrap_or_default().trim_end_matches('/')
    }

    /// Its URL, or else that of its connector, as it is written; empty where there is none.
    pub fn url_or(&self, default: Option<&str>) -> String {
        self.url.as_deref().or(default).unwrap_or_default().to_owned()
    }

    /// Whether submissions of that form go here.
    pub fn wants(&self, form: &str) -> bool {
        self.forms.as_ref().is_none_or(|forms| forms.iter().any(|wanted| wanted == form))
    }

    /// Whether events of that type go here, as far as the connection decides.
    pub fn wants_event(&self, kind: &str) -> bool {
        self.events.as_ref().is_none_or(|events| events.iter().any(|wanted| wanted == kind))
    }

    pub(super) fn collect_faults(&self, site: &Site, path: &str, faults: &mut Faults) {
        faults.name(&self.name, &format!("{path}.name"));
        faults.name(&self.connector, &format!("{path}.connector"));
        self.collect_destination_faults(path, faults);
        self.collect_host_faults(path, faults);
        self.collect_secret_faults(path, faults);
        for input in self.inputs.keys() {
            faults.word(input, &format!("{path}.inputs.{input}"));
        }
        self.collect_event_faults(site, path, faults);
        self.collect_field_faults(site, path, faults);
        self.collect_text_faults(path, faults);
        route::collect_faults(&self.routes, &format!("{path}.routes"), faults);
        self.collect_limit_faults(path, faults);
    }

    fn collect_destination_faults(&self, path: &str, faults: &mut Faults) {
        let usable = |text: &String| {
            url::Url::parse(text).is_ok_and(|url| {
                matches!(url.scheme(), "https" | "http")
                    && url.has_host()
                    && url.username().is_empty()
                    && url.password().is_none()
            })
        };
        if !self.url.as_ref().is_none_or(usable) {
            faults.add(
                format!("{path}.url"),
                "not an address that requests can be sent to",
                "write https://host/path, without user and password",
            );
        }
    }

    fn collect_host_faults(&self, path: &str, faults: &mut Faults) {
        for (at, host) in self.hosts.iter().enumerate() {
            if Pattern::parse(host).is_none() {
                let fix = "write login.example.com, or *.example.com for all hosts below it";
                faults.add(format!("{path}.hosts[{at}]"), format!("\"{host}\" is no host"), fix);
            }
        }
    }

    fn collect_secret_faults(&self, path: &str, faults: &mut Faults) {
        for (name, secret) in &self.secrets {
            let path = format!("{path}.secrets.{name}");
            faults.word(name, &path);
            if matches!(secret, Secret::Env(place) | Secret::File(place) if place.is_empty()) {
                let fix = "name the environment variable or the file that holds the secret";
                faults.add(path, "it names no place", fix);
            }
        }
    }

    fn collect_event_faults(&self, site: &Site, path: &str, faults: &mut Faults) {
        for (at, event) in self.events.iter().flatten().enumerate() {
            if !EVENTS.contains(&event.as_str()) {
                let fix = format!("choose from {}", EVENTS.join(", "));
                faults.add(format!("{path}.events[{at}]"), format!("there is no event \"{event}\""), &fix);
            }
        }
        for (at, form) in self.forms.iter().flatten().enumerate() {
            if site.form(form).is_none() {
                faults.add(
                    format!("{path}.forms[{at}]"),
                    format!("the site has no form \"{form}\""),
                    "name a form of this site, or leave `forms` out for all",
                );
            }
        }
    }

    fn collect_field_faults(&self, site: &Site, path: &str, faults: &mut Faults) {
        for (member, field) in &self.contact {
            let path = format!("{path}.contact.{member}");
            if !CONTACT.contains(&member.as_str()) {
                let fix = format!("choose from {}", CONTACT.join(", "));
                faults.add(path.clone(), format!("a contact has no \"{member}\""), &fix);
            }
            self.collect_name_faults(site, field, path, faults);
        }
        for (name, field) in &self.fields {
            if !field.contains("{{") {
                self.collect_name_faults(site, field, format!("{path}.fields.{name}"), faults);
            }
        }
    }

    fn collect_text_faults(&self, path: &str, faults: &mut Faults) {
        for (key, text) in &self.texts {
            let path = format!("{path}.texts.{key}");
            if !message::keys().any(|known| known == *key) {
                let known: Vec<String> = message::keys().collect();
                let fix = format!("choose from {}", known.join(", "));
                faults.add(path, format!("no message has a text \"{key}\""), &fix);
                continue;
            }
            if text.is_blank() {
                faults.add(path.clone(), "it is empty", "write it, or leave it out for ours");
            }
            let named = text.all().flat_map(placeholders);
            for name in named.filter(|name| !PLACEHOLDERS.contains(name)).collect::<BTreeSet<_>>() {
                let fix = format!("choose from {{{}}}", PLACEHOLDERS.join("}, {"));
                faults.add(path.clone(), format!("there is no placeholder {{{name}}}"), &fix);
            }
        }
    }

    /// Whether a form that comes here asks for `field`.
    fn collect_name_faults(&self, site: &Site, field: &str, path: String, faults: &mut Faults) {
        let mut forms = site.forms.iter().filter(|form| self.wants(&form.id));
        if !forms.any(|form| form.pages.iter().flat_map(|page| &page.fields).any(|own| own.name == field)) {
            let fix = "name a field of a form that this connection wants";
            faults.add(path, format!("no form has a field \"{field}\""), fix);
        }
    }

    fn collect_limit_faults(&self, path: &str, faults: &mut Faults) {
        let mut within = |value: u32, most: u32, member: &str| {
            if !(1..=most).contains(&value) {
                faults.add(format!("{path}.{member}"), "out of range", &format!("choose 1 to {most}"));
            }
        };
        within(self.timeout_seconds, 120, "timeoutSeconds");
        within(self.concurrency, 64, "concurrency");
        if let Some(rate) = self.rate {
            within(rate.requests, 10_000, "rate.requests");
            within(rate.seconds, 86_400, "rate.seconds");
        }
    }
}

fn fifteen() -> u32 {
    15
}

fn eight() -> u32 {
    8
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::definitions::Definitions;

    /// The faults of a site with a form `enquiry` (field `org`) and a connection with these members.
    fn faults(members: Value) -> Vec<String> {
        let mut connection = json!({"name": "crm", "connector": "espocrm", "url": "https://crm.example.com"});
        connection.as_object_mut().unwrap().extend(members.as_object().unwrap().clone());
        let form = json!({"id": "enquiry", "title": "Enquiry", "pages": [
            {"fields": [{"name": "org", "type": "text", "label": "Company"}]}
        ]});
        let site = json!({
            "key": "clinic", "name": "Clinic", "languages": ["en"], "forms": [form], "connections": [connection]
        });
        let definitions: Definitions = serde_json::from_value(json!({"sites": [site]})).unwrap();
        let path = |path: &str| path.strip_prefix("sites[0].connections[0].").unwrap().to_owned();
        definitions.faults().iter().map(|fault| path(&fault.path)).collect()
    }

    #[test]
    fn a_connection_with_everything_has_no_faults() {
        let everything = json!({
            "secrets": {"key": {"env": "ESPO_KEY"}, "signing": {"file": "/run/secrets/espo"}},
            "inputs": {"source": "Website"}, "events": ["submission.created"], "forms": ["enquiry"],
            "contact": {"company": "org"}, "fields": {"cOrg": "org", "cNote": "{{ answers.org }} {{ lang }}"},
            "routes": [{"when": {"lang": "zh-CN", "answers.region": ["east", "north"]}, "set": {"owner": "7"}},
                       {"set": {"owner": "1"}}],
            "texts": {"booked.subject": {"en": "See you on {date}", "zh-CN": "{date} 见"}},
            "hosts": ["login.example.com"], "rate": {"requests": 10, "seconds": 1}
        });
        assert_eq!(faults(everything), [""; 0]);
    }

    #[test]
    fn every_broken_rule_is_named_at_its_place() {
        for (members, place) in [
            (json!({"connector": "EspoCRM"}), "connector"),
            (json!({"url": "https://me:pw@crm.example.com"}), "url"),
            (json!({"url": "crm.example.com"}), "url"),
            (json!({"secrets": {"a-b": {"env": "A"}}}), "secrets.a-b"),
            (json!({"secrets": {"key": {"env": ""}}}), "secrets.key"),
            (json!({"inputs": {"1st": 1}}), "inputs.1st"),
            (json!({"events": ["submission.created", "submission"]}), "events[1]"),
            (json!({"forms": ["other"]}), "forms[0]"),
            (json!({"contact": {"fax": "org"}}), "contact.fax"),
            (json!({"contact": {"company": "firm"}}), "contact.company"),
            (json!({"fields": {"cBudget": "budget"}}), "fields.cBudget"),
            (json!({"routes": [{"when": {"lang": "en"}}]}), "routes[0].when"),
            (json!({"routes": [{"set": {"owner": 1}}, {}]}), "routes[0]"),
            (json!({"routes": [{"when": {"region": "east"}}, {}]}), "routes[0].when.region"),
            (json!({"routes": [{"when": {"lang": []}}, {}]}), "routes[0].when.lang"),
            (json!({"texts": {"booked.title": "x"}}), "texts.booked.title"),
            (json!({"texts": {"moved.text": {"en": "{date}", "zh-CN": "{day}"}}}), "texts.moved.text"),
            (json!({"texts": {"moved.text": " "}}), "texts.moved.text"),
            (json!({"hosts": ["sso.example.com", "https://sso.example.com"]}), "hosts[1]"),
            (json!({"timeoutSeconds": 121}), "timeoutSeconds"),
            (json!({"concurrency": 0}), "concurrency"),
            (json!({"rate": {"requests": 0, "seconds": 1}}), "rate.requests"),
        ] {
            assert_eq!(faults(members.clone()), [place], "{members}");
        }
    }

    #[test]
    fn a_secret_is_in_exactly_one_place_and_never_in_the_definition() {
        for secret in
            [json!({}), json!({"env": "A", "file": "b"}), json!("in clear"), json!({"value": "in clear"})]
        {
            let error = serde_json::from_value::<super::Secret>(secret.clone()).unwrap_err().to_string();
            assert!(
                error.starts_with("a secret is {\"env\"") && !error.contains("in clear"),
                "{secret}: {error}"
            );
        }
    }
}
