//! One element in a page: its state, and what its buttons do.

use std::sync::Arc;

use crm_form::state::FormState;
use crm_protocol::view::FormView;
use leptos::prelude::*;

use crate::state::Phase;

/// One `<crm-contact>`. Cheap to clone: all clones are the same element.
#[derive(Clone)]
pub struct Contact {
    /// The form's state.
    pub form: RwSignal<FormState>,
    /// Where the submission is.
    pub phase: RwSignal<Phase>,
    view: Arc<FormView>,
}

impl Contact {
    /// An element that shows this form.
    pub fn new(view: FormView) -> Self {
        let view = Arc::new(view);
        Self { form: RwSignal::new(FormState::new(Arc::clone(&view))), phase: RwSignal::new(Phase::Editing), view }
    }

    /// The definition, with the texts around it.
    pub fn view(&self) -> Arc<FormView> {
        Arc::clone(&self.view)
    }

    /// Sends the form, if it is right.
    pub fn submit(&self) {}

    /// Shows the page before or after.
    pub fn turn(&self, _forth: bool) {}

    /// Moves the focus to a field.
    pub fn focus(&self, _name: &str) {}

    /// Copies the receipt code.
    pub fn copy(&self) {}

    /// Back to an empty form.
    pub fn reset(&self) {}
}
