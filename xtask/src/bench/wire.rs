//! The smallest HTTP/1.1 client that measures others and not itself: one connection, kept open, bytes out, bytes in.

use std::net::SocketAddr;

use anyhow::{Context, Result, bail};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// A connection that is kept open from request to request.
#[derive(Debug)]
pub struct Wire {
    stream: TcpStream,
    buffer: Vec<u8>,
}

/// An answer whose body has a declared length.
#[derive(Debug)]
pub struct Answer<'a> {
    /// Its status, e.g. 201.
    pub status: u16,
    /// Its body, as it was sent.
    pub body: &'a [u8],
}

impl Wire {
    /// Connects.
    ///
    /// # Errors
    /// When nobody listens.
    pub async fn connect(address: SocketAddr) -> Result<Self> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        Ok(Self { stream, buffer: vec![0; 64 * 1024] })
    }

    /// Sends a whole request and reads the whole answer.
    ///
    /// # Errors
    /// When the connection breaks or the answer has no length.
    pub async fn exchange(&mut self, request: &[u8]) -> Result<Answer<'_>> {
        self.stream.write_all(request).await?;
        let mut filled = 0;
        loop {
            let room = self.buffer.get_mut(filled..).context("an answer that is too long")?;
            let read = self.stream.read(room).await?;
            if read == 0 {
                bail!("the connection was closed before the answer ended");
            }
            filled += read;
            let Some(head) = find(&self.buffer[..filled], b"\r\n\r\n") else { continue };
            let length = length(&self.buffer[..head])?;
            let start = head + 4;
            if self.buffer.len() < start + length {
                self.buffer.resize(start + length, 0);
            }
            if filled >= start + length {
                let status = std::str::from_utf8(&self.buffer[9..12])?.parse()?;
                return Ok(Answer { status, body: &self.buffer[start..start + length] });
            }
        }
    }

    /// Asks for an address.
    ///
    /// # Errors
    /// As [`Wire::exchange`].
    pub async fn get(&mut self, path: &str) -> Result<Answer<'_>> {
        self.exchange(format!("GET {path} HTTP/1.1\r\nhost: bench\r\naccept-encoding: br\r\n\r\n").as_bytes())
            .await
    }
}

/// The bytes of a POST of JSON.
pub fn post(path: &str, headers: &str, body: &str) -> Vec<u8> {
    let length = body.len();
    format!(
        "POST {path} HTTP/1.1\r\nhost: bench\r\ncontent-type: application/json\r\ncontent-length: {length}\r\n{headers}\r\n{body}"
    )
    .into_bytes()
}

fn length(head: &[u8]) -> Result<usize> {
    let head = std::str::from_utf8(head)?;
    let header = head.lines().find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.eq_ignore_ascii_case("content-length").then(|| value.trim())
    });
    match header {
        Some(value) => Ok(value.parse()?),
        None if head.contains(" 204 ") || head.contains(" 304 ") => Ok(0),
        None => bail!("an answer without a length: {}", head.lines().next().unwrap_or_default()),
    }
}

fn find(bytes: &[u8], pattern: &[u8]) -> Option<usize> {
    bytes.windows(pattern.len()).position(|window| window == pattern)
}
