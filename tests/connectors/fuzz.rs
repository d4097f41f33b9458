//! The fuzz targets of connectors, on some random inputs each: a short run of what runs for long in `fuzz/`.

use proptest::prelude::*;

#[path = "../../fuzz/src/connectors.rs"]
mod targets;

/// Bytes near a good input: a few of them changed, left out or doubled.
fn near(good: &'static [u8]) -> impl Strategy<Value = Vec<u8>> {
    proptest::collection::vec((any::<proptest::sample::Index>(), any::<u8>(), 0_u8..3), 0..4).prop_map(
        move |changes| {
            let mut bytes = good.to_vec();
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
