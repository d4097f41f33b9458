//! The gateway's tests, through its front doors. One program, so that it is linked once and shares one PostgreSQL.
#![allow(missing_docs, reason = "tests are named after the promise they hold")]

mod auth;
mod booking;
mod commands;
mod connectors;
mod crash;
mod delivery;
mod demo;
mod desk;
mod fakes;
mod his;
mod http;
mod live;
mod messages;
mod staff;
mod store;
mod support;
