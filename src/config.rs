//! Settings: a flag wins over `CRM_WIDGETS_*`, which wins over `crm-widgets.toml`, which wins over the default.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};
use serde::Deserialize;

use crate::connector::smtp::Server;
use crate::definitions::is_origin;
use crate::error::Error;
use crate::http::visitor::Network;

/// The file read from the working directory when no other is named.
const FILE: &str = "crm-widgets.toml";

/// Settings as they are written; what is missing has a default.
#[derive(Args, Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// Settings file (TOML, the names below with `_` for `-`)
    #[arg(long, env = "CRM_WIDGETS_CONFIG", global = true, value_name = "FILE")]
    #[serde(skip)]
    pub config: Option<String>,
    /// Address to listen on [default: 127.0.0.1:8080]
    #[arg(long, env = "CRM_WIDGETS_LISTEN", global = true, value_name = "ADDRESS:PORT")]
    pub listen: Option<String>,
    /// Origin under which visitors reach the gateway [default: http://LISTEN]
    #[arg(long, env = "CRM_WIDGETS_PUBLIC_URL", global = true, value_name = "ORIGIN")]
    pub public_url: Option<String>,
    /// sqlite:PATH or postgres://… [default: sqlite:crm-widgets.db]
    #[arg(long, env = "CRM_WIDGETS_DATABASE", global = true, value_name = "URL")]
    pub database: Option<String>,
    /// Networks of reverse proxies whose `Forwarded` and `X-Forwarded-For` are believed
    #[arg(
        long,
        env = "CRM_WIDGETS_TRUSTED_PROXIES",
        global = true,
        value_name = "NETWORK",
        value_delimiter = ','
    )]
    pub trusted_proxies: Option<Vec<String>>,
    /// Hosts that connections may reach although their address is private
    #[arg(
        long,
        env = "CRM_WIDGETS_ALLOW_PRIVATE",
        global = true,
        value_name = "HOST",
        value_delimiter = ','
    )]
    pub allow_private: Option<Vec<String>>,
    /// SMTP server for mails, smtps://USER@HOST or smtp://USER@HOST; the password is in CRM_WIDGETS_SMTP_PASSWORD
    #[arg(long, env = "CRM_WIDGETS_SMTP", global = true, value_name = "URL")]
    pub smtp: Option<String>,
    /// Directory with connectors of your own (`*.yaml`); one of the same name replaces ours
    #[arg(long, env = "CRM_WIDGETS_CONNECTORS", global = true, value_name = "DIRECTORY")]
    pub connectors: Option<PathBuf>,
    /// Form of the log lines [default: json]
    #[arg(long, env = "CRM_WIDGETS_LOG", global = true, value_enum)]
    pub log: Option<LogFormat>,
    /// Open connections at the same time [default: 10000]
    #[arg(long, env = "CRM_WIDGETS_MAX_CONNECTIONS", global = true, value_name = "N")]
    pub max_connections: Option<u32>,
    /// Open connections of one address that is no trusted proxy's, 0 for no limit [default: 1000]
    #[arg(long, env = "CRM_WIDGETS_VISITOR_CONNECTIONS", global = true, value_name = "N")]
    pub visitor_connections: Option<u32>,
    /// Submissions per minute from one address, 0 for no limit [default: 300]
    #[arg(long, env = "CRM_WIDGETS_VISITOR_SUBMISSIONS", global = true, value_name = "N")]
    pub visitor_submissions: Option<u32>,
    /// Slots that one address may take at once, and again in the time for which one is kept, 0 for no limit [default: 20]
    #[arg(long, env = "CRM_WIDGETS_VISITOR_HOLDS", global = true, value_name = "N")]
    pub visitor_holds: Option<u32>,
    /// Uploads per minute from one address, 0 for no limit [default: 60]
    #[arg(long, env = "CRM_WIDGETS_VISITOR_UPLOADS", global = true, value_name = "N")]
    pub visitor_uploads: Option<u32>,
    /// Challenges per minute to one address before they get harder [default: 600]
    #[arg(long, env = "CRM_WIDGETS_VISITOR_CHALLENGES", global = true, value_name = "N")]
    pub visitor_challenges: Option<u32>,
    /// Submissions per minute to one site, 0 for no limit [default: 3000]
    #[arg(long, env = "CRM_WIDGETS_SITE_SUBMISSIONS", global = true, value_name = "N")]
    pub site_submissions: Option<u32>,
}

/// Form of the log lines.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, ValueEnum)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    /// One JSON object per line.
    #[default]
    Json,
    /// For a person at a terminal.
    Text,
}

/// Settings once they were checked.
#[derive(Clone, Debug)]
pub struct Config {
    /// Where to listen.
    pub listen: SocketAddr,
    /// Origin under which visitors reach the gateway; the listener's where it is missing.
    pub public_url: Option<String>,
    /// URL of the database.
    pub database: String,
    /// Proxies whose word about the visitor's address counts.
    pub trusted_proxies: Vec<Network>,
    /// Hosts that connections may reach although their address is private.
    pub allow_private: Vec<String>,
    /// The server by which mails leave; its password is in `CRM_WIDGETS_SMTP_PASSWORD`.
    pub smtp: Option<Server>,
    /// Directory with connectors of the operator's own.
    pub connectors: Option<PathBuf>,
    /// Form of the log lines.
    pub log: LogFormat,
    /// Open connections at the same time.
    pub max_connections: usize,
    /// Those of one address, unless a trusted proxy has it; 0 is no limit.
    pub visitor_connections: u32,
    /// Rates.
    pub limits: Limits,
    /// The key everything signed by this gateway is derived from (`CRM_WIDGETS_SECRET`); a file beside the database
    /// where it is missing.
    pub secret: Option<String>,
    /// Serves the demo site and the page that plays the CRM.
    pub demo: bool,
}

/// Rates per minute; a bucket holds one minute's worth. 0 is no limit.
///
/// A hospital of 2,000 people may sit behind one address: at one form in ten minutes each they send 200 a minute.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Submissions from one visitor address.
    pub visitor_submissions: u32,
    /// Slots kept for one visitor address: so many at once, and as many again in the time for which one is kept.
    pub visitor_holds: u32,
    /// Uploads from one visitor address.
    pub visitor_uploads: u32,
    /// Challenges to one visitor address before they get harder.
    pub visitor_challenges: u32,
    /// Submissions to one site.
    pub site_submissions: u32,
}

impl Settings {
    /// Fills what is missing from the settings file and checks everything.
    ///
    /// # Errors
    /// Names the setting, or the file, and the fix.
    pub fn load(self) -> Result<Config, Error> {
        let written = match &self.config {
            Some(path) => read(path)?,
            None if Path::new(FILE).exists() => read(FILE)?,
            None => Self::default(),
        };
        let mut config = self.or(written).check()?;
        config.secret = std::env::var("CRM_WIDGETS_SECRET").ok().filter(|secret| !secret.is_empty());
        if config.secret.as_ref().is_some_and(|secret| secret.len() < 32) {
            return Err(setting("CRM_WIDGETS_SECRET", "write at least 32 characters of random text"));
        }
        Ok(config)
    }

    /// Checks these settings alone: no file, no secret.
    ///
    /// # Errors
    /// Names the setting and the fix.
    pub fn check(self) -> Result<Config, Error> {
        let listen = self.listen.as_deref().unwrap_or("127.0.0.1:8080");
        let public_url = self.public_url.map(|url| url.trim_end_matches('/').to_owned());
        if public_url.as_deref().is_some_and(|url| !is_origin(url)) {
            return Err(setting("public_url", "write scheme and host only, e.g. https://forms.example.com"));
        }
        Ok(Config {
            listen: listen
                .parse()
                .map_err(|_| setting("listen", "write an IP address and a port, e.g. 0.0.0.0:8080"))?,
            public_url,
            database: self.database.unwrap_or_else(|| "sqlite:crm-widgets.db".to_owned()),
            trusted_proxies: networks(self.trusted_proxies.unwrap_or_default())?,
            allow_private: self.allow_private.unwrap_or_default(),
            smtp: self.smtp.map(smtp).transpose()?,
            connectors: self.connectors,
            log: self.log.unwrap_or_default(),
            max_connections: self.max_connections.unwrap_or(10_000).max(1) as usize,
            visitor_connections: self.visitor_connections.unwrap_or(1_000),
            limits: Limits {
                visitor_submissions: self.visitor_submissions.unwrap_or(300),
                visitor_holds: self.visitor_holds.unwrap_or(20),
                visitor_uploads: self.visitor_uploads.unwrap_or(60),
                visitor_challenges: self.visitor_challenges.unwrap_or(600),
                site_submissions: self.site_submissions.unwrap_or(3_000),
            },
            secret: None,
            demo: false,
        })
    }

    fn or(self, other: Self) -> Self {
        Self {
            config: self.config,
            listen: self.listen.or(other.listen),
            public_url: self.public_url.or(other.public_url),
            database: self.database.or(other.database),
            trusted_proxies: self.trusted_proxies.or(other.trusted_proxies),
            allow_private: self.allow_private.or(other.allow_private),
            smtp: self.smtp.or(other.smtp),
            connectors: self.connectors.or(other.connectors),
            log: self.log.or(other.log),
            max_connections: self.max_connections.or(other.max_connections),
            visitor_connections: self.visitor_connections.or(other.visitor_connections),
            visitor_submissions: self.visitor_submissions.or(other.visitor_submissions),
            visitor_holds: self.visitor_holds.or(other.visitor_holds),
            visitor_uploads: self.visitor_uploads.or(other.visitor_uploads),
            visitor_challenges: self.visitor_challenges.or(other.visitor_challenges),
            site_submissions: self.site_submissions.or(other.site_submissions),
        }
    }
}

impl Config {
    /// Origin under which visitors reach a gateway that listens at that address.
    pub fn public_url_at(&self, address: SocketAddr) -> String {
        self.public_url.clone().unwrap_or_else(|| format!("http://{address}"))
    }
}

fn read(path: &str) -> Result<Settings, Error> {
    let text = std::fs::read_to_string(path).map_err(|cause| Error::File { path: path.to_owned(), cause })?;
    toml::from_str(&text).map_err(|cause| Error::Command(format!("{path}: {cause}")))
}

fn networks(texts: Vec<String>) -> Result<Vec<Network>, Error> {
    let parse = |text: String| {
        Network::parse(&text)
            .ok_or_else(|| setting("trusted_proxies", "write addresses or networks, e.g. 10.0.0.0/8 or ::1"))
    };
    texts.into_iter().map(parse).collect()
}

fn smtp(url: String) -> Result<Server, Error> {
    let password = std::env::var("CRM_WIDGETS_SMTP_PASSWORD").ok().filter(|password| !password.is_empty());
    let fix = "write smtps://USER@HOST or smtp://USER@HOST, and the password into CRM_WIDGETS_SMTP_PASSWORD";
    Server::parse(&url, password).ok_or_else(|| setting("smtp", fix))
}

fn setting(name: &'static str, fix: &str) -> Error {
    Error::Setting { name, fix: fix.to_owned() }
}
