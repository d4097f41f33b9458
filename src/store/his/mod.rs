//! What a hospital's information system owns at a site: its slots, and the words that go with them.
//!
//! # Layout
//!
//! - [`import`] what was read there; [`slots`] the slots; [`settle`] what becomes of an appointment once it has answered
//! - [`verdict`] whether it can be written to

pub mod import;
pub mod settle;
pub mod slots;
pub mod verdict;

pub use self::import::{GiveTurn, Import, Imported, LoadHis, TakeTurn};
pub use self::settle::{Answer, Settle, Settled, Told};
pub use self::slots::HisSlot;
pub use self::verdict::{Awaits, FindVerdict, KeepVerdict, Verdict};
