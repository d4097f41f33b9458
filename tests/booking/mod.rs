//! Which slots a site's definitions give, which of them are free, and by what rules.

mod clinic;
mod clocks;

mod rules;
mod schedules;
mod seats;

mod transitions;
