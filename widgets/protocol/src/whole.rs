//! Whole numbers in JSON from outside: `1.0` is one as well as `1`, as JSON Schema has it (2020-12 core, 4.2.3), since
//! some languages write them so.
//!
//! For `#[serde(deserialize_with = …)]`.

use std::fmt;
use std::marker::PhantomData;

use serde::de::{Deserialize, Deserializer, Error, Unexpected, Visitor};

/// Largest whole number up to which a float has no gaps: 2^53.
const EXACT: f64 = 9_007_199_254_740_992.0;

/// Reads a whole number that is not negative.
///
/// # Errors
/// For anything else, and for a number that `N` cannot hold.
pub fn number<'de, N: TryFrom<u64>, D: Deserializer<'de>>(deserializer: D) -> Result<N, D::Error> {
    Whole::deserialize(deserializer).map(|Whole(number)| number)
}

/// Reads such a number, or null.
///
/// # Errors
/// As [`number`].
pub fn option<'de, N: TryFrom<u64>, D: Deserializer<'de>>(deserializer: D) -> Result<Option<N>, D::Error> {
    Ok(Option::deserialize(deserializer)?.map(|Whole(number)| number))
}

struct Whole<N>(N);

impl<'de, N: TryFrom<u64>> Deserialize<'de> for Whole<N> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_u64(Reader(PhantomData))
    }
}

struct Reader<N>(PhantomData<N>);

impl<N: TryFrom<u64>> Visitor<'_> for Reader<N> {
    type Value = Whole<N>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "a whole number from 0 to {}", (1_u128 << (8 * size_of::<N>())) - 1)
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<Whole<N>, E> {
        N::try_from(number).map(Whole).map_err(|_| E::invalid_value(Unexpected::Unsigned(number), &self))
    }

    fn visit_f64<E: Error>(self, number: f64) -> Result<Whole<N>, E> {
        if number.fract() == 0.0 && (0.0..=EXACT).contains(&number) {
            self.visit_u64(number as u64)
        } else {
            Err(E::invalid_value(Unexpected::Float(number), &self))
        }
    }
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    #[derive(Debug, PartialEq, Deserialize)]
    struct Numbers {
        #[serde(deserialize_with = "super::number")]
        needed: u8,
        #[serde(default, deserialize_with = "super::option")]
        wanted: Option<u32>,
    }

    #[test]
    fn a_whole_number_may_be_written_as_a_float() {
        fn read(text: &str) -> Result<Numbers, String> {
            serde_json::from_str(text).map_err(|error| error.to_string())
        }
        assert_eq!(read(r#"{"needed": 7.0, "wanted": 1e3}"#), Ok(Numbers { needed: 7, wanted: Some(1000) }));
        assert_eq!(read(r#"{"needed": 7, "wanted": null}"#), Ok(Numbers { needed: 7, wanted: None }));
        assert_eq!(read(r#"{"needed": 255}"#), Ok(Numbers { needed: 255, wanted: None }));
        for refused in ["7.5", "-1", "-1.0", "256", "256.0", "1e300", "\"7\"", "null"] {
            let error = read(&format!("{{\"needed\": {refused}}}")).expect_err(refused);
            assert!(error.contains("a whole number from 0 to 255"), "{error}");
        }
    }
}
