//! What a caller hears when a request is refused: RFC 9457 problems, one [`Code`] for each kind of answer.
//!
//! A handler returns a [`Refusal`]; the outermost layer (`around.rs`) turns it into a document, because only that
//! layer knows the id of the request under which the cause is logged.

use std::borrow::Cow;
use std::fmt::Display;

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use crm_protocol::booking::Alternative;
use crm_protocol::check::FieldError;
use crm_protocol::problem::Problem;

use crate::store::StoreError;

macro_rules! codes {
    ($($name:ident $status:literal $code:literal $title:literal;)*) => {
        /// Kinds of refusal. The text is the last part of the problem's `type`, the title is the same each time.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Code {
            $(#[doc = $title] $name,)*
        }

        impl Code {
            /// All kinds.
            pub const ALL: &[Self] = &[$(Self::$name,)*];

            /// The HTTP status.
            pub const fn status(self) -> u16 {
                match self { $(Self::$name => $status,)* }
            }

            /// The stable word.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$name => $code,)* }
            }

            /// What it means, in a few words.
            pub const fn title(self) -> &'static str {
                match self { $(Self::$name => $title,)* }
            }
        }
    };
}

codes! {
    Malformed 400 "malformed" "The request cannot be understood";
    KeyMissing 400 "idempotency-key-missing" "The header Idempotency-Key is missing or not 16 to 100 visible ASCII characters";
    Unauthorized 401 "unauthorized" "A bearer token is needed";
    OriginRefused 403 "origin-refused" "Pages of this origin may not call this site";
    ChallengeRequired 403 "challenge-required" "A solved challenge is needed";
    ChallengeInvalid 403 "challenge-invalid" "The challenge was not solved, or not issued for this form";
    ChallengeExpired 403 "challenge-expired" "The challenge is too old";
    ChallengeSpent 403 "challenge-spent" "The challenge was used before";
    UnknownSite 404 "unknown-site" "There is no such site";
    UnknownForm 404 "unknown-form" "The site has no such form";
    NotPermitted 403 "not-permitted" "The token does not permit this";
    Blocked 403 "blocked" "This person cannot book at present";
    UnknownService 404 "unknown-service" "The site has no such service, or the service no such practitioner";
    UnknownUpload 404 "unknown-upload" "There is no such file, or the token is not its own";
    NotFound 404 "not-found" "There is nothing at this address";
    MethodNotAllowed 405 "method-not-allowed" "This address does not know this method";
    Timeout 408 "timeout" "The body did not arrive in time";
    KeyReused 409 "idempotency-key-reused" "The Idempotency-Key was used with another body";
    SlotTaken 409 "slot-taken" "Somebody else has this slot";
    HoldOver 409 "hold-over" "The slot was kept until its time was over";
    TooLate 409 "too-late" "It is too late to change or cancel this appointment";
    Changed 409 "changed" "Somebody else has just changed this appointment";
    WrongStatus 409 "wrong-status" "The appointment stands so that this is not possible";
    LimitReached 409 "limit-reached" "This person has as many appointments as are allowed";
    TooLarge 413 "too-large" "The body is too large";
    UnsupportedType 415 "unsupported-type" "The body has a type that is not understood here";
    InvalidAnswers 422 "invalid-answers" "Some answers need attention";
    InvalidException 422 "invalid-exception" "The change of the schedules needs attention";
    NotOffered 422 "not-offered" "There is no such slot, or it cannot be booked now";
    TooMany 429 "too-many-requests" "Too many requests";
    Internal 500 "internal" "Something went wrong on our side";
    Unavailable 503 "unavailable" "Not possible right now";
}

/// A refused request.
#[derive(Clone, Debug)]
pub struct Refusal {
    /// The kind.
    pub code: Code,
    /// What to do about this occurrence.
    pub detail: Option<Cow<'static, str>>,
    /// What is wrong with which field.
    pub errors: Vec<FieldError>,
    /// The nearest free slots, where the one that was asked for is not free.
    pub alternatives: Vec<Alternative>,
    /// Seconds after which to try again.
    pub retry_after: Option<u32>,
    /// For the log only.
    pub cause: Option<String>,
}

impl Refusal {
    /// A refusal of that kind.
    pub fn new(code: Code) -> Self {
        Self {
            code,
            detail: None,
            errors: Vec::new(),
            alternatives: Vec::new(),
            retry_after: None,
            cause: None,
        }
    }

    /// Says what to do about it.
    pub fn detail(mut self, detail: impl Into<Cow<'static, str>>) -> Self {
        self.detail = Some(detail.into());
        self
    }

    /// 429: try again after that many seconds.
    pub fn too_many(seconds: u32) -> Self {
        Self { retry_after: Some(seconds), ..Self::new(Code::TooMany) }
    }

    /// 500 with a cause for the log.
    pub fn internal(cause: impl Display) -> Self {
        Self { cause: Some(cause.to_string()), ..Self::new(Code::Internal) }
    }

    /// The document. `instance` is the id of the request.
    pub fn problem(&self, instance: &str) -> Problem {
        Problem {
            kind: format!("/problems/{}", self.code.as_str()),
            title: self.code.title().to_owned(),
            status: self.code.status(),
            detail: self.detail.as_ref().map(|detail| detail.clone().into_owned()),
            instance: Some(instance.to_owned()),
            errors: self.errors.clone(),
            alternatives: self.alternatives.clone(),
        }
    }
}

impl From<Code> for Refusal {
    fn from(code: Code) -> Self {
        Self::new(code)
    }
}

impl From<StoreError> for Refusal {
    fn from(cause: StoreError) -> Self {
        let code = if cause.is_temporary() { Code::Unavailable } else { Code::Internal };
        Self {
            cause: Some(cause.to_string()),
            retry_after: cause.is_temporary().then_some(2),
            ..Self::new(code)
        }
    }
}

impl IntoResponse for Refusal {
    /// Status and headers; the document follows in `around.rs`.
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.code.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let mut response = status.into_response();
        if let Some(seconds) = self.retry_after {
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        if self.code == Code::Unauthorized {
            response.headers_mut().insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        response.extensions_mut().insert(self);
        response
    }
}
