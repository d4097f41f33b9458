#![no_main]

#[path = "../src/connectors.rs"]
#[expect(dead_code, reason = "the other target's")]
mod connectors;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| connectors::connector_file(bytes));
