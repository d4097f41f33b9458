//! Controls of a form. Inputs, drop-downs and text areas have the same members; one type covers them all.

use wasm_bindgen::prelude::*;
use web_sys::{Element, Event};

use crate::json::get;

#[wasm_bindgen]
extern "C" {
    /// An `<input>`, `<select>` or `<textarea>`.
    #[derive(Clone)]
    pub type Control;

    /// Its `name`.
    #[wasm_bindgen(method, getter)]
    pub fn name(this: &Control) -> String;

    /// Its `type`: `text`, `radio`, `select-one`, `textarea`, …
    #[wasm_bindgen(method, getter, js_name = type)]
    pub fn kind(this: &Control) -> String;

    /// Its value.
    #[wasm_bindgen(method, getter)]
    pub fn value(this: &Control) -> String;

    /// Writes its value.
    #[wasm_bindgen(method, setter)]
    pub fn set_value(this: &Control, value: &str);

    /// Whether it is ticked.
    #[wasm_bindgen(method, getter)]
    pub fn checked(this: &Control) -> bool;

    /// Ticks it.
    #[wasm_bindgen(method, setter)]
    pub fn set_checked(this: &Control, checked: bool);

    /// Moves the focus there.
    #[wasm_bindgen(method)]
    pub fn focus(this: &Control);
}

impl Control {
    /// The control an event happened at. `None` for buttons and for whatever else has no name.
    pub fn of_event(event: &Event) -> Option<Self> {
        let target: Self = get(event, "target").unchecked_into();
        target.has_name().then_some(target)
    }

    /// Where the focus goes when this control loses it.
    pub fn after(event: &Event) -> Option<Self> {
        let next: Self = get(event, "relatedTarget").unchecked_into();
        next.has_name().then_some(next)
    }

    /// The chosen files of a file control.
    pub fn files(&self) -> js_sys::Array {
        js_sys::Array::from(&get(self, "files"))
    }

    /// Whether it is a radio button or a checkbox.
    pub fn is_tick(&self) -> bool {
        matches!(self.kind().as_str(), "radio" | "checkbox")
    }

    fn has_name(&self) -> bool {
        get(self, "name").is_string()
    }
}

/// All controls of the first form in `root`, in order.
pub fn controls(root: &Element) -> Vec<Control> {
    let Ok(Some(form)) = root.query_selector("form") else { return Vec::new() };
    let all = js_sys::Array::from(&get(&form, "elements"));
    all.iter().map(JsCast::unchecked_into::<Control>).filter(Control::has_name).collect()
}
