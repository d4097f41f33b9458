//! Which pages may call: the origins a site lists, compared exactly.

use axum::extract::Request;
use axum::http::{HeaderValue, Method, header};
use axum::response::Response;

use crate::http::App;
use crate::http::routes::{Cors, Route};
use crate::sites::LiveSite;

/// How long a browser may remember a preflight: two hours, the most Chromium does.
const REMEMBER: HeaderValue = HeaderValue::from_static("7200");
const METHODS: HeaderValue = HeaderValue::from_static("GET, POST, PATCH, DELETE");
const HEADERS: HeaderValue =
    HeaderValue::from_static("authorization, content-type, idempotency-key, crm-challenge, upload-name");
const EXPOSED: HeaderValue = HeaderValue::from_static("retry-after, request-id");

/// What is said about the page that calls.
#[derive(Clone, Debug)]
pub enum Decision {
    /// No page of another origin is involved, or it hears nothing.
    Silent,
    /// Everyone may read.
    Public,
    /// This page may call.
    Allow(HeaderValue),
    /// A browser asks first: yes for this origin.
    Preflight(HeaderValue),
    /// This page may not call.
    Refuse,
}

/// Decides from the route's rule, the site in the address and the page's origin.
pub fn decide(app: &App, route: Option<Route>, request: &Request) -> Decision {
    let origin = request.headers().get(header::ORIGIN);
    let preflight = request.method() == Method::OPTIONS
        && request.headers().contains_key(header::ACCESS_CONTROL_REQUEST_METHOD);
    match (route.map(|route| route.cors), origin) {
        (Some(Cors::Any), Some(_)) if preflight => Decision::Preflight(HeaderValue::from_static("*")),
        (Some(Cors::Any), _) => Decision::Public,
        (Some(Cors::Site), Some(origin)) if !allowed(app, request.uri().path(), origin) => Decision::Refuse,
        (Some(Cors::Site), Some(origin)) if preflight => Decision::Preflight(origin.clone()),
        (Some(Cors::Site), Some(origin)) => Decision::Allow(origin.clone()),
        _ => Decision::Silent,
    }
}

impl Decision {
    /// Sets the headers a browser looks for.
    pub fn mark(&self, response: &mut Response) {
        let headers = response.headers_mut();
        match self {
            Self::Silent | Self::Refuse => {}
            Self::Public => {
                drop(headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*")))
            }
            Self::Allow(origin) => {
                headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin.clone());
                headers.insert(header::ACCESS_CONTROL_EXPOSE_HEADERS, EXPOSED);
                headers.append(header::VARY, HeaderValue::from_static("origin"));
            }
            Self::Preflight(origin) => {
                headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin.clone());
                headers.insert(header::ACCESS_CONTROL_ALLOW_METHODS, METHODS);
                headers.insert(header::ACCESS_CONTROL_ALLOW_HEADERS, HEADERS);
                headers.insert(header::ACCESS_CONTROL_MAX_AGE, REMEMBER);
                headers.append(header::VARY, HeaderValue::from_static("origin"));
            }
        }
    }
}

/// A site that does not exist refuses nobody here: its 404 says more.
fn allowed(app: &App, path: &str, origin: &HeaderValue) -> bool {
    let Ok(origin) = origin.to_str() else { return false };
    let key = path.split('/').nth(3).unwrap_or_default();
    app.sites.get(key).map_or(origin != "null", |site| listed(app, &site, origin))
}

/// Whether a form of such a page may be sent here by the browser itself, which asks nobody before. Programs name no origin,
/// and pages without a referrer, as ours are, and those in a sandbox are `null`.
pub fn may_post(app: &App, site: &LiveSite, origin: Option<&HeaderValue>) -> bool {
    let allowed = |origin: &str| origin == "null" || listed(app, site, origin);
    origin.is_none_or(|origin| origin.to_str().is_ok_and(allowed))
}

fn listed(app: &App, site: &LiveSite, origin: &str) -> bool {
    origin == app.public_url
        || site.definition.origins.iter().any(|listed| listed == origin)
        || (app.config.demo && app.demo_origins.iter().any(|own| own == origin))
}
