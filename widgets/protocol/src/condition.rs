//! Conditions: when a field or a page applies.

use serde::{Deserialize, Serialize};

use crate::draft::{Draft, Raw};

/// A condition over what has been typed. Every member that is present must hold.
///
/// ```json
/// {"field": "topic", "in": ["billing", "refund"]}
/// {"any": [{"field": "visited", "is": "yes"}, {"not": {"field": "phone", "answered": true}}]}
/// ```
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Condition {
    /// The field that `is`, `in`, `answered`, `atLeast` and `atMost` look at.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub field: Option<String>,
    /// The answer (or one of a checkbox list) is this value. A consent is `"yes"` once ticked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub is: Option<String>,
    /// The answer (or one of a checkbox list) is one of these.
    #[serde(default, rename = "in", skip_serializing_if = "Vec::is_empty")]
    pub one_of: Vec<String>,
    /// Whether there is an answer at all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub answered: Option<bool>,
    /// The answer is a number not less than this.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at_least: Option<f64>,
    /// The answer is a number not greater than this.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at_most: Option<f64>,
    /// All of these hold.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub all: Vec<Condition>,
    /// At least one of these holds.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub any: Vec<Condition>,
    /// This does not hold.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub not: Option<Box<Condition>>,
}

impl Condition {
    /// Whether the condition holds for `draft`. `applies` says whether a field takes part at all: the answer of a
    /// field that is itself left out does not count.
    pub fn holds(&self, draft: &Draft, applies: &dyn Fn(&str) -> bool) -> bool {
        self.field_holds(draft, applies)
            && self.all.iter().all(|condition| condition.holds(draft, applies))
            && (self.any.is_empty() || self.any.iter().any(|condition| condition.holds(draft, applies)))
            && self.not.as_ref().is_none_or(|condition| !condition.holds(draft, applies))
    }

    /// Calls `visit` with the name of every field the condition looks at.
    pub fn for_each_field<'a>(&'a self, visit: &mut dyn FnMut(&'a str)) {
        self.field.iter().for_each(|name| visit(name));
        self.all.iter().chain(&self.any).for_each(|condition| condition.for_each_field(visit));
        self.not.iter().for_each(|condition| condition.for_each_field(visit));
    }

    fn field_holds(&self, draft: &Draft, applies: &dyn Fn(&str) -> bool) -> bool {
        let Some(name) = &self.field else { return true };
        let raw = draft.get(name).filter(|raw| !raw.is_blank() && applies(name));
        let has = |wanted: &str| raw.is_some_and(|raw| raw.has(wanted));
        let number = raw.and_then(Raw::number);
        self.is.as_deref().is_none_or(has)
            && (self.one_of.is_empty() || self.one_of.iter().any(|wanted| has(wanted)))
            && self.answered.is_none_or(|answered| answered == raw.is_some())
            && self.at_least.is_none_or(|least| number.is_some_and(|number| number >= least))
            && self.at_most.is_none_or(|most| number.is_some_and(|number| number <= most))
    }
}
