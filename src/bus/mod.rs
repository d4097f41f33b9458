//! Wake-ups between the parts of the gateway. A hint, never the truth: whoever listens also sweeps the database,
//! so a lost wake-up costs a second and no data.

use std::sync::Arc;

use tokio::sync::Notify;

/// Tells the delivery worker that something new is waiting. Cheap to clone; all clones are one bus.
#[derive(Clone, Debug, Default)]
pub struct Bus(Arc<Notify>);

impl Bus {
    /// A bus inside this process.
    pub fn local() -> Self {
        Self::default()
    }

    /// Says that there may be something to do. Never waits and never fails; several calls may be heard as one.
    pub fn wake(&self) {
        self.0.notify_one();
    }

    /// Returns after the next [`Bus::wake`], at once if one came since the last return. For one listener.
    pub async fn woken(&self) {
        self.0.notified().await;
    }
}
