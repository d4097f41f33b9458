//! The fuzz targets of `fuzz/`, on a few hundred random inputs each: a short run of what runs for long there.

use proptest::prelude::*;

#[path = "../../../fuzz/src/lib.rs"]
mod targets;

/// Bytes near a good input: a few of them changed, left out or doubled.
fn near(good: &'static str) -> impl Strategy<Value = Vec<u8>> {
    proptest::collection::vec((any::<proptest::sample::Index>(), any::<u8>(), 0_u8..3), 0..4).prop_map(
        move |changes| {
            let mut bytes = good.as_bytes().to_vec();
            for (at, byte, how) in changes {
                let at = at.index(bytes.len());
                match how {
                    0 => drop(bytes.splice(at..=at, [byte])),
                    1 => drop(bytes.splice(at..=at, [])),
                    _ => bytes.insert(at, byte),
                }
            }
            bytes
        },
    )
}

proptest! {
    #[test]
    fn any_definition_is_answered(bytes in prop_oneof![
        proptest::collection::vec(any::<u8>(), 0..200),
        near(include_str!("../examples/enquiry.json")),
        near(include_str!("../examples/visit-survey.json")),
    ]) {
        targets::form_definition(&bytes);
    }

    #[test]
    fn any_submission_is_answered(bytes in prop_oneof![
        proptest::collection::vec(any::<u8>(), 0..200),
        near(include_str!("../../../fuzz/seeds/submission_body/enquiry.json")),
        near(include_str!("../../../fuzz/seeds/submission_body/registration.json")),
        near(include_str!("../../../fuzz/seeds/submission_body/survey.json")),
    ]) {
        targets::submission_body(&bytes);
    }

    #[test]
    fn any_file_name_is_answered(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        targets::file_name(&bytes);
    }
}
