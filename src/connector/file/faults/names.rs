//! Which names there are for a template, by where it stands.

use std::collections::BTreeSet;

use serde_json::Value;

use super::super::ConnectorFile;
use super::uses::What;
use super::words;
use crate::connector::event::DATA;
use crate::connector::template;
use crate::definitions::connection::CONTACT;

/// Names of every delivery, by what decides whether they are seen.
const DELIVERY: [&str; 16] = [
    "event", "data", "answers", "fields", "lang", "form", "contact", "text", "html", "title", "marker",
    "custom", "route", "payload", "delivery", "message",
];
const CONNECTION: [&str; 5] = ["site", "input", "secret", "url", "public_url"];
const ANSWER: [&str; 3] = ["status", "headers", "body"];
const SIGNED: [&str; 6] = ["method", "path", "body", "timestamp", "event", "delivery"];

/// What a template may use where it stands.
#[derive(Clone, Copy)]
pub(super) struct Sees {
    /// What belongs to one delivery.
    pub delivery: bool,
    /// Outputs of steps.
    pub steps: Steps,
    /// What is remembered.
    pub link: bool,
    /// The file's own values.
    pub value: bool,
    /// The members of a token's answer.
    pub token: bool,
    /// An answer.
    pub answer: bool,
    /// The step's own outputs.
    pub outputs: bool,
    /// What a signature is made over.
    pub signed: bool,
    /// The signature.
    pub signature: bool,
}

/// Which steps' outputs there are.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Steps {
    None,
    /// Those before the step at that place.
    Before(usize),
    All,
}

impl Sees {
    /// Whatever is known of a delivery before there is an answer.
    pub const DELIVERY: Self = Self {
        delivery: true,
        steps: Steps::All,
        link: true,
        value: true,
        token: true,
        answer: false,
        outputs: false,
        signed: false,
        signature: false,
    };
    /// What is the same for all deliveries of a connection.
    pub const CONNECTION: Self = Self {
        delivery: false,
        steps: Steps::None,
        link: false,
        value: false,
        token: false,
        ..Self::DELIVERY
    };
}

/// What a file declares.
pub(super) struct Known<'a> {
    inputs: Vec<&'a str>,
    secrets: Vec<&'a str>,
    links: Vec<&'a str>,
    values: Vec<&'a str>,
    steps: Vec<(&'a str, BTreeSet<&'a str>)>,
    token: Token<'a>,
}

/// Which members a token has.
enum Token<'a> {
    None,
    /// Whatever the authorisation server answers.
    Any,
    Outputs(Vec<&'a str>),
}

/// Why something cannot be used, and what to use instead.
pub(super) struct Refused {
    pub message: String,
    pub fix: String,
}

fn refuse(message: String, fix: impl Into<String>) -> Option<Refused> {
    Some(Refused { message, fix: fix.into() })
}

impl<'a> Known<'a> {
    /// What a file declares; what is not of the expected shape is passed over.
    pub fn of(file: &'a Value) -> Self {
        let steps = file["steps"].as_array().into_iter().flatten();
        let token = match file["auth"]["type"].as_str() {
            Some("oauth2") => Token::Any,
            Some("login") => Token::Outputs(keys(&file["auth"]["outputs"])),
            _ => Token::None,
        };
        Self {
            inputs: keys(&file["inputs"]),
            secrets: keys(&file["secrets"]),
            links: keys(&file["links"]),
            values: keys(&file["values"]),
            steps: steps.map(|step| (step["stepId"].as_str().unwrap_or_default(), outputs(step))).collect(),
            token,
        }
    }

    /// What a connection can use of a file.
    pub fn of_file(file: &'a ConnectorFile) -> Self {
        Self {
            inputs: file.inputs.keys().map(String::as_str).collect(),
            secrets: file.secrets.keys().map(String::as_str).collect(),
            links: Vec::new(),
            values: Vec::new(),
            steps: Vec::new(),
            token: Token::None,
        }
    }

    /// Why something cannot be used there.
    pub fn refuse(&self, what: &What, sees: Sees) -> Option<Refused> {
        match what {
            What::Name(path) => {
                let mut path = path.iter().map(String::as_str);
                let root = path.next()?;
                self.root(root, sees).or_else(|| self.below(root, path.next()?, path.next(), sees))
            }
            What::Filter(name) if !template::is_filter(name) => refuse(
                format!("there is no filter \"{name}\""),
                words::instead(name, template::known_filters()),
            ),
            What::Arguments(message, fix) => refuse(message.clone(), fix.clone()),
            What::Test(name) if !template::is_test(name) => {
                refuse(format!("there is no test \"{name}\""), words::instead(name, template::TESTS))
            }
            What::Function(name) if !["range", "dict"].contains(&name.as_str()) => {
                let fix = "use a filter: `value | filter(argument)`";
                refuse(format!("there is no function \"{name}\""), fix)
            }
            What::Method(name) => refuse(format!("values have no method \"{name}\""), method(name)),
            What::Statement => refuse(
                "statements of this kind are not for one text".to_owned(),
                "use {% if %}, {% for %}, {% set %} or filters",
            ),
            _ => None,
        }
    }

    fn root(&self, root: &str, sees: Sees) -> Option<Refused> {
        let there = self.roots(sees);
        if there.contains(&root) {
            return None;
        }
        let message = format!("there is no name \"{root}\" here");
        let fix = match root {
            "status" | "headers" | "body" => {
                "use it where there is an answer: successCriteria, outputs, onFailure, errors, remember, found".to_owned()
            }
            "outputs" => "use it in `remember`; elsewhere write steps.NAME.OUTPUT".to_owned(),
            "token" => "write auth of type oauth2 or login, whose answer it is".to_owned(),
            "steps" | "link" | "value" => "use names of the event, of the connection and of its inputs".to_owned(),
            known if DELIVERY.contains(&known) => {
                "use input, secret, url and site: what authenticates serves other events too".to_owned()
            }
            own if self.values.contains(&own) => format!("write value.{own}"),
            own if self.links.contains(&own) => format!("write link.{own}"),
            own if self.inputs.contains(&own) => format!("write input.{own}"),
            own if self.secrets.contains(&own) => format!("write secret.{own}"),
            own if self.steps.iter().any(|(step, _)| *step == own) => format!("write steps.{own}.OUTPUT"),
            other => words::instead(other, there),
        };
        refuse(message, fix)
    }

    fn roots(&self, sees: Sees) -> Vec<&'static str> {
        let mut roots = CONNECTION.to_vec();
        let mut add = |seen: bool, names: &[&'static str]| {
            roots.extend(names.iter().filter(|_| seen));
        };
        add(sees.delivery, &DELIVERY);
        add(sees.steps != Steps::None, &["steps"]);
        add(sees.link, &["link"]);
        add(sees.value, &["value"]);
        add(sees.token && !matches!(self.token, Token::None), &["token"]);
        add(sees.answer, &ANSWER);
        add(sees.outputs, &["outputs"]);
        add(sees.signed, &SIGNED);
        add(sees.signature, &["signature"]);
        roots
    }

    fn below(&self, root: &str, member: &str, next: Option<&str>, sees: Sees) -> Option<Refused> {
        let declared = |names: &[&str], place: &str| {
            if names.contains(&member) {
                return None;
            }
            let fix = match words::nearest(member, names.iter().copied()) {
                Some(meant) => format!("did you mean \"{root}.{meant}\"?"),
                None => format!("declare it in `{place}`: {member}: …"),
            };
            refuse(format!("there is no {root}.{member}"), fix)
        };
        let fixed = |names: &[&str]| {
            let fix = || words::instead(member, names.iter().copied());
            (!names.contains(&member))
                .then(|| Refused { message: format!("there is no {root}.{member}"), fix: fix() })
        };
        match root {
            "input" => declared(&self.inputs, "inputs"),
            "secret" => declared(&self.secrets, "secrets"),
            "link" => declared(&self.links, "links"),
            "value" => declared(&self.values, "values"),
            "steps" => self.step(member, next, sees.steps),
            "token" if member == "refresh_token" => {
                refuse("token.refresh_token is the engine's alone".to_owned(), "use token.access_token")
            }
            "token" => match &self.token {
                Token::Outputs(names) => declared(names, "auth.outputs"),
                _ => None,
            },
            "event" => fixed(&["type", "id", "at"]),
            // An event may have more members than are known here.
            "data" if !DATA.contains(&member) => words::nearest(member, DATA).and_then(|meant| {
                refuse(format!("no event has data.{member}"), format!("did you mean \"data.{meant}\"?"))
            }),
            "site" => fixed(&["key", "name", "timeZone"]),
            "delivery" => fixed(&["id"]),
            "message" => fixed(&["subject", "text", "link", "calendar"]),
            "contact" => fixed(&[CONTACT.as_slice(), &["label"]].concat()),
            "headers" if member.chars().any(|typed| typed.is_ascii_uppercase()) => refuse(
                format!("there is no headers.{member}: names of headers are in small letters here"),
                format!("write headers['{}']", member.to_ascii_lowercase()),
            ),
            "lang" | "form" | "text" | "html" | "title" | "marker" | "url" | "public_url" | "status" => {
                refuse(
                    format!("{root} has no member \"{member}\""),
                    format!("write {root} alone, or a filter: {root} | truncate(40)"),
                )
            }
            _ => None,
        }
    }

    fn step(&self, name: &str, output: Option<&str>, seen: Steps) -> Option<Refused> {
        let Some(at) = self.steps.iter().position(|(step, _)| *step == name) else {
            let steps = self.steps.iter().map(|(step, _)| *step);
            return refuse(format!("there is no step \"{name}\""), words::instead(name, steps));
        };
        if matches!(seen, Steps::Before(here) if at == here) {
            let fix = "use body, status and headers here, and outputs in `remember`";
            return refuse(format!("steps.{name} is this step, which has no outputs yet"), fix);
        }
        if matches!(seen, Steps::Before(here) if at > here) {
            let fix = "use steps before this one, or let it come earlier";
            return refuse(format!("the step \"{name}\" comes later"), fix);
        }
        let (_, outputs) = self.steps.get(at)?;
        let output = output.filter(|output| !outputs.contains(output))?;
        let fix = match words::nearest(output, outputs.iter().copied()) {
            Some(meant) => format!("did you mean \"steps.{name}.{meant}\"?"),
            None => format!("declare it in the step's `outputs`: {output}: \"{{{{ body.… }}}}\""),
        };
        refuse(format!("the step \"{name}\" has no output \"{output}\""), fix)
    }
}

/// What a step puts out, on whatever way it succeeds.
fn outputs(step: &Value) -> BTreeSet<&str> {
    let failures = step["onFailure"].as_array().into_iter().flatten().map(|failure| &failure["outputs"]);
    let all = [&step["outputs"], &step["repeat"]["lookup"]["outputs"]].into_iter().chain(failures);
    all.flat_map(keys).collect()
}

fn keys(object: &Value) -> Vec<&str> {
    object.as_object().into_iter().flatten().map(|(key, _)| key.as_str()).collect()
}

/// What to write instead of a method of Python's strings.
fn method(name: &str) -> String {
    match name {
        "startswith" => "write: x is startingwith('a')".to_owned(),
        "endswith" => "write: x is endingwith('a')".to_owned(),
        "get" => "write x['name'], which is nothing where there is none".to_owned(),
        "strip" => "write x | trim".to_owned(),
        "isoformat" | "strftime" => "write x | time('iso')".to_owned(),
        filter if template::is_filter(filter) => format!("write x | {filter}"),
        _ => "use a filter: x | filter(argument)".to_owned(),
    }
}
