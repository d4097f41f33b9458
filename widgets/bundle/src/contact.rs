//! `<crm-contact>`.

use std::cell::OnceCell;
use std::rc::Rc;

use crm_contact::contact::Contact;
use crm_contact::{Plain, view};
use crm_element::host::Host;
use crm_element::json;
use crm_element::tag::TagsState;
use crm_protocol::view::FormView;
use leptos::mount::{UnmountHandle, mount_to};
use wasm_bindgen::prelude::*;
use web_sys::HtmlElement;

/// Takes over the base of a `<crm-contact>`: hydrates what is in it, or fills it where it is empty; see
/// [`crm_element::tag::Tags`]. `undefined` where `view` is not one.
#[wasm_bindgen]
pub fn take_over_contact(base: HtmlElement, view: JsValue, options: JsValue) -> Option<ContactHandle> {
    let view: FormView = json::from_js(view)?;
    let made = Rc::new(OnceCell::new());
    let kept = Rc::clone(&made);
    let mounted = mount_to(base.clone(), move || {
        let contact = Contact::new(view);
        let shown = view::view(&contact, &Plain::default());
        _ = kept.set(contact);
        shown
    });
    let contact = made.get()?.clone();
    contact.live(Host::new(base, options));
    Some(ContactHandle { contact, _mounted: mounted })
}

/// One element in the page, as the loader holds it.
#[wasm_bindgen]
pub struct ContactHandle {
    contact: Contact,
    _mounted: UnmountHandle<TagsState>,
}

#[wasm_bindgen]
impl ContactHandle {
    /// As if the submit button was pressed.
    pub fn submit(&self) {
        self.contact.submit();
    }

    /// Back to an empty form.
    pub fn reset(&self) {
        self.contact.reset();
    }

    /// Sets answers by field name.
    pub fn set_fields(&self, fields: JsValue) {
        self.contact.set_fields(fields);
    }

    /// The answers so far, by field name.
    pub fn get_data(&self) -> JsValue {
        self.contact.data()
    }

    /// Takes the element out of the page.
    pub fn dispose(self) {
        self.contact.keep();
    }
}
