//! What is taken, against a model that looks at every bucket.

use crm_widgets::booking::{Interval, Occupied};
use proptest::prelude::*;
use serde_json::json;

use super::clinic::{Clinic, at};

const MINUTE: i64 = 60_000;
const BUCKET: i64 = 5 * MINUTE;
const NOW: i64 = 1_000;

fn interval() -> impl Strategy<Value = Interval> {
    let until = prop_oneof![Just(None), Just(Some(NOW)), Just(Some(NOW + 1))];
    // Not only on the grid of five minutes, and before 1970 too.
    (-60..300_i64, 0..90_i64, until).prop_map(|(from, long, until)| Interval {
        from: from * MINUTE,
        to: (from + long) * MINUTE,
        until,
    })
}

/// Seats in use in each bucket from the one that `from` is in to the last one before `to`.
fn naive(taken: &[Interval], from: i64, to: i64) -> u32 {
    let reaches = |bucket: i64, one: &&Interval| {
        let stands = one.until.is_none_or(|until| until > NOW);
        stands && one.from < one.to && one.from < bucket + BUCKET && one.to > bucket
    };
    let buckets = (from.div_euclid(BUCKET)..).map(|bucket| bucket * BUCKET).take_while(|bucket| *bucket < to);
    buckets.map(|bucket| taken.iter().filter(|one| reaches(bucket, one)).count() as u32).max().unwrap_or(0)
}

proptest! {
    #[test]
    fn the_most_seats_in_use_are_those_of_the_fullest_bucket(
        taken in prop::collection::vec(interval(), 0..20),
        others in prop::collection::vec(interval(), 0..4),
        asked in prop::collection::vec((-80..400_i64, 1..120_i64), 1..10),
    ) {
        let of = |key: &str, list: &[Interval]| list.iter().map(|one| (key.to_owned(), *one)).collect::<Vec<_>>();
        let mut occupied = Occupied::new(of("li", &taken).into_iter().chain(of("wang", &others)));
        for (from, long) in &asked {
            let (from, to) = (from * MINUTE, (from + long) * MINUTE);
            prop_assert_eq!(occupied.taken("li", from, to, NOW), naive(&taken, from, to));
            prop_assert_eq!(occupied.taken("nobody", from, to, NOW), 0);
        }
        occupied.replace("li".to_owned(), others.clone());
        let (from, to) = (-80 * MINUTE, 400 * MINUTE);
        prop_assert_eq!(occupied.taken("li", from, to, NOW), naive(&others, from, to));
    }

    /// The list of slots walks along; this asks for each slot anew.
    #[test]
    fn a_list_of_slots_shows_for_each_what_is_left_of_its_seats(
        taken in prop::collection::vec((0..2_900_i64, 1..90_i64), 0..60),
        before in 0..4_u32, after in 0..4_u32, step in 1..8_u32, seats in 1..5_u32,
    ) {
        let midnight = at("2026-11-22T16:00:00Z").as_millisecond();
        let interval = |(from, long): &(i64, i64)| {
            ("li".to_owned(), Interval { from: midnight + from * MINUTE, to: midnight + (from + long) * MINUTE, until: None })
        };
        let mut clinic = Clinic::new()
            .service(json!({"before": before * 5, "after": after * 5, "step": step * 5}))
            .with(json!({"practitioners": [{"key": "li", "name": "Dr. Li", "seats": seats}]}));
        clinic.occupied = Occupied::new(taken.iter().map(interval));
        let mut shown = String::new();
        let mut expected = String::new();
        for line in clinic.slots("2026-11-23", "2026-11-24") {
            shown.push_str(line.rsplit(' ').next().expect("digits"));
        }
        for day in 0..2_i64 {
            let starts = (9 * 60..=11 * 60 + 30).step_by(step as usize * 5);
            for start in starts.map(|minute| midnight + (day * 1_440 + minute) * MINUTE) {
                let (from, to) = (start - i64::from(before) * BUCKET, start + 30 * MINUTE + i64::from(after) * BUCKET);
                let left = seats.saturating_sub(clinic.occupied.taken("li", from, to, NOW));
                expected.push(char::from_digit(left, 10).expect("a digit"));
            }
        }
        prop_assert_eq!(shown, expected);
    }
}
