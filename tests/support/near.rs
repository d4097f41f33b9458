//! Inputs that are almost right.

use proptest::prelude::*;

/// Bytes near a good input: a few of them changed, left out or doubled.
pub fn near(good: &'static [u8]) -> impl Strategy<Value = Vec<u8>> {
    proptest::collection::vec((any::<proptest::sample::Index>(), any::<u8>(), 0_u8..3), 0..4).prop_map(
        move |changes| {
            let mut bytes = good.to_vec();
            for (at, byte, how) in changes {
                let at = at.index(bytes.len());
                match how {
                    0 => drop(bytes.splice(at..=at, [byte])),
                    1 => drop(bytes.splice(at..=at, [])),
                    _ => bytes.insert(at, byte),
                }
            }
            bytes
        },
    )
}
