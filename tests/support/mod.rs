//! What tests stand on.

pub mod crm;
pub mod crms;
pub mod database;
pub mod postgres;
pub mod program;
