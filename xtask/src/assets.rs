//! What the browser loads: content in names, integrity, compressed twins.

use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use sha2::{Digest, Sha256};

use crate::tool;

/// One file the page loads by its hashed name.
#[derive(Clone, Debug)]
pub struct Asset {
    /// File name, e.g. `app-4fZ0c2Bb9a.js`.
    pub name: String,
    /// Its SHA-256 in base64.
    pub hash: String,
}

/// The folder that the gateway embeds and `dist` copies.
pub fn folder() -> PathBuf {
    tool::target().join("assets")
}

/// Writes `bytes` under a name that carries their hash (`stem-HASH.extension`, the letters and digits of its base64,
/// as `assets.js` computes them too), with compressed twins beside it.
///
/// # Errors
/// When the file cannot be written.
pub fn write_hashed(folder: &Path, stem: &str, extension: &str, bytes: &[u8]) -> Result<Asset> {
    let hash = BASE64_STANDARD.encode(Sha256::digest(bytes));
    let letters: String = hash.chars().filter(char::is_ascii_alphanumeric).collect();
    let name = format!("{stem}-{letters}.{extension}");
    write(folder, &name, bytes)?;
    Ok(Asset { name, hash })
}

/// Writes `bytes` and their compressed twins `.br` and `.gz`.
///
/// # Errors
/// When a file cannot be written.
pub fn write(folder: &Path, name: &str, bytes: &[u8]) -> Result<()> {
    let put = |suffix: &str, bytes: &[u8]| {
        let path = folder.join(format!("{name}{suffix}"));
        std::fs::write(&path, bytes).with_context(|| format!("cannot write {}", path.display()))
    };
    put("", bytes)?;
    put(".br", &brotli(bytes)?)?;
    put(".gz", &gzip(bytes)?)
}

/// Brotli at its best, as the gateway sends it.
///
/// # Errors
/// None in practice: it writes to memory.
pub fn brotli(bytes: &[u8]) -> Result<Vec<u8>> {
    let mut compressed = Vec::new();
    let parameters = brotli::enc::BrotliEncoderParams {
        quality: 11,
        lgwin: 22,
        size_hint: bytes.len(),
        ..Default::default()
    };
    brotli::BrotliCompress(&mut &bytes[..], &mut compressed, &parameters)?;
    Ok(compressed)
}

fn gzip(bytes: &[u8]) -> Result<Vec<u8>> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    encoder.write_all(bytes)?;
    Ok(encoder.finish()?)
}
