//! What is known beforehand, and what the page tells: parameters of its address, and the automatic context.

use crm_element::page;
use crm_protocol::draft::Draft;
use crm_protocol::form::Form;
use crm_protocol::submission::{CAMPAIGN, Context};

/// Answers from the parameters that the form's fields name.
pub fn known(form: &Form) -> Draft {
    let mut draft = Draft::default();
    for field in form.fields() {
        let value = field.prefill.as_deref().and_then(page::parameter);
        if let Some(value) = value {
            draft.set(field.name.clone(), value);
        }
    }
    draft
}

/// The automatic context: page, referrer, campaign, language, time zone; never anything else.
pub fn context() -> Context {
    let campaign = CAMPAIGN.iter().filter_map(|name| Some(((*name).to_owned(), page::parameter(name)?)));
    Context {
        page: Some(page::address()),
        referrer: page::referrer(),
        campaign: campaign.collect(),
        language: page::language(),
        time_zone: page::time_zone(),
    }
}
