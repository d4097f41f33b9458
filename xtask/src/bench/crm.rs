//! A CRM that takes every delivery, after a while.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use anyhow::Result;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

const ANSWER: &[u8] = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 2\r\n\r\n{}";

/// Listens on a free port until its runtime ends.
#[derive(Clone, Debug)]
pub struct Crm {
    /// Where it listens.
    pub address: SocketAddr,
    taken: Arc<AtomicU64>,
}

impl Crm {
    /// Starts one that answers after `delay`.
    ///
    /// # Errors
    /// When there is no free port.
    pub async fn start(delay: Duration) -> Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let crm = Self { address: listener.local_addr()?, taken: Arc::default() };
        let taken = crm.taken.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(converse(stream, delay, taken.clone()));
            }
        });
        Ok(crm)
    }

    /// How many deliveries it has answered.
    pub fn taken(&self) -> u64 {
        self.taken.load(Ordering::Relaxed)
    }
}

async fn converse(mut stream: TcpStream, delay: Duration, taken: Arc<AtomicU64>) -> std::io::Result<()> {
    let mut received = Vec::new();
    while stream.read_buf(&mut received).await? > 0 {
        while let Some(length) = whole(&received) {
            received.drain(..length);
            tokio::time::sleep(delay).await;
            stream.write_all(ANSWER).await?;
            taken.fetch_add(1, Ordering::Relaxed);
        }
    }
    Ok(())
}

/// Length of the first request with its body, once all of it is there.
fn whole(received: &[u8]) -> Option<usize> {
    let head = received.windows(4).position(|window| window == b"\r\n\r\n")?;
    let text = String::from_utf8_lossy(received.get(..head)?).to_ascii_lowercase();
    let length = text.lines().find_map(|line| line.strip_prefix("content-length:"))?;
    let end = head + 4 + length.trim().parse::<usize>().ok()?;
    (received.len() >= end).then_some(end)
}
