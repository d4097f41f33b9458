//! One element in a page.

use wasm_bindgen::prelude::*;
use web_sys::{Element, HtmlElement};

use crate::control::{Control, controls};
use crate::json;

/// An element, by its shadow root's `<div part="base">` and what the loader handed over.
#[derive(Clone)]
pub struct Host {
    base: HtmlElement,
    options: JsValue,
}

impl Host {
    /// The two things the loader hands over.
    pub fn new(base: HtmlElement, options: JsValue) -> Self {
        Self { base, options }
    }

    /// The `<div part="base">`.
    pub fn base(&self) -> &HtmlElement {
        &self.base
    }

    /// An option; `undefined` where it is missing.
    pub fn option(&self, name: &str) -> JsValue {
        json::get(&self.options, name)
    }

    /// What an option that is a function answers.
    pub fn ask(&self, name: &str) -> JsValue {
        self.call(name, &[])
    }

    /// The same, of one that takes something.
    pub fn call(&self, name: &str, arguments: &[JsValue]) -> JsValue {
        json::call(&self.options, name, arguments)
    }

    /// Has the loader dispatch one of our events. False when a listener prevented its default.
    pub fn emit(&self, name: &str, detail: &JsValue) -> bool {
        json::call(&self.options, "say", &[name.into(), detail.clone()]) != JsValue::FALSE
    }

    /// The controls of the form.
    pub fn controls(&self) -> Vec<Control> {
        controls(&self.base)
    }

    /// Moves the focus to the first control of that name, or of one of its rows.
    pub fn focus_control(&self, name: &str) {
        let row = [name, "."].concat();
        let found = self.controls().into_iter().find(|control| {
            let its = control.name();
            its == name || its.starts_with(&row)
        });
        if let Some(control) = found {
            control.focus();
        }
    }

    /// Empties the form's controls, as far as their definition allows.
    pub fn reset_form(&self) {
        if let Some(form) = self.find("form") {
            json::call(&form, "reset", &[]);
        }
    }

    /// Whether the trap field, which no person sees, was filled.
    pub fn is_trapped(&self) -> bool {
        self.find("[name=website]").is_some_and(|trap| !trap.unchecked_into::<Control>().value().is_empty())
    }

    /// Moves the focus to the first shown match of a selector.
    pub fn focus(&self, selector: &str) {
        if let Some(target) = self.find(selector) {
            target.unchecked_into::<Control>().focus();
        }
    }

    /// The first match of a selector.
    pub fn find(&self, selector: &str) -> Option<Element> {
        self.base.query_selector(selector).ok().flatten()
    }
}
