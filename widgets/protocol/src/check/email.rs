//! E-mail addresses.

use super::width;

/// The text is no e-mail address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotAnEmail;

/// Parses an e-mail address as typed: full-width characters (`＠`, `。`) become plain ones, white space at the ends
/// goes, and the domain becomes lower case (RFC 5321, 2.4: only the local part may tell case apart).
///
/// The shape is that of `<input type=email>` (WHATWG HTML, "valid e-mail address"), with two limits more: a domain has
/// at least one dot, and the lengths are those of RFC 5321, 4.5.3.1 (local part 64, whole address 254).
///
/// # Errors
/// [`NotAnEmail`] for everything else, addresses in other scripts among it.
pub fn parse(typed: &str) -> Result<String, NotAnEmail> {
    let text = width::plain(typed);
    let (local, domain) = text.split_once('@').ok_or(NotAnEmail)?;
    let labels = domain.split('.');
    let valid = text.len() <= 254
        && (1..=64).contains(&local.len())
        && local.bytes().all(is_local)
        && labels.clone().count() >= 2
        && labels.clone().all(is_label);
    if !valid {
        return Err(NotAnEmail);
    }
    Ok([local, "@", &domain.to_ascii_lowercase()].concat())
}

fn is_local(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b".!#$%&'*+/=?^_`{|}~-".contains(&byte)
}

fn is_label(label: &str) -> bool {
    (1..=63).contains(&label.len())
        && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
        && !label.starts_with('-')
        && !label.ends_with('-')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::parse;

    #[test]
    fn an_address_is_kept_and_its_domain_is_lower_case() {
        assert_eq!(parse("  Li.Ming+news@Example.COM ").as_deref(), Ok("Li.Ming+news@example.com"));
    }

    #[test]
    fn full_width_characters_are_understood() {
        assert_eq!(parse("ｌｉ＠ｅｘａｍｐｌｅ。ｃｏｍ").as_deref(), Ok("li@example.com"));
        assert_eq!(parse("li＠example．com\u{3000}").as_deref(), Ok("li@example.com"));
    }

    #[test]
    fn what_is_no_address_is_refused() {
        for typed in [
            "",
            "li",
            "@a.b",
            "li@",
            "li@localhost",
            "li@a..b",
            "li@-a.com",
            "li@a-.com",
            "l i@a.com",
            "a@b@c.d",
        ] {
            assert!(parse(typed).is_err(), "{typed}");
        }
    }

    #[test]
    fn lengths_are_those_of_rfc_5321() {
        let label = "a".repeat(60);
        let domain = [label.as_str(), &label, &label, "com"].join(".");
        assert!(parse(&["l".repeat(64), "@a.com".to_owned()].concat()).is_ok());
        assert!(parse(&["l".repeat(65), "@a.com".to_owned()].concat()).is_err());
        assert!(parse(&["l".repeat(67 - 1), "@".to_owned(), domain.clone()].concat()).is_err());
        assert!(parse(&["l".repeat(64), "@".to_owned(), domain].concat()).is_ok());
    }

    proptest! {
        #[test]
        fn parsing_twice_is_parsing_once(typed in "\\PC*") {
            if let Ok(once) = parse(&typed) {
                prop_assert_eq!(parse(&once), Ok(once.clone()));
            }
        }

        #[test]
        fn every_shape_the_standard_allows_is_accepted(
            local in "[a-zA-Z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}",
            domain in "([a-z0-9]([a-z0-9-]{0,20}[a-z0-9])?\\.){1,3}[a-z]{2,6}",
        ) {
            let typed = [local, "@".to_owned(), domain].concat();
            prop_assert_eq!(parse(&typed), Ok(typed.clone()));
        }
    }
}
