//! The fuzz targets of connectors, on some random inputs each: a short run of what runs for long in `fuzz/`.

use proptest::prelude::*;

use crate::support::near::near;

#[path = "../../fuzz/src/connectors.rs"]
mod targets;

proptest! {
    #[test]
    fn any_connector_file_is_answered(bytes in prop_oneof![
        proptest::collection::vec(any::<u8>(), 0..200),
        near(include_bytes!("../../connectors/hubspot.yaml")),
        near(include_bytes!("../../connectors/webhook.yaml")),
    ]) {
        targets::connector_file(&bytes);
    }

    #[test]
    fn any_answer_of_a_crm_is_judged(bytes in prop_oneof![
        proptest::collection::vec(any::<u8>(), 0..200),
        near(include_bytes!("../../fuzz/seeds/connector_response/created")),
        near(include_bytes!("../../fuzz/seeds/connector_response/conflict")),
        near(include_bytes!("../../fuzz/seeds/connector_response/rate")),
    ]) {
        targets::connector_response(&bytes);
    }
}
