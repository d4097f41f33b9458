//! The published schema and the definition's own check say the same.

use std::path::{Path, PathBuf};

use crm_protocol::form::Form;
use jsonschema::Validator;
use serde_json::{Value, json};

fn folder() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn read(path: PathBuf) -> Value {
    serde_json::from_str(&std::fs::read_to_string(path).expect("a file")).expect("JSON")
}

fn schema() -> Validator {
    jsonschema::draft202012::new(&read(folder().join("form.schema.json"))).expect("a schema")
}

/// What is wrong by our own check: a shape serde refuses, or faults.
fn ours(definition: &Value) -> Vec<String> {
    match serde_json::from_value::<Form>(definition.clone()) {
        Ok(form) => form.faults().iter().map(ToString::to_string).collect(),
        Err(error) => vec![error.to_string()],
    }
}

fn theirs(schema: &Validator, definition: &Value) -> Vec<String> {
    schema.iter_errors(definition).map(|error| error.to_string()).collect()
}

fn form_with(field: Value) -> Value {
    json!({"id": "a", "title": "A", "pages": [{"fields": [
        {"name": "first", "type": "radio", "label": "First", "options": [{"value": "x", "label": "X"}]},
        field,
    ]}]})
}

#[test]
fn every_example_and_the_demo_are_accepted() {
    let schema = schema();
    let mut seen = 0;
    for entry in std::fs::read_dir(folder().join("examples")).expect("examples") {
        let definition = read(entry.expect("an entry").path());
        assert_eq!(theirs(&schema, &definition), Vec::<String>::new(), "{}", definition["id"]);
        assert_eq!(ours(&definition), Vec::<String>::new(), "{}", definition["id"]);
        seen += 1;
    }
    assert!(seen >= 3);
    for site in read(folder().join("../../demo/clinic.json"))["sites"].as_array().expect("sites") {
        for definition in site["forms"].as_array().expect("forms") {
            assert_eq!(theirs(&schema, definition), Vec::<String>::new(), "{}", definition["id"]);
            assert_eq!(ours(definition), Vec::<String>::new(), "{}", definition["id"]);
        }
    }
}

#[test]
fn fields_the_schema_accepts_or_refuses_are_accepted_or_refused_by_the_check() {
    let schema = schema();
    let option = json!([{"value": "a", "label": "A"}]);
    let cases = [
        (true, json!({"name": "n", "type": "text", "label": "N"})),
        (true, json!({"name": "n", "type": "text", "label": {"en": "N", "zh-CN": "名"}, "maxLength": 20})),
        (true, json!({"name": "n", "type": "hidden", "value": "v"})),
        (
            true,
            json!({"name": "n", "type": "number", "label": "N", "min": "-1.5", "max": "9", "decimals": 2}),
        ),
        (true, json!({"name": "n", "type": "date", "label": "N", "min": "1900-01-01", "max": "today-18y"})),
        (true, json!({"name": "n", "type": "select", "label": "N", "options": option})),
        (true, json!({"name": "n", "type": "matrix", "label": "N", "options": option, "rows": option})),
        (true, json!({"name": "n", "type": "rating", "label": "N", "max": "10"})),
        (
            true,
            json!({"name": "n", "type": "consent", "label": "N", "purpose": "p", "version": "1", "link": "/p"}),
        ),
        (true, json!({"name": "n", "type": "file", "label": "N", "accept": ["pdf"], "max": "3"})),
        (true, json!({"name": "n", "type": "text", "label": "N", "when": {"field": "first", "is": "x"}})),
        (
            true,
            json!({"name": "n", "type": "text", "label": "N", "pattern": {"regex": "\\d+", "message": "M"}}),
        ),
        (false, json!({"name": "n", "type": "text"})),
        (false, json!({"name": "n", "type": "text", "label": " "})),
        (false, json!({"name": "n", "type": "text", "label": "N", "colour": "red"})),
        (false, json!({"name": "n", "type": "colour", "label": "N"})),
        (false, json!({"name": "website", "type": "text", "label": "N"})),
        (false, json!({"name": "_n", "type": "text", "label": "N"})),
        (false, json!({"name": "1n", "type": "text", "label": "N"})),
        (false, json!({"name": "n", "type": "text", "label": "N", "options": option})),
        (false, json!({"name": "n", "type": "text", "label": "N", "maxLength": 5000})),
        (false, json!({"name": "n", "type": "text", "label": "N", "pattern": {"regex": "a"}})),
        (false, json!({"name": "n", "type": "text", "label": "N", "when": {"is": "x"}})),
        (false, json!({"name": "n", "type": "text", "label": "N", "when": {"field": "first"}})),
        (false, json!({"name": "n", "type": "text", "label": "N", "when": {}})),
        (false, json!({"name": "n", "type": "select", "label": "N"})),
        (
            false,
            json!({"name": "n", "type": "select", "label": "N", "options": [{"value": " a", "label": "A"}]}),
        ),
        (false, json!({"name": "n", "type": "matrix", "label": "N", "options": option})),
        (false, json!({"name": "n", "type": "number", "label": "N", "min": "one"})),
        (false, json!({"name": "n", "type": "number", "label": "N", "decimals": 7})),
        (false, json!({"name": "n", "type": "date", "label": "N", "min": "yesterday"})),
        (false, json!({"name": "n", "type": "rating", "label": "N", "max": "11"})),
        (false, json!({"name": "n", "type": "consent", "label": "N"})),
        (
            false,
            json!({"name": "n", "type": "consent", "label": "N", "purpose": "p", "version": "1", "link": "javascript:alert(1)"}),
        ),
        (
            false,
            json!({"name": "n", "type": "consent", "label": "N", "purpose": "p", "version": "1", "value": "yes"}),
        ),
        (false, json!({"name": "n", "type": "file", "label": "N", "accept": ["exe"]})),
        (false, json!({"name": "n", "type": "file", "label": "N", "maxBytes": 1})),
        (false, json!({"name": "n", "type": "phone", "label": "N", "region": "china"})),
        (false, json!({"name": "n", "type": "hidden", "required": true})),
        (false, json!({"name": "n", "type": "text", "label": "N", "prefill": "a b"})),
    ];
    for (good, field) in cases {
        let definition = form_with(field.clone());
        let (theirs, ours) = (theirs(&schema, &definition), ours(&definition));
        assert_eq!(theirs.is_empty(), good, "schema on {field}: {theirs:?}");
        assert_eq!(ours.is_empty(), good, "check on {field}: {ours:?}");
    }
}

#[test]
fn forms_the_schema_refuses_are_refused_by_the_check() {
    let schema = schema();
    let good = form_with(json!({"name": "n", "type": "text", "label": "N"}));
    let change = |member: &str, value: Value| {
        let mut form = good.clone();
        form[member] = value;
        form
    };
    assert!(theirs(&schema, &good).is_empty() && ours(&good).is_empty());
    for definition in [
        change("id", json!("Enquiry")),
        change("title", json!("")),
        change("version", json!(0)),
        change("pages", json!([])),
        change("pages", json!([{"fields": []}])),
        change("colour", json!("red")),
        change("thanks", json!({"redirect": "javascript:alert(1)"})),
        change("thanks", json!({"redirect": "//evil.example"})),
        change("thanks", json!({"redirect": "/\\evil.example"})),
        change("thanks", json!({"redirect": "http://example.com"})),
        change("rules", json!([{"check": "any", "fields": ["n"]}])),
        change("rules", json!([{"check": "most", "fields": ["first", "n"]}])),
    ] {
        assert!(!theirs(&schema, &definition).is_empty(), "schema on {definition}");
        assert!(!ours(&definition).is_empty(), "check on {definition}");
    }
}

#[test]
fn what_a_schema_cannot_say_is_said_with_the_place_and_the_fix() {
    let text = |name: &str| json!({"name": name, "type": "text", "label": "N"});
    for (definition, path, fix) in [
        (form_with(text("first")), "pages[0].fields[1].name", "give each its own name"),
        (
            form_with(
                json!({"name": "n", "type": "text", "label": "N", "when": {"field": "n", "answered": true}}),
            ),
            "pages[0].fields[1].when",
            "look at a field that comes earlier in the form",
        ),
        (
            form_with(
                json!({"name": "n", "type": "text", "label": "N", "requiredWhen": {"not": {"field": "first", "is": "y"}}}),
            ),
            "pages[0].fields[1].requiredWhen.not",
            "use the value of one of its options (\"yes\" for a consent)",
        ),
        (
            form_with(
                json!({"name": "n", "type": "text", "label": "N", "pattern": {"regex": "(a", "message": "M"}}),
            ),
            "pages[0].fields[1].pattern.regex",
            "correct it",
        ),
        (
            form_with(json!({"name": "n", "type": "number", "label": "N", "min": "5", "max": "4"})),
            "pages[0].fields[1].min",
            "lower it",
        ),
        (
            form_with(json!({"name": "n", "type": "date", "label": "N", "min": "2026-02-30"})),
            "pages[0].fields[1].min",
            "write a day such as \"1900-01-01\", or \"today\", \"today-18y\", \"today+30d\"",
        ),
    ] {
        let form: Form = serde_json::from_value(definition).expect("a form");
        let faults = form.faults();
        assert!(faults.iter().any(|fault| fault.path == path && fault.fix == fix), "{faults:?}");
    }
}

#[test]
fn a_form_has_bounds() {
    let field = |at: usize| json!({"name": format!("n{at}"), "type": "text", "label": "N"});
    let fields = |from: usize, to: usize| (from..to).map(field).collect::<Vec<_>>();
    let form = |pages: Value| json!({"id": "a", "title": "A", "pages": pages});
    let full = form(json!([{"fields": fields(0, 100)}, {"fields": fields(100, 200)}]));
    assert_eq!(ours(&full), Vec::<String>::new());
    assert!(!ours(&form(json!([{"fields": fields(0, 100)}, {"fields": fields(100, 201)}]))).is_empty());
    let pages: Vec<Value> = (0..31).map(|at| json!({"fields": [field(at)]})).collect();
    assert!(!ours(&form(json!(pages))).is_empty());
    let options: Vec<Value> = (0..501).map(|at| json!({"value": at.to_string(), "label": "O"})).collect();
    assert!(
        !ours(&form(
            json!([{"fields": [{"name": "n", "type": "select", "label": "N", "options": options}]}])
        ))
        .is_empty()
    );
}
