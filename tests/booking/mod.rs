//! Which slots a site's definitions give, which of them are free, and by what rules.

mod alternatives;
mod clinic;
mod clocks;
mod faulty;
mod file;
mod occupied;
mod offer;
mod rules;
mod schedules;
mod seats;
mod size;
mod transitions;
