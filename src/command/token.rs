//! `crm-widgets token`: who may call the staff's API.

use std::fmt::Write;

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use clap::{Args, Subcommand};
use jiff::Timestamp;
use sha2::{Digest, Sha256};

use crate::command::out::say;
use crate::config::Config;
use crate::error::Error;
use crate::sites::Sites;
use crate::store::staff::{AddStaffToken, Permission, RemoveStaffToken, StaffToken, StaffTokens};
use crate::store::{Millis, Store};

/// Makes, shows and removes tokens.
#[derive(Args)]
pub struct Token {
    #[command(subcommand)]
    action: Action,
}

#[derive(Subcommand)]
enum Action {
    /// Make a token and print it, this once: it is kept as a hash only
    Add {
        /// Whose it is, e.g. front-desk: the log calls it so
        #[arg(value_parser = name)]
        name: String,
        /// Sites at which it holds; all where left out
        #[arg(long = "site", value_name = "SITE")]
        sites: Vec<String>,
        /// What it permits: read, book, schedule
        #[arg(long = "may", value_name = "PERMISSION", value_parser = permission, required = true, value_delimiter = ',')]
        permissions: Vec<Permission>,
    },
    /// List the tokens: what they permit, and when they were used last
    List,
    /// Make a token worthless at once
    Remove {
        /// Whose it is
        name: String,
    },
}

impl Token {
    /// Does it, beside a running gateway or without one.
    ///
    /// # Errors
    /// The database's refusal, or the name is taken or unknown.
    pub async fn run(self, config: Config) -> Result<(), Error> {
        let store = Store::open(&config.database.parse()?).await?;
        match self.action {
            Action::Add { name, sites, permissions } => {
                known(&store, &sites).await?;
                let mut random = [0; 32];
                getrandom::fill(&mut random).map_err(|cause| Error::Command(cause.to_string()))?;
                let secret = format!("crm_{}", BASE64_URL_SAFE_NO_PAD.encode(random));
                let created_at = Timestamp::now().as_millisecond();
                let token = StaffToken { name: name.clone(), sites, permissions, created_at, used_at: None };
                let add = AddStaffToken { token, sha256: Sha256::digest(&secret).into() };
                if !store.run(add).await? {
                    let fix = format!("there is a token \"{name}\"; remove it first or choose another name");
                    return Err(Error::Command(fix));
                }
                say(format_args!("{secret}\n"))
            }
            Action::List => say(table(&store.run(StaffTokens).await?)),
            Action::Remove { name } => {
                if !store.run(RemoveStaffToken { name: name.clone() }).await? {
                    return Err(Error::Command(format!(
                        "there is no token \"{name}\"; `token list` shows all"
                    )));
                }
                say(format_args!("{name} opens nothing any more\n"))
            }
        }
    }
}

/// A token for a site that is misspelt would open nothing, and nobody would know why.
async fn known(store: &Store, sites: &[String]) -> Result<(), Error> {
    let known = Sites::load(store.clone()).await?;
    sites.iter().try_for_each(|site| super::site(&known, site).map(drop))
}

fn name(text: &str) -> Result<String, &'static str> {
    let shaped = (1..=64).contains(&text.len())
        && text.bytes().all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-'));
    if shaped { Ok(text.to_owned()) } else { Err("write 1 to 64 of a-z, 0-9 and -") }
}

fn permission(word: &str) -> Result<Permission, String> {
    let words = Permission::NAMES.map(|(_, name)| name).join(", ");
    Permission::parse(word).ok_or_else(|| format!("choose from {words}"))
}

fn table(tokens: &[StaffToken]) -> String {
    let mut text = String::new();
    for token in tokens {
        let sites = if token.sites.is_empty() { "all sites".to_owned() } else { token.sites.join(", ") };
        let permissions = token.permissions.iter().map(|one| one.as_str()).collect::<Vec<_>>().join(", ");
        let used = token.used_at.map_or("never used".to_owned(), |at| format!("last used {}", hour(at)));
        _ = writeln!(text, "{}  may {permissions} at {sites}; {used}", token.name);
    }
    text
}

fn hour(at: Millis) -> String {
    Timestamp::from_millisecond(at)
        .map(|at| at.strftime("%Y-%m-%d %H:00 UTC").to_string())
        .unwrap_or_default()
}
