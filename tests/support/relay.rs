//! Stands between the gateway and a real CRM, and can hold an answer back.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper::{Request, Response, header};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::{TokioExecutor, TokioIo};
use tokio::net::TcpListener;

use super::crms::mishap::Gate;

/// Passes on every request, and every answer but the one that it is told to hold. It stops with the runtime it was
/// started in.
#[derive(Clone)]
pub struct Relay {
    address: SocketAddr,
    shared: Arc<Shared>,
}

struct Shared {
    /// `http://HOST:PORT` of the CRM.
    origin: String,
    client: Client<HttpConnector, Full<Bytes>>,
    /// Answers to pass on until one is held; 0 when none is to be.
    left: AtomicUsize,
    gate: Gate,
}

impl Relay {
    /// Starts one in front of the CRM at `origin`.
    pub async fn start(origin: &str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let relay = Self {
            address: listener.local_addr().expect("an address"),
            shared: Arc::new(Shared {
                origin: origin.to_owned(),
                client: Client::builder(TokioExecutor::new()).build_http(),
                left: AtomicUsize::new(0),
                gate: Gate::default(),
            }),
        };
        let shared = relay.shared.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let shared = shared.clone();
                let service = service_fn(move |request| shared.clone().serve(request));
                let connection = hyper::server::conn::http1::Builder::new();
                tokio::spawn(connection.serve_connection(TokioIo::new(stream), service));
            }
        });
        relay
    }

    /// Where it is, `http://127.0.0.1:PORT`.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The CRM does what the n-th request from now says, counted from 1, and nobody hears its answer.
    pub fn hold_answer(&self, n: usize) {
        self.shared.left.store(n, Ordering::SeqCst);
    }

    /// Waits until an answer is held.
    pub async fn held(&self) {
        self.shared.gate.held().await;
    }

    /// Holds nothing any more.
    pub fn calm(&self) {
        self.shared.left.store(0, Ordering::SeqCst);
        self.shared.gate.open();
    }
}

impl Shared {
    async fn serve(self: Arc<Self>, request: Request<Incoming>) -> io::Result<Response<Full<Bytes>>> {
        let counted = self.left.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| left.checked_sub(1));
        let answer = self.pass_on(request).await?;
        if counted == Ok(1) {
            self.gate.pass().await;
        }
        Ok(answer)
    }

    async fn pass_on(&self, request: Request<Incoming>) -> io::Result<Response<Full<Bytes>>> {
        let (mut head, body) = request.into_parts();
        let path = head.uri.path_and_query().map_or("/", |path| path.as_str());
        head.uri = format!("{}{path}", self.origin).parse().map_err(io::Error::other)?;
        head.headers.remove(header::HOST);
        let body = body.collect().await.map_err(io::Error::other)?.to_bytes();
        let request = Request::from_parts(head, Full::from(body));
        let (head, body) = self.client.request(request).await.map_err(io::Error::other)?.into_parts();
        let body = body.collect().await.map_err(io::Error::other)?.to_bytes();
        Ok(Response::from_parts(head, Full::from(body)))
    }
}
