//! What was imported besides slots, and how it becomes part of a site's definitions.

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::definitions::booking::{Booking, Department, Place, Practitioner, Service};
use crate::hex;

/// Longest key that is made of an id as it is: a service's has its minutes behind it.
const LONGEST: usize = 56;

/// Departments, services, practitioners and places.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Words {
    /// One of every `HealthcareService`.
    pub departments: Vec<Department>,
    /// One of every length of slot in each.
    pub services: Vec<Service>,
    /// One of every person with slots.
    pub practitioners: Vec<Practitioner>,
    /// Where they are.
    pub places: Vec<Place>,
}

impl Words {
    /// Keeps what was there before and has no slots now, as long as its department is there: somebody may have an
    /// appointment.
    pub fn keep(&mut self, before: Self) {
        let here = |key: &String| self.departments.iter().any(|department| department.key == *key);
        let services: Vec<Service> =
            before.services.into_iter().filter(|service| here(&service.department)).collect();
        add(&mut self.services, services, |service| &service.key);
        let named = |key: &String| self.services.iter().any(|service| service.practitioners.contains(key));
        let practitioners = before.practitioners.into_iter().filter(|one| named(&one.key)).collect();
        add(&mut self.practitioners, practitioners, |one| &one.key);
        add(&mut self.places, before.places, |place| &place.key);
    }

    /// Adds all of it to what the operator wrote, which wins.
    pub fn add_to(self, booking: &mut Booking) {
        add(&mut booking.departments, self.departments, |one| &one.key);
        add(&mut booking.services, self.services, |one| &one.key);
        add(&mut booking.practitioners, self.practitioners, |one| &one.key);
        add(&mut booking.places, self.places, |one| &one.key);
    }
}

fn add<T>(list: &mut Vec<T>, more: Vec<T>, key: impl Fn(&T) -> &String) {
    for one in more {
        if list.iter().all(|known| key(known) != key(&one)) {
            list.push(one);
        }
    }
}

/// The key for a resource's id. Ids may have capital letters and dots; where something is lost, a hash tells them apart.
pub fn key(id: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    if id.len() <= LONGEST && id.bytes().all(plain) {
        return id.to_owned();
    }
    let word = |char: char| if char.is_ascii_alphanumeric() { char.to_ascii_lowercase() } else { '-' };
    let start: String = id.chars().take(LONGEST - 9).map(word).collect();
    format!("{start}-{}", hex::encode(&Sha256::digest(id).as_slice()[..4]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_that_differ_have_keys_that_differ_and_that_a_site_may_have() {
        let ids = [
            "17",
            "b1df976f-5dd5-4361-a9d8-fb40cd811826",
            "Dr.Li",
            "dr.li",
            "dr-li",
            "DR-LI",
            &"x".repeat(64),
            &"x".repeat(63),
        ];
        let keys: std::collections::BTreeSet<String> = ids.iter().map(|id| key(id)).collect();
        assert_eq!(keys.len(), ids.len());
        for key in &keys {
            // `-720` comes behind a service's.
            assert!((1..=60).contains(&key.len()), "{key}");
            assert!(key.bytes().all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-')), "{key}");
        }
        assert_eq!(key("b1df976f-5dd5-4361-a9d8-fb40cd811826"), "b1df976f-5dd5-4361-a9d8-fb40cd811826");
    }
}
