//! What each fuzz target does with its bytes. The tests of `crm-protocol` run the same functions on random bytes.

use crm_protocol::answer::Answer;
use crm_protocol::catalogue::{Catalogue, FILES};
use crm_protocol::check::{Applying, Around, check, check_page};
use crm_protocol::draft::Draft;
use crm_protocol::file_name::FileName;
use crm_protocol::form::{Form, Kind};
use crm_protocol::submission::SubmissionRequest;
use crm_protocol::text::Lang;

const EXAMPLES: [&str; 3] = [
    include_str!("../../widgets/protocol/examples/enquiry.json"),
    include_str!("../../widgets/protocol/examples/registration.json"),
    include_str!("../../widgets/protocol/examples/visit-survey.json"),
];

/// A form's definition, and after a line of `---` a draft for it: a definition without faults checks every draft.
pub fn form_definition(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let (definition, draft) = text.split_once("\n---\n").unwrap_or((text, "{}"));
    let Ok(form) = serde_json::from_str::<Form>(definition) else { return };
    let written = serde_json::to_string(&form).expect("a form can be written");
    serde_json::from_str::<Form>(&written).expect("a written form can be read");
    if form.faults().is_empty() {
        let draft = serde_json::from_str(draft).unwrap_or_default();
        check_both_ways(&form.localize(&Lang::default()), &draft);
    }
}

/// The body of a submission, checked against the example forms.
pub fn submission_body(bytes: &[u8]) {
    let Ok(request) = serde_json::from_slice::<SubmissionRequest>(bytes) else { return };
    for example in EXAMPLES {
        let form: Form = serde_json::from_str(example).expect("an example is a form");
        check_both_ways(&form.localize(&request.lang), &request.answers);
    }
}

/// The header with an upload's name: whatever it says, the name is safe to show and to offer.
pub fn file_name(bytes: &[u8]) {
    let name = FileName::from_header(&String::from_utf8_lossy(bytes));
    let shown = name.as_str();
    assert!((1..=120).contains(&shown.chars().count()));
    assert!(!shown.chars().any(|shown| shown.is_control() || "/\\<>:\"|?*\u{202E}".contains(shown)));
    assert!(!shown.starts_with(['.', ' ']) && !shown.ends_with(['.', ' ']));
    assert_eq!(FileName::clean(shown), name);
}

fn check_both_ways(form: &Form, draft: &Draft) {
    let texts: Catalogue = serde_json::from_str(FILES[0].1).expect("a catalogue");
    let around = Around { today: "2026-11-21", texts: &texts };
    let applying = Applying::of(form, draft);
    match check(form, draft, around) {
        Ok(answers) => {
            for (name, answer) in &answers {
                assert!(applying.field(name), "{name} is left out");
                assert!(is_plain(form, name, answer), "{name} is {answer:?}");
            }
            assert!((0..form.pages.len()).all(|page| check_page(form, draft, page, around).is_empty()));
        }
        Err(errors) => assert!(!errors.is_empty() && errors.iter().all(|error| !error.message.is_empty())),
    }
}

/// Whether an answer holds no control characters, but for the line feeds and tabs of several lines.
fn is_plain(form: &Form, name: &str, answer: &Answer) -> bool {
    let lines = form.field(name).is_some_and(|field| field.kind == Kind::LongText);
    match answer {
        Answer::Text(text) => {
            !text.chars().any(|typed| typed.is_control() && !(lines && "\n\t".contains(typed)))
        }
        _ => true,
    }
}
