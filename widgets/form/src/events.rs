//! What the visitor does, copied from the DOM into the state.
//!
//! One listener of a kind on the whole form is enough, since these events bubble.

use crm_element::control::{Control, controls};
use crm_element::time::today;
use crm_protocol::draft::{Draft, Raw};
use crm_protocol::form::{Form, Kind};
use web_sys::{Element, Event};

use crate::state::base;
use crate::view::State;

/// Something was typed, ticked or chosen. Returns the field's name.
pub fn input(state: State, root: &Element, event: &Event) -> Option<String> {
    let control = Control::of_event(event)?;
    let name = control.name();
    let kind = state.look(|form| form.view().form.field(base(&name)).map(|field| field.kind))?;
    if kind == Kind::File {
        return None;
    }
    let raw = match kind {
        Kind::Checkboxes => ticked(&controls(root), &name).into(),
        _ => value(&control),
    };
    if state.look(|form| form.shows(&name)) {
        state.change(|form| form.input(&name, raw, &today()));
    } else {
        // Most keys change nothing one sees: asking every view about it would be most of a key's work.
        state.note(|form| form.note(&name, raw));
    }
    Some(base(&name).to_owned())
}

/// The field that lost the focus. Moving between the buttons of one group does not leave it.
pub fn left(event: &Event) -> Option<String> {
    let name = Control::of_event(event)?.name();
    let stays = Control::after(event).is_some_and(|next| next.name() == name);
    (!stays).then_some(name)
}

/// Checks a field that was left.
pub fn check(state: State, name: &str) {
    // Only when it changes something: every update runs the view's closures.
    if state.look(|form| form.needs_check(name)) {
        state.change(|form| form.blur(name, &today()));
    }
}

/// Everything that stands in the form's controls.
pub fn read(root: &Element, form: &Form) -> Draft {
    let controls = controls(root);
    let mut draft = Draft::default();
    for control in &controls {
        let name = control.name();
        match form.field(base(&name)).map(|field| field.kind) {
            None | Some(Kind::File) => {}
            Some(Kind::Checkboxes) => draft.set(name.clone(), ticked(&controls, &name)),
            Some(_) if control.is_tick() && !control.checked() => {}
            Some(_) => draft.set(name, value(control)),
        }
    }
    draft
}

/// Writes answers into the form's controls.
pub fn write(root: &Element, draft: &Draft) {
    for control in controls(root) {
        let Some(raw) = draft.get(&control.name()) else { continue };
        if control.is_tick() {
            control.set_checked(raw.has(&control.value()));
        } else if let Raw::One(text) = raw {
            control.set_value(text);
        }
    }
}

fn value(control: &Control) -> Raw {
    let taken = !control.is_tick() || control.checked();
    Raw::One(if taken { control.value() } else { String::new() })
}

fn ticked(controls: &[Control], name: &str) -> Vec<String> {
    let of_name = controls.iter().filter(|control| control.name() == name && control.checked());
    of_name.map(Control::value).collect()
}
