//! Questions to the gateway about booking, and their answers.

use crm_client::challenge::Challenges;
use crm_client::place::Place;
use crm_client::request::{PATIENCE, code, read, request};
use crm_element::{json, page};
use crm_protocol::booking::Alternative;
use reqwasm::http::Response;
use wasm_bindgen::JsValue;

use crate::booking::Booking;

/// How often a question is asked again.
const AGAIN: usize = 2;

/// A question.
#[derive(Default)]
pub struct Question {
    /// What follows `/v1/sites/{site}/`.
    pub path: String,
    /// `GET` where empty.
    pub method: &'static str,
    /// The capability of what it is about.
    pub token: String,
    /// Form for which the proof of work is solved, where the site asks for one.
    pub form: String,
    /// JSON; none where `undefined`.
    pub body: JsValue,
    /// Whether the answer is a text that is no JSON.
    pub plain: bool,
}

/// What came back: the JSON (or the text) of a success, or a problem.
pub type Answer = Result<JsValue, Refused>;

/// A problem.
pub struct Refused {
    /// The problem's code; `offline` or `unreachable` where nobody answered.
    pub code: String,
    /// The nearest free slots.
    pub alternatives: Vec<Alternative>,
}

impl Refused {
    /// Whether the same question may be answered better: proofs of work get spent and clocks differ, and what nobody
    /// answered was perhaps done, which its key or its kind makes harmless to ask again.
    fn is_worth(&self, question: &Question) -> bool {
        let lost = self.code == "unreachable" && !question.plain;
        lost || self.code.starts_with("challenge-")
    }
}

type Then = Box<dyn FnOnce(&Booking, &Place, Answer)>;

/// Asks, and goes on with the answer.
pub(crate) fn ask(
    booking: &Booking,
    question: Question,
    then: impl FnOnce(&Booking, &Place, Answer) + 'static,
) {
    ask_boxed(booking.clone(), question, Box::new(then));
}

/// The one place that waits: each that did would be a state machine of its own.
fn ask_boxed(booking: Booking, question: Question, then: Then) {
    wasm_bindgen_futures::spawn_local(async move {
        let Some(place) = booking.place() else { return };
        let challenges = challenges(&place, &question.form);
        let (url, key) = (address(&booking, &place, &question.path), page::random_key());
        let mut tries = 0..AGAIN;
        let answer = loop {
            let proof = match &challenges {
                Some(challenges) => challenges.take().await,
                None => String::new(),
            };
            let answer = send(&url, &question, &key, &proof).await;
            let again = answer.as_ref().is_err_and(|refused| refused.is_worth(&question));
            if !again || tries.next().is_none() {
                break answer;
            }
        };
        then(&booking, &place, answer);
    });
}

async fn send(url: &str, question: &Question, key: &str, proof: &str) -> Answer {
    let headers = json::object(&[]);
    let header = |name: &str, value: &str| json::set(&headers, name, &value.into());
    if !question.token.is_empty() {
        header("Authorization", &["Bearer ", &question.token].concat());
    }
    if !proof.is_empty() {
        header("Crm-Challenge", proof);
    }
    let mut body = JsValue::UNDEFINED;
    if !question.body.is_undefined() {
        header("Content-Type", "application/json");
        header("Idempotency-Key", key);
        body = json::stringify(&question.body).into();
    }
    let method = if question.method.is_empty() { "GET" } else { question.method };
    match request(url, method, headers, body, PATIENCE).await {
        Some(response) => answer(&response, question.plain).await,
        None => Err(nobody()),
    }
}

async fn answer(response: &Response, plain: bool) -> Answer {
    if plain && response.ok() {
        return response.text().await.map(JsValue::from).map_err(|_| nobody());
    }
    let body = read(response).await;
    match response.status() {
        204 => Ok(body),
        // The answer was lost on its way, or a network that asks for a login gave one of its own.
        200..=299 if body.is_undefined() => Err(nobody()),
        200..=299 => Ok(body),
        _ => Err(refused(&body)),
    }
}

/// The proofs of work for a form; `None` where the site asks for none.
pub(crate) fn challenges(place: &Place, form: &str) -> Option<Challenges> {
    Challenges::new(place.host.call("challenge", &[form.into()]))
}

/// The address of something of this site.
pub(crate) fn address(booking: &Booking, place: &Place, path: &str) -> String {
    let gateway = place.host.option("gateway").as_string().unwrap_or_default();
    let site = booking.flow.look(|flow| flow.offer.site.clone());
    [&gateway, "v1/sites/", &site, "/", path].concat()
}

fn nobody() -> Refused {
    let code = if page::is_online() { "unreachable" } else { "offline" };
    Refused { code: code.to_owned(), alternatives: Vec::new() }
}

/// What a problem says.
pub(crate) fn refused(problem: &JsValue) -> Refused {
    let alternatives = json::from_js(json::get(problem, "alternatives")).unwrap_or_default();
    Refused { code: code(problem), alternatives }
}
