//! Solves the gateway's proof of work ahead of a load: half the machine's time would go into it otherwise.

use std::fmt::Write;
use std::net::SocketAddr;

use anyhow::{Context, Result, bail};
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::wire::Wire;

/// Fetches challenges for a form and solves them: values of the header `Crm-Challenge`.
///
/// # Errors
/// When the gateway refuses one, or hands out what is no challenge.
pub async fn solutions(address: SocketAddr, site: &str, form: &str, count: usize) -> Result<Vec<String>> {
    let mut wire = Wire::connect(address).await?;
    let path = format!("/v1/sites/{site}/challenge?form={form}");
    let mut solutions = Vec::with_capacity(count);
    for _ in 0..count {
        let answer = wire.get(&path).await?;
        if answer.status != 200 {
            bail!("no challenge: {} {}", answer.status, String::from_utf8_lossy(answer.body));
        }
        let challenge: Value = serde_json::from_slice(answer.body)?;
        let counter = solve(&challenge["parameters"])?;
        let solution = json!({"challenge": challenge, "counter": counter});
        solutions.push(BASE64_STANDARD.encode(solution.to_string()));
    }
    Ok(solutions)
}

/// The first counter whose key starts with the prefix, as `crm_protocol::challenge` describes it.
fn solve(parameters: &Value) -> Result<u32> {
    let text = |name: &str| parameters[name].as_str().context("a challenge without its members");
    let seed = Sha256::new().chain_update(unhex(text("salt")?)?).chain_update(unhex(text("nonce")?)?);
    let prefix = text("keyPrefix")?;
    let cost = parameters["cost"].as_u64().context("a challenge without its cost")?;
    let solves = |counter: &u32| {
        let first = seed.clone().chain_update(counter.to_be_bytes()).finalize();
        let key = (1..cost).fold(first, |key, _| Sha256::digest(key));
        let mut start = String::new();
        for byte in key.iter().take(prefix.len().div_ceil(2)) {
            let _ = write!(start, "{byte:02x}");
        }
        start.starts_with(prefix)
    };
    (0..=u32::MAX).find(solves).context("a challenge without a solution")
}

fn unhex(hex: &str) -> Result<Vec<u8>> {
    let pairs = (0..hex.len() / 2).map(|at| hex.get(2 * at..2 * at + 2).context("not hexadecimal"));
    pairs.map(|pair| Ok(u8::from_str_radix(pair?, 16)?)).collect()
}
