//! The gateway: serves the elements, accepts what visitors send, delivers it to any CRM.
//!
//! # Layout
//!
//! - [`command`] what the program can be told to do; [`config`] its settings; [`error`] why it stopped
//! - [`definitions`] what an operator writes: sites, forms, connections; [`sites`] the same in memory; [`texts`] our own
//! - [`http`] the API: one flat list of routes, one file per noun
//! - [`page`] HTML first: first views, hosted pages, the files a page loads
//! - [`store`] the only place that knows SQL
//! - [`bus`] wake-ups; a hint, never the truth
//! - [`announce`] what has happened, on its way to whoever wants to hear of it; [`closing`] appointments in a time that is
//!   closed afterwards
//! - [`delivery`] the outbox worker; [`connector`] the only place that knows a CRM exists
//! - [`his`] a hospital's information system, which owns slots of its own
//! - [`demo`] the page that plays the CRM, with `serve --demo`
//! - [`keys`] what signatures are made with; [`hex`] bytes as digits

pub mod announce;
pub mod booking;
pub mod bus;
pub mod closing;
pub mod command;
pub mod config;
pub mod connector;
pub mod definitions;
pub mod delivery;
pub mod demo;
pub mod error;
pub mod hex;
pub mod his;
pub mod http;
pub mod keys;
pub mod page;
pub mod sites;
pub mod store;
pub mod texts;
