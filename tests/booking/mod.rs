//! Which slots a site's definitions give, and which of them are free.

mod clinic;
mod free;
