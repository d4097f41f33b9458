use serde_json::{Value, json};

use super::connector::{refused, said};

/// The demo's definitions, with one more field in the form of a visit.
fn with_field(field: Value) -> Value {
    let mut definitions: Value = serde_json::from_str(include_str!("../../demo/clinic.json")).unwrap();
    let forms = definitions["sites"][0]["forms"].as_array_mut().unwrap();
    let visit = forms.iter_mut().find(|form| form["id"] == "visit").unwrap();
    visit["pages"][0]["fields"].as_array_mut().unwrap().push(field);
    definitions
}

#[test]
fn a_form_that_books_and_asks_for_a_file_is_refused_with_its_name_and_the_fix() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("site.json");
    let check = |kind: &str| {
        let field = json!({"name": "report", "type": kind, "label": "A report"});
        std::fs::write(&file, with_field(field).to_string()).unwrap();
    };
    check("text");
    said(folder.path(), &["check", "site.json"]);
    check("file");
    let error = refused(folder.path(), &["check", "site.json"]);
    let line = "sites[0].booking.services[0].form: the form asks for a file with \"report\", and booking takes none; \
                remove that field, or name a form without files";
    assert!(error.contains(line), "{error}");
}
