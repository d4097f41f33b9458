//! The release gateway as its operators run it: the program, a fresh database, a definitions file.

use std::fs::File;
use std::net::{SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use serde_json::Value;

use super::wire::Wire;
use crate::tool::{self, quietly};

/// How long it may take to become ready before that is an error.
const PATIENCE: Duration = Duration::from_secs(20);

/// A gateway that runs. Dropping it ends the program and removes its folder.
#[derive(Debug)]
pub struct Gateway {
    /// Where it listens.
    pub address: SocketAddr,
    /// From the start of the program to its first answer that it is ready.
    pub took: Duration,
    child: Child,
    folder: Folder,
    environment: Vec<(&'static str, String)>,
}

/// How to start one.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// Address of the database; a fresh SQLite file where it is missing.
    pub database: Option<String>,
    /// What follows the path of the SQLite file, e.g. `?synchronous=off`.
    pub suffix: &'static str,
}

/// A folder that is removed in the end.
#[derive(Debug)]
struct Folder(PathBuf);

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

impl Gateway {
    /// Applies definitions to a fresh database and starts.
    ///
    /// # Errors
    /// When the definitions are refused or the gateway doesn't become ready.
    pub async fn start(definitions: &Value, options: Options) -> Result<Self> {
        let folder = Folder(fresh_folder()?);
        let file = folder.0.join("definitions.json");
        std::fs::write(&file, definitions.to_string())?;
        let address = free_address()?;
        let database = options
            .database
            .unwrap_or_else(|| format!("sqlite:{}{}", folder.0.join("gateway.db").display(), options.suffix));
        let environment = environment(address, database);
        quietly(
            Command::new(program()).arg("apply").arg(file).envs(environment.clone()).current_dir(&folder.0),
        )?;
        let mut command = Command::new(program());
        command.arg("serve").envs(environment.clone()).current_dir(&folder.0);
        // Log lines go to a file, as they do in service.
        command.stdin(Stdio::null()).stdout(File::create(folder.0.join("log"))?);
        let started = Instant::now();
        let child = command.spawn()?;
        let mut gateway = Self { address, took: Duration::ZERO, child, folder, environment };
        gateway.wait(started).await?;
        Ok(gateway)
    }

    /// Its process id.
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Its folder.
    pub fn folder(&self) -> &Path {
        &self.folder.0
    }

    /// Ends the program, as an operator does, and waits for its end.
    ///
    /// # Errors
    /// When it cannot be told to.
    pub fn stop(&mut self) -> Result<()> {
        quietly(Command::new("kill").args(["-TERM", &self.pid().to_string()]))?;
        self.child.wait()?;
        Ok(())
    }

    /// What a command of the program says that is run beside it.
    ///
    /// # Errors
    /// When the command fails.
    pub fn told(&self, arguments: &[&str]) -> Result<String> {
        let mut command = Command::new(program());
        command.args(arguments).envs(self.environment.clone());
        let output = command.current_dir(&self.folder.0).stderr(Stdio::inherit()).output()?;
        if !output.status.success() {
            bail!("{} ended with {}", arguments.join(" "), output.status);
        }
        Ok(String::from_utf8(output.stdout)?)
    }

    /// Ids of all stored submissions, as the export prints them.
    ///
    /// # Errors
    /// When the export fails.
    pub fn stored(&self, site: &str) -> Result<Vec<String>> {
        let text = self.told(&["export", "--site", site, "--format", "jsonl"])?;
        let id = |line: &str| Some(serde_json::from_str::<Value>(line).ok()?["id"].as_str()?.to_owned());
        text.lines().map(|line| id(line).with_context(|| format!("an export without id: {line}"))).collect()
    }

    async fn wait(&mut self, started: Instant) -> Result<()> {
        while started.elapsed() < PATIENCE {
            if let Some(status) = self.child.try_wait()? {
                let log = std::fs::read_to_string(self.folder.0.join("log")).unwrap_or_default();
                bail!("the gateway ended with {status}\n{log}");
            }
            if is_ready(self.address).await {
                self.took = started.elapsed();
                return Ok(());
            }
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
        bail!("the gateway was not ready after {PATIENCE:?}")
    }
}

impl Drop for Gateway {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The program that is measured: the one that is given, else the release build.
pub fn program() -> PathBuf {
    given().unwrap_or_else(|| tool::target().join("release/crm-widgets"))
}

/// The program that `CRM_WIDGETS_BIN` names, as in the browser tests.
pub fn given() -> Option<PathBuf> {
    std::env::var_os("CRM_WIDGETS_BIN").map(PathBuf::from)
}

async fn is_ready(address: SocketAddr) -> bool {
    let Ok(mut wire) = Wire::connect(address).await else { return false };
    wire.get("/readyz").await.is_ok_and(|answer| answer.status == 200)
}

/// No limit of a rate stands in the way: all load comes from one address.
fn environment(address: SocketAddr, database: String) -> Vec<(&'static str, String)> {
    vec![
        ("CRM_WIDGETS_LISTEN", address.to_string()),
        ("CRM_WIDGETS_DATABASE", database),
        ("CRM_WIDGETS_ALLOW_PRIVATE", "127.0.0.1".to_owned()),
        ("CRM_WIDGETS_SECRET", "only-for-measuring-".repeat(3)),
        ("CRM_WIDGETS_VISITOR_SUBMISSIONS", "0".to_owned()),
        ("CRM_WIDGETS_VISITOR_HOLDS", "0".to_owned()),
        ("CRM_WIDGETS_VISITOR_UPLOADS", "0".to_owned()),
        ("CRM_WIDGETS_VISITOR_CHALLENGES", "0".to_owned()),
        ("CRM_SECRET", "whsec_BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc=".to_owned()),
    ]
}

fn fresh_folder() -> Result<PathBuf> {
    let folder = tool::target().join(format!("bench/{}-{}", std::process::id(), nanos()));
    std::fs::create_dir_all(&folder)?;
    Ok(folder)
}

fn nanos() -> u128 {
    std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).map_or(0, |since| since.as_nanos())
}

fn free_address() -> Result<SocketAddr> {
    Ok(TcpListener::bind("127.0.0.1:0")?.local_addr()?)
}
