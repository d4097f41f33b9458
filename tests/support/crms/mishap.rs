//! What goes wrong on the way to a CRM and back.

use std::time::Duration;

use tokio::sync::watch;

use super::exchange::{Reply, Request};

/// On which side of its effect something happens to a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Moment {
    /// The CRM has not done anything yet.
    Before,
    /// The CRM has done it, and has not said so.
    After,
}

/// What happens to a request.
#[derive(Clone, Debug)]
pub enum Mishap {
    /// It is answered so, without effect.
    Answer(Reply),
    /// It is answered with this CRM's own words for too many requests, without effect.
    Limited,
    /// It is answered 429, with `Retry-After` if there is one, without effect.
    TooMany(Option<u64>),
    /// The connection is closed, without effect.
    Reset,
    /// It takes effect, and the connection is closed without an answer.
    Lose,
    /// It takes effect, and is answered 500.
    Fail,
    /// It waits there for [`super::fake::Fake::release`]; if its client goes away, so does it.
    Hold(Moment),
    /// It takes effect after so long.
    Delay(Duration),
}

type Condition = Box<dyn FnMut(&Request) -> bool + Send>;

/// What is to happen, and to which requests.
#[derive(Default)]
pub struct Script {
    rules: Vec<(Condition, usize, Mishap)>,
}

impl Script {
    /// The next so many requests that fulfil a condition meet this.
    pub fn add(&mut self, condition: Condition, times: usize, mishap: Mishap) {
        self.rules.push((condition, times, mishap));
    }

    /// What happens to a request. Every condition sees every request, so that conditions can count.
    pub fn next(&mut self, request: &Request) -> Option<Mishap> {
        let mut chosen = None;
        for (condition, times, mishap) in &mut self.rules {
            if condition(request) && *times > 0 && chosen.is_none() {
                *times -= 1;
                chosen = Some(mishap.clone());
            }
        }
        chosen
    }

    /// Nothing happens any more.
    pub fn clear(&mut self) {
        self.rules.clear();
    }
}

/// Where held requests wait.
pub struct Gate {
    held: watch::Sender<usize>,
    opened: watch::Sender<u64>,
}

impl Default for Gate {
    fn default() -> Self {
        Self { held: watch::Sender::new(0), opened: watch::Sender::new(0) }
    }
}

impl Gate {
    /// Waits until it is opened.
    pub async fn pass(&self) {
        let mut opened = self.opened.subscribe();
        let now = *opened.borrow_and_update();
        let _here = Here::new(&self.held);
        let _ = opened.wait_for(|opening| *opening > now).await;
    }

    /// Lets everybody go who waits now.
    pub fn open(&self) {
        self.opened.send_modify(|opening| *opening += 1);
    }

    /// Waits until somebody waits here.
    pub async fn held(&self) {
        let _ = self.held.subscribe().wait_for(|held| *held > 0).await;
    }
}

/// Counted while it lives, also when its client's going away drops it.
struct Here<'a>(&'a watch::Sender<usize>);

impl<'a> Here<'a> {
    fn new(held: &'a watch::Sender<usize>) -> Self {
        held.send_modify(|held| *held += 1);
        Self(held)
    }
}

impl Drop for Here<'_> {
    fn drop(&mut self) {
        self.0.send_modify(|held| *held -= 1);
    }
}
