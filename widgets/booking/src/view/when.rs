//! Day and time: the soonest slots, a calendar as the ARIA practices describe it, a list of days, the times of a day.

use crm_element::tag::{Tag, part, tag};
use crm_protocol::check::date::Date;
use crm_protocol::check::number::digits;

use super::{button, link, step_button};
use crate::choice::Choice;
use crate::free::{Free, Time, iso};
use crate::phase::Trouble;
use crate::state::{FEW, Flow};
use crm_protocol::words::{self, clock};

/// Noon and the beginning of the evening, in minutes of the day.
const NOON: u32 = 720;
const EVENING: u32 = 1_080;

/// Everything about when.
pub fn when(flow: &Flow) -> Vec<Tag> {
    let Some(free) = flow.free() else { return vec![missing(flow)] };
    let Some(day) = flow.day() else { return full(flow) };
    let mut tags = if flow.choice.day.is_none() { soonest(flow) } else { Vec::new() };
    let days = if flow.choice.list { days(flow, &free, day) } else { month(flow, &free, day) };
    tags.push(part("div", "when").child(days).child(times(flow, &free, day)));
    tags.extend(flow.trouble.map(|trouble| missing_line(flow, trouble)));
    tags
}

/// There is no answer yet.
fn missing(flow: &Flow) -> Tag {
    match flow.trouble {
        Some(trouble) => missing_line(flow, trouble),
        None => part("p", "loading").child(flow.text("booking.loading")),
    }
}

fn missing_line(flow: &Flow, trouble: Trouble) -> Tag {
    let key = match trouble {
        Trouble::Offline => "booking.offline",
        Trouble::Unreachable => "booking.unavailable",
    };
    self::trouble(flow, key)
}

/// What could not be had, and a button to ask once more.
pub fn trouble(flow: &Flow, key: &str) -> Tag {
    let again = button("quiet next", "b-again".to_owned(), "again", ("_step", "again".to_owned()));
    part("div", "said").child(tag("p").child(flow.text(key))).child(again.child(flow.text("booking.again")))
}

/// Nothing is free at all: when more opens, and who wants may wait.
fn full(flow: &Flow) -> Vec<Tag> {
    let mut said = part("div", "empty").child(tag("p").child(flow.text("booking.full")));
    if let Some(opens) = flow.slots.as_ref().and_then(|slots| slots.opens.as_deref()) {
        said = said.children(opening(flow, opens));
    }
    if flow.service().is_some_and(|service| service.waitlist) && flow.appointment().is_none() {
        said = said.child(step_button(flow, "main next", "join", "booking.join"));
    }
    vec![said]
}

fn opening(flow: &Flow, opens: &str) -> Option<Tag> {
    let instant = crate::free::parse_instant(opens)?;
    let offset = flow.free().map_or(0, |free| free.offset(instant));
    let (day, minute) = crate::free::on_clock(instant, offset);
    let when = words::when(&flow.offer.texts, day, minute);
    Some(tag("p").child(flow.offer.texts.fill("booking.opens", &[("time", &when)])))
}

/// The soonest slots, each one tap away.
pub fn soonest(flow: &Flow) -> Vec<Tag> {
    let Some(free) = flow.free() else { return vec![missing(flow)] };
    let times = free.soonest(FEW);
    if times.is_empty() {
        return full(flow);
    }
    let item = |time: &Time| {
        let who = flow.offer.practitioner(&time.practitioner).map_or("", |one| &one.name);
        let name = time_button("soon next", "s-", time, true)
            .child(part("span", "more").child(words::day_short(&flow.offer.texts, time.day)))
            .child(" ")
            .child(tag("strong").child(clock(time.minute)))
            .child(" ")
            .child(part("span", "more").child(who.to_owned()))
            .children(yours(flow, time));
        tag("li").child(name)
    };
    let list = part("ul", "soonest").children(times.iter().map(item));
    vec![part("h3", "subtitle").child(flow.text("booking.soonest")), list]
}

/// A button that takes a slot: with whoever it names, or with whom the choice says. Without scripts it posts
/// `START` or `START,PRACTITIONER`.
pub fn time_button(name: &'static str, id: &str, time: &Time, names: bool) -> Tag {
    let start = time.start();
    let id = [id, &start].concat();
    let slot = if names { time.slot() } else { start };
    button(name, id, "take", ("_start", slot))
}

/// The month around the calendar's cursor.
fn month(flow: &Flow, free: &Free, chosen: i32) -> Tag {
    let cursor = flow.cursor().unwrap_or(chosen);
    let (first, last) = month_of(cursor);
    let weekday = |day: u8| {
        let texts = &flow.offer.texts;
        tag("th")
            .attr("scope", "col")
            .attr("abbr", words::weekday(texts, day))
            .child(words::weekday_short(texts, day))
    };
    let head = tag("thead").child(tag("tr").children((0..7).map(weekday)));
    let start = first - i32::from(Date::from_unix(first).map(Date::weekday).unwrap_or_default());
    let weeks = (0..6).map(|week| start + week * 7).filter(|monday| *monday <= last);
    let row = |monday: i32| {
        let cell = |day| {
            if (first..=last).contains(&day) { cell(flow, free, day, chosen, cursor) } else { tag("td") }
        };
        tag("tr").children((monday..monday + 7).map(cell))
    };
    let grid = part("table", "grid")
        .maybe("role", flow.around.alive.then(|| "grid".to_owned()))
        .attr("aria-labelledby", "month")
        .child(head)
        .child(tag("tbody").children(weeks.map(row)));
    part("section", "days").child(bar(flow, free, first, last)).child(grid)
}

/// The month's name between the links to the months around it, and the other way to look at the days.
fn bar(flow: &Flow, free: &Free, first: i32, last: i32) -> Tag {
    let name = part("h3", "month")
        .attr("id", "month")
        .attr("aria-live", "polite")
        .child(words::month(&flow.offer.texts, first));
    let before = turn(flow, "m-before", "booking.month-before", "‹", (free.first < first).then(|| first - 1));
    let after = turn(flow, "m-after", "booking.month-after", "›", (free.last > last).then_some(last + 1));
    part("div", "bar").child(before).child(name).child(after).child(switch(flow))
}

/// A link to another month. Without scripts it chooses a day there.
fn turn(flow: &Flow, id: &str, key: &str, sign: &'static str, to: Option<i32>) -> Tag {
    let Some(to) = to else {
        return part("span", "turn").attr("aria-hidden", "true").flag("data-off", true).child(sign);
    };
    link(flow, "turn next", id.to_owned(), &flow.choice.with_day(&iso(to)))
        .attr("data-act", "month")
        .attr("data-day", iso(to))
        .attr("aria-label", flow.text(key))
        .child(sign)
}

fn switch(flow: &Flow) -> Tag {
    let other = Choice { list: !flow.choice.list, ..flow.choice.clone() };
    let key = if flow.choice.list { "booking.as-calendar" } else { "booking.as-list" };
    link(flow, "switch next", "b-as".to_owned(), &other).child(flow.text(key))
}

fn cell(flow: &Flow, free: &Free, day: i32, chosen: i32, cursor: i32) -> Tag {
    let texts = &flow.offer.texts;
    let number = digits(Date::from_unix(day).map(Date::day).unwrap_or_default().into());
    let count = free.count(day);
    let state = if count > 0 {
        texts.fill("booking.free", &[("count", &digits(count as u64))])
    } else {
        flow.text("booking.none")
    };
    let label = [&words::day(texts, day), ", ", &state].concat();
    let id = ["d-", &iso(day)].concat();
    let link = if count > 0 {
        link(flow, "day next", id, &flow.choice.with_day(&iso(day)))
    } else {
        part("a", "day").attr("id", id).attr("role", "link").attr("aria-disabled", "true")
    };
    let index = if day == cursor { "0" } else { "-1" };
    let link = link
        .attr("data-day", iso(day))
        .maybe("tabindex", flow.around.alive.then(|| index.to_owned()))
        .maybe("aria-current", (day == free.first).then(|| "date".to_owned()))
        .attr("aria-label", label)
        .flag("data-chosen", day == chosen)
        .child(number);
    let selected = if day == chosen { "true" } else { "false" };
    tag("td")
        .maybe("role", flow.around.alive.then(|| "gridcell".to_owned()))
        .maybe("aria-selected", flow.around.alive.then(|| selected.to_owned()))
        .child(link)
}

/// The days that have something, one below the other.
fn days(flow: &Flow, free: &Free, chosen: i32) -> Tag {
    let texts = &flow.offer.texts;
    let item = |(day, count): (i32, usize)| {
        let link = link(flow, "line next", ["d-", &iso(day)].concat(), &flow.choice.with_day(&iso(day)))
            .maybe("aria-current", (day == chosen).then(|| "true".to_owned()))
            .child(tag("span").child(words::day_short(texts, day)))
            .child(
                part("span", "more").child(texts.fill("booking.free", &[("count", &digits(count as u64))])),
            );
        tag("li").child(link)
    };
    let counts = (free.first..=free.last).map(|day| (day, free.count(day)));
    let with_some = counts.filter(|(_, count)| *count > 0);
    let bar = part("div", "bar")
        .child(part("h3", "month").attr("id", "month").child(flow.text("booking.days")))
        .child(switch(flow));
    part("section", "days").child(bar).child(part("ul", "lines").children(with_some.map(item)))
}

/// The times of the chosen day, in the parts of the day.
fn times(flow: &Flow, free: &Free, day: i32) -> Tag {
    let times = free.times(day);
    let title = part("h3", "day-title")
        .attr("id", "day")
        .attr("tabindex", "-1")
        .child(words::day(&flow.offer.texts, day));
    let shows = Shows::of(flow);
    let section = |key: &str, from: u32, to: u32| {
        let of_part: Vec<&Time> = times.iter().filter(|time| (from..to).contains(&time.minute)).collect();
        let item = |time: &&Time| tag("li").child(slot(flow, time, shows));
        let list = || {
            let list = part("ul", "slots").children(of_part.iter().map(item));
            part("div", "part-of-day").child(part("h4", "part-title").child(flow.text(key))).child(list)
        };
        (!of_part.is_empty()).then(list)
    };
    part("section", "times")
        .attr("aria-labelledby", "day")
        .child(title)
        .children(section("booking.morning", 0, NOON))
        .children(section("booking.afternoon", NOON, EVENING))
        .children(section("booking.evening", EVENING, u32::MAX))
        .children(times.is_empty().then(|| part("p", "more").child(flow.text("booking.none-day"))))
}

/// What the times say besides the time: what differs from one to the other.
#[derive(Clone, Copy, Default)]
struct Shows {
    place: bool,
    seats: bool,
}

impl Shows {
    fn of(flow: &Flow) -> Self {
        let Some(slots) = &flow.slots else { return Self::default() };
        let mut rows = slots.rows.iter();
        let first = rows.next();
        let of_one = flow.choice.who.as_ref().is_some_and(|who| who.key().is_some());
        let mut ranges = slots.rows.iter().flat_map(|row| &row.ranges);
        Self {
            place: rows.any(|row| first.is_some_and(|first| first.place != row.place)),
            seats: of_one && ranges.any(|range| range.seats.bytes().any(|seats| seats > b'1')),
        }
    }
}

fn slot(flow: &Flow, time: &Time, shows: Shows) -> Tag {
    let place = flow.offer.place(&time.place).filter(|_| shows.place).map(|place| place.name.clone());
    let left = || flow.offer.texts.fill("booking.left", &[("count", &digits(time.seats.into()))]);
    let more = [place, shows.seats.then(left)].into_iter().flatten();
    let more = more.map(|text| part("span", "more").child(text));
    time_button("slot next", "t-", time, false)
        .child(tag("strong").child(clock(time.minute)))
        .children(yours(flow, time))
        .children(more)
}

/// The time on the visitor's own clock, where that differs; with the day of the week, where that does too.
pub fn yours(flow: &Flow, time: &Time) -> Option<Tag> {
    let texts = &flow.offer.texts;
    let (day, minute) = flow.own(time.instant, time.offset)?;
    let mut own = clock(minute);
    if let Some(other) = Date::from_unix(day).ok().filter(|_| day != time.day) {
        own = [&words::weekday(texts, other.weekday()), " ", &own].concat();
    }
    // Apart from what stands before it, also where it is read.
    let own = [" ", &texts.fill("booking.yours", &[("time", &own)])].concat();
    Some(part("span", "more").child(own))
}

/// First and last day of the month a day lies in.
fn month_of(day: i32) -> (i32, i32) {
    let Ok(date) = Date::from_unix(day) else { return (day, day) };
    let first = day - i32::from(date.day()) + 1;
    let next = Date::from_unix(first).and_then(|first| first.plus_months(1)).map_or(day + 1, Date::to_unix);
    (first, next - 1)
}
