#![no_main]

#[path = "../src/connectors.rs"]
mod connectors;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| connectors::connector_response(bytes));
