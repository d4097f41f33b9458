//! The HTTP client towards CRMs: guarded addresses, no redirects, no proxy, bounded in time and bytes.

use std::error::Error;
use std::fmt;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use http_body_util::{BodyExt, Full};
use hyper::body::{Bytes, Incoming};
use hyper::header::{HeaderValue, USER_AGENT};
use hyper::{HeaderMap, Method, Request, Uri};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::Client as Pool;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use rustls::{ClientConfig, RootCertStore};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tower_service::Service;
use url::{Host, Url};

use super::address::{self, Refused};

/// How long looking up a name and connecting may take, together.
const CONNECT: Duration = Duration::from_secs(5);

/// How much of an answer is read, enough for a page of search results; the rest is dropped with its connection.
pub const ANSWER: usize = 256 * 1024;

/// Our name.
const AGENT: HeaderValue = HeaderValue::from_static(concat!("crm-widgets/", env!("CARGO_PKG_VERSION")));

/// Where a request goes and what it may do.
#[derive(Clone, Copy, Debug)]
pub struct Destination<'a> {
    /// The whole URL.
    pub url: &'a str,
    /// How long the exchange may take as a whole.
    pub limit: Duration,
    /// Whether any address and plain `http` are allowed.
    pub trusted: bool,
}

impl Destination<'_> {
    /// The WHATWG parser brings every notation of an address (decimal, octal, hexadecimal, full-width) to one form.
    fn uri(&self) -> Result<Uri, RequestError> {
        let url = Url::parse(self.url).map_err(|_| RequestError::Url)?;
        let bare = url.username().is_empty() && url.password().is_none();
        match url.scheme() {
            _ if !url.has_host() || !bare => Err(RequestError::Url),
            "https" => url.as_str().parse().map_err(|_| RequestError::Url),
            "http" if self.trusted => url.as_str().parse().map_err(|_| RequestError::Url),
            "http" => Err(RequestError::Plain),
            _ => Err(RequestError::Url),
        }
    }
}

/// What came back: the status, the headers and the start of the body.
#[derive(Debug)]
pub struct Answer {
    /// HTTP status.
    pub status: u16,
    /// All headers.
    pub headers: HeaderMap,
    /// At most 256 KiB.
    pub body: Bytes,
}

/// Why nothing came back.
#[derive(Debug)]
pub enum RequestError {
    /// The URL is not `http` or `https`, has no host, or carries a user name or password.
    Url,
    /// `http` to a destination that the settings do not name: personal data does not cross the Internet in clear.
    Plain,
    /// The connection was not set up for this host, and port where it is not the usual one.
    Host(String),
    /// None of the host's addresses may be connected to.
    Refused(Refused),
    /// The whole exchange took longer than allowed.
    Timeout,
    /// The request is a mail, and it cannot be sent as things are set up: why, and what to do.
    Mail(String),
    /// The name was not found, or the connection was refused, reset or not trusted.
    Network(String),
}

impl fmt::Display for RequestError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Url => f.write_str("the URL is not http(s)://host/… without user name and password"),
            Self::Plain => f.write_str("http is only for destinations that the settings allow; use https, or start with --allow-private HOST"),
            Self::Host(host) => write!(
                f,
                "this connection's requests may not go to {host}; if they should, add it to the connection's \"hosts\""
            ),
            Self::Refused(refused) => write!(f, "{refused}; if it is yours, start with --allow-private HOST and write \"allowPrivate\": true in the connection"),
            Self::Timeout => f.write_str("no answer in time"),
            Self::Mail(cause) | Self::Network(cause) => f.write_str(cause),
        }
    }
}

impl Error for RequestError {}

/// Keeps connections open between requests. Cheap to clone.
///
/// Guarded and trusted requests have a pool each: a connection that was opened for a destination which may be
/// private must not be found by one which may not.
#[derive(Clone)]
pub struct Client {
    guarded: Pool<HttpsConnector<Dialer>, Full<Bytes>>,
    trusted: Pool<HttpsConnector<Dialer>, Full<Bytes>>,
}

impl Client {
    /// A client that trusts the certificates of the system and those that Mozilla ships.
    ///
    /// # Errors
    /// When TLS cannot be set up.
    pub fn new() -> Result<Self, rustls::Error> {
        let tls = tls()?;
        let pool = |guarded| pool(Dialer { guarded }, &tls);
        Ok(Self { guarded: pool(true), trusted: pool(false) })
    }

    /// Sends one request, with our name as `user-agent` where `headers` have none, and reads the start of the answer.
    ///
    /// # Errors
    /// See [`RequestError`]; an answer with any status is not an error.
    pub async fn send(
        &self,
        destination: &Destination<'_>,
        method: Method,
        mut headers: HeaderMap,
        body: Bytes,
    ) -> Result<Answer, RequestError> {
        let mut request = Request::new(Full::new(body));
        *request.uri_mut() = destination.uri()?;
        *request.method_mut() = method;
        headers.entry(USER_AGENT).or_insert(AGENT);
        *request.headers_mut() = headers;
        let pool = if destination.trusted { &self.trusted } else { &self.guarded };
        timeout(destination.limit, exchange(pool, request)).await.unwrap_or(Err(RequestError::Timeout))
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Client")
    }
}

async fn exchange(
    pool: &Pool<HttpsConnector<Dialer>, Full<Bytes>>,
    request: Request<Full<Bytes>>,
) -> Result<Answer, RequestError> {
    let (head, body) = pool.request(request).await.map_err(|error| cause(&error))?.into_parts();
    let body = start(body).await?;
    Ok(Answer { status: head.status.as_u16(), headers: head.headers, body })
}

async fn start(mut body: Incoming) -> Result<Bytes, RequestError> {
    let mut read = Vec::new();
    while let Some(frame) = body.frame().await {
        let Ok(data) = frame.map_err(|error| cause(&error))?.into_data() else { continue };
        let room = ANSWER - read.len();
        read.extend_from_slice(data.get(..room).unwrap_or(&data));
        if read.len() == ANSWER {
            break;
        }
    }
    Ok(read.into())
}

/// Finds the refusal in the chain of causes; otherwise the chain's own words, which hold no personal data.
fn cause(error: &(dyn Error + 'static)) -> RequestError {
    let mut chain = vec![error];
    while let Some(source) = chain.last().copied().and_then(Error::source) {
        chain.push(source);
    }
    let io = || chain.iter().filter_map(|error| error.downcast_ref::<io::Error>());
    let refused = io().find_map(|error| error.get_ref()?.downcast_ref::<Refused>());
    if let Some(refused) = refused {
        RequestError::Refused(*refused)
    } else if io().any(|error| error.kind() == io::ErrorKind::TimedOut) {
        RequestError::Timeout
    } else {
        RequestError::Network(chain.iter().map(ToString::to_string).collect::<Vec<_>>().join(": "))
    }
}

fn pool(dialer: Dialer, tls: &ClientConfig) -> Pool<HttpsConnector<Dialer>, Full<Bytes>> {
    let https = HttpsConnectorBuilder::new()
        .with_tls_config(tls.clone())
        .https_or_http()
        .enable_http1()
        .wrap_connector(dialer);
    Pool::builder(TokioExecutor::new())
        .pool_timer(TokioTimer::new())
        .pool_idle_timeout(Duration::from_secs(20))
        .pool_max_idle_per_host(32)
        .build(https)
}

fn tls() -> Result<ClientConfig, rustls::Error> {
    let mut roots = RootCertStore::empty();
    roots.extend(webpki_roots::TLS_SERVER_ROOTS.iter().cloned());
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions()?;
    Ok(builder.with_root_certificates(roots).with_no_client_auth())
}

/// Opens the TCP connection: the only place that looks up a destination's name.
#[derive(Clone, Debug)]
struct Dialer {
    guarded: bool,
}

impl Service<Uri> for Dialer {
    type Response = TokioIo<TcpStream>;
    type Error = io::Error;
    type Future = Pin<Box<dyn Future<Output = io::Result<Self::Response>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, uri: Uri) -> Self::Future {
        let guarded = self.guarded;
        Box::pin(async move {
            let stream =
                timeout(CONNECT, dial(uri, guarded)).await.unwrap_or(Err(io::ErrorKind::TimedOut.into()))?;
            Ok(TokioIo::new(stream))
        })
    }
}

/// Connects to the first address that may be connected to and answers.
async fn dial(uri: Uri, guarded: bool) -> io::Result<TcpStream> {
    let mut last = io::Error::from(io::ErrorKind::NotFound);
    for address in look_up(&uri).await? {
        if guarded && let Err(refused) = address::check(address.ip()) {
            last = io::Error::new(io::ErrorKind::PermissionDenied, refused);
            continue;
        }
        match TcpStream::connect(address).await {
            Ok(stream) => return stream.set_nodelay(true).map(|()| stream),
            Err(error) => last = error,
        }
    }
    Err(last)
}

async fn look_up(uri: &Uri) -> io::Result<Vec<SocketAddr>> {
    let host = uri.host().ok_or(io::ErrorKind::InvalidInput)?;
    let port = uri.port_u16().unwrap_or(if uri.scheme_str() == Some("https") { 443 } else { 80 });
    match Host::parse(host).map_err(|_| io::ErrorKind::InvalidInput)? {
        Host::Ipv4(ip) => Ok(vec![(IpAddr::from(ip), port).into()]),
        Host::Ipv6(ip) => Ok(vec![(IpAddr::from(ip), port).into()]),
        Host::Domain(name) => Ok(tokio::net::lookup_host((name, port)).await?.collect()),
    }
}
