//! The free slots of a window.

use crm_protocol::booking::Slots;
use jiff::civil::Date;
use jiff::{Timestamp, ToSpan};

use super::Desk;
use crate::booking::Window;
use crate::http::problem::Refusal;

/// What is asked for.
#[derive(Clone, Debug, Default)]
pub struct Asked {
    /// Key of the service.
    pub service: String,
    /// Key of the practitioner; all who do it where missing.
    pub practitioner: Option<String>,
    /// First day at the site; today where missing.
    pub from: Option<Date>,
    /// Last day; as far as the service can be booked where missing.
    pub to: Option<Date>,
}

impl Desk {
    /// The free slots. Whatever window is asked for, there are none but of days that can be booked now; of one that ends
    /// before it begins there are none at all.
    ///
    /// # Errors
    /// 404 for a service or practitioner there is not.
    pub async fn slots(&self, asked: &Asked) -> Result<Slots, Refusal> {
        let practitioner = asked.practitioner.as_deref();
        let service = self.service(&asked.service, practitioner)?;
        let today = Timestamp::now().to_zoned(self.site.time_zone.clone()).date();
        let from = asked.from.unwrap_or(today);
        let usual = today.max(from).saturating_add(i64::from(service.window).days());
        let window = Window { from, to: asked.to.unwrap_or(usual) };
        let occupied = self.occupied().await?;
        Ok(self.availability(&occupied).slots(service, practitioner, window))
    }
}
