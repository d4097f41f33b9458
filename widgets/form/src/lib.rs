//! The form engine: what every widget uses that asks something.
//!
//! # Layout
//!
//! - [`state`] what a form knows: draft, page, errors; plain and tested natively
//! - [`upload`] files on their way
//! - [`view`] the form as HTML, a file per family of fields

pub mod state;
pub mod upload;
pub mod view;
