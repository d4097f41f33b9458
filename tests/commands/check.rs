use crm_widgets::definitions::is_origin;
use serde_json::{Value, json};

use super::connector::{refused, run, said};

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
    let output = run(folder.path(), &["check", "site.json"]);
    assert!(
        output.status.success() && output.stderr.is_empty(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
}

/// The hints about the demo's definitions once they are changed; they are accepted nevertheless.
fn hints(change: impl FnOnce(&mut Value)) -> Vec<String> {
    let mut definitions: Value = serde_json::from_str(include_str!("../../demo/clinic.json")).unwrap();
    change(&mut definitions["sites"][0]);
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("site.json"), definitions.to_string()).unwrap();
    let output = run(folder.path(), &["check", "site.json"]);
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.success() && output.stdout.is_empty(), "{said}");
    let own = |line: &str| line.strip_prefix("site.json: hint: sites[0].booking.").expect(line).to_owned();
    said.lines().map(own).collect()
}

#[test]
fn a_practitioner_without_a_schedule_is_hinted_at() {
    let without = |site: &mut Value| {
        let schedules = site["booking"]["schedules"].as_array_mut().unwrap();
        schedules.retain(|schedule| schedule["who"] != "zhao");
    };
    let hint = "practitioners[1]: no schedule is for \"zhao\", who can be booked at no time; \
                add one to the list `schedules`, or remove the practitioner";
    assert_eq!(hints(|_| {}), [""; 0]);
    assert_eq!(hints(without), [hint]);
    // A hospital has slots for them.
    let theirs = |site: &mut Value| {
        without(site);
        site["booking"]["his"] = json!({"connection": "hospital", "form": "visit"});
        site["connections"].as_array_mut().unwrap().push(
            json!({"name": "hospital", "connector": "fhir-his", "url": "https://his.example.com/fhir"}),
        );
    };
    assert_eq!(hints(theirs), [""; 0]);
}

#[test]
fn a_release_beyond_the_window_is_hinted_at() {
    let released = |days: u32, window: u32| {
        hints(move |site| {
            let service = &mut site["booking"]["services"][2];
            service["release"] = json!({"days": days, "at": "07:00"});
            service["window"] = json!(window);
        })
    };
    let hint = "services[2].release.days: 8 days before are beyond the window of 7, so it opens no slot; \
                write 7 or less, make `window` 8 or more, or leave `release` out";
    assert_eq!(released(8, 7), [hint]);
    assert_eq!(released(7, 7), [""; 0], "at seven, not at midnight");
}

#[test]
fn reminders_that_no_connection_takes_are_hinted_at() {
    let connected = |reminders: Value, connection: Value| {
        hints(move |site| {
            site["booking"]["reminders"] = reminders;
            site["connections"] = json!([connection]);
        })
    };
    let mail = |events: Value| {
        let from = json!({"from": "Clinic <noreply@clinic.example>"});
        json!({"name": "mail", "connector": "email", "inputs": from, "events": events})
    };
    let crm = || {
        let secrets = json!({"key": {"env": "KEY"}});
        json!({"name": "crm", "connector": "espocrm", "url": "https://crm.example.com", "secrets": secrets})
    };
    let hint = "reminders: no connection takes appointment.reminder: nobody is reminded but by a calendar; \
                set one up with the connector email, sms or wechat, or write []";
    assert_eq!(connected(json!([24]), crm()), [hint]);
    assert_eq!(connected(json!([24]), mail(json!(["appointment.booked"]))), [hint]);
    assert_eq!(connected(json!([24]), mail(Value::Null)), [""; 0]);
    assert_eq!(connected(json!([]), crm()), [""; 0]);
}

#[test]
fn an_origin_is_one_host() {
    assert!(is_origin("https://www.example.com"));
    for wrong in ["https://*.example.com", "https://www.example.com/", "www.example.com", "ftp://example.com"]
    {
        assert!(!is_origin(wrong), "{wrong}");
    }
}
