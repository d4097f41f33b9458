//! Decimal numbers, without the cost and the rounding of floating point.

use super::width;

/// A decimal number with up to 12 digits before the point and 6 after it, in millionths.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Decimal(i64);

/// Why a text is no number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NumberError {
    /// Not a decimal number, or more digits than a [`Decimal`] has.
    Shape,
    /// Digits grouped by commas, apostrophes or spaces: `1,234` is 1234 to some and 1.234 to others.
    Grouped,
}

const MILLION: u64 = 1_000_000;
const INTEGER_DIGITS: usize = 12;
const DECIMALS: usize = 6;

/// Parses a number as typed: `12`, `-3.50`, `＋１２．５`, `3。5`. White space at the ends goes.
///
/// # Errors
/// See [`NumberError`].
pub fn parse(typed: &str) -> Result<Decimal, NumberError> {
    let text = width::plain(typed);
    let (negative, digits) = match text.strip_prefix('-') {
        Some(digits) => (true, digits),
        None => (false, text.strip_prefix('+').unwrap_or(&text)),
    };
    if digits.contains([',', '\'', ' ', '_', '、']) && digits.contains(|typed: char| typed.is_ascii_digit())
    {
        return Err(NumberError::Grouped);
    }
    let (integer, fraction) = digits.split_once('.').unwrap_or((digits, "0"));
    if integer.is_empty() || fraction.is_empty() {
        return Err(NumberError::Shape);
    }
    let (integer, fraction) = (integer.trim_start_matches('0'), fraction.trim_end_matches('0'));
    if integer.len() > INTEGER_DIGITS || fraction.len() > DECIMALS {
        return Err(NumberError::Shape);
    }
    let whole = value(integer)?;
    let scale = (fraction.len()..DECIMALS).fold(1, |scale, _| scale * 10);
    let millionths =
        i64::try_from(whole * MILLION + value(fraction)? * scale).map_err(|_| NumberError::Shape)?;
    Ok(Decimal(if negative { -millionths } else { millionths }))
}

/// The value of at most 12 digits; nothing counts as zero.
fn value(digits: &str) -> Result<u64, NumberError> {
    digits.bytes().try_fold(0, |value: u64, byte| match byte {
        b'0'..=b'9' => Ok(value * 10 + u64::from(byte - b'0')),
        _ => Err(NumberError::Shape),
    })
}

/// A whole number in decimal digits. `to_string` would bring along all that can be asked of a format, a kilobyte.
pub fn digits(number: u64) -> String {
    let mut text = if number < 10 { String::new() } else { digits(number / 10) };
    text.push(char::from(b'0' + (number % 10) as u8));
    text
}

impl Decimal {
    /// How many digits after the point the number needs: 0–6.
    pub fn decimals(self) -> u8 {
        let fraction = self.0.unsigned_abs() % MILLION;
        let mut needed = 6;
        let mut unit = 10;
        while needed > 0 && fraction.is_multiple_of(unit) {
            needed -= 1;
            unit *= 10;
        }
        needed
    }

    /// The number when it is whole.
    pub fn whole(self) -> Option<i64> {
        let million = MILLION as i64;
        (self.0 % million == 0).then_some(self.0 / million)
    }

    /// The nearest floating-point number, for conditions.
    pub fn to_f64(self) -> f64 {
        self.0 as f64 / 1_000_000.0
    }

    /// The canonical text: no plus, no leading zeros, no trailing zeros after the point.
    pub fn canonical(self) -> String {
        let magnitude = self.0.unsigned_abs();
        let mut text = String::new();
        if self.0 < 0 {
            text.push('-');
        }
        text.push_str(&digits(magnitude / MILLION));
        if !magnitude.is_multiple_of(MILLION) {
            let fraction = digits(MILLION + magnitude % MILLION);
            text.push('.');
            text.push_str(fraction.strip_prefix('1').unwrap_or_default().trim_end_matches('0'));
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{NumberError, parse};

    fn canonical(typed: &str) -> Option<String> {
        parse(typed).ok().map(super::Decimal::canonical)
    }

    #[test]
    fn numbers_are_read_as_people_type_them() {
        for (typed, expected) in [
            ("12", "12"),
            (" 007 ", "7"),
            ("-3.50", "-3.5"),
            ("+0.110", "0.11"),
            ("-0", "0"),
            ("１２．５", "12.5"),
            ("－３。５", "-3.5"),
            ("٣٫", ""),
            ("٣", "3"),
            ("999999999999.999999", "999999999999.999999"),
            ("1.0000000000", "1"),
        ] {
            assert_eq!(canonical(typed).unwrap_or_default(), expected, "{typed}");
        }
    }

    #[test]
    fn grouped_digits_are_refused_since_they_mean_two_things() {
        for typed in ["1,234", "1，234", "1'234", "1 234", "12、5"] {
            assert_eq!(parse(typed), Err(NumberError::Grouped), "{typed}");
        }
    }

    #[test]
    fn what_is_no_number_is_refused() {
        for typed in [
            "",
            "-",
            ".",
            "5.",
            ".5",
            "1e3",
            "0x1",
            "NaN",
            "inf",
            "1.2.3",
            "--1",
            "1000000000000",
            "0.0000001",
        ] {
            assert_eq!(parse(typed), Err(NumberError::Shape), "{typed}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_answered(typed in "\\PC*") {
            let _ = parse(&typed);
        }

        #[test]
        fn canonical_text_reads_back(whole in -999_999_999_999_i64..=999_999_999_999, millionths in 0_u32..1_000_000) {
            let typed = format!("{whole}.{millionths:06}");
            let number = parse(&typed).expect("a number");
            prop_assert_eq!(parse(&number.canonical()), Ok(number));
            let exact: f64 = typed.parse().expect("a number");
            prop_assert!((number.to_f64() - exact).abs() < 0.001);
        }

        #[test]
        fn full_width_digits_are_the_same_number(whole in 0_u32..1_000_000) {
            let wide: String = whole.to_string().chars().filter_map(|digit| char::from_u32(u32::from(digit) + 0xFEE0)).collect();
            prop_assert_eq!(parse(&wide), parse(&whole.to_string()));
        }
    }
}
