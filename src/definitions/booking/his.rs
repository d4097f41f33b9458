//! A hospital's information system, as far as an operator says something about it: whatever is not its own business.

use crm_protocol::whole;
use serde::{Deserialize, Serialize};

use super::Limits;
use super::faults::{collect_form_faults, within};
use crate::definitions::Site;
use crate::definitions::faults::Faults;

/// The system and the rules for booking what it owns. Every number of minutes is as in [`Service`](super::Service).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct His {
    /// Name of the connection to it, whose connector is `fhir-his` or one of the operator's own that does the same.
    pub connection: String,
    /// Id of the form that is asked before booking.
    pub form: String,
    /// The field by which a person is known again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub patient: Option<String>,
    /// Minutes from one reading of its slots to the next: 1–1,440.
    #[serde(default = "five", deserialize_with = "whole::number")]
    pub every: u32,
    /// A slot can be booked for today and so many days after: 0–366.
    #[serde(default = "four_weeks", deserialize_with = "whole::number")]
    pub window: u32,
    /// It can be booked until so many minutes before it starts.
    #[serde(default, deserialize_with = "whole::number")]
    pub notice: u32,
    /// Its owner may cancel until so many minutes before it starts.
    #[serde(default, deserialize_with = "whole::number")]
    pub cancel: u32,
    /// Its owner may move it until so many minutes before it starts.
    #[serde(default, deserialize_with = "whole::number", rename = "move")]
    pub change: u32,
    /// How much one person may book.
    #[serde(default)]
    pub limits: Limits,
}

impl His {
    pub(super) fn collect_faults(&self, site: &Site, path: &str, faults: &mut Faults) {
        within(1, 1_440, self.every, &format!("{path}.every"), faults);
        within(0, 366, self.window, &format!("{path}.window"), faults);
        if site.connection(&self.connection).is_none() {
            let message = format!("there is no connection \"{}\"", self.connection);
            faults.add(
                format!("{path}.connection"),
                message,
                "write the name of one of the site's connections",
            );
        }
        collect_form_faults(site, &self.form, self.patient.as_ref(), path, faults);
    }
}

fn five() -> u32 {
    5
}

fn four_weeks() -> u32 {
    28
}
