//! `<crm-booking>`, rendered here: its first view, and the hosted page `/b/{site}`.
//!
//! # Layout
//!
//! - [`first`] `/view/booking/{site}`: what the loader puts into a shadow root
//! - [`hosted`] `GET /b/{site}`: the step for a choice, as a page of its own; every choice is a link
//! - [`posted`] `POST /b/{site}`: what holds, books, moves and cancels there, with tokens in bodies only; `visit` one such POST
//! - [`page`] the HTML around the view

pub mod first;
pub mod hosted;
pub mod page;
pub mod posted;
mod visit;
