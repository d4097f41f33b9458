//! What tests stand on.

pub mod authority;
pub mod bottlecrm;
pub mod calendars;
pub mod caller;
pub mod clock;
pub mod crm;
pub mod crms;
pub mod database;
pub mod fhir;
pub mod gateway;
pub mod his;
pub mod near;
pub mod postgres;
pub mod program;
pub mod relay;
pub mod smtp;
pub mod wechat;

/// Prints what a run has counted.
#[expect(clippy::print_stdout, reason = "the counts are what the run is for")]
pub fn report(line: &str) {
    println!("{line}");
}
