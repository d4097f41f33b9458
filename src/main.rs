//! The `crm-widgets` program.

use std::process::ExitCode;

fn main() -> ExitCode {
    crm_widgets::command::run()
}
