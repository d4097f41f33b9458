//! What the page reads by hand is what the gateway reads through serde.

#![recursion_limit = "256"]

use crm_protocol::booking::{Alternative, Appointment, Offer, Slots, Waiting};
use crm_protocol::draft::Draft;
use crm_protocol::form::{Form, Kind};
use crm_protocol::read::{Json, Read};
use crm_protocol::text::Lang;
use crm_protocol::view::FormView;
use serde_json::{Value, json};

struct Parsed(Value);

impl Json for Parsed {
    fn member(&self, name: &str) -> Option<Self> {
        self.0.get(name).filter(|member| !member.is_null()).cloned().map(Self)
    }

    fn text(&self) -> Option<String> {
        self.0.as_str().map(str::to_owned)
    }

    fn number(&self) -> Option<f64> {
        self.0.as_f64()
    }

    fn flag(&self) -> Option<bool> {
        self.0.as_bool()
    }

    fn items(&self) -> Option<Vec<Self>> {
        self.0.as_array().map(|items| items.iter().cloned().map(Self).collect())
    }

    fn members(&self) -> Vec<(String, Self)> {
        let members = self.0.as_object().into_iter().flatten();
        members.map(|(name, member)| (name.clone(), Self(member.clone()))).collect()
    }
}

fn forms() -> Vec<Value> {
    let examples = ["enquiry", "registration", "visit-survey"].map(|name| {
        let path = format!("{}/examples/{name}.json", env!("CARGO_MANIFEST_DIR"));
        serde_json::from_str(&std::fs::read_to_string(path).expect("an example")).expect("JSON")
    });
    let mut forms = examples.to_vec();
    forms.push(everything());
    forms
}

/// Every member of a definition at least once.
fn everything() -> Value {
    let condition = json!({"field": "a", "is": "1", "in": ["1"], "answered": true, "atLeast": 1.5, "atMost": 9,
        "all": [{"field": "a"}], "any": [{"field": "a"}], "not": {"field": "a"}});
    json!({"id": "all", "version": 7, "title": "T", "intro": "I", "submit": "S", "drafts": true,
        "thanks": {"title": "T", "text": "T", "redirect": "/thanks"},
        "rules": [{"check": "any", "fields": ["a"], "message": "M"}, {"check": "equal", "fields": []},
            {"check": "ascending", "fields": []}],
        "pages": [{"title": "P", "when": condition, "fields": [{"name": "a", "type": "text", "label": {"en": "A", "zh-CN": "甲"},
            "hint": "H", "placeholder": "P", "required": true, "requiredWhen": condition, "when": condition, "minLength": 1,
            "maxLength": 2, "min": "1", "max": "2", "decimals": 2, "pattern": {"regex": "a", "message": "M"},
            "options": [{"value": "v", "label": "L"}], "rows": [{"value": "v", "label": "L"}], "region": "HK", "purpose": "p",
            "version": "1", "link": "/l", "accept": ["pdf"], "maxBytes": 5, "autocomplete": "name", "value": "v", "prefill": "p",
            "half": true, "low": "L", "high": "H"}]}]})
}

#[test]
fn forms_are_read_as_serde_reads_them() {
    for form in forms() {
        let expected: Form = serde_json::from_value(form.clone()).expect("a form");
        assert_eq!(Form::read(&Parsed(form)), Some(expected));
    }
}

#[test]
fn views_are_read_as_the_gateway_wrote_them() {
    for form in forms() {
        let lang = Lang::parse("zh-CN").expect("a language");
        let form: Form = serde_json::from_value(form).expect("a form");
        let texts =
            [("b".to_owned(), "B".to_owned()), ("a".to_owned(), "A".to_owned())].into_iter().collect();
        let view =
            FormView { site: "clinic".into(), form: form.localize(&lang), lang, texts, challenge: true };
        let json = serde_json::to_value(&view).expect("JSON");
        assert_eq!(FormView::read(&Parsed(json)), Some(view));
    }
}

#[test]
fn drafts_are_read_as_serde_reads_them() {
    let draft = json!({"name": "王芳", "topics": ["a", "b"], "none": []});
    let expected: Draft = serde_json::from_value(draft.clone()).expect("a draft");
    assert_eq!(Draft::read(&Parsed(draft)), Some(expected));
}

#[test]
fn members_of_another_shape_count_as_missing() {
    let draft = Draft::read(&Parsed(json!({"name": 5, "topics": ["a", 5]}))).expect("a draft");
    assert_eq!(draft, serde_json::from_value(json!({"topics": ["a"]})).expect("a draft"));
    for none in [json!(null), json!({"id": "a", "title": "A"}), json!({"id": "a", "title": "A", "pages": {}})]
    {
        assert_eq!(Form::read(&Parsed(none)), None);
    }
}

#[test]
fn every_kind_has_the_name_serde_gives_it() {
    for (kind, name) in Kind::NAMES {
        assert_eq!(serde_json::to_value(kind).expect("JSON"), json!(name));
        assert_eq!(Kind::parse(name), Some(kind));
    }
}

fn same<T: Read + serde::de::DeserializeOwned + PartialEq + std::fmt::Debug>(json: Value) {
    let expected: T = serde_json::from_value(json.clone()).expect("the example is well formed");
    assert_eq!(T::read(&Parsed(json)), Some(expected));
}

#[test]
fn booking_is_read_as_serde_reads_it() {
    let hex = "0123456789abcdef0123456789abcdef";
    let held = json!({"id": format!("hold_{hex}"), "token": "t", "service": "s", "practitioner": "p", "place": "l",
        "start": "a", "end": "b", "expires": "c", "seconds": 300});
    same::<Offer>(json!({"site": "clinic", "lang": "zh-CN", "timeZone": "Asia/Shanghai", "challenge": true,
        "departments": [{"key": "d", "name": "D", "intro": "I"}], "forms": [everything()], "texts": {"a": "b"},
        "services": [{"key": "s", "department": "d", "name": "S", "intro": "I", "minutes": 30, "practitioners": ["p"],
            "form": "all", "approval": true, "waitlist": true, "bring": "B"}],
        "practitioners": [{"key": "p", "name": "P", "title": "T"}],
        "places": [{"key": "l", "name": "L", "address": "A", "map": "https://maps.example.com/"}]}));
    same::<Slots>(
        json!({"service": "s", "timeZone": "Asia/Shanghai", "minutes": 30, "step": 15, "from": "2026-11-22",
        "to": "2026-12-19", "opens": "2026-11-23T23:00:00Z",
        "rows": [{"practitioner": "p", "place": "l", "ranges": [[2, 510, -480, "1101"]]}]}),
    );
    same::<Appointment>(
        json!({"id": format!("apt_{hex}"), "token": "t", "code": "K7QM-2F9X", "status": "requested",
        "service": "s", "practitioner": "p", "place": "l", "start": "a", "end": "b", "offset": -300, "sequence": 2,
        "movableUntil": "c", "cancellableUntil": "d"}),
    );
    same::<Waiting>(
        json!({"id": format!("wait_{hex}"), "token": "t", "turn": "offered", "service": "s", "offer": held}),
    );
    same::<Alternative>(json!({"practitioner": "p", "start": "a"}));
}
