use crm_widgets::definitions::is_origin;
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
    // The form of a hospital's services too.
    let mut definitions = with_field(json!({"name": "report", "type": "file", "label": "A report"}));
    let site = &mut definitions["sites"][0];
    site["booking"] = json!({"his": {"connection": "hospital", "form": "visit"}});
    site["connections"] =
        json!([{"name": "hospital", "connector": "fhir-his", "url": "https://his.example.com/fhir"}]);
    std::fs::write(&file, definitions.to_string()).unwrap();
    let error = refused(folder.path(), &["check", "site.json"]);
    assert!(error.contains("sites[0].booking.his.form: the form asks for a file with \"report\""), "{error}");
}

#[test]
fn the_site_of_the_manual_is_one_that_can_be_applied() {
    let manual = include_str!("../../DEFINITIONS.md");
    let site =
        manual.split("```json\n").nth(1).and_then(|rest| rest.split("```").next()).expect("an example");
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("site.json"), site).unwrap();
    said(folder.path(), &["check", "site.json"]);
}

#[test]
fn an_origin_is_one_host() {
    assert!(is_origin("https://www.example.com"));
    for wrong in ["https://*.example.com", "https://www.example.com/", "www.example.com", "ftp://example.com"]
    {
        assert!(!is_origin(wrong), "{wrong}");
    }
}
