//! What is known beforehand, and what the page tells: parameters of its address, and the automatic context.

use std::collections::BTreeMap;

use crm_element::page;
use crm_protocol::draft::Draft;
use crm_protocol::form::Form;
use crm_protocol::submission::{CAMPAIGN, Context};

/// Answers from the parameters that the form's fields name.
pub fn known(form: &Form) -> Draft {
    let mut draft = Draft::default();
    let Some(address) = page::address() else { return draft };
    let parameters = address.search_params();
    for field in form.fields() {
        let value = field.prefill.as_ref().and_then(|parameter| parameters.get(parameter));
        if let Some(value) = value {
            draft.set(field.name.clone(), value);
        }
    }
    draft
}

/// The automatic context: page, referrer, campaign, language, time zone; never anything else.
pub fn context() -> Context {
    let address = page::address();
    let parameter = |name: &&str| address.as_ref().and_then(|address| address.search_params().get(name));
    let campaign: BTreeMap<String, String> =
        CAMPAIGN.iter().filter_map(|name| Some(((*name).to_owned(), parameter(name)?))).collect();
    Context {
        page: address.as_ref().map(|address| [address.origin(), address.pathname()].concat()),
        referrer: page::referrer(),
        campaign,
        language: page::language(),
        time_zone: page::time_zone(),
    }
}
