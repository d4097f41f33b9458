//! Which hosts the requests of one connection may go to.
//!
//! A connector's URLs come from templates, and some from answers (`token.instance_url`): without this, whoever can make
//! the CRM say so would have the connection's secrets sent to a host of theirs. So there are the host of the connection's
//! own URL, the hosts of the connector's file, and those that the connection names; nothing is sent anywhere else.

use url::{Host, Url};

use super::client::RequestError;
use super::file::ConnectorFile;
use crate::definitions::Connection;

/// The hosts of one connection.
#[derive(Clone, Debug)]
pub struct Hosts {
    own: Option<Own>,
    patterns: Vec<Pattern>,
    private: Private,
}

/// Scheme, host and port of the connection's URL.
#[derive(Clone, Debug)]
struct Own {
    plain: bool,
    host: Host<String>,
    port: Option<u16>,
}

/// Whether private addresses, and plain `http`, are allowed.
#[derive(Clone, Debug)]
enum Private {
    /// Nowhere.
    No,
    /// At these hosts.
    At(Vec<String>),
    /// Everywhere the connection may go.
    Yes,
}

/// A host, or all hosts below a domain: `login.example.com`, `*.example.com`, `login.example.com:8443`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pattern {
    below: bool,
    host: Host<String>,
    port: Option<u16>,
}

impl Hosts {
    /// The hosts of a connection of `site`. `allow_private` is the operator's setting: connections (`site/connection`)
    /// and hosts.
    pub fn new(connection: &Connection, file: &ConnectorFile, site: &str, allow_private: &[String]) -> Self {
        let url = Url::parse(&connection.url_or(file.url.as_deref())).ok();
        let named = file.hosts.iter().chain(&connection.hosts);
        let itself = |allowed: &String| allowed.split_once('/') == Some((site, &connection.name));
        let private = match connection.allow_private {
            false => Private::No,
            true if allow_private.iter().any(itself) => Private::Yes,
            true => Private::At(allow_private.to_vec()),
        };
        let own = url.as_ref().and_then(Own::of);
        Self { own, patterns: named.filter_map(|text| Pattern::parse(text)).collect(), private }
    }

    /// Says whether a request may go to `url`, and if so, whether the host may have a private address and be spoken to
    /// without TLS.
    ///
    /// # Errors
    /// [`RequestError::Url`] if it is none for requests, [`RequestError::Plain`] if only the missing TLS is wrong,
    /// [`RequestError::Host`] with host and port.
    pub fn check(&self, url: &Url) -> Result<bool, RequestError> {
        let host = host(url).ok_or(RequestError::Url)?;
        let bare = url.username().is_empty() && url.password().is_none();
        if !bare || !matches!(url.scheme(), "https" | "http") {
            return Err(RequestError::Url);
        }
        let plain = url.scheme() == "http";
        let port = url.port_or_known_default();
        let is_own = self.own.as_ref().is_some_and(|own| own.host == host && own.port == port);
        if !is_own && !self.patterns.iter().any(|pattern| pattern.fits(&host, url)) {
            let port = url.port().map_or_else(String::new, |port| format!(":{port}"));
            return Err(RequestError::Host(format!("{host}{port}")));
        }
        if plain && !self.own.as_ref().is_some_and(|own| own.plain) {
            return Err(RequestError::Plain);
        }
        Ok(match &self.private {
            Private::No => false,
            Private::At(hosts) => hosts.iter().any(|allowed| *allowed == host.to_string()),
            Private::Yes => true,
        })
    }
}

impl Own {
    fn of(url: &Url) -> Option<Self> {
        Some(Self { plain: url.scheme() == "http", host: host(url)?, port: url.port_or_known_default() })
    }
}

impl Pattern {
    /// Reads one. A `*` stands only for everything below a domain that has a dot itself: `*.com` is nobody's.
    pub fn parse(text: &str) -> Option<Self> {
        let (below, name) = text.strip_prefix("*.").map_or((false, text), |name| (true, name));
        if name.contains(|char: char| "/\\?#@*".contains(char) || char.is_whitespace() || char.is_control()) {
            return None;
        }
        let url = Url::parse(&format!("https://{name}")).ok()?;
        let host = host(&url)?;
        let is_domain = matches!(&host, Host::Domain(domain) if domain.contains('.'));
        (!below || is_domain).then_some(Self { below, host, port: url.port() })
    }

    /// The port is the scheme's own unless the pattern says another.
    fn fits(&self, host: &Host<String>, url: &Url) -> bool {
        if url.port() != self.port {
            return false;
        }
        match (&self.host, host) {
            (Host::Domain(domain), Host::Domain(host)) if self.below => host
                .strip_suffix(domain)
                .and_then(|labels| labels.strip_suffix('.'))
                .is_some_and(|labels| !labels.is_empty()),
            (own, host) => own == host,
        }
    }
}

/// The host as the WHATWG parser has it, small letters, IDNs and every notation of an address in one form, without the
/// dot that may end a name.
fn host(url: &Url) -> Option<Host<String>> {
    Some(match url.host()?.to_owned() {
        Host::Domain(name) => Host::Domain(name.strip_suffix('.').unwrap_or(&name).to_owned()),
        address => address,
    })
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn hosts(url: &str, members: Value, allow_private: &[&str]) -> Hosts {
        let file = json!({
            "connector": "any", "title": "Any", "verified": "documentation", "steps": [],
            "hosts": ["login.example.org", "*.crm.example.net"]
        });
        let mut connection = json!({"name": "crm", "connector": "any", "url": url});
        connection.as_object_mut().unwrap().extend(members.as_object().unwrap().clone());
        let allowed: Vec<String> = allow_private.iter().map(|host| (*host).to_owned()).collect();
        let connection = serde_json::from_value(connection).unwrap();
        Hosts::new(&connection, &serde_json::from_value(file).unwrap(), "clinic", &allowed)
    }

    fn check(hosts: &Hosts, url: &str) -> Result<bool, String> {
        let url = Url::parse(url).map_err(|error| error.to_string())?;
        hosts.check(&url).map_err(|error| error.to_string())
    }

    #[test]
    fn requests_go_to_the_own_host_and_to_those_that_are_named() {
        let hosts = hosts(
            "https://Crm.Example.com/base",
            json!({"hosts": ["例子.测试", "sso.example.com:8443"]}),
            &[],
        );
        for url in [
            "https://crm.example.com",
            "https://CRM.EXAMPLE.COM:443/x?y",
            "https://crm.example.com./x",
            "https://crm.ex%61mple.com",
            "https://login.example.org/token",
            "https://eu1.crm.example.net",
            "https://a.b.crm.example.net",
            "https://xn--fsqu00a.xn--0zwm56d/",
            "https://例子.测试/",
            "https://sso.example.com:8443/realms/crm/token",
        ] {
            assert_eq!(check(&hosts, url), Ok(false), "{url}");
        }
    }

    #[test]
    fn nothing_is_sent_anywhere_else() {
        let hosts = hosts(
            "https://crm.example.com",
            json!({"hosts": ["sso.example.com:8443"]}),
            &["crm.example.com"],
        );
        for url in [
            "https://evil.example",
            "https://example.com",
            "https://crm.example.com.evil.example",
            "https://crm.example.com..",
            "https://evilcrm.example.com",
            "https://crm.example.com:8443",
            "https://crm.example.com:80",
            "http://crm.example.com:443",
            "http://crm.example.com",
            "https://crm.example.com@evil.example",
            "https://crm.example.com:443@evil.example",
            "https://crm.example.com:pw@crm.example.com",
            "https://user@crm.example.com",
            "https://evil.example#@crm.example.com",
            "https://evil.example?@crm.example.com",
            "https://evil.example\\@crm.example.com",
            "https://evil.example/crm.example.com",
            "https://crm。example。com.evil.example",
            "https://сrm.example.com",
            "https://login.example.org:8443",
            "http://login.example.org",
            "https://login.example.org.evil.example",
            "https://crm.example.net",
            "https://.crm.example.net",
            "https://evilcrm.example.net",
            "https://eu1.crm.example.net:444",
            "https://eu1.crm.example.net.evil.example",
            "https://sso.example.com",
            "https://127.0.0.1",
            "https://2130706433",
            "https://0x7f.1",
            "https://[::1]",
            "https://[::ffff:127.0.0.1]",
            "https://localhost",
            "ftp://crm.example.com",
            "file:///etc/passwd",
            "javascript:alert(1)",
            "data:text/plain,crm.example.com",
            "ws://crm.example.com",
            "unix:/run/crm",
        ] {
            assert!(check(&hosts, url).is_err(), "{url}");
        }
    }

    #[test]
    fn a_refusal_names_host_and_fix() {
        let hosts = hosts("https://crm.example.com", json!({}), &[]);
        let refused = check(&hosts, "https://evil.example:81/x?token=1").unwrap_err();
        assert!(refused.contains("evil.example:81") && refused.contains("\"hosts\""), "{refused}");
        assert!(!refused.contains("token"), "{refused}");
    }

    #[test]
    fn an_address_is_one_host_in_every_notation() {
        let hosts = hosts("https://10.0.0.7:8069", json!({}), &[]);
        assert_eq!(check(&hosts, "https://0x0a.7:8069/x"), Ok(false));
        assert!(check(&hosts, "https://10.0.0.8:8069").is_err());
    }

    #[test]
    fn private_addresses_and_http_need_the_definition_and_the_settings() {
        let url = "http://crm.local:8069";
        let allow = json!({"allowPrivate": true, "hosts": ["sso.local"]});
        assert_eq!(check(&hosts(url, json!({}), &["crm.local"]), url), Ok(false));
        assert_eq!(check(&hosts(url, allow.clone(), &[]), url), Ok(false));
        assert_eq!(check(&hosts(url, allow.clone(), &["crm.local"]), url), Ok(true));
        assert_eq!(check(&hosts(url, allow.clone(), &["crm.local"]), "http://sso.local"), Ok(false));
        assert_eq!(check(&hosts(url, allow.clone(), &["clinic/crm"]), "http://sso.local"), Ok(true));
        assert_eq!(check(&hosts(url, allow, &["other/crm"]), url), Ok(false));
    }

    #[test]
    fn what_is_no_host_is_no_pattern() {
        for text in
            ["", "*", "*.", "*.com", "*.10.0.0.1", "a*.example.com", "*.*.example.com", "https://example.com"]
        {
            assert_eq!(Pattern::parse(text), None, "{text}");
        }
        for text in
            ["example.com/x", "me@example.com", "exa mple.com", "example.com\n", "example.com?x", "a:b:c"]
        {
            assert_eq!(Pattern::parse(text), None, "{text}");
        }
    }
}
