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
mod text;

pub use page::{actions, pages, progress, summary, trap};

use leptos::prelude::*;

use crate::state::FormState;

/// The form's state as the view sees it.
pub type State = RwSignal<FormState>;

/// A text that follows the state.
fn text(state: State, read: impl Fn(&FormState) -> String + Send + 'static) -> Box<dyn FnMut() -> String + Send> {
    Box::new(move || state.with(&read))
}

/// A flag that follows the state.
pub fn flag(state: State, read: impl Fn(&FormState) -> bool + Send + 'static) -> Box<dyn FnMut() -> bool + Send> {
    Box::new(move || state.with(&read))
}

/// A part of the view that is built anew when what it reads changes.
fn dynamic<T>(state: State, read: impl Fn(&FormState) -> T + Send + Sync + 'static, view: impl Fn(T) -> AnyView + Send + 'static) -> Box<dyn FnMut() -> AnyView + Send>
where
    T: Clone + PartialEq + Send + Sync + 'static,
{
    let memo = Memo::new(move |_| state.with(&read));
    Box::new(move || view(memo.get()))
}
