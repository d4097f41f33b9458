//! The words the page and the gateway share: wire types, and the checks both run.
//!
//! Only `serde` is used here: no I/O, no clock, no random numbers, no `cfg`. The page compiles this crate to
//! WebAssembly and the gateway compiles it natively, so a rule cannot mean two things.
//!
//! # Layout
//!
//! - [`form`] a form's definition: pages, fields, rules, texts
//! - [`faults`] what is incoherent in one
//! - [`condition`] when a field or page applies
//! - [`draft`] what a visitor typed, unchecked
//! - [`answer`] what a field's text means once it was checked
//! - [`check`] `Draft` + [`form::Form`] → [`answer::Answers`] or the list of [`check::FieldError`]s
//! - [`submission`] the body of `POST …/submissions` and its answer
//! - [`booking`] what can be booked, free slots, holds, appointments
//! - [`read`] definitions and drafts from JSON that the browser has parsed
//! - [`view`] what a pre-rendered first view carries for its own hydration
//! - [`challenge`] proof of work: what the gateway asks and the page answers
//! - [`problem`] RFC 9457 problems
//! - [`text`] languages and texts in them; [`catalogue`] our own texts, [`words`] days and times in them
//! - [`whole`] whole numbers, however they are written
//! - [`id`] prefixed identifiers
//! - [`file_name`] the name an uploaded file is shown under

pub mod answer;
pub mod booking;
pub mod catalogue;
pub mod challenge;
pub mod check;
pub mod condition;
pub mod draft;
pub mod faults;
pub mod file_name;
pub mod form;
pub mod id;
pub mod problem;
pub mod read;
pub mod submission;
pub mod text;
pub mod view;
pub mod whole;
pub mod words;
