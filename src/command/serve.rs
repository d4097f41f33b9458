//! `crm-widgets serve`: runs the gateway until SIGTERM or ctrl-c.

use clap::Args;
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};

use crate::config::{Config, LogFormat};
use crate::error::Error;
use crate::http;

/// Runs the gateway.
#[derive(Args)]
pub struct Serve {
    /// Also serve the demo site at / and a page that plays the CRM at /demo/crm
    #[arg(long)]
    demo: bool,
}

impl Serve {
    /// Listens, serves, and leaves once open requests are answered.
    ///
    /// # Errors
    /// A setting, the database or the network refuses at the start.
    pub async fn run(self, mut config: Config) -> Result<(), Error> {
        config.demo = self.demo;
        log_to_stdout(config.log);
        let listener = TcpListener::bind(config.listen).await.map_err(|cause| Error::Setting {
            name: "listen",
            fix: format!("{} cannot be listened on ({cause}); choose another", config.listen),
        })?;
        http::serve(config, listener, stop_signal()?).await
    }
}

fn log_to_stdout(format: LogFormat) {
    // A gateway whose log nobody reads goes on.
    let lines = tracing_subscriber::fmt().with_max_level(tracing::Level::INFO).log_internal_errors(false);
    match format {
        LogFormat::Json => lines.json().flatten_event(true).with_current_span(false).init(),
        LogFormat::Text => lines.init(),
    }
}

fn stop_signal() -> Result<impl Future<Output = ()>, Error> {
    let mut terminate = signal(SignalKind::terminate()).map_err(Error::Network)?;
    let mut interrupt = signal(SignalKind::interrupt()).map_err(Error::Network)?;
    Ok(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
    })
}
