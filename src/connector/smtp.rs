//! The gateway's own SMTP server, by which mails leave (RFC 5321). One connection a mail.

use std::fmt;
use std::net::SocketAddr;
use std::time::Duration;

use hyper::HeaderMap;
use lettre::transport::smtp;
use lettre::transport::smtp::authentication::{Credentials, Mechanism};
use lettre::transport::smtp::client::{
    AsyncSmtpConnection, Certificate, CertificateStore, TlsParameters, TlsParametersBuilder,
};
use lettre::transport::smtp::commands::{Data, Mail as MailFrom, Rcpt};
use lettre::transport::smtp::extension::ClientId;
use serde_json::json;
use tokio::time::timeout;
use url::{Host, Url};

use super::address;
use super::client::{Answer, RequestError};
use super::mail::{Letter, Mail, MailError};

/// The scheme of a request that is a mail.
pub const SCHEME: &str = "smtp";

/// How long each address may take to connect to.
const CONNECT: Duration = Duration::from_secs(5);

/// How long a server may look at a mail before it says that it has it (RFC 5321, 4.5.3.2.6): who asks again sooner sends
/// it twice.
pub const CONTENT: Duration = Duration::from_secs(600);

/// How long a server that has taken a mail is waited for to say goodbye.
const GOODBYE: Duration = Duration::from_secs(1);

/// Whether what is sent there is mails.
pub fn is_url(url: &str) -> bool {
    url.split(':').next() == Some(SCHEME)
}

/// Where the operator's SMTP server is.
#[derive(Clone, PartialEq, Eq)]
pub struct Server {
    /// TLS from the first byte (`smtps://`), or after STARTTLS.
    implicit: bool,
    host: Host<String>,
    port: u16,
    user: Option<String>,
    password: Option<String>,
}

impl fmt::Debug for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Server({}:{})", self.host, self.port)
    }
}

impl Server {
    /// Reads `smtps://user@host:465` or `smtp://user@host:587`; `None` for anything else, a password in it too.
    pub fn parse(text: &str, password: Option<String>) -> Option<Self> {
        let url = Url::parse(text).ok()?;
        let implicit = match url.scheme() {
            "smtps" => true,
            "smtp" => false,
            _ => return None,
        };
        let bare = url.password().is_none() && matches!(url.path(), "" | "/") && url.query().is_none();
        let user = percent_encoding::percent_decode_str(url.username()).decode_utf8().ok()?.into_owned();
        // The parser looks for addresses only in URLs of schemes it knows.
        let host = Host::parse(url.host_str().filter(|_| bare)?).ok()?;
        let port = url.port().unwrap_or(if implicit { 465 } else { 587 });
        Some(Self { implicit, host, port, user: Some(user).filter(|user| !user.is_empty()), password })
    }
}

/// Sends mails.
#[derive(Clone)]
pub struct Mailer {
    server: Server,
    /// Whether the server may have a private address and be spoken to in clear.
    trusted: bool,
    tls: TlsParameters,
    hello: ClientId,
}

impl fmt::Debug for Mailer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.server.fmt(f)
    }
}

/// Where a mail was refused, with the server's own words.
struct Refusal {
    command: &'static str,
    error: smtp::Error,
}

impl Mailer {
    /// Sets up TLS once. `allow_private` is the operator's setting; `public_url` says by which name we introduce ourselves.
    ///
    /// # Errors
    /// When TLS cannot be set up.
    pub fn new(server: Server, allow_private: &[String], public_url: &str) -> Result<Self, smtp::Error> {
        let name = server.host.to_string();
        let trusted = allow_private.contains(&name);
        let own = Url::parse(public_url).ok().and_then(|url| url.domain().map(str::to_owned));
        let hello = own.map_or_else(ClientId::default, ClientId::Domain);
        Ok(Self { tls: tls(name)?, server, trusted, hello })
    }

    /// Sends the mail that is written in `body`. A refusal is an answer too, with the server's code as its status and
    /// `{"command": "rcpt", "said": "…"}` as its body. `limit` is for all that comes before the content.
    ///
    /// # Errors
    /// See [`RequestError`].
    pub async fn send(&self, body: &[u8], limit: Duration) -> Result<Answer, RequestError> {
        let letter = match Mail::read(body).and_then(Mail::letter) {
            Ok(letter) => letter,
            Err(MailError::Written(cause)) => return Err(RequestError::Mail(cause)),
            Err(refused @ MailError::Recipient) => return Ok(answer(553, "rcpt", &refused.to_string())),
        };
        let sent = async {
            let mut connection = within(limit, self.announce(&letter)).await?;
            let content = async { connection.message(&letter.bytes).await.map_err(refused("content")) };
            let response = within(CONTENT, content).await?;
            // It has the mail: whether it hears our goodbye changes nothing.
            let _ = timeout(GOODBYE, connection.quit()).await;
            Ok(answer(response.code().into(), "content", &response.message().collect::<Vec<_>>().join(" ")))
        };
        match sent.await {
            Ok(answer) => Ok(answer),
            Err(Failure::Refused(Refusal { command, error })) => match error.status() {
                Some(code) => Ok(answer(code.into(), command, &words(&error))),
                None if error.is_timeout() => Err(RequestError::Timeout),
                None => Err(RequestError::Network(format!("{command}: {}", words(&error)))),
            },
            Err(Failure::Request(error)) => Err(error),
        }
    }

    /// Opens a connection on which the content is what comes next.
    async fn announce(&self, letter: &Letter) -> Result<AsyncSmtpConnection, Failure> {
        let mut connection = self.connect().await?;
        self.greet(&mut connection).await?;
        envelope(&mut connection, letter).await?;
        Ok(connection)
    }

    /// Connects to the first address that may be connected to and answers.
    async fn connect(&self) -> Result<AsyncSmtpConnection, Failure> {
        let mut last = Failure::Request(RequestError::Network("the host has no address".to_owned()));
        for address in self.look_up().await? {
            if !self.trusted
                && let Err(refused) = address::check(address.ip())
            {
                last = RequestError::Refused(refused).into();
                continue;
            }
            let tls = self.server.implicit.then(|| self.tls.clone());
            let connected =
                AsyncSmtpConnection::connect_tokio1(address, Some(CONNECT), &self.hello, tls, None);
            match connected.await {
                Ok(connection) => return Ok(connection),
                Err(error) => last = Failure::Refused(Refusal { command: "connect", error }),
            }
        }
        Err(last)
    }

    async fn look_up(&self) -> Result<Vec<SocketAddr>, RequestError> {
        let port = self.server.port;
        match &self.server.host {
            Host::Ipv4(ip) => Ok(vec![(*ip, port).into()]),
            Host::Ipv6(ip) => Ok(vec![(*ip, port).into()]),
            Host::Domain(name) => match tokio::net::lookup_host((name.as_str(), port)).await {
                Ok(found) => Ok(found.collect()),
                Err(cause) => Err(RequestError::Network(cause.to_string())),
            },
        }
    }

    /// Encrypts and says who we are. In clear only to a server that the settings name.
    async fn greet(&self, connection: &mut AsyncSmtpConnection) -> Result<(), Failure> {
        if connection.can_starttls() {
            connection.starttls(self.tls.clone(), &self.hello).await.map_err(refused("starttls"))?;
        }
        if !connection.is_encrypted() && !self.trusted {
            let cause =
                "the SMTP server does not offer STARTTLS; use smtps://, or allow its host in allow_private";
            return Err(RequestError::Mail(cause.to_owned()).into());
        }
        let Some(user) = &self.server.user else { return Ok(()) };
        let credentials = Credentials::new(user.clone(), self.server.password.clone().unwrap_or_default());
        let known = [Mechanism::Plain, Mechanism::Login];
        connection.auth(&known, &credentials).await.map(drop).map_err(refused("auth"))
    }
}

/// What takes longer has failed.
async fn within<T>(limit: Duration, work: impl Future<Output = Result<T, Failure>>) -> Result<T, Failure> {
    timeout(limit, work).await.unwrap_or(Err(RequestError::Timeout.into()))
}

/// The commands before a mail's content, one by one: what a refusal means depends on which it answers.
async fn envelope(connection: &mut AsyncSmtpConnection, letter: &Letter) -> Result<(), Failure> {
    let from = MailFrom::new(letter.envelope.from().cloned(), Vec::new());
    connection.command(from).await.map_err(refused("mail"))?;
    for to in letter.envelope.to() {
        connection.command(Rcpt::new(to.clone(), Vec::new())).await.map_err(refused("rcpt"))?;
    }
    connection.command(Data).await.map(drop).map_err(refused("data"))
}

enum Failure {
    Request(RequestError),
    Refused(Refusal),
}

impl From<RequestError> for Failure {
    fn from(error: RequestError) -> Self {
        Self::Request(error)
    }
}

fn refused(command: &'static str) -> impl FnOnce(smtp::Error) -> Failure {
    move |error| Failure::Refused(Refusal { command, error })
}

fn answer(status: u16, command: &str, said: &str) -> Answer {
    let body = json!({"command": command, "said": said}).to_string();
    Answer { status, headers: HeaderMap::new(), body: body.into() }
}

/// The server's words, or the network's.
fn words(error: &smtp::Error) -> String {
    let source = std::error::Error::source(error);
    source.map_or_else(|| error.to_string(), ToString::to_string)
}

/// Trusts what the HTTP client trusts: the certificates of the system and those that Mozilla ships.
fn tls(host: String) -> Result<TlsParameters, smtp::Error> {
    let mut builder = TlsParametersBuilder::new(host).certificate_store(CertificateStore::WebpkiRoots);
    for certificate in rustls_native_certs::load_native_certs().certs {
        // One that cannot be read must not keep the gateway from starting.
        if rustls::RootCertStore::empty().add(certificate.clone()).is_ok() {
            builder = builder.add_root_certificate(Certificate::from_der(certificate.to_vec())?);
        }
    }
    builder.build()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_is_an_address_with_a_user_and_without_a_password() {
        let read =
            |text: &str| Server::parse(text, None).map(|server| (server.implicit, server.port, server.user));
        assert_eq!(read("smtps://mail.example.com"), Some((true, 465, None)));
        assert_eq!(
            read("smtp://me%40example.com@mail.example.com:2525"),
            Some((false, 2525, Some("me@example.com".into())))
        );
        for wrong in [
            "mail.example.com",
            "http://mail.example.com",
            "smtp:",
            "smtp://me:pw@mail.example.com",
            "smtp://h/x",
        ] {
            assert_eq!(read(wrong), None, "{wrong}");
        }
        assert_eq!(Server::parse("smtp://127.0.0.1", None).unwrap().host, Host::parse("127.0.0.1").unwrap());
    }
}
