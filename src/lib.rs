//! The gateway.
pub mod store;
