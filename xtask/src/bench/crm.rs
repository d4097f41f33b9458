//! A CRM that takes every delivery, after a while, and can be down.

use std::collections::HashSet;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use anyhow::Result;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

const ANSWER: &[u8] = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 2\r\n\r\n{}";
const DOWN: &[u8] = b"HTTP/1.1 503 Service Unavailable\r\ncontent-length: 0\r\n\r\n";

/// Listens on a free port until its runtime ends.
#[derive(Clone, Debug)]
pub struct Crm {
    /// Where it listens.
    pub address: SocketAddr,
    state: Arc<State>,
}

#[derive(Debug)]
struct State {
    delay: Duration,
    down: AtomicBool,
    taken: AtomicU64,
    heard: Mutex<Heard>,
}

/// What is known of the deliveries that were taken.
#[derive(Debug, Default)]
struct Heard {
    ids: HashSet<String>,
    /// From the submission to the delivery, each.
    ages: Vec<Duration>,
}

impl Crm {
    /// Starts one that answers after `delay`.
    ///
    /// # Errors
    /// When there is no free port.
    pub async fn start(delay: Duration) -> Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let (down, taken, heard) = Default::default();
        let state = Arc::new(State { delay, down, taken, heard });
        let crm = Self { address: listener.local_addr()?, state };
        let serving = crm.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serving.clone().converse(stream));
            }
        });
        Ok(crm)
    }

    /// Answers 503 from now on, or no longer.
    pub fn set_down(&self, down: bool) {
        self.state.down.store(down, Ordering::Relaxed);
    }

    /// How many deliveries it has taken.
    pub fn taken(&self) -> u64 {
        self.state.taken.load(Ordering::Relaxed)
    }

    /// How many different ones.
    pub fn distinct(&self) -> u64 {
        self.heard().ids.len() as u64
    }

    /// The time from the submission to the delivery within which this share (0–1) arrived.
    pub fn age(&self, share: f64) -> Duration {
        let mut ages = self.heard().ages.clone();
        ages.sort_unstable();
        ages.get((ages.len().saturating_sub(1) as f64 * share).round() as usize).copied().unwrap_or_default()
    }

    fn heard(&self) -> MutexGuard<'_, Heard> {
        self.state.heard.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn converse(self, mut stream: TcpStream) -> std::io::Result<()> {
        let mut received = Vec::new();
        while stream.read_buf(&mut received).await? > 0 {
            while let Some(length) = whole(&received) {
                let request: Vec<u8> = received.drain(..length).collect();
                if self.state.down.load(Ordering::Relaxed) {
                    stream.write_all(DOWN).await?;
                    continue;
                }
                self.hear(&String::from_utf8_lossy(&request));
                tokio::time::sleep(self.state.delay).await;
                stream.write_all(ANSWER).await?;
                self.state.taken.fetch_add(1, Ordering::Relaxed);
            }
        }
        Ok(())
    }

    fn hear(&self, request: &str) {
        let mut heard = self.heard();
        if let Some(id) = between(request, "webhook-id: ", "\r\n")
            && heard.ids.insert(id.to_owned())
            && let Some(age) = between(request, "\"receivedAt\":\"", "\"").and_then(age)
        {
            heard.ages.push(age);
        }
    }
}

fn between<'a>(text: &'a str, before: &str, after: &str) -> Option<&'a str> {
    text.split_once(before)?.1.split_once(after).map(|(found, _)| found)
}

fn age(instant: &str) -> Option<Duration> {
    let then = instant.parse::<jiff::Timestamp>().ok()?.as_millisecond();
    let now = SystemTime::now().duration_since(UNIX_EPOCH).ok()?;
    Some(now.saturating_sub(Duration::from_millis(u64::try_from(then).ok()?)))
}

/// Length of the first request with its body, once all of it is there.
fn whole(received: &[u8]) -> Option<usize> {
    let head = received.windows(4).position(|window| window == b"\r\n\r\n")?;
    let text = String::from_utf8_lossy(received.get(..head)?).to_ascii_lowercase();
    let length = text.lines().find_map(|line| line.strip_prefix("content-length:"))?;
    let end = head + 4 + length.trim().parse::<usize>().ok()?;
    (received.len() >= end).then_some(end)
}
