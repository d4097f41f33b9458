//! The check as the page and the gateway call it, on the example forms.

use std::collections::BTreeMap;

use crm_protocol::answer::Answer;
use crm_protocol::catalogue::{Catalogue, FILES};
use crm_protocol::check::{Around, FieldError, applies, check, check_field, check_page, page_applies};
use crm_protocol::draft::{Draft, Raw};
use crm_protocol::form::Form;
use crm_protocol::text::Lang;
use proptest::prelude::*;

const ENQUIRY: &str = include_str!("../examples/enquiry.json");
const REGISTRATION: &str = include_str!("../examples/registration.json");
const SURVEY: &str = include_str!("../examples/visit-survey.json");
const TODAY: &str = "2026-11-21";

fn form(json: &str) -> Form {
    serde_json::from_str::<Form>(json).expect("a form").localize(&Lang::default())
}

fn texts(lang: &str) -> Catalogue {
    let json = FILES.iter().find(|(tag, _)| *tag == lang).map(|(_, json)| *json);
    serde_json::from_str(json.expect("a language")).expect("a catalogue")
}

fn draft(entries: &[(&str, &str)]) -> Draft {
    let mut draft = Draft::default();
    entries.iter().for_each(|(name, typed)| draft.set(*name, *typed));
    draft
}

fn errors(form: &Form, draft: &Draft) -> Vec<(String, String)> {
    let texts = texts("en");
    let errors = check(form, draft, Around { today: TODAY, texts: &texts }).err().unwrap_or_default();
    errors.into_iter().map(|error| (error.field, error.code)).collect()
}

fn is(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
    pairs.iter().map(|(field, code)| ((*field).to_owned(), (*code).to_owned())).collect()
}

const GOOD: [(&str, &str); 5] = [
    ("name", " 李明 "),
    ("phone", "138 0013 8000"),
    ("topic", "other"),
    ("message", "你好\r\n"),
    ("privacy", "yes"),
];

fn enquiry_with(changes: &[(&str, &str)]) -> Draft {
    let mut draft = draft(&GOOD);
    changes.iter().for_each(|(name, typed)| draft.set(*name, *typed));
    draft
}

#[test]
fn a_good_draft_becomes_answers() {
    let texts = texts("en");
    let answers = check(&form(ENQUIRY), &draft(&GOOD), Around { today: TODAY, texts: &texts });
    let text = |text: &str| Answer::Text(text.to_owned());
    let expected = BTreeMap::from([
        ("name".to_owned(), text("李明")),
        ("phone".to_owned(), text("+8613800138000")),
        ("topic".to_owned(), text("other")),
        ("message".to_owned(), text("你好")),
        ("privacy".to_owned(), Answer::Yes(true)),
        ("channel".to_owned(), text("website")),
    ]);
    assert_eq!(answers, Ok(expected));
}

#[test]
fn an_empty_draft_names_every_missing_answer_in_the_forms_order() {
    assert_eq!(
        errors(&form(ENQUIRY), &Draft::default()),
        is(&[
            ("name", "required"),
            ("phone", "any"),
            ("topic", "choose"),
            ("message", "required"),
            ("privacy", "consent"),
        ])
    );
}

#[test]
fn every_error_names_the_field_in_every_language() {
    let mut wrong =
        enquiry_with(&[("email", "li@"), ("phone", "12"), ("topic", "unknown"), ("message", "x")]);
    wrong.remove("name");
    for (lang, _) in FILES {
        let form: Form = serde_json::from_str::<Form>(ENQUIRY)
            .expect("a form")
            .localize(&Lang::parse(lang).expect("a language"));
        let texts = texts(lang);
        let errors = check(&form, &wrong, Around { today: TODAY, texts: &texts }).expect_err("errors");
        assert_eq!(errors.len(), 5);
        for FieldError { field, message, .. } in errors {
            let label = form.field(&field).and_then(|field| field.label.as_ref()).expect("a label").as_str();
            assert!(message.contains(label), "{message}");
            assert!(!message.contains(['{', '}']), "{message}");
        }
    }
}

#[test]
fn every_code_has_its_sentence() {
    let texts = texts("en");
    for code in [
        "any",
        "ascending",
        "choose",
        "consent",
        "date",
        "date-early",
        "date-late",
        "email",
        "equal",
        "file",
        "file-few",
        "file-many",
        "file-unknown",
        "matrix-row",
        "number",
        "number-decimals",
        "number-grouped",
        "number-large",
        "number-small",
        "number-whole",
        "option",
        "option-few",
        "option-many",
        "phone",
        "phone-country",
        "phone-extension",
        "rating",
        "required",
        "resident-id",
        "resident-id-checksum",
        "resident-id-old",
        "scale",
        "single",
        "too-long",
        "too-short",
        "unknown-field",
    ] {
        assert!(texts.keys().any(|key| key == format!("error.{code}")), "{code}");
    }
}

#[test]
fn a_field_whose_condition_fails_is_left_out() {
    let form = form(ENQUIRY);
    let other = enquiry_with(&[("report-number", "nonsense")]);
    assert!(!applies(&form, &other, "report-number"));
    assert_eq!(errors(&form, &other), is(&[]));
    let report = enquiry_with(&[("topic", "report")]);
    assert!(applies(&form, &report, "report-number"));
    assert_eq!(errors(&form, &report), is(&[("report-number", "required")]));
    let wrong = enquiry_with(&[("topic", "report"), ("report-number", "AB12")]);
    assert_eq!(errors(&form, &wrong), is(&[("report-number", "pattern")]));
    assert_eq!(errors(&form, &enquiry_with(&[("topic", "report"), ("report-number", "AB123456")])), is(&[]));
}

#[test]
fn an_answer_left_out_does_not_count_for_later_conditions() {
    let chain = r#"{"id": "a", "title": "A", "pages": [
        {"fields": [
            {"name": "a", "type": "text", "label": "A"},
            {"name": "b", "type": "text", "label": "B", "when": {"field": "a", "is": "1"}}
        ]},
        {"when": {"field": "b", "answered": true}, "fields": [{"name": "c", "type": "text", "label": "C", "required": true}]}
    ]}"#;
    let form = form(chain);
    assert!(page_applies(&form, &draft(&[("a", "1"), ("b", "x")]), 1));
    assert!(!page_applies(&form, &draft(&[("a", "2"), ("b", "x")]), 1));
    assert_eq!(errors(&form, &draft(&[("a", "2"), ("b", "x")])), is(&[]));
    assert_eq!(errors(&form, &draft(&[("a", "1"), ("b", "x")])), is(&[("c", "required")]));
}

#[test]
fn unknown_answers_are_refused() {
    let form = form(ENQUIRY);
    assert_eq!(errors(&form, &enquiry_with(&[("colour", "red")])), is(&[("colour", "unknown-field")]));
    assert_eq!(errors(&form, &enquiry_with(&[("name.row", "red")])), is(&[("name.row", "unknown-field")]));
    let survey = self::form(SURVEY);
    let rows = [("recommend", "10"), ("parts.waiting", "good"), ("parts.doctor", "good")];
    assert_eq!(errors(&survey, &draft(&rows)), is(&[]));
    let strange = draft(&[rows.as_slice(), &[("parts.parking", "good")]].concat());
    assert_eq!(errors(&survey, &strange), is(&[("parts.parking", "unknown-field")]));
}

#[test]
fn a_matrix_reports_each_row() {
    let form = form(SURVEY);
    let half = draft(&[("recommend", "3"), ("parts.waiting", "awful")]);
    assert_eq!(errors(&form, &half), is(&[("parts.waiting", "option"), ("parts.doctor", "matrix-row")]));
    assert!(applies(&form, &half, "why"));
    assert!(!applies(&form, &draft(&[("recommend", "9")]), "why"));
    for (typed, code) in [("11", "scale"), ("-1", "scale"), ("x", "scale"), ("1.5", "scale")] {
        let wrong = draft(&[("recommend", typed), ("parts.waiting", "good"), ("parts.doctor", "good")]);
        assert_eq!(errors(&form, &wrong), is(&[("recommend", code)]), "{typed}");
    }
}

#[test]
fn one_page_is_checked_alone() {
    let form = form(REGISTRATION);
    let texts = texts("en");
    let around = Around { today: TODAY, texts: &texts };
    let first = draft(&[
        ("name", "李明"),
        ("document", "resident"),
        ("id-number", "11010519491231002x"),
        ("phone", "13800138000"),
    ]);
    assert_eq!(check_page(&form, &first, 0, around), vec![]);
    let mut second = first.clone();
    second.set("from", "2026-12-05");
    second.set("until", "2026/12/1");
    second.set("temperature", "３６．５５");
    second.set("allergies", vec!["pollen".to_owned(), "other".to_owned()]);
    let found: Vec<_> =
        check_page(&form, &second, 1, around).into_iter().map(|error| (error.field, error.code)).collect();
    let expected = [
        ("allergy-note", "required"),
        ("temperature", "number-decimals"),
        ("until", "ascending"),
        ("treatment", "consent"),
    ];
    assert_eq!(found, is(&expected));
    assert_eq!(check_page(&form, &second, 7, around), vec![]);
    assert_eq!(check_field(&form, &second, "birthday", around), Ok(None));
    assert_eq!(
        check_field(&form, &second, "id-number", around),
        Ok(Some(Answer::Text("11010519491231002X".to_owned())))
    );
}

#[test]
fn ranges_move_with_today() {
    let form = form(REGISTRATION);
    let texts = texts("en");
    let around = Around { today: TODAY, texts: &texts };
    for (typed, code) in [
        ("2026-11-20", Some("date-early")),
        ("2026-11-21", None),
        ("2027-01-20", None),
        ("2027-01-21", Some("date-late")),
    ] {
        let found = check_field(&form, &draft(&[("from", typed)]), "from", around);
        let found = found.err().and_then(|errors| errors.into_iter().next()).map(|error| error.code);
        assert_eq!(found.as_deref(), code, "{typed}");
    }
    let born_tomorrow = draft(&[("document", "resident"), ("id-number", "110105202611220016")]);
    assert!(check_field(&form, &born_tomorrow, "id-number", around).is_err());
}

#[test]
fn lists_are_counted_and_kept_in_the_forms_order() {
    let form = form(REGISTRATION);
    let texts = texts("en");
    let around = Around { today: TODAY, texts: &texts };
    let ticked = |values: &[&str]| {
        let mut draft = Draft::default();
        draft.set("allergies", values.iter().map(|value| (*value).to_owned()).collect::<Vec<_>>());
        check_field(&form, &draft, "allergies", around)
    };
    let many =
        |values: &[&str]| Ok(Some(Answer::Many(values.iter().map(|value| (*value).to_owned()).collect())));
    assert_eq!(ticked(&["seafood", "pollen", "pollen"]), many(&["pollen", "seafood"]));
    assert!(ticked(&["penicillin", "pollen", "seafood", "other"]).is_err());
    assert!(ticked(&["gold"]).is_err());
    let mut files = Draft::default();
    files.set("records", vec!["upl_00000000000000000000000000000001".to_owned()]);
    assert_eq!(
        check_field(&form, &files, "records", around),
        many(&["upl_00000000000000000000000000000001"])
    );
    files.set("records", vec!["../../etc/passwd".to_owned()]);
    assert!(check_field(&form, &files, "records", around).is_err());
}

#[test]
fn text_keeps_no_control_characters() {
    let texts = texts("en");
    let odd = enquiry_with(&[("name", "a\u{0}b\nc"), ("message", "one\r\ntwo\u{0}\u{7}\tthree")]);
    let answers = check(&form(ENQUIRY), &odd, Around { today: TODAY, texts: &texts }).expect("answers");
    assert_eq!(answers.get("name"), Some(&Answer::Text("a b c".to_owned())));
    assert_eq!(answers.get("message"), Some(&Answer::Text("one\ntwo\tthree".to_owned())));
    assert_eq!(errors(&form(ENQUIRY), &enquiry_with(&[("name", "\u{0}")])), is(&[("name", "required")]));
}

#[test]
fn a_browsers_list_of_one_is_one_answer_and_two_are_refused() {
    let mut draft = draft(&GOOD);
    draft.set("topic", vec!["other".to_owned()]);
    assert_eq!(errors(&form(ENQUIRY), &draft), is(&[]));
    draft.set("topic", vec!["other".to_owned(), "appointment".to_owned()]);
    assert_eq!(errors(&form(ENQUIRY), &draft), is(&[("topic", "single")]));
}

/// Drafts that look like a visitor's, a robot's, or noise.
fn drafts() -> impl Strategy<Value = Draft> {
    let names: Vec<String> = [ENQUIRY, REGISTRATION, SURVEY]
        .iter()
        .flat_map(|json| form(json).fields().map(|field| field.name.clone()).collect::<Vec<_>>())
        .chain(["parts.waiting", "parts.doctor"].map(str::to_owned))
        .collect();
    let text = prop_oneof![
        "\\PC{0,12}",
        "[-+0-9 .年月日]{0,20}",
        "yes|other|report|resident|passport|good|pollen|2026-12-01|13800138000|li@example.com|7|11010519491231002X",
    ];
    let raw = prop_oneof![
        text.clone().prop_map(Raw::One),
        proptest::collection::vec(text, 0..4).prop_map(Raw::Many),
    ];
    proptest::collection::vec((proptest::sample::select(names), raw), 0..20).prop_map(|entries| {
        let mut draft = Draft::default();
        entries.into_iter().for_each(|(name, raw)| draft.set(name, raw));
        draft
    })
}

proptest! {
    #[test]
    fn answers_are_only_of_fields_that_apply(draft in drafts(), which in 0_usize..3) {
        let form = form([ENQUIRY, REGISTRATION, SURVEY].get(which).copied().unwrap_or(ENQUIRY));
        let texts = texts("en");
        // Only this form's own names, or all would be refused as unknown.
        let mut own = Draft::default();
        for (name, raw) in draft.iter().filter(|(name, _)| form.field(name.split('.').next().unwrap_or_default()).is_some()) {
            own.set(name, raw.clone());
        }
        for draft in [&draft, &own] {
            let around = Around { today: TODAY, texts: &texts };
            match check(&form, draft, around) {
                Ok(answers) => prop_assert!(answers.keys().all(|name| applies(&form, draft, name))),
                Err(errors) => {
                    prop_assert!(!errors.is_empty());
                    for error in errors.iter().filter(|error| error.code != "unknown-field") {
                        let name = error.field.split('.').next().unwrap_or_default();
                        prop_assert!(applies(&form, draft, name), "{:?}", error);
                    }
                }
            }
        }
    }
}
