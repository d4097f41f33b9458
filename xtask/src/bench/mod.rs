//! `cargo xtask bench [WHAT…]`: measures what the budget limits, and prints both side by side.
//!
//! # Layout
//!
//! - [`page`] what a visitor downloads and waits for, in Chromium (`tests/browser/bench`)
//! - [`intake`], [`delivery`] submissions and deliveries per second
//! - [`rest`] memory and start, [`sync`] the control of durability
//! - [`slots`] the free slots of a large clinic
//! - [`crash`] a hundred kills on each engine, [`races`] a thousand visitors for one slot and a long history,
//!   [`outage`] a CRM that is down for half an hour; only when they are named, since they take long
//! - [`report`] the table and its verdict; [`machine`] how busy the machine is otherwise
//! - [`gateway`], [`postgres`], [`crm`], [`site`], [`wire`], [`load`], [`work`] what the measurements are made with

mod crash;
mod crm;
mod delivery;
pub mod gateway;
mod intake;
mod load;
mod machine;
mod outage;
mod page;
mod postgres;
mod races;
mod report;
pub mod rest;
mod site;
mod slots;
mod sync;
mod wire;
mod work;

use std::process::ExitCode;

use anyhow::{Result, bail, ensure};

use self::gateway::{Gateway, Options};
use self::report::Report;
use self::wire::Wire;
use crate::module;

/// What can be measured, in the order in which it is.
const ALL: [&str; 9] =
    ["bytes", "usable", "keystroke", "month", "rest", "sync", "intake", "delivery", "slots"];

/// What is measured only when it is named.
const LONG: [&str; 3] = ["crash", "races", "outage"];

/// Measures everything, or what is named. Ends with a failure when a limit is broken. Nothing is built when
/// `CRM_WIDGETS_BIN` names a gateway, so that two of them can be compared.
///
/// # Errors
/// When a name is unknown or a measurement cannot be made.
pub fn run(what: &[&str]) -> Result<ExitCode> {
    if let Some(unknown) = what.iter().find(|name| !ALL.contains(name) && !LONG.contains(name)) {
        bail!("{unknown} cannot be measured; these can: {}, {}", ALL.join(", "), LONG.join(", "));
    }
    if gateway::given().is_none() {
        module::build()?;
        crate::gateway::build()?;
    }
    println!("\n{} cores; KB = 1,000 bytes, brotli 11", machine::cores());
    let mut report = Report::default();
    let runtime = runtime()?;
    for name in ALL.iter().filter(|name| what.is_empty() || what.contains(name)) {
        runtime.block_on(measure(name, &mut report))?;
    }
    if what.contains(&"outage") {
        runtime.block_on(outage::run(&mut report))?;
    }
    if what.contains(&"crash") {
        crash::run(&mut report)?;
    }
    if what.contains(&"races") {
        races::run(&mut report)?;
    }
    match report.broken() {
        0 => Ok(ExitCode::SUCCESS),
        broken => {
            println!("\n{broken} limits are broken");
            Ok(ExitCode::FAILURE)
        }
    }
}

/// Bytes of first views of the demo's site in Chinese, by what follows `/view/`, compressed as the gateway sends them.
///
/// # Errors
/// When the gateway does not start or has no such view.
pub fn first_views<const N: usize>(paths: [&str; N]) -> Result<[u64; N]> {
    runtime()?.block_on(async {
        let gateway = Gateway::start(&rest::demo()?, Options::default()).await?;
        let mut wire = Wire::connect(gateway.address).await?;
        let mut bytes = [0; N];
        for (path, bytes) in paths.iter().zip(&mut bytes) {
            let view = wire.get(&format!("/view/{path}?lang=zh-CN")).await?;
            ensure!(view.status == 200, "the first view {path} was answered by {}", view.status);
            *bytes = view.body.len() as u64;
        }
        Ok(bytes)
    })
}

/// One thread, so that the load generator takes no more than one of the cores it shares with the gateway.
///
/// # Errors
/// When the system gives no means to wait for sockets.
pub fn runtime() -> Result<tokio::runtime::Runtime> {
    Ok(tokio::runtime::Builder::new_current_thread().enable_all().build()?)
}

async fn measure(name: &str, report: &mut Report) -> Result<()> {
    match name {
        "bytes" => page::bytes(report),
        "usable" => page::usable(report),
        "keystroke" => page::keystroke(report),
        "month" => page::month(report),
        "rest" => rest::run(report).await,
        "sync" => sync::run(report).await,
        "intake" => intake::run(report).await,
        "slots" => slots::run(report).await,
        _ => delivery::run(report).await,
    }
}
