//! The fuzz targets of `fuzz/`, on a few hundred random inputs each: a short run of what runs for long there.

use proptest::prelude::*;

#[path = "../../../fuzz/src/lib.rs"]
mod targets;

#[path = "../../../tests/support/near.rs"]
mod near;
use near::near;

proptest! {
    #[test]
    fn any_definition_is_answered(bytes in prop_oneof![
        proptest::collection::vec(any::<u8>(), 0..200),
        near(include_bytes!("../examples/enquiry.json")),
        near(include_bytes!("../examples/visit-survey.json")),
    ]) {
        targets::form_definition(&bytes);
    }

    #[test]
    fn any_submission_is_answered(bytes in prop_oneof![
        proptest::collection::vec(any::<u8>(), 0..200),
        near(include_bytes!("../../../fuzz/seeds/submission_body/enquiry.json")),
        near(include_bytes!("../../../fuzz/seeds/submission_body/registration.json")),
        near(include_bytes!("../../../fuzz/seeds/submission_body/survey.json")),
    ]) {
        targets::submission_body(&bytes);
    }

    #[test]
    fn any_file_name_is_answered(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        targets::file_name(&bytes);
    }
}
