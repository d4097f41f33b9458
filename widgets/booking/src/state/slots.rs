//! What is free, and the day of it that is looked at.

use crm_protocol::booking::Slots;

use super::Flow;
use crate::choice::Who;
use crate::free::{Free, Time, on_clock, parse_instant};
use crate::phase::Trouble;

impl Flow {
    /// The free slots with whoever was chosen.
    pub fn free(&self) -> Option<Free<'_>> {
        let slots =
            self.slots.as_ref().filter(|slots| self.service().is_some_and(|one| one.key == slots.service))?;
        Free::new(slots, self.choice.who.as_ref().and_then(Who::key))
    }

    /// The time of that start: a free one, or what the nearest clock makes of it.
    pub fn time(&self, start: &str, who: Option<&str>) -> Option<Time> {
        let free = Free::new(self.slots.as_ref()?, who)?;
        free.at(start).or_else(|| self.near(start, who.unwrap_or_default()))
    }

    /// A slot by the clock of those that are nearest to it.
    pub(super) fn near(&self, start: &str, who: &str) -> Option<Time> {
        let instant = parse_instant(start)?;
        let slots = self.slots.as_ref()?;
        let offset = Free::new(slots, Some(who))?.offset(instant);
        let (day, minute) = on_clock(instant, offset);
        let row = slots.rows.iter().find(|row| row.practitioner == who);
        let place = row.map(|row| row.place.clone()).unwrap_or_default();
        Some(Time { instant, day, minute, offset, seats: 1, practitioner: who.to_owned(), place })
    }

    /// Day and minute of an instant on the visitor's own clock, where that differs from the place's: `offset` is its.
    pub fn own(&self, instant: i64, offset: i32) -> Option<(i32, u32)> {
        let ahead = self.around.ahead?(instant);
        (ahead != offset).then(|| on_clock(instant, ahead))
    }

    /// The day whose times are shown: the chosen one, else the first that has some.
    pub fn day(&self) -> Option<i32> {
        let free = self.free()?;
        let chosen = self.choice.day.as_deref().and_then(|day| crm_protocol::check::date::parse(day).ok());
        let chosen = chosen.map(crm_protocol::check::date::Date::to_unix);
        chosen.filter(|day| (free.first..=free.last).contains(day)).or_else(|| free.first_free())
    }

    /// The day that the calendar's keys have reached.
    pub fn cursor(&self) -> Option<i32> {
        let free = self.free()?;
        Some(self.cursor.or_else(|| self.day()).unwrap_or(free.first).clamp(free.first, free.last))
    }

    /// Moves the calendar's cursor.
    pub fn reach(&mut self, day: i32) {
        let Some(free) = self.free() else { return };
        self.cursor = Some(day.clamp(free.first, free.last));
        self.touch();
    }

    /// Free slots came.
    pub fn show(&mut self, slots: Slots) {
        (self.slots, self.trouble) = (Some(slots), None);
        self.touch();
    }

    /// Free slots, or what a link leads to, could not be had.
    pub fn miss(&mut self, trouble: Trouble) {
        if self.trouble.replace(trouble) != Some(trouble) {
            self.touch();
        }
    }
}
