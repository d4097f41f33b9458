//! The form as HTML. The same functions render it on the gateway and bring it to life in the page.
//!
//! Controls are not bound to the state: what is typed stays in the DOM and is copied from there
//! (see [`crate::events`]). So hydration touches no control, and an IME composition survives it.

mod choice;
mod consent;
mod field;
mod file;
mod matrix;
mod page;
mod points;
mod summary;
mod text;

pub use page::{actions, pages, progress, trap};
pub use summary::summary;

use crm_element::shared::Shared;

use crate::state::FormState;

/// The form's state as the view sees it.
pub type State = Shared<FormState>;

/// One of our own texts.
pub fn own(state: State, key: &str) -> String {
    state.look(|form| form.view().texts.get(key).to_owned())
}
