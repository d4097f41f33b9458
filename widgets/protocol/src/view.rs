//! What a pre-rendered first view carries, so that hydration needs no second request.

use serde::{Deserialize, Serialize};

use crate::catalogue::Catalogue;
use crate::form::Form;
use crate::text::Lang;

/// A form as one page shows it: public, and the same bytes for every visitor of a site, form and language.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct FormView {
    /// The site's key.
    pub site: String,
    /// The form, cut to `lang`.
    pub form: Form,
    /// The language shown.
    pub lang: Lang,
    /// Our own texts in that language.
    pub texts: Catalogue,
    /// Whether a submission needs a solved challenge.
    #[serde(default)]
    pub challenge: bool,
}
