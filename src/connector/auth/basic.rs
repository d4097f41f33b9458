//! HTTP Basic (RFC 7617).

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::AuthError;

/// The value of `authorization`; empty where there is neither user nor password.
///
/// # Errors
/// The user's name has a colon, which the receiver would take for the end of the name.
pub(super) fn value(user: &str, password: &str) -> Result<String, AuthError> {
    if user.contains(':') {
        return Err(AuthError::settings(
            "the user of `basic` has a colon; put what follows it into `password`",
        ));
    }
    if user.is_empty() && password.is_empty() {
        return Ok(String::new());
    }
    Ok(format!("Basic {}", STANDARD.encode(format!("{user}:{password}"))))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The examples of RFC 7617, 2 and 2.1.
    #[test]
    fn is_written_as_in_the_rfc() {
        assert_eq!(value("Aladdin", "open sesame").unwrap(), "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==");
        assert_eq!(value("test", "123£").unwrap(), "Basic dGVzdDoxMjPCow==");
        assert!(value("a:b", "c").is_err());
    }
}
