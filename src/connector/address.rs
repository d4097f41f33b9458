//! Which addresses a destination may have: the guard against requests forged into the gateway's own network (SSRF).
//!
//! It is asked for every address at the moment of connecting, after names were resolved, and the address it was asked
//! for is the one that is connected to. A name that resolves differently a second later (DNS rebinding) gains nothing.
//! Sources: the IANA special-purpose address registries (RFC 6890 and its updates).

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Why an address is refused: the name of its range.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Refused(pub &'static str);

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the address is in the range \"{}\", which is not allowed for this destination", self.0)
    }
}

impl std::error::Error for Refused {}

/// Everything in IPv4 that is not somebody's public host.
const V4: [([u8; 4], u32, &str); 17] = [
    ([0, 0, 0, 0], 8, "this network"),
    ([10, 0, 0, 0], 8, "private"),
    ([100, 64, 0, 0], 10, "carrier-grade NAT"),
    ([127, 0, 0, 0], 8, "loopback"),
    // Azure answers its machines' metadata on this public address.
    ([168, 63, 129, 16], 32, "cloud metadata"),
    ([169, 254, 0, 0], 16, "link-local"),
    ([172, 16, 0, 0], 12, "private"),
    ([192, 0, 0, 0], 24, "protocol assignments"),
    ([192, 0, 2, 0], 24, "documentation"),
    ([192, 31, 196, 0], 24, "AS112"),
    ([192, 88, 99, 0], 24, "6to4 relay"),
    ([192, 168, 0, 0], 16, "private"),
    ([198, 18, 0, 0], 15, "benchmark"),
    ([198, 51, 100, 0], 24, "documentation"),
    ([203, 0, 113, 0], 24, "documentation"),
    ([224, 0, 0, 0], 4, "multicast"),
    ([240, 0, 0, 0], 4, "reserved"),
];

/// What is not a public host inside 2000::/3; the rest of IPv6 is refused as a whole.
const V6: [([u16; 3], u32, &str); 6] = [
    ([0x2001, 0, 0], 32, "Teredo"),
    ([0x2001, 0x2, 0], 48, "benchmark"),
    ([0x2001, 0, 0], 23, "protocol assignments"),
    ([0x2001, 0xdb8, 0], 32, "documentation"),
    ([0x2002, 0, 0], 16, "6to4"),
    ([0x3fff, 0, 0], 20, "documentation"),
];

/// Says whether a request may go to `address`.
///
/// # Errors
/// The range that keeps it from being a public host.
pub fn check(address: IpAddr) -> Result<(), Refused> {
    let range = match address {
        IpAddr::V4(address) => range_v4(address),
        IpAddr::V6(address) => range_v6(address),
    };
    range.map_or(Ok(()), |name| Err(Refused(name)))
}

fn range_v4(address: Ipv4Addr) -> Option<&'static str> {
    let bits = address.to_bits();
    V4.iter()
        .find(|(start, length, _)| (bits ^ u32::from_be_bytes(*start)).leading_zeros() >= *length)
        .map(|(_, _, name)| *name)
}

fn range_v6(address: Ipv6Addr) -> Option<&'static str> {
    let bits = address.to_bits();
    if bits >> 125 != 0b001 {
        return Some(outside_global_unicast(address));
    }
    V6.iter()
        .find(|([a, b, c], length, _)| {
            let start = Ipv6Addr::new(*a, *b, *c, 0, 0, 0, 0, 0).to_bits();
            (bits ^ start).leading_zeros() >= *length
        })
        .map(|(_, _, name)| *name)
}

/// The name is for the operator who reads it in the attempt; the refusal does not depend on it.
fn outside_global_unicast(address: Ipv6Addr) -> &'static str {
    let [first, second, ..] = address.segments();
    match first {
        _ if address.is_loopback() => "loopback",
        _ if address.is_unspecified() => "unspecified",
        0 if address.to_ipv4_mapped().is_some() => "IPv4-mapped",
        0x64 if second == 0xff9b => "NAT64",
        0xfc00..=0xfdff => "unique local",
        0xfe80..=0xfebf => "link-local",
        0xfec0..=0xfeff => "site-local",
        0xff00..=0xffff => "multicast",
        _ => "not global unicast",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn public_hosts_pass() {
        for host in ["1.1.1.1", "8.8.8.8", "114.114.114.114", "172.32.0.1", "100.128.0.1", "2606:4700::1111"]
        {
            assert_eq!(check(host.parse().unwrap()), Ok(()), "{host}");
        }
    }

    #[test]
    fn ranges_end_where_the_registries_end_them() {
        for (host, range) in [
            ("0.255.255.255", "this network"),
            ("100.127.255.255", "carrier-grade NAT"),
            ("172.31.255.255", "private"),
            ("198.19.255.255", "benchmark"),
            ("255.255.255.255", "reserved"),
            ("::ffff:8.8.8.8", "IPv4-mapped"),
            ("64:ff9b::808:808", "NAT64"),
            ("2001:0:4136:e378::1", "Teredo"),
            ("2001:1ff::1", "protocol assignments"),
            ("2002:7f00:1::", "6to4"),
            ("fd00:ec2::254", "unique local"),
            ("5f00::1", "not global unicast"),
        ] {
            assert_eq!(check(host.parse().unwrap()), Err(Refused(range)), "{host}");
        }
    }
}
