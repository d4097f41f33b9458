//! The table that `cargo xtask bench` prints, and its verdict.

use std::fmt;
use std::time::Duration;

use super::machine;

/// What may be measured.
#[derive(Clone, Copy, Debug)]
pub enum Amount {
    /// Bytes on the wire; a KB is 1,000 of them.
    Bytes(u64),
    /// Bytes of memory; a MB is 1,000,000 of them.
    Memory(u64),
    /// How many.
    Count(u64),
    /// How many in a second.
    Rate(f64),
    /// How long.
    Time(Duration),
    /// How many times as much.
    Ratio(f64),
}

/// What the budget allows.
#[derive(Clone, Copy, Debug)]
pub enum Limit {
    /// At most this much of the same unit.
    AtMost(f64),
    /// At least this much of the same unit.
    AtLeast(f64),
    /// Nothing: the number is printed for the reader.
    None,
}

/// Prints line after line and counts broken limits.
#[derive(Debug, Default)]
pub struct Report {
    broken: u32,
}

impl Amount {
    /// Milliseconds as a time.
    pub fn millis(millis: f64) -> Self {
        Self::Time(Duration::from_secs_f64(millis.max(0.0) / 1000.0))
    }

    /// The number a limit is compared with, in the unit that is printed.
    fn number(self) -> f64 {
        match self {
            Self::Bytes(bytes) => bytes as f64 / 1e3,
            Self::Memory(bytes) => bytes as f64 / 1e6,
            Self::Count(count) => count as f64,
            Self::Rate(number) | Self::Ratio(number) => number,
            Self::Time(time) => time.as_secs_f64() * 1e3,
        }
    }

    fn unit(self) -> &'static str {
        match self {
            Self::Bytes(_) => " KB",
            Self::Memory(_) => " MB",
            Self::Count(_) => "",
            Self::Rate(_) => " /s",
            Self::Time(_) => " ms",
            Self::Ratio(_) => " x",
        }
    }

    fn digits(self) -> usize {
        match self {
            Self::Count(_) | Self::Rate(_) => 0,
            Self::Ratio(_) => 2,
            Self::Time(time) if time.as_millis() >= 100 => 0,
            Self::Time(time) if time.as_millis() < 1 => 3,
            Self::Bytes(bytes) if bytes < 10_000 => 2,
            _ => 1,
        }
    }
}

impl fmt::Display for Amount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:.*}{}", self.digits(), self.number(), self.unit())
    }
}

impl Limit {
    fn holds(self, number: f64) -> bool {
        match self {
            Self::AtMost(most) => number <= most,
            Self::AtLeast(least) => number >= least,
            Self::None => true,
        }
    }

    fn describe(self, amount: Amount) -> String {
        match self {
            Self::AtMost(most) => format!("≤ {most}{}", amount.unit()),
            Self::AtLeast(least) => format!("≥ {least}{}", amount.unit()),
            Self::None => String::new(),
        }
    }
}

impl Report {
    /// Says what comes now, how it is measured, and how busy the machine is with something else. Waits a while for it
    /// to become quiet: on a busy machine a broken limit says little about the product.
    pub fn begin(&self, title: &str, how: &str) {
        let busy = machine::wait_until_quiet();
        println!("\n{title} (others use {busy:.0} % of the machine, load {})\n  {how}", machine::load());
    }

    /// Prints one measurement beside its limit.
    pub fn line(&mut self, what: &str, amount: Amount, limit: Limit) {
        let held = limit.holds(amount.number());
        let verdict = match limit {
            Limit::None => "",
            _ if held => "held",
            _ => "BROKEN",
        };
        println!("  {what:<62} {:>12} {:>12}  {verdict}", amount.to_string(), limit.describe(amount));
        self.broken += u32::from(!held);
    }

    /// How many limits were broken.
    pub fn broken(&self) -> u32 {
        self.broken
    }
}
