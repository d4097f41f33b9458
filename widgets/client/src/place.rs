//! Where an element lives. Missing on the gateway, which only renders.

use crm_element::host::Host;
use crm_element::time;
use crm_protocol::submission::Signals;

use crate::outbox::Outbox;

/// What the loader handed over with the page's nodes.
pub struct Place {
    /// The element in the page.
    pub host: Host,
    /// Where what was sent waits for its answer.
    pub outbox: Outbox,
    /// Unix time in milliseconds of the first input; of this place's making where there was none yet.
    started: f64,
}

impl Place {
    /// The place of an element that is taken over.
    pub fn new(host: Host) -> Self {
        let outbox = Outbox::new(host.option("outbox"));
        let started = first_input(&host).unwrap_or_else(time::now);
        Self { host, outbox, started }
    }

    /// Signs of a robot.
    pub fn signals(&self) -> Signals {
        Signals { trap: self.host.is_trapped(), elapsed: (time::now() - self.started) as u32 }
    }

    /// Waits while the pointer is down: an error that appears then moves what is being pressed away, and the click is
    /// lost.
    pub async fn released(&self) {
        while self.host.find("form:active").is_some() {
            time::sleep(50).await;
        }
    }
}

/// When something was typed first, before anything had taken the page over.
pub fn first_input(host: &Host) -> Option<f64> {
    host.option("started").as_f64().filter(|&at| at > 0.0)
}
