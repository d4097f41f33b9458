//! HTML first: the elements' first view rendered here, hosted pages, and the files a page loads.
//!
//! # Layout
//!
//! - [`view`] `/view/contact/{site}/{form}`: what the loader puts into a shadow root
//! - [`hosted`] `/f/{site}/{form}`: the same as a page of its own, for links and for browsers without scripts;
//!   [`ticket`] what stands for the proof of work there, [`post`] what such a browser sends,
//!   `files` keeping its files, [`document`] the page around the form
//! - [`booking`] `/view/booking/{site}` and `/b/{site}`
//! - [`assets`] `/embed.js` and `/assets/…`
//! - [`demo`] the demo site
//! - [`html`] writing HTML
//!
//! The one place where the gateway uses the widgets' crates.

pub mod assets;
pub mod booking;
pub mod demo;
pub mod document;
mod files;
pub mod hosted;
pub mod html;
pub mod post;
pub mod ticket;
pub mod view;
