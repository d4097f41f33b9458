//! How many connections each address has open: one alone does not get all there are.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};

use crate::http::visitor::{Network, Visitor, is_trusted};

/// Who has how many connections open. Whoever has none is not in it, so it is never larger than the accept loop allows.
#[derive(Debug)]
pub struct Peers {
    most: u32,
    proxies: Vec<Network>,
    open: Mutex<HashMap<Visitor, u32>>,
}

impl Peers {
    /// At most so many for one address, 0 for no limit. Behind one of the proxies are many visitors: theirs are not counted.
    pub fn new(most: u32, proxies: Vec<Network>) -> Arc<Self> {
        Arc::new(Self { most, proxies, open: Mutex::default() })
    }

    /// A place for one more connection of that address; `None` where it has as many as it may.
    pub fn admit(self: &Arc<Self>, address: IpAddr) -> Option<Place> {
        if self.most == 0 || is_trusted(&self.proxies, address) {
            return Some(Place(None));
        }
        let visitor = Visitor::of(address);
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        let count = open.entry(visitor).or_default();
        if *count >= self.most {
            return None;
        }
        *count += 1;
        Some(Place(Some((self.clone(), visitor))))
    }

    fn leave(&self, visitor: Visitor) {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(count) = open.get_mut(&visitor) else { return };
        *count -= 1;
        if *count == 0 {
            open.remove(&visitor);
        }
    }
}

/// The place of an open connection, free again once this is dropped. One that is not counted belongs to nobody.
#[derive(Debug)]
pub struct Place(Option<(Arc<Peers>, Visitor)>);

impl Drop for Place {
    fn drop(&mut self) {
        if let Some((peers, visitor)) = &self.0 {
            peers.leave(*visitor);
        }
    }
}
