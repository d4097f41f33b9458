//! Who is calling: an address behind trusted proxies, and what limits count by.

use std::net::IpAddr;
use std::sync::Arc;

use axum::extract::FromRequestParts;
use axum::http::HeaderMap;
use axum::http::request::Parts;

use crate::http::App;

/// The other end of the TCP connection; the accept loop puts it into every request.
#[derive(Clone, Copy, Debug)]
pub struct Peer(pub IpAddr);

/// What one visitor counts as: an IPv4 address, or the /64 of an IPv6 address, since a household or an attacker has
/// all of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Visitor(pub IpAddr);

impl Visitor {
    /// Whom that address belongs to.
    pub(super) fn of(address: IpAddr) -> Self {
        match address.to_canonical() {
            IpAddr::V4(v4) => Self(v4.into()),
            IpAddr::V6(v6) => {
                Self(std::net::Ipv6Addr::from_bits(v6.to_bits() & !u128::from(u64::MAX)).into())
            }
        }
    }
}

impl FromRequestParts<Arc<App>> for Visitor {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, Self::Rejection> {
        let peer = parts.extensions.get().map_or(IpAddr::from([0, 0, 0, 0]), |Peer(peer)| *peer);
        Ok(Self::of(client(peer, &parts.headers, &app.config.trusted_proxies)))
    }
}

/// Who is behind a trusted proxy, as `Forwarded` (RFC 7239) or `X-Forwarded-For` says. A proxy writes one of them and passes
/// on what a visitor makes up of the other: where they do not agree, neither is believed.
fn client(peer: IpAddr, headers: &HeaderMap, trusted: &[Network]) -> IpAddr {
    let is_trusted = |address: &IpAddr| is_trusted(trusted, *address);
    if !is_trusted(&peer) {
        return peer;
    }
    let forwarded = list(headers, "forwarded");
    let forwarded = forwarded.iter().map(|hop| forwarded_for(hop).and_then(address));
    let plain = list(headers, "x-forwarded-for");
    let plain = plain.iter().map(|hop| address(hop));
    let said = [forwarded.rev().collect::<Vec<_>>(), plain.rev().collect()];
    let mut said = said.iter().filter(|hops| !hops.is_empty()).map(|hops| nearest(peer, hops, is_trusted));
    match (said.next(), said.next()) {
        (Some(one), None) => one,
        (Some(one), Some(other)) if one == other => one,
        _ => peer,
    }
}

/// Whether a proxy has that address.
pub(super) fn is_trusted(trusted: &[Network], address: IpAddr) -> bool {
    trusted.iter().any(|network| network.contains(address))
}

/// The first address that no trusted proxy vouches for itself: everything behind it could be made up. `None` is no address.
fn nearest(peer: IpAddr, hops: &[Option<IpAddr>], is_trusted: impl Fn(&IpAddr) -> bool) -> IpAddr {
    let mut nearest = peer;
    for hop in hops {
        match hop {
            Some(address) if is_trusted(address) => nearest = *address,
            Some(address) => return *address,
            None => return nearest,
        }
    }
    nearest
}

/// The members of a header that is a list, from all its lines; the nearest hop is the last.
fn list<'a>(headers: &'a HeaderMap, name: &str) -> Vec<&'a str> {
    let values = headers.get_all(name).iter().filter_map(|value| value.to_str().ok());
    values.flat_map(|value| value.split(',')).map(str::trim).collect()
}

fn forwarded_for(element: &str) -> Option<&str> {
    element.split(';').find_map(|pair| {
        let (name, value) = pair.trim().split_once('=')?;
        name.eq_ignore_ascii_case("for").then(|| value.trim_matches('"'))
    })
}

/// An address with or without port and brackets.
fn address(text: &str) -> Option<IpAddr> {
    let bare = text.strip_prefix('[').and_then(|rest| rest.split(']').next()).unwrap_or(text);
    bare.parse().ok().or_else(|| text.parse::<std::net::SocketAddr>().ok().map(|socket| socket.ip()))
}

/// A range of addresses: `10.0.0.0/8`, `fd00::/8`, or one address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Network {
    address: IpAddr,
    prefix: u8,
}

impl Network {
    /// Reads a range.
    pub fn parse(text: &str) -> Option<Self> {
        let (address, prefix) = match text.trim().split_once('/') {
            Some((address, prefix)) => (address.parse().ok()?, prefix.parse().ok()?),
            None => (text.trim().parse().ok()?, u8::MAX),
        };
        let longest = if matches!(address, IpAddr::V4(_)) { 32 } else { 128 };
        let prefix = if prefix == u8::MAX { longest } else { prefix };
        (prefix <= longest).then_some(Self { address, prefix })
    }

    /// Whether an address lies in the range. An IPv4 address written as IPv6 counts as IPv4.
    pub fn contains(&self, address: IpAddr) -> bool {
        match (self.address, address.to_canonical()) {
            (IpAddr::V4(net), IpAddr::V4(address)) => {
                (net.to_bits() ^ address.to_bits()).checked_shr(32 - u32::from(self.prefix)).unwrap_or(0) == 0
            }
            (IpAddr::V6(net), IpAddr::V6(address)) => {
                (net.to_bits() ^ address.to_bits()).checked_shr(128 - u32::from(self.prefix)).unwrap_or(0)
                    == 0
            }
            _ => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(peer: &str, name: &'static str, value: &str) -> String {
        let mut headers = HeaderMap::new();
        headers.insert(name, value.parse().expect("a header"));
        let trusted = [Network::parse("10.0.0.0/8").expect("a network")];
        client(peer.parse().expect("an address"), &headers, &trusted).to_string()
    }

    #[test]
    fn a_header_counts_only_from_a_trusted_proxy() {
        assert_eq!(seen("203.0.113.9", "x-forwarded-for", "198.51.100.1"), "203.0.113.9");
        assert_eq!(seen("10.0.0.1", "x-forwarded-for", "198.51.100.1"), "198.51.100.1");
    }

    #[test]
    fn the_rightmost_untrusted_hop_is_the_visitor() {
        assert_eq!(seen("10.0.0.1", "x-forwarded-for", "1.1.1.1, 198.51.100.1, 10.2.3.4"), "198.51.100.1");
        assert_eq!(
            seen("10.0.0.1", "forwarded", "for=1.1.1.1, for=\"[2001:db8::7]:443\";proto=https"),
            "2001:db8::7"
        );
        assert_eq!(seen("10.0.0.1", "x-forwarded-for", "1.1.1.1, unknown"), "10.0.0.1");
    }

    #[test]
    fn a_header_that_the_proxy_does_not_write_is_not_believed() {
        let seen = |forwarded: &str, plain: &str| {
            let mut headers = HeaderMap::new();
            headers.insert("forwarded", forwarded.parse().expect("a header"));
            headers.insert("x-forwarded-for", plain.parse().expect("a header"));
            let trusted = [Network::parse("10.0.0.0/8").expect("a network")];
            client(IpAddr::from([10, 0, 0, 1]), &headers, &trusted).to_string()
        };
        assert_eq!(seen("for=198.51.100.1", "198.51.100.1"), "198.51.100.1");
        assert_eq!(seen("for=203.0.113.77", "198.51.100.1"), "10.0.0.1");
    }

    #[test]
    fn ipv6_counts_by_its_64() {
        let of = |text: &str| Visitor::of(text.parse().expect("an address"));
        assert_eq!(of("2001:db8::1"), of("2001:db8::ffff:1"));
        assert_ne!(of("2001:db8::1"), of("2001:db8:0:1::1"));
        assert_eq!(of("::ffff:192.0.2.1"), of("192.0.2.1"));
    }
}
