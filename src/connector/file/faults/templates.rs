//! Where templates are in a file, and which names they may use there.

use serde_json::Value;

use super::super::ConnectorFile;
use super::super::yaml::child;
use super::Faults;
use super::names::{Known, Sees, Steps};
use super::uses::{self, Use};

/// Adds what is wrong with the templates.
pub(super) fn check(faults: &mut Faults<'_>) {
    let file = &faults.document.value;
    let known = Known::of(file);
    let mut walk = Walk { faults, known: &known };
    walk.file(file);
}

/// What is wrong with a template of a connection's `fields`, and what to write instead.
pub fn connection_template(source: &str, file: &ConnectorFile) -> Vec<(String, String)> {
    let known = Known::of_file(file);
    let sees = Sees { steps: Steps::None, link: false, value: false, token: false, ..Sees::DELIVERY };
    if source.len() > LONGEST {
        return vec![("the template is too long".to_owned(), "write at most 4,000 characters".to_owned())];
    }
    match uses::of_text(source) {
        Ok(uses) => {
            let refused = uses.iter().filter_map(|used| known.refuse(&used.what, sees));
            refused.map(|refused| (refused.message, refused.fix)).collect()
        }
        Err(error) => vec![(unreadable(&error.said), CLOSE.to_owned())],
    }
}

/// Goes through a file, template by template. What is not of the expected shape is passed over: the schema has said so.
struct Walk<'a, 'f> {
    faults: &'a mut Faults<'f>,
    known: &'a Known<'f>,
}

impl<'f> Walk<'_, 'f> {
    fn file(&mut self, file: &'f Value) {
        let first = Sees { steps: Steps::None, link: false, ..Sees::DELIVERY };
        self.text("/server", &file["server"], Sees { steps: Steps::None, value: false, ..Sees::DELIVERY });
        self.members("/headers", &file["headers"], Sees::DELIVERY);
        self.members("/links", &file["links"], Sees { token: false, ..first });
        let anywhere = Sees { value: false, answer: true, ..Sees::DELIVERY };
        self.members("/values", &file["values"], anywhere);
        self.failures("/errors", &file["errors"], Sees { answer: true, ..Sees::DELIVERY });
        self.auth(&file["auth"]);
        for (at, step) in items(&file["steps"]) {
            self.step(&format!("/steps/{at}"), step, Sees { steps: Steps::Before(at), ..Sees::DELIVERY });
        }
    }

    fn auth(&mut self, auth: &'f Value) {
        // What authenticates serves all deliveries of a connection: nothing of one of them may be in it.
        let all = Sees::CONNECTION;
        for name in AUTH {
            self.text(&child("/auth", name), &auth[name], all);
        }
        self.members("/auth/parameters", &auth["parameters"], all);
        self.members("/auth/assertion", &auth["assertion"], all);
        self.request("/auth/request", &auth["request"], all);
        let answered = Sees { answer: true, ..all };
        self.conditions("/auth/successCriteria", &auth["successCriteria"], answered);
        self.tree("/auth/outputs", &auth["outputs"], answered);
        self.text("/auth/expiresIn", &auth["expiresIn"], answered);
        self.text("/auth/apply/value", &auth["apply"]["value"], Sees { token: true, ..all });
        let signed = Sees { signed: true, ..all };
        self.text("/auth/over", &auth["over"], signed);
        self.members("/auth/headers", &auth["headers"], Sees { signature: true, ..signed });
    }

    fn step(&mut self, pointer: &str, step: &'f Value, sees: Sees) {
        let at = |name: &str| child(pointer, name);
        let answered = Sees { answer: true, ..sees };
        self.condition(&at("when"), &step["when"], sees);
        self.request(&at("request"), &step["request"], sees);
        self.conditions(&at("successCriteria"), &step["successCriteria"], answered);
        self.tree(&at("outputs"), &step["outputs"], answered);
        self.failures(&at("onFailure"), &step["onFailure"], answered);
        self.members(&at("remember"), &step["remember"], Sees { outputs: true, ..answered });
        let (pointer, lookup) = (format!("{pointer}/repeat/lookup"), &step["repeat"]["lookup"]);
        let at = |name: &str| child(&pointer, name);
        self.request(&at("request"), &lookup["request"], sees);
        self.conditions(&at("successCriteria"), &lookup["successCriteria"], answered);
        self.condition(&at("found"), &lookup["found"], answered);
        self.tree(&at("outputs"), &lookup["outputs"], answered);
    }

    fn request(&mut self, pointer: &str, request: &'f Value, sees: Sees) {
        for name in ["path", "url"] {
            self.text(&child(pointer, name), &request[name], sees);
        }
        self.members(&child(pointer, "headers"), &request["headers"], sees);
        for name in ["query", "body", "form"] {
            self.tree(&child(pointer, name), &request[name], sees);
        }
    }

    fn failures(&mut self, pointer: &str, failures: &'f Value, sees: Sees) {
        for (at, failure) in items(failures) {
            let at = |name: &str| child(&format!("{pointer}/{at}"), name);
            self.condition(&at("when"), &failure["when"], sees);
            self.text(&at("retryAfter"), &failure["retryAfter"], sees);
            self.tree(&at("outputs"), &failure["outputs"], sees);
        }
    }

    fn members(&mut self, pointer: &str, object: &'f Value, sees: Sees) {
        for (name, member) in object.as_object().into_iter().flatten() {
            self.text(&child(pointer, name), member, sees);
        }
    }

    fn conditions(&mut self, pointer: &str, conditions: &'f Value, sees: Sees) {
        for (at, condition) in items(conditions) {
            self.condition(&format!("{pointer}/{at}"), condition, sees);
        }
    }

    fn tree(&mut self, pointer: &str, tree: &'f Value, sees: Sees) {
        match tree {
            Value::Array(items) => {
                for (at, item) in items.iter().enumerate() {
                    self.tree(&format!("{pointer}/{at}"), item, sees);
                }
            }
            Value::Object(members) => {
                for (key, member) in members {
                    let below = child(pointer, key);
                    self.key(&below, key, sees);
                    self.tree(&below, member, sees);
                }
            }
            leaf => self.text(pointer, leaf, sees),
        }
    }

    /// A key may be a template too.
    fn key(&mut self, pointer: &str, key: &str, sees: Sees) {
        if !key.contains('{') || !self.fits(pointer, key) {
            return;
        }
        match uses::of_text(key) {
            Ok(uses) => {
                uses.iter().filter_map(|used| self.known.refuse(&used.what, sees)).for_each(|refused| {
                    self.faults.at_name(pointer, refused.message, refused.fix);
                })
            }
            Err(error) => self.faults.at_name(pointer, unreadable(&error.said), CLOSE),
        }
    }

    fn text(&mut self, pointer: &str, text: &'f Value, sees: Sees) {
        let Some(source) = text.as_str().filter(|text| text.contains('{')) else { return };
        if !self.fits(pointer, source) {
            return;
        }
        match uses::of_text(source) {
            Ok(uses) => self.names(pointer, &uses, sees),
            Err(error) => self.unreadable(pointer, &error, CLOSE),
        }
    }

    fn condition(&mut self, pointer: &str, condition: &'f Value, sees: Sees) {
        let Some(source) = condition.as_str() else { return };
        if !self.fits(pointer, source) {
            return;
        }
        match uses::of_condition(source) {
            Ok(uses) => self.names(pointer, &uses, sees),
            Err(error) if source.contains("{{") => {
                self.unreadable(pointer, &error, "write the bare expression, without {{ and }}");
            }
            Err(error) => {
                let fix = "write an expression such as \"status == 409 and not body.id\"";
                self.unreadable(pointer, &error, fix);
            }
        }
    }

    /// Whether it is short enough to be taken apart and evaluated within a thread's stack.
    fn fits(&mut self, pointer: &str, source: &str) -> bool {
        if source.len() > LONGEST {
            let fix = "take parts of it into `values`";
            self.faults.at_value(pointer, "the template has more than 4,000 characters", fix);
        }
        source.len() <= LONGEST
    }

    fn names(&mut self, pointer: &str, uses: &[Use], sees: Sees) {
        for used in uses {
            if let Some(refused) = self.known.refuse(&used.what, sees) {
                let place = self.faults.document.place_inside(pointer, used.offset);
                self.faults.add(place, pointer, refused.message, refused.fix);
            }
        }
    }

    fn unreadable(&mut self, pointer: &str, error: &uses::Unreadable, fix: &str) {
        let place = self.faults.document.place_inside(pointer, error.offset);
        self.faults.add(place, pointer, unreadable(&error.said), fix);
    }
}

/// Members of all kinds of authentication that are one template.
const AUTH: [&str; 10] = [
    "value",
    "user",
    "password",
    "secret",
    "key",
    "tokenUrl",
    "clientId",
    "clientSecret",
    "refreshToken",
    "scope",
];

/// Bytes of a template.
const LONGEST: usize = 4_000;

const CLOSE: &str = "close every {{ with }} and every quote with another";

fn unreadable(said: &str) -> String {
    format!("the template cannot be read: {said}")
}

fn items(list: &Value) -> impl Iterator<Item = (usize, &Value)> {
    list.as_array().into_iter().flatten().enumerate()
}
