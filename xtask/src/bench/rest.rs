//! What the gateway costs when nobody calls, and how soon it is there.

use std::time::Duration;

use anyhow::{Context, Result};
use serde_json::Value;

use super::gateway::{Gateway, Options};
use super::machine;
use super::report::{Amount, Limit, Report};
use super::wire::Wire;
use crate::tool;

/// Starts; the median counts.
const STARTS: usize = 5;

/// Measures both with the demo's definitions on a fresh SQLite file.
///
/// # Errors
/// When the gateway does not start or does not answer.
pub async fn run(report: &mut Report) -> Result<()> {
    report.begin("Rest", "the demo's definitions on a fresh SQLite file; median of 5 starts");
    let definitions = demo()?;
    let (mut times, mut sizes) = (Vec::new(), Vec::new());
    for _ in 0..STARTS {
        let gateway = Gateway::start(&definitions, Options::default()).await?;
        times.push(gateway.took);
        visit(&gateway).await?;
        tokio::time::sleep(Duration::from_secs(1)).await;
        sizes.push(machine::memory(gateway.pid())?);
    }
    times.sort_unstable();
    sizes.sort_unstable();
    let memory = *sizes.get(STARTS / 2).context("no start")?;
    let took = *times.get(STARTS / 2).context("no start")?;
    report.line(
        "gateway at rest, each address asked for once before",
        Amount::Memory(memory),
        Limit::AtMost(30.0),
    );
    report.line("start of the program to ready", Amount::Time(took), Limit::AtMost(500.0));
    Ok(())
}

/// The demo's definitions file.
///
/// # Errors
/// When it cannot be read.
pub fn demo() -> Result<Value> {
    let file = tool::root().join("demo/clinic.json");
    let text = std::fs::read_to_string(&file).with_context(|| file.display().to_string())?;
    Ok(serde_json::from_str(&text)?)
}

/// One visitor of each kind.
async fn visit(gateway: &Gateway) -> Result<()> {
    let mut wire = Wire::connect(gateway.address).await?;
    let pages =
        ["/view/contact/clinic/enquiry?lang=zh-CN", "/f/clinic/enquiry", "/embed.js", "/openapi.json"];
    let calls =
        ["/v1/sites/clinic", "/v1/sites/clinic/forms/enquiry", "/v1/sites/clinic/challenge?form=enquiry"];
    let others = ["/healthz", "/readyz", "/metrics", "/schemas/form.json"];
    for path in pages.iter().chain(&calls).chain(&others) {
        let status = wire.get(path).await?.status;
        anyhow::ensure!(status == 200, "{path} answered {status}");
    }
    Ok(())
}
