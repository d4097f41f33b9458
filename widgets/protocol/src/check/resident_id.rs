//! Chinese resident identity numbers.

use super::date::{self, Date};
use super::width;

/// Why a text is no resident identity number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ResidentIdError {
    /// Not 17 digits and a digit or X, or a birth date the calendar does not have.
    Shape,
    /// The 15 digits issued before 1999, no longer valid since 2013.
    Old,
    /// The check character does not fit: a digit is mistyped.
    Checksum,
}

/// A resident identity number: six digits of a region, the birth date, three of a sequence and a check character.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ResidentId {
    text: String,
    born: Date,
}

/// Parses a number as typed: full-width characters, a lower-case x and spaces are understood.
///
/// The check character is that of GB 11643-1999 (ISO 7064, MOD 11-2). Region codes are not looked up: old cards keep
/// codes that no longer exist.
///
/// # Errors
/// See [`ResidentIdError`].
pub fn parse(typed: &str) -> Result<ResidentId, ResidentIdError> {
    let text: String =
        width::plain(typed).to_ascii_uppercase().chars().filter(|&typed| typed != ' ').collect();
    let (digits, check) =
        text.split_at_checked(text.len().saturating_sub(1)).ok_or(ResidentIdError::Shape)?;
    let all_digits = digits.bytes().all(|byte| byte.is_ascii_digit());
    if all_digits && text.len() == 15 && check != "X" {
        return Err(ResidentIdError::Old);
    }
    let shaped = all_digits && digits.len() == 17 && !digits.starts_with('0');
    let birth = digits.get(6..14).filter(|_| shaped).ok_or(ResidentIdError::Shape)?;
    let born = date::parse(birth).map_err(|_| ResidentIdError::Shape)?;
    match check.chars().next() {
        Some(check) if check == check_character(digits) => Ok(ResidentId { text, born }),
        Some('0'..='9' | 'X') => Err(ResidentIdError::Checksum),
        _ => Err(ResidentIdError::Shape),
    }
}

/// The check character of 17 digits: with it, the sum of all 18 weighted by falling powers of two is 1 modulo 11.
fn check_character(digits: &str) -> char {
    let sum = digits.bytes().fold(0, |sum, byte| (sum + u32::from(byte - b'0')) * 2 % 11);
    match (12 - sum) % 11 {
        10 => 'X',
        value => char::from_digit(value, 10).unwrap_or('X'),
    }
}

impl ResidentId {
    /// The 18 characters, with a capital X.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The birth date in the number.
    pub fn born(&self) -> Date {
        self.born
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{ResidentIdError, check_character, parse};

    #[test]
    fn the_numbers_of_the_standard_are_accepted() {
        // GB 11643-1999, annex A.
        for typed in [
            "11010519491231002X",
            "440524188001010014",
            "11010519491231002x",
            "１１０１０５１９４９１２３１００２ｘ",
            "110105 19491231 002X",
        ] {
            assert!(parse(typed).is_ok(), "{typed}");
        }
        assert_eq!(
            parse("11010519491231002x").map(|id| id.as_str().to_owned()).as_deref(),
            Ok("11010519491231002X")
        );
        assert_eq!(parse("11010519491231002X").map(|id| id.born().iso()).as_deref(), Ok("1949-12-31"));
    }

    #[test]
    fn fifteen_digits_are_told_apart() {
        assert_eq!(parse("130503670401001"), Err(ResidentIdError::Old));
    }

    #[test]
    fn a_wrong_check_character_is_told_apart_from_a_wrong_shape() {
        assert_eq!(parse("110105194912310021"), Err(ResidentIdError::Checksum));
        for typed in [
            "",
            "X",
            "1101051949123100",
            "11010519491331002X",
            "1101051949123100XX",
            "A1010519491231002X",
            "11010519491231002Y",
            "身份证",
        ] {
            assert_eq!(parse(typed), Err(ResidentIdError::Shape), "{typed}");
        }
    }

    proptest! {
        #[test]
        fn generated_numbers_are_accepted_and_any_changed_digit_is_refused(
            region in 110_000_u32..660_000, year in 1900_u32..2026, month in 1_u32..=12, day in 1_u32..=28,
            sequence in 0_u32..1000, at in 0_usize..17, by in 1_u8..10,
        ) {
            let digits = format!("{region}{year}{month:02}{day:02}{sequence:03}");
            let number = format!("{digits}{}", check_character(&digits));
            prop_assert_eq!(parse(&number).map(|id| id.as_str().to_owned()), Ok(number.clone()));
            let changed: String = number
                .chars()
                .enumerate()
                .map(|(place, digit)| match digit.to_digit(10) {
                    Some(value) if place == at => char::from_digit((value + u32::from(by)) % 10, 10).unwrap_or('0'),
                    _ => digit,
                })
                .collect();
            prop_assert!(parse(&changed).is_err(), "{} became {}", number, changed);
        }

        #[test]
        fn any_text_is_answered(typed in "\\PC*") {
            let _ = parse(&typed);
        }
    }
}
