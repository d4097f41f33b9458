//! What is incoherent in a definition: everything that would surprise a visitor is found before one sees it.
//!
//! # Layout
//!
//! - this file: the form as a whole and its rules
//! - `field` one field, and which members its kind reads
//! - `condition` conditions

mod condition;
mod field;

use std::fmt;

use crate::draft::MAX_ANSWERS;
use crate::form::{Field, Form, Kind, Rule, RuleCheck};

/// One thing that is wrong with a definition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// Where: `pages[0].fields[2].options`.
    pub path: String,
    /// What is wrong.
    pub message: String,
    /// What to do about it.
    pub fix: String,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}; {}", self.path, self.message, self.fix)
    }
}

/// At most so many pages in a form.
pub const MAX_PAGES: usize = 30;
/// At most so many fields in a form.
pub const MAX_FIELDS: usize = 200;
/// At most so many options of a field.
pub const MAX_OPTIONS: usize = 500;
/// At most so many rows of a matrix.
pub const MAX_ROWS: usize = 50;
/// At most so many rules in a form.
pub const MAX_RULES: usize = 50;

/// Collects faults below a path.
#[derive(Default)]
struct Faults(Vec<Fault>);

impl Faults {
    fn add(&mut self, path: &str, message: &str, fix: &str) {
        let path = path.trim_start_matches('.').to_owned();
        self.0.push(Fault { path, message: message.to_owned(), fix: fix.to_owned() });
    }

    /// Adds a fault unless `fine`.
    fn expect(&mut self, fine: bool, path: &str, message: &str, fix: &str) {
        if !fine {
            self.add(path, message, fix);
        }
    }
}

impl Form {
    /// Everything incoherent in the definition; empty when it can be used.
    pub fn faults(&self) -> Vec<Fault> {
        let mut faults = Faults::default();
        self.head(&mut faults);
        let mut before: Vec<&Field> = Vec::new();
        for (at, page) in self.pages.iter().enumerate() {
            let path = format!("pages[{at}]");
            faults.expect(
                !page.fields.is_empty(),
                &path,
                "the page has no fields",
                "add a field or remove the page",
            );
            if let Some(when) = &page.when {
                condition::check(when, &before, &format!("{path}.when"), &mut faults);
            }
            for (at, field) in page.fields.iter().enumerate() {
                let path = format!("{path}.fields[{at}]");
                let twice = before.iter().any(|earlier| earlier.name == field.name);
                faults.expect(
                    !twice,
                    &format!("{path}.name"),
                    "another field has this name",
                    "give each its own name",
                );
                field::check(field, &before, &path, &mut faults);
                before.push(field);
            }
        }
        for (at, rule) in self.rules.iter().enumerate() {
            self.rule(rule, &format!("rules[{at}]"), &mut faults);
        }
        faults.0
    }

    fn head(&self, faults: &mut Faults) {
        let id = (1..=64).contains(&self.id.len())
            && self.id.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-');
        faults.expect(id, "id", "not a form's id", "use 1 to 64 of a–z, 0–9 and -");
        faults.expect(self.version > 0, "version", "versions count from 1", "write 1 or more");
        faults.expect(!self.title.is_blank(), "title", "the form has no title", "give it one");
        let pages = (1..=MAX_PAGES).contains(&self.pages.len());
        faults.expect(pages, "pages", "a form has 1 to 30 pages", "add or remove pages");
        let fields = self.fields().count() <= MAX_FIELDS;
        faults.expect(fields, "pages", "a form has at most 200 fields", "split it into several forms");
        let answers = self.fields().map(|field| 1 + field.rows.len()).sum::<usize>() <= MAX_ANSWERS;
        faults.expect(
            answers,
            "pages",
            "a form has at most 2000 fields and rows",
            "split it into several forms",
        );
        faults.expect(self.rules.len() <= MAX_RULES, "rules", "a form has at most 50 rules", "remove some");
        let redirect = self.thanks.redirect.as_deref().is_none_or(is_address);
        faults.expect(
            redirect,
            "thanks.redirect",
            "not an address to go to",
            "use https://… or a path such as /thanks",
        );
    }

    fn rule(&self, rule: &Rule, path: &str, faults: &mut Faults) {
        let path = &format!("{path}.fields");
        let places: Vec<Option<(usize, usize, &Field)>> =
            rule.fields.iter().map(|name| self.place(name)).collect();
        for (name, place) in rule.fields.iter().zip(&places) {
            faults.expect(
                place.is_some(),
                path,
                &format!("there is no field \"{name}\""),
                "name fields of this form",
            );
        }
        let places: Vec<_> = places.into_iter().flatten().collect();
        faults.expect(rule.fields.len() >= 2, path, "a rule looks at two fields or more", "name them");
        let ordered = places
            .iter()
            .zip(places.iter().skip(1))
            .all(|(first, next)| (first.0, first.1) < (next.0, next.1));
        faults.expect(
            ordered,
            path,
            "the fields are not in the form's order",
            "name each once, in the form's order",
        );
        let Some(&(page, _, first)) = places.first() else { return };
        let alike = places.iter().all(|(_, _, field)| field.kind == first.kind);
        let (fine, message, fix) = match rule.check {
            RuleCheck::Any => (
                places.iter().all(|place| place.0 == page),
                "the fields are on different pages",
                "put them on one page, so that the visitor can answer where the error appears",
            ),
            RuleCheck::Equal => (alike, "the fields are of different types", "compare fields of one type"),
            RuleCheck::Ascending => (
                alike && matches!(first.kind, Kind::Number | Kind::Date),
                "these fields have no common order",
                "compare numbers with numbers, or dates with dates",
            ),
        };
        faults.expect(fine, path, message, fix);
        let hidden = places.iter().any(|(_, _, field)| field.kind == Kind::Hidden);
        faults.expect(!hidden, path, "a visitor cannot mend a hidden field", "leave it out of the rule");
    }

    /// The page, the place on it, and the field of that name.
    fn place(&self, name: &str) -> Option<(usize, usize, &Field)> {
        self.pages.iter().enumerate().find_map(|(page, fields)| {
            let at = fields.fields.iter().position(|field| field.name == name)?;
            fields.fields.get(at).map(|field| (page, at, field))
        })
    }
}

/// Whether a text is an `https` address or an absolute path, and nothing a browser would read as something else:
/// white space and backslashes are what makes `https:/\evil.example` and `//evil.example` work.
fn is_address(text: &str) -> bool {
    let plain = text.len() <= 2_000
        && !text.contains(|typed: char| typed.is_whitespace() || typed.is_control() || typed == '\\');
    let path = text.starts_with('/') && !text.starts_with("//");
    let host = text
        .strip_prefix("https://")
        .is_some_and(|rest| rest.starts_with(|first: char| first.is_alphanumeric()));
    plain && (path || host)
}
