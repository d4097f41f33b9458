//! Telephone numbers, as E.164.

use super::width;

/// Why a text is no telephone number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PhoneError {
    /// Not a number of the region, or no number at all.
    Shape,
    /// Something follows that looks like an extension, which E.164 cannot hold.
    Extension,
    /// No national forms are known for the region: the number must begin with `+` and the country's code.
    Country,
}

/// Parses a telephone number as typed and answers it as E.164 (ITU-T E.164: `+` and at most 15 digits).
///
/// Spaces, hyphens, brackets, dots and slashes between digits, full-width characters and the invisible marks that
/// come with copied contacts are understood. National forms without a country's code are those of `region`:
///
/// - `CN`: mobile numbers, area codes with their 0, 400 and 800 numbers; also `86…` and `086…` without a plus
/// - `HK`, `MO`: eight digits
/// - `TW`: `09…` mobile numbers, area codes with their 0
/// - others: none; guessing would store wrong numbers
///
/// `+` and `00` lead to every country's numbers. Numbers of the four above and of North America are checked by their
/// plan, others by length alone.
///
/// # Errors
/// See [`PhoneError`].
pub fn parse(typed: &str, region: &str) -> Result<String, PhoneError> {
    let Dialled { digits, international } = dialled(typed)?;
    if international {
        return by_country(&digits);
    }
    match digits.strip_prefix("00") {
        Some(rest) => by_country(rest),
        None => national(&digits, region),
    }
}

/// The digits of a typed number, and whether a plus was before them.
struct Dialled {
    digits: String,
    international: bool,
}

fn dialled(typed: &str) -> Result<Dialled, PhoneError> {
    let text = width::plain(typed);
    let international = text.starts_with('+') || text.starts_with("(+");
    let mut digits = String::new();
    let mut rest = text.chars();
    while let Some(typed) = rest.next() {
        match typed {
            '0'..='9' => digits.push(typed),
            '+' if international && digits.is_empty() && !rest.as_str().starts_with('+') => {}
            // "+44 (0)20 …": the zero in brackets after a country's code is dialled inside the country only.
            '(' if international && (1..=3).contains(&digits.len()) && rest.as_str().starts_with("0)") => {
                rest.next();
            }
            ' ' | '-' | '(' | ')' | '[' | ']' | '.' | '/' | '·' | '\t' => {}
            'x' | 'X' | 'e' | 'E' | '转' | '轉' | '分' | '内' | '內' | '#' | '*' | ',' | ';'
                if digits.len() > 6 =>
            {
                return Err(PhoneError::Extension);
            }
            _ => return Err(PhoneError::Shape),
        }
    }
    Ok(Dialled { digits, international })
}

/// A country's numbering plan: E.164 for the digits dialled inside the country, when it has such a number.
type Plan = fn(&str) -> Option<String>;

/// A number that starts with its country's code.
fn by_country(digits: &str) -> Result<String, PhoneError> {
    let known: [(&str, Plan); 4] = [("86", china), ("852", hong_kong), ("853", macau), ("886", taiwan)];
    for (code, plan) in known {
        if let Some(rest) = digits.strip_prefix(code) {
            return plan(rest).or_else(|| plan(&["0", rest].concat())).ok_or(PhoneError::Shape);
        }
    }
    let valid = match digits.strip_prefix('1') {
        Some(rest) => rest.len() == 10 && !rest.starts_with(['0', '1']),
        None => (7..=15).contains(&digits.len()) && !digits.starts_with('0'),
    };
    if valid { Ok(["+", digits].concat()) } else { Err(PhoneError::Shape) }
}

/// A number as it is dialled inside `region`, or with the region's own code but no plus.
fn national(digits: &str, region: &str) -> Result<String, PhoneError> {
    let (plan, code, least): (Plan, _, _) = match region {
        "CN" => (china, "86", 12),
        "HK" => (hong_kong, "852", 11),
        "MO" => (macau, "853", 11),
        "TW" => (taiwan, "886", 11),
        _ if digits.len() < 5 => return Err(PhoneError::Shape),
        _ => return Err(PhoneError::Country),
    };
    let with_code = || {
        // No national number is that long and starts so; "086" is the same habit with a trunk zero.
        let bare = digits.strip_prefix('0').unwrap_or(digits);
        bare.strip_prefix(code).filter(|_| bare.len() >= least).map(|_| by_country(bare))
    };
    plan(digits).map(Ok).or_else(with_code).unwrap_or(Err(PhoneError::Shape))
}

/// Mainland China: mobile numbers `1[3-9]…`, `010` and `02x` with 8 digits, `03xx`–`09xx` with 7 or 8, `400` and `800`.
fn china(digits: &str) -> Option<String> {
    let unzeroed = digits.strip_prefix('0');
    let mobile = |number: &str| {
        number.len() == 11 && number.starts_with('1') && matches!(number.as_bytes().get(1), Some(b'3'..=b'9'))
    };
    let landline = |number: &str| match number.as_bytes() {
        [b'1', b'0', ..] | [b'2', ..] => number.len() == 10,
        [b'3'..=b'9', ..] => number.len() == 10 || number.len() == 11,
        _ => false,
    };
    let service = digits.len() == 10 && (digits.starts_with("400") || digits.starts_with("800"));
    let number = if mobile(digits) || service {
        digits
    } else {
        unzeroed.filter(|number| mobile(number) || landline(number))?
    };
    Some(["+86", number].concat())
}

/// Hong Kong: eight digits, no area codes.
fn hong_kong(digits: &str) -> Option<String> {
    let valid = digits.len() == 8 && !digits.starts_with(['0', '1']);
    valid.then(|| ["+852", digits].concat())
}

/// Macau: eight digits, mobile 6, landline 28 and 8.
fn macau(digits: &str) -> Option<String> {
    let valid = digits.len() == 8 && digits.starts_with(['2', '6', '8']);
    valid.then(|| ["+853", digits].concat())
}

/// Taiwan: `09` and 8 digits, or an area code `02`–`08` and its subscriber, 9 or 10 digits in all.
fn taiwan(digits: &str) -> Option<String> {
    let number = digits.strip_prefix('0')?;
    let valid = match number.as_bytes().first() {
        Some(b'9') => number.len() == 9,
        Some(b'2'..=b'8') => number.len() == 8 || number.len() == 9,
        _ => false,
    };
    valid.then(|| ["+886", number].concat())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{PhoneError, parse};

    #[track_caller]
    fn accepts(region: &str, expected: &str, typed: &[&str]) {
        for typed in typed {
            assert_eq!(parse(typed, region).as_deref(), Ok(expected), "{typed}");
        }
    }

    #[test]
    fn mainland_numbers_are_read_as_people_type_them() {
        accepts(
            "CN",
            "+861012345678",
            &[
                "(010) 1234-5678",
                "010-12345678",
                "（０１０）１２３４－５６７８",
                "+86 10 1234 5678",
                "+86 (0)10 12345678",
                "+86-010-12345678",
                "0086 10 12345678",
                "086-10-12345678",
                "086-010-12345678",
                "86-10-12345678",
                "(+86) 10 12345678",
                "＋８６　１０　１２３４５６７８",
                "010—1234—5678",
            ],
        );
        accepts(
            "CN",
            "+8613800138000",
            &[
                "13800138000",
                "138 0013 8000",
                "138-0013-8000",
                "+86 138 0013 8000",
                "0086 13800138000",
                "086-13800138000",
                "8613800138000",
                "013800138000",
                "\u{202D}+86 138 0013 8000\u{202C}",
                "１３８００１３８０００",
            ],
        );
        accepts("CN", "+867551234567", &["0755-1234567"]);
        accepts("CN", "+8675512345678", &["0755 12345678", "+86 755 1234 5678"]);
        accepts("CN", "+868861234567", &["0886-1234567"]);
        accepts("CN", "+864001234567", &["400-123-4567", "+86 400 123 4567"]);
    }

    #[test]
    fn numbers_of_hong_kong_macau_and_taiwan_are_read_as_people_type_them() {
        accepts("HK", "+85291234567", &["9123 4567", "+852 9123 4567", "00852-91234567", "(852) 9123 4567"]);
        accepts("MO", "+85366123456", &["6612 3456", "+853 6612 3456", "853 66123456"]);
        accepts("MO", "+85328123456", &["2812-3456"]);
        accepts(
            "TW",
            "+886912345678",
            &["0912-345-678", "0912 345 678", "+886 912 345 678", "+886 (0)912-345-678", "886912345678"],
        );
        accepts("TW", "+886223456789", &["(02) 2345-6789", "+886 2 2345 6789", "（０２）２３４５－６７８９"]);
        accepts("TW", "+88637123456", &["037-123456"]);
    }

    #[test]
    fn a_plus_leads_to_every_country() {
        accepts("CN", "+442079460018", &["+44 20 7946 0018", "+44 (0)20 7946 0018", "0044 20 7946 0018"]);
        accepts("DE", "+12125550123", &["+1 (212) 555-0123", "+1.212.555.0123"]);
        accepts("CN", "+886912345678", &["+886 912 345 678"]);
        for typed in [
            "+1 212 555 012",
            "+1 012 555 0123",
            "+86 12345",
            "+852 123",
            "+0 123 456 789",
            "+123456",
            "+1234567890123456",
        ] {
            assert_eq!(parse(typed, "CN"), Err(PhoneError::Shape), "{typed}");
        }
    }

    #[test]
    fn no_national_form_is_guessed_for_other_regions() {
        assert_eq!(parse("020 7946 0018", "GB"), Err(PhoneError::Country));
        assert_eq!(parse("12", "GB"), Err(PhoneError::Shape));
    }

    #[test]
    fn extensions_are_told_apart() {
        for typed in [
            "010-12345678转123",
            "010-12345678 轉 123",
            "010-12345678 ext. 12",
            "01012345678x12",
            "010-12345678#12",
            "010-12345678，12",
            "010-12345678分机12",
        ] {
            assert_eq!(parse(typed, "CN"), Err(PhoneError::Extension), "{typed}");
        }
    }

    #[test]
    fn what_is_no_number_is_refused() {
        for typed in [
            "",
            "+",
            "abc",
            "1380013800",
            "138001380000",
            "12800138000",
            "010-1234567",
            "12345678",
            "95588",
            "13800138000/13900139000",
            "1+3800138000",
            "++8613800138000",
        ] {
            assert_eq!(parse(typed, "CN"), Err(PhoneError::Shape), "{typed}");
        }
        for (typed, region) in [
            ("12345678", "HK"),
            ("9123456", "HK"),
            ("51234567", "MO"),
            ("0912345", "TW"),
            ("912345678", "TW"),
        ] {
            assert_eq!(parse(typed, region), Err(PhoneError::Shape), "{typed}");
        }
    }

    /// A valid number as it is dialled inside a region, with its E.164 form.
    fn numbers() -> impl Strategy<Value = (&'static str, String, String)> {
        prop_oneof![
            "1[3-9][0-9]{9}".prop_map(|number| ("CN", number.clone(), format!("+86{number}"))),
            "(10|2[0-9])[0-9]{8}".prop_map(|number| ("CN", format!("0{number}"), format!("+86{number}"))),
            "[3-9][0-9]{2}[2-8][0-9]{6,7}".prop_map(|number| (
                "CN",
                format!("0{number}"),
                format!("+86{number}")
            )),
            "[2-9][0-9]{7}".prop_map(|number| ("HK", number.clone(), format!("+852{number}"))),
            "[268][0-9]{7}".prop_map(|number| ("MO", number.clone(), format!("+853{number}"))),
            "9[0-9]{8}".prop_map(|number| ("TW", format!("0{number}"), format!("+886{number}"))),
            "[2-8][0-9]{7,8}".prop_map(|number| ("TW", format!("0{number}"), format!("+886{number}"))),
        ]
    }

    proptest! {
        #[test]
        fn any_decoration_gives_the_same_number(
            (region, dialled, e164) in numbers(),
            marks in proptest::collection::vec("[- ()./\u{3000}\u{2010}－（）]{0,2}", 20),
            wide in any::<bool>(),
        ) {
            for plain in [&dialled, &e164, &e164.replace('+', "00")] {
                let mut typed = String::new();
                for (at, digit) in plain.chars().enumerate() {
                    typed.push(if wide { char::from_u32(u32::from(digit) + 0xFEE0).unwrap_or(digit) } else { digit });
                    if at > 0 || digit != '+' {
                        typed.push_str(marks.get(at).map_or("", String::as_str));
                    }
                }
                // A zero alone in brackets is a trunk prefix to people, and so it is to the parser.
                prop_assume!(!super::width::plain(&typed).contains("(0)"));
                prop_assert_eq!(parse(&typed, region), Ok(e164.clone()), "{}", typed);
            }
        }

        #[test]
        fn parsing_twice_is_parsing_once(typed in "[-+0-9 ()]{5,24}", region in "CN|HK|MO|TW|DE") {
            if let Ok(once) = parse(&typed, &region) {
                prop_assert_eq!(parse(&once, &region), Ok(once.clone()));
                prop_assert!(once.len() <= 16 && once.starts_with('+'));
            }
        }

        #[test]
        fn any_text_is_answered(typed in "\\PC*", region in "\\PC{0,3}") {
            let _ = parse(&typed, &region);
        }
    }
}
