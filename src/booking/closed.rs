//! Whether a slot that somebody has lies in a time that is closed.

use super::calendar::Calendar;
use super::candidate::Candidate;
use super::clock;
use super::days::{self, DAY};
use super::shift;
use super::wall::Wall;
use crate::definitions::booking::Closure;
use crate::store::Millis;

/// Whether any of the slot lies in the closed time, on the clock of its place. A closure that cannot be read meets none.
pub fn meets(closure: &Closure, calendar: &Calendar, slot: &Candidate) -> bool {
    let here = closure.place.as_ref().is_none_or(|place| *place == slot.place);
    let whose = |who: &String| slot.takings.iter().any(|taking| taking.resource == *who);
    here && closure.who.as_ref().is_none_or(whose) && overlaps(closure, calendar, slot).unwrap_or(false)
}

/// The first and last instant that a closure can meet: its days, and a day around them for places with other clocks.
pub fn reach(closure: &Closure) -> Option<(Millis, Millis)> {
    let (first, last) = span_of_days(closure)?;
    Some(((first - 1).saturating_mul(DAY), (last + 2).saturating_mul(DAY)))
}

fn overlaps(closure: &Closure, calendar: &Calendar, slot: &Candidate) -> Option<bool> {
    let (first, last) = span_of_days(closure)?;
    let hours = closure.hours.as_ref().map_or(Some(shift::WHOLE_DAY), clock::span)?;
    // On the clock of its place it may be a day earlier or later.
    let (from, to) = (slot.start.div_euclid(DAY) - 1, slot.end.div_euclid(DAY) + 1);
    let days = from.max(first)..=to.min(last);
    let zone = calendar.place_zone(&slot.place).unwrap_or(calendar.zone());
    let wall = Wall::new(zone, &(from..=to));
    let meets = |day| wall.pieces(day, hours).any(|piece| piece.from < slot.end && slot.start < piece.to);
    Some(days.into_iter().any(meets))
}

fn span_of_days(closure: &Closure) -> Option<(i64, i64)> {
    let first = days::parse(&closure.from)?;
    Some((first, closure.to.as_deref().map_or(Some(first), days::parse)?))
}

#[cfg(test)]
mod tests {
    use jiff::tz::TimeZone;

    use super::*;
    use crate::booking::Taking;
    use crate::definitions::Booking;
    use crate::definitions::booking::Span;

    const HOUR: Millis = 3_600_000;
    /// 2026-12-24T00:00 in Shanghai.
    const MIDNIGHT: Millis = 1_798_041_600_000;

    fn met(closure: &Closure, from: Millis, to: Millis) -> bool {
        let zone = TimeZone::get("Asia/Shanghai").expect("a zone");
        let calendar = Calendar::new(&Booking::default(), &[], &zone);
        let (start, end) = (MIDNIGHT + from * HOUR, MIDNIGHT + to * HOUR);
        let taking = |resource: &str| Taking { resource: resource.into(), from: start, to: end, seats: 1 };
        let takings = vec![taking("chair-1"), taking("li")];
        let slot = Candidate { practitioner: "li".into(), place: "lakeside".into(), start, end, takings };
        meets(closure, &calendar, &slot)
    }

    fn closure() -> Closure {
        Closure { from: "2026-12-24".into(), to: None, hours: None, who: None, place: None, reason: None }
    }

    #[test]
    fn a_day_is_the_places_own() {
        assert!(met(&closure(), 0, 1) && met(&closure(), 23, 25) && met(&closure(), -1, 1));
        assert!(!met(&closure(), -1, 0) && !met(&closure(), 24, 25));
        let two = Closure { to: Some("2026-12-25".into()), ..closure() };
        assert!(met(&two, 47, 48) && !met(&two, 48, 49));
    }

    #[test]
    fn hours_cut_each_day() {
        let hours = Some(Span { from: "13:00".into(), to: "18:00".into() });
        let closure = Closure { hours, to: Some("2026-12-25".into()), ..closure() };
        assert!(met(&closure, 12, 14) && met(&closure, 41, 43));
        assert!(!met(&closure, 12, 13) && !met(&closure, 18, 19) && !met(&closure, 18, 37));
    }

    #[test]
    fn only_who_and_where_is_meant() {
        for (who, place, expected) in [
            (Some("li"), None, true),
            (Some("chair-1"), Some("lakeside"), true),
            (Some("zhao"), None, false),
            (None, Some("riverside"), false),
        ] {
            let closure =
                Closure { who: who.map(str::to_owned), place: place.map(str::to_owned), ..closure() };
            assert_eq!(met(&closure, 9, 10), expected, "{who:?} {place:?}");
        }
    }
}
