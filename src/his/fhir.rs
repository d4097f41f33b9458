//! FHIR R4 resources, as far as they are read (<https://hl7.org/fhir/R4/resourcelist.html>). What else is in them is
//! nobody's business here.

use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

/// A reference to another resource: `Slot/17`, perhaps with a version. One that is a whole URL is at another server:
/// those of the server itself were made short by [`shorten`].
#[derive(Clone, Debug, Default, Deserialize)]
pub struct Reference {
    #[serde(default)]
    reference: String,
}

/// A department, or what is done in one.
#[derive(Clone, Debug, Deserialize)]
pub struct HealthcareService {
    /// Its id.
    pub id: String,
    /// Its name.
    #[serde(default)]
    pub name: Option<String>,
    /// A sentence about it.
    #[serde(default)]
    pub comment: Option<String>,
    /// Where it is done.
    #[serde(default)]
    pub location: Vec<Reference>,
}

/// A person.
#[derive(Clone, Debug, Deserialize)]
pub struct Practitioner {
    /// Its id.
    pub id: String,
    /// What they are called.
    #[serde(default)]
    pub name: Vec<HumanName>,
}

/// A person's name.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct HumanName {
    text: Option<String>,
    family: Option<String>,
    given: Vec<String>,
    prefix: Vec<String>,
}

/// What a person does, where.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PractitionerRole {
    /// Its id.
    pub id: String,
    /// Who.
    #[serde(default)]
    pub practitioner: Reference,
    /// What.
    #[serde(default)]
    pub healthcare_service: Vec<Reference>,
    /// Where.
    #[serde(default)]
    pub location: Vec<Reference>,
    /// As what.
    #[serde(default)]
    pub code: Vec<CodeableConcept>,
    /// In which field.
    #[serde(default)]
    pub specialty: Vec<CodeableConcept>,
}

/// Something with a code, of which only the words are read.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct CodeableConcept {
    text: Option<String>,
    coding: Vec<Coding>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
struct Coding {
    display: Option<String>,
}

/// A place.
#[derive(Clone, Debug, Deserialize)]
pub struct Location {
    /// Its id.
    pub id: String,
    /// Its name.
    #[serde(default)]
    pub name: Option<String>,
    /// Its address.
    #[serde(default)]
    pub address: Address,
}

/// An address.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct Address {
    text: Option<String>,
    line: Vec<String>,
    city: Option<String>,
}

/// Whose time it is that slots are parts of.
#[derive(Clone, Debug, Deserialize)]
pub struct Schedule {
    /// Its id.
    pub id: String,
    /// Who, what and where.
    #[serde(default)]
    pub actor: Vec<Reference>,
}

/// A time that can be booked.
#[derive(Clone, Debug, Deserialize)]
pub struct Slot {
    /// Its id.
    pub id: String,
    /// Its schedule.
    pub schedule: Reference,
    /// `free`, or some way of not being so.
    pub status: String,
    /// An instant.
    pub start: String,
    /// An instant.
    pub end: String,
}

/// A resource that is in use and can be read.
pub fn read<T: DeserializeOwned>(resource: &Value) -> Option<T> {
    if resource["active"] == false {
        return None;
    }
    serde_json::from_value(resource.clone()).ok()
}

/// Makes `Slot/17` of every reference to `BASE/Slot/17`, where `base` is the server's own URL.
pub fn shorten(resource: &mut Value, base: &str) {
    match resource {
        Value::Array(items) => items.iter_mut().for_each(|item| shorten(item, base)),
        Value::Object(members) => {
            for (name, member) in members {
                let own = |text: &str| Some(text.strip_prefix(base)?.strip_prefix('/')?.to_owned());
                match member.as_str().filter(|_| name == "reference").and_then(own) {
                    Some(short) => *member = short.into(),
                    None => shorten(member, base),
                }
            }
        }
        _ => {}
    }
}

impl Reference {
    /// The id, if it refers to a resource of that type at the same server.
    pub fn to(&self, kind: &str) -> Option<&str> {
        let path = self.reference.split("/_history/").next()?;
        let (found, id) = path.split_once('/')?;
        (found == kind && !id.is_empty() && !id.contains('/')).then_some(id)
    }
}

/// The only one of a list that refers to a resource of that type.
pub fn only<'r>(references: &'r [Reference], kind: &str) -> Option<&'r str> {
    let mut found = references.iter().filter_map(|reference| reference.to(kind));
    let first = found.next()?;
    found.next().is_none().then_some(first)
}

impl HumanName {
    /// The name in one line; Chinese, Japanese and Korean ones without a space.
    pub fn line(&self) -> Option<String> {
        if let Some(text) = said(self.text.as_ref()) {
            return Some(text);
        }
        let given = self.given.join(" ");
        let (family, prefix) = (self.family.clone().unwrap_or_default(), self.prefix.join(" "));
        let line = match family.chars().next() {
            Some('\u{2e80}'..='\u{9fff}' | '\u{ac00}'..='\u{d7a3}') => format!("{family}{given}"),
            _ => [prefix, given, family]
                .into_iter()
                .filter(|part| !part.is_empty())
                .collect::<Vec<_>>()
                .join(" "),
        };
        said(Some(&line))
    }
}

impl CodeableConcept {
    /// Its words.
    pub fn words(&self) -> Option<String> {
        let displayed = || self.coding.iter().find_map(|coding| said(coding.display.as_ref()));
        said(self.text.as_ref()).or_else(displayed)
    }
}

impl Address {
    /// The address in one line.
    pub fn line(&self) -> Option<String> {
        let lines = self.line.iter().chain(&self.city).cloned().collect::<Vec<_>>().join(", ");
        said(self.text.as_ref()).or_else(|| said(Some(&lines)))
    }
}

/// What is not blank.
pub fn said(text: Option<&String>) -> Option<String> {
    text.map(|text| text.trim().to_owned()).filter(|text| !text.is_empty())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn references(all: &[&str]) -> Vec<Reference> {
        all.iter().map(|text| Reference { reference: (*text).to_owned() }).collect()
    }

    #[test]
    fn a_reference_is_to_the_same_server_and_may_have_a_version() {
        let to = |text: &str, kind: &str| {
            let mut resource =
                json!({"list": [{"one": {"reference": text}}], "base": "https://his.example.com/fhir/x"});
            shorten(&mut resource, "https://his.example.com/fhir");
            assert_eq!(resource["base"], "https://his.example.com/fhir/x");
            let reference: Reference = serde_json::from_value(resource["list"][0]["one"].take()).unwrap();
            reference.to(kind).map(str::to_owned)
        };
        for text in ["Slot/17", "https://his.example.com/fhir/Slot/17", "Slot/17/_history/3"] {
            assert_eq!(to(text, "Slot").as_deref(), Some("17"), "{text}");
            assert_eq!(to(text, "Schedule"), None, "{text}");
        }
        for text in ["", "17", "/", "Slot/", "#17", "urn:uuid:17", "https://other.example.com/fhir/Slot/17"] {
            assert_eq!(to(text, "Slot"), None, "{text}");
        }
        assert_eq!(only(&references(&["Device/1", "Location/2"]), "Location"), Some("2"));
        assert_eq!(only(&references(&["Location/1", "Location/2"]), "Location"), None);
    }

    #[test]
    fn a_name_is_written_as_its_language_does() {
        let line = |name| serde_json::from_value::<HumanName>(name).unwrap().line();
        let said = |text: &str| Some(text.to_owned());
        assert_eq!(line(json!({"family": "Li", "given": ["Wei"], "prefix": ["Dr"]})), said("Dr Wei Li"));
        assert_eq!(line(json!({"family": "李", "given": ["伟"]})), said("李伟"));
        assert_eq!(line(json!({"text": "李伟 主任", "family": "Li"})), said("李伟 主任"));
        assert_eq!(line(json!({"use": "official"})), None);
    }
}
