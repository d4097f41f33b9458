//! The CRMs the tests deliver to are as strict as they are said to be, and so is what can go wrong with them.

mod espocrm;
mod hubspot;
mod mishaps;
mod odoo;
