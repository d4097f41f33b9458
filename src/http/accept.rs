//! Our own accept loop: `axum::serve` sets no timers, so a client that never finishes its header would stay for ever.

use std::io;
use std::net::IpAddr;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use axum::Router;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::{GracefulShutdown, Watcher};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::{Sleep, sleep, timeout};
use tower_service::Service;

use crate::http::App;
use crate::http::body::Heard;
use crate::http::peers::Peers;
use crate::http::visitor::Peer;

/// From a connection's first byte, or the end of the last answer, to the end of the next header.
const HEADER: Duration = Duration::from_secs(10);
/// A client that takes nothing of its answer for that long is cut off.
const STALL: Duration = Duration::from_secs(30);
/// Open requests may take that long once the stop signal came.
const DEADLINE: Duration = Duration::from_secs(20);
/// Header and read buffer of one connection.
const BUFFER: usize = 32 * 1024;

/// Serves until `shutdown` ends, then lets open requests finish. A connection of an address that has as many as it may is
/// closed and counted.
pub async fn accept(listener: TcpListener, router: Router, app: &App, shutdown: impl Future<Output = ()>) {
    let room = Arc::new(Semaphore::new(app.config.max_connections));
    let peers = Peers::new(app.config.visitor_connections, app.config.trusted_proxies.clone());
    let graceful = GracefulShutdown::new();
    let mut shutdown = pin!(shutdown);
    loop {
        let next = tokio::select! {
            biased;
            () = &mut shutdown => break,
            next = next(&listener, &room) => next,
        };
        match next {
            Ok((stream, peer, permit)) => {
                let Some(place) = peers.admit(peer) else {
                    app.metrics.turned_away();
                    continue;
                };
                let (router, watcher) = (router.clone(), graceful.watcher());
                tokio::spawn(async move {
                    converse(stream, peer, router, watcher).await;
                    drop((place, permit));
                });
            }
            // Out of file descriptors, mostly: others will be closed in a moment.
            Err(cause) => {
                tracing::warn!(%cause, "cannot accept");
                sleep(Duration::from_millis(100)).await;
            }
        }
    }
    drop(listener);
    if timeout(DEADLINE, graceful.shutdown()).await.is_err() {
        tracing::warn!("some requests were cut off at the deadline");
    }
}

async fn next(
    listener: &TcpListener,
    room: &Arc<Semaphore>,
) -> io::Result<(TcpStream, IpAddr, OwnedSemaphorePermit)> {
    let permit = room.clone().acquire_owned().await.map_err(io::Error::other)?;
    let (stream, peer) = listener.accept().await?;
    Ok((stream, peer.ip(), permit))
}

async fn converse(stream: TcpStream, peer: IpAddr, router: Router, watcher: Watcher) {
    let _ = stream.set_nodelay(true);
    let service = hyper::service::service_fn(move |mut request: hyper::Request<Incoming>| {
        request.extensions_mut().insert(Peer(peer));
        router.clone().call(request.map(Heard::from))
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEADER)
        .max_buf_size(BUFFER)
        .serve_connection(TokioIo::new(Unstalled { stream, stall: None }), service);
    // What goes wrong here is the client's connection: nothing to answer, nothing to do.
    let _ = watcher.watch(connection).await;
}

/// A stream whose writes fail once the other side has taken nothing for [`STALL`].
struct Unstalled {
    stream: TcpStream,
    stall: Option<Pin<Box<Sleep>>>,
}

impl Unstalled {
    fn watch<T>(&mut self, context: &mut Context<'_>, written: Poll<io::Result<T>>) -> Poll<io::Result<T>> {
        if written.is_ready() {
            self.stall = None;
            return written;
        }
        let stall = self.stall.get_or_insert_with(|| Box::pin(sleep(STALL)));
        ready!(stall.as_mut().poll(context));
        Poll::Ready(Err(io::ErrorKind::TimedOut.into()))
    }
}

impl AsyncRead for Unstalled {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(context, buffer)
    }
}

impl AsyncWrite for Unstalled {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write(context, bytes);
        self.watch(context, written)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write_vectored(context, slices);
        self.watch(context, written)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}
