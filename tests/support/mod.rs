//! What tests stand on.

pub mod authority;
pub mod crm;
pub mod crms;
pub mod database;
pub mod postgres;
pub mod program;
