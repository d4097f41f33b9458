//! Controls of a form. Inputs, drop-downs and text areas have the same members; one type covers them all.

use wasm_bindgen::prelude::*;
use web_sys::{Element, Event};

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

    /// The chosen files of a file control.
    #[wasm_bindgen(method, getter)]
    pub fn files(this: &Control) -> Option<web_sys::FileList>;

    /// Moves the focus there.
    #[wasm_bindgen(method)]
    pub fn focus(this: &Control);

    /// A `<form>`.
    pub type Form;

    #[wasm_bindgen(method, getter)]
    fn elements(this: &Form) -> js_sys::Object;

    /// Puts the values of its definition back.
    #[wasm_bindgen(method)]
    pub fn reset(this: &Form);
}

impl Control {
    /// The control an event happened at. `None` for buttons and for whatever else has no name.
    pub fn of_event(event: &Event) -> Option<Self> {
        let target: Self = event.target()?.unchecked_into();
        target.has_name().then_some(target)
    }

    /// Where the focus goes when this control loses it.
    pub fn after(event: &Event) -> Option<Self> {
        let next = js_sys::Reflect::get(event, &"relatedTarget".into()).ok()?;
        let next: Self = next.is_object().then(|| next.unchecked_into())?;
        next.has_name().then_some(next)
    }

    /// Whether it is a radio button or a checkbox.
    pub fn is_tick(&self) -> bool {
        matches!(self.kind().as_str(), "radio" | "checkbox")
    }

    /// Whether it is a button.
    pub fn is_button(&self) -> bool {
        // Whatever takes the focus may be asked, so the member may be missing.
        let kind = js_sys::Reflect::get(self, &"type".into()).ok().and_then(|kind| kind.as_string());
        matches!(kind.as_deref(), Some("submit" | "button"))
    }

    fn has_name(&self) -> bool {
        js_sys::Reflect::get(self, &"name".into()).is_ok_and(|name| name.is_string())
    }
}

/// All controls of the first form in `root`, in order.
pub fn controls(root: &Element) -> Vec<Control> {
    let Ok(Some(form)) = root.query_selector("form") else { return Vec::new() };
    let form: Form = form.unchecked_into();
    js_sys::Array::from(&form.elements())
        .iter()
        .map(JsCast::unchecked_into::<Control>)
        .filter(Control::has_name)
        .collect()
}
