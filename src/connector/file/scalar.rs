//! Plain scalars of YAML: the core schema of YAML 1.2 (10.3.2), within what JSON can hold.

use std::fmt;

use serde_json::{Number, Value};

/// A plain scalar that means something JSON cannot hold, or that YAML would change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Refused(String);

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} is a number to YAML, and would not stay as it is written", self.0)
    }
}

/// What an unquoted text means.
pub(super) fn plain(text: &str) -> Result<Value, Refused> {
    match text {
        "" | "~" | "null" | "Null" | "NULL" => return Ok(Value::Null),
        "true" | "True" | "TRUE" => return Ok(Value::Bool(true)),
        "false" | "False" | "FALSE" => return Ok(Value::Bool(false)),
        _ => {}
    }
    let refused = || Refused(text.to_owned());
    let bare = text.strip_prefix(['-', '+']).unwrap_or(text);
    if [".inf", ".Inf", ".INF", ".nan", ".NaN", ".NAN"].contains(&bare) {
        return Err(refused());
    }
    if let Some(number) = based(text) {
        return number.map(|number| Value::Number(number.into())).ok_or_else(refused);
    }
    if !is_number(bare) {
        return Ok(Value::String(text.to_owned()));
    }
    let zeros = bare.len() > 1 && bare.starts_with('0') && !bare.starts_with("0.") && !bare.starts_with("0e");
    if text.starts_with('+') || zeros {
        return Err(refused());
    }
    if bare.bytes().all(|byte| byte.is_ascii_digit()) {
        let whole = text.parse::<i64>().map(Number::from).or_else(|_| text.parse::<u64>().map(Number::from));
        return whole.map(Value::Number).map_err(|_| refused());
    }
    text.parse().ok().and_then(Number::from_f64).map(Value::Number).ok_or_else(refused)
}

/// `0x…` and `0o…`; `Some(None)` where it is too large.
fn based(text: &str) -> Option<Option<u64>> {
    let (digits, radix) = match (text.strip_prefix("0x"), text.strip_prefix("0o")) {
        (Some(digits), _) => (digits, 16),
        (_, Some(digits)) => (digits, 8),
        _ => return None,
    };
    let all = !digits.is_empty() && digits.chars().all(|digit| digit.is_digit(radix));
    all.then(|| u64::from_str_radix(digits, radix).ok())
}

/// `(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?`, the sign left out.
fn is_number(bare: &str) -> bool {
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let (mantissa, exponent) = match bare.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent.strip_prefix(['-', '+']).unwrap_or(exponent))),
        None => (bare, None),
    };
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    digits(whole)
        && digits(fraction)
        && !(whole.is_empty() && fraction.is_empty())
        && exponent.is_none_or(|exponent| !exponent.is_empty() && digits(exponent))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn scalars_are_those_of_the_core_schema() {
        for (text, value) in [
            ("", Value::Null),
            ("~", Value::Null),
            ("Null", Value::Null),
            ("TRUE", json!(true)),
            ("false", json!(false)),
            ("0", json!(0)),
            ("-12", json!(-12)),
            ("18446744073709551615", json!(18_446_744_073_709_551_615_u64)),
            ("0x1F", json!(31)),
            ("0o17", json!(15)),
            ("1.5", json!(1.5)),
            ("-.5", json!(-0.5)),
            ("2.", json!(2.0)),
            ("1e3", json!(1000.0)),
            ("0.5E-1", json!(0.05)),
            ("yes", json!("yes")),
            ("tRUE", json!("tRUE")),
            (".", json!(".")),
            ("1.2.3", json!("1.2.3")),
            ("1e", json!("1e")),
            ("0x", json!("0x")),
            ("0xg", json!("0xg")),
            ("-", json!("-")),
            ("12 ", json!("12 ")),
        ] {
            assert_eq!(plain(text), Ok(value), "{text}");
        }
        for text in [
            ".inf",
            "-.INF",
            ".nan",
            "007",
            "-01.5",
            "+1",
            "99999999999999999999",
            "1e999",
            "0xFFFFFFFFFFFFFFFFF",
        ] {
            assert!(plain(text).is_err(), "{text}");
        }
    }
}
