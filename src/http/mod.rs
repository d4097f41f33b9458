//! The HTTP API: one flat list of routes, one file per noun.
//!
//! # Layout
//!
//! - [`serve`] starts everything and ends everything; [`accept`] the accept loop with its time limits; [`peers`] how much of it
//!   one address gets
//! - [`routes`] a route can only be added together with its documentation; [`openapi`] the document
//! - [`around`] what happens around every request: CORS, problem documents, headers, metrics, one log line
//! - nouns: [`submissions`], [`challenge`], [`uploads`], [`forms`], [`sites`], [`services`], [`slots`], [`holds`],
//!   [`appointments`], [`waitlist`], [`health`], [`metrics`]; pages are in [`crate::page`]
//! - [`staff`] the staff's side of booking, behind their tokens
//! - [`desk`] everything about booking, for the API and for hosted pages
//! - [`intake`] from a request to a stored submission, for the API and for hosted pages
//! - [`bearer`], [`body`], [`keyed`], [`fresh`], [`cors`], [`limits`], [`problem`], [`sniff`], [`visitor`] what the nouns share

pub mod accept;
pub mod appointments;
pub mod around;
pub mod bearer;
pub mod body;
pub mod challenge;
pub mod cors;
pub mod desk;
pub mod forms;
pub mod fresh;
pub mod health;
pub mod holds;
pub mod intake;
pub mod keyed;
pub mod limits;
pub mod metrics;
pub mod openapi;
pub mod peers;
pub mod problem;
pub mod routes;
pub mod services;
pub mod sites;
pub mod slots;
pub mod sniff;
pub mod staff;
pub mod submissions;
pub mod uploads;
pub mod visitor;
pub mod waitlist;

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::middleware::from_fn_with_state;
use bytes::Bytes;
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::task::JoinSet;

use crate::bus::Bus;
use crate::config::Config;
use crate::connector::library::Library;
use crate::connector::{self, Connector};
use crate::delivery::{Reminders, Schedule, Worker};
use crate::demo;
use crate::error::Error;
use crate::his::turns::Turns;
use crate::http::desk::occupancy::Occupancy;
use crate::http::limits::Limits;
use crate::http::metrics::Metrics;
use crate::http::problem::{Code, Refusal};
use crate::http::routes::{Routes, Table};
use crate::keys::Keys;
use crate::page;
use crate::page::view::Views;
use crate::sites::{LiveSite, Sites};
use crate::store::purge::Purge;
use crate::store::{DatabaseUrl, Store};

/// How often what is no longer needed is deleted, and what a wrong clock has deleted is put back.
const PURGE: Duration = Duration::from_secs(60);
/// Attempts under way may take that long once the last request is answered; their lease covers the rest.
const DELIVERIES: Duration = Duration::from_secs(5);

/// What every handler can reach.
pub struct App {
    /// The settings.
    pub config: Config,
    /// Origin under which visitors reach the gateway.
    pub public_url: String,
    /// Origins of the demo site, with `--demo`.
    pub demo_origins: Vec<String>,
    /// The database.
    pub store: Store,
    /// The sites, in memory.
    pub sites: Arc<Sites>,
    /// What signatures are made with.
    pub keys: Keys,
    /// Rates.
    pub limits: Limits,
    /// Counters.
    pub metrics: Metrics,
    /// Wakes the delivery worker.
    pub bus: Bus,
    /// The routes.
    pub table: Table,
    /// The OpenAPI document.
    pub openapi: Bytes,
    /// Rendered first views.
    pub views: Views,
    /// Which slots are taken.
    pub occupancy: Occupancy,
}

impl App {
    /// The site of that key.
    ///
    /// # Errors
    /// 404.
    pub fn site(&self, key: &str) -> Result<Arc<LiveSite>, Refusal> {
        self.sites.get(key).ok_or_else(|| Code::UnknownSite.into())
    }
}

/// Runs the gateway until `shutdown` ends: answers requests and delivers what they brought. Then accepts nothing more,
/// lets open requests and attempts finish, and closes the database.
///
/// # Errors
/// The database cannot be opened, TLS cannot be set up, or a setting is wrong.
pub async fn serve(
    config: Config,
    listener: TcpListener,
    shutdown: impl Future<Output = ()>,
) -> Result<(), Error> {
    let database: DatabaseUrl = config.database.parse()?;
    let store = Store::open(&database).await?;
    let sites = Arc::new(Sites::load(store.clone()).await?);
    let keys = Keys::load(&config, &database)?;
    let address = listener.local_addr().map_err(Error::Network)?;
    let (app, router) = assemble(config, address, store.clone(), sites.clone(), keys);

    let connector = connector(&app)?;
    let (stop, stopped) = oneshot::channel::<()>();
    let deliveries = tokio::spawn(worker(&app, connector.clone()).run(async { drop(stopped.await) }));
    let mut background = JoinSet::new();
    background.spawn(async move { sites.follow().await });
    background.spawn(purge(store.clone()));
    let turns = Turns::new(store.clone(), app.sites.clone(), connector);
    background.spawn(async move { turns.run().await });
    background.spawn(desk::sweep::follow(app.clone()));
    let reminders = Reminders::new(store.clone(), app.sites.clone(), app.bus.clone());
    background.spawn(async move { reminders.run().await });

    tracing::info!(%address, public_url = app.public_url, %database, "ready");
    accept::accept(listener, router, &app, shutdown).await;
    drop(stop);
    if tokio::time::timeout(DELIVERIES, deliveries).await.is_err() {
        tracing::info!("attempts under way are left to their leases");
    }
    background.shutdown().await;
    store.close().await;
    tracing::info!("stopped");
    Ok(())
}

fn assemble(
    config: Config,
    address: SocketAddr,
    store: Store,
    sites: Arc<Sites>,
    keys: Keys,
) -> (Arc<App>, Router) {
    let (router, table, paths) = all_routes().into_parts();
    let port = address.port();
    let app = Arc::new(App {
        public_url: config.public_url_at(address),
        demo_origins: ["localhost", "127.0.0.1"].iter().map(|host| format!("http://{host}:{port}")).collect(),
        limits: Limits::new(config.limits),
        metrics: Metrics::new(table.patterns().len()),
        bus: Bus::local(),
        openapi: openapi::document(paths),
        views: Views::default(),
        occupancy: Occupancy::default(),
        config,
        store,
        sites,
        keys,
        table,
    });
    let router = match app.config.demo {
        true => router.merge(page::demo::router()).merge(demo_crm(&app)),
        false => router,
    };
    let router = router
        .fallback(async || Refusal::new(Code::NotFound))
        .method_not_allowed_fallback(async || Refusal::new(Code::MethodNotAllowed))
        .layer(from_fn_with_state(app.clone(), around::around))
        .with_state(app.clone());
    (app, router)
}

/// Every route there is.
pub fn all_routes() -> Routes {
    let files = [
        submissions::routes,
        challenge::routes,
        uploads::routes,
        forms::routes,
        sites::routes,
        services::routes,
        slots::routes,
        holds::routes,
        appointments::routes,
        waitlist::routes,
        staff::routes,
        page::view::routes,
        page::hosted::routes,
        page::booking::first::routes,
        page::booking::hosted::routes,
        page::assets::routes,
        openapi::routes,
        health::routes,
        metrics::routes,
    ];
    files.iter().fold(Routes::default(), |routes, add| add(routes))
}

/// The page that plays the CRM of the demo site.
fn demo_crm(app: &App) -> Router<Arc<App>> {
    demo::router(app.store.clone(), std::env::var(demo::SECRET).ok().as_deref())
}

fn connector(app: &App) -> Result<Connector, Error> {
    let settings = connector::Settings::of(&app.config, app.public_url.clone());
    let library = Library::load(app.config.connectors.as_deref())?;
    Connector::new(settings, library).map_err(Error::Tls)
}

fn worker(app: &App, connector: Connector) -> Worker {
    let schedule = if app.config.demo { Schedule::demo() } else { Schedule::default() };
    Worker::new(app.store.clone(), app.keys.clone(), app.sites.clone(), app.bus.clone(), connector, schedule)
}

async fn purge(store: Store) {
    loop {
        match store.run(Purge { now: intake::now() }).await {
            Ok(purged) if purged.more => continue,
            Ok(_) => {}
            Err(cause) => tracing::warn!(%cause, "the purge has to wait"),
        }
        tokio::time::sleep(PURGE).await;
    }
}
