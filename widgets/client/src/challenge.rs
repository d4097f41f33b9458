//! Fetches and solves the proof of work, in slices short enough that nobody notices.

use std::cell::RefCell;
use std::rc::Rc;

use crm_element::{json, time};
use js_sys::Promise;
use reqwasm::http::Request;
use sha2::{Digest, Sha256};
use wasm_bindgen::JsValue;
use wasm_bindgen_futures::{JsFuture, future_to_promise};

/// Longest time in milliseconds for which the page is kept busy at once.
const SLICE: f64 = 6.0;

/// Seconds before its end at which a solution is no longer used.
const MARGIN: f64 = 20.0;

/// Where challenges come from, with the next solution.
#[derive(Clone)]
pub struct Challenges {
    url: String,
    next: Rc<RefCell<Option<Promise>>>,
}

impl Challenges {
    /// Challenges for a form of a site at a gateway (its address ends with `/`).
    pub fn new(gateway: &str, site: &str, form: &str) -> Self {
        let url = [gateway, "v1/sites/", site, "/challenge?form=", form].concat();
        Self { url, next: Rc::default() }
    }

    /// Starts solving, so that a solution is there by the time it is needed.
    pub fn prepare(&self) {
        let mut next = self.next.borrow_mut();
        if next.is_none() {
            let url = self.url.clone();
            *next = Some(future_to_promise(async move { Ok(solve(&url).await.unwrap_or_default()) }));
        }
    }

    /// A fresh solution for the header `Crm-Challenge`. Empty where the gateway did not answer.
    pub async fn take(&self) -> String {
        for _ in 0..2 {
            self.prepare();
            let promise = self.next.borrow_mut().take();
            let solved = match promise {
                Some(promise) => JsFuture::from(promise).await.unwrap_or_default(),
                None => JsValue::UNDEFINED,
            };
            let until = json::get(&solved, "until").as_f64().unwrap_or(f64::MAX);
            if until - MARGIN > time::now() / 1000.0 {
                return json::get_text(&solved, "proof");
            }
        }
        String::new()
    }
}

async fn solve(url: &str) -> Option<JsValue> {
    let text = Request::get(url).send().await.ok()?.text().await.ok()?;
    let challenge = json::parse(&text)?;
    let puzzle = Puzzle::read(&json::get(&challenge, "parameters"))?;
    let until = json::get(&json::get(&challenge, "parameters"), "expiresAt");
    let counter = puzzle.search().await?;
    let solution = json::object(&[("challenge", challenge), ("counter", counter.into())]);
    let proof = web_sys::window()?.btoa(&json::stringify(&solution)).ok()?;
    Some(json::object(&[("proof", proof.into()), ("until", until)]))
}

/// What is to be solved, see [`crm_protocol::challenge`].
struct Puzzle {
    salt: Vec<u8>,
    nonce: Vec<u8>,
    cost: u32,
    key_length: usize,
    prefix: Vec<u8>,
}

impl Puzzle {
    fn read(parameters: &JsValue) -> Option<Self> {
        let number = |name: &str| json::get(parameters, name).as_f64().map(|number| number as u32);
        Some(Self {
            salt: bytes(&json::get_text(parameters, "salt"))?,
            nonce: bytes(&json::get_text(parameters, "nonce"))?,
            cost: number("cost")?.max(1),
            key_length: number("keyLength")? as usize,
            prefix: nibbles(&json::get_text(parameters, "keyPrefix"))?,
        })
    }

    async fn search(&self) -> Option<u32> {
        let mut start = time::now();
        for counter in 0..=u32::MAX {
            if self.is_solved_by(counter) {
                return Some(counter);
            }
            if counter % 32 == 0 && time::now() - start > SLICE {
                time::sleep(0).await;
                start = time::now();
            }
        }
        None
    }

    fn is_solved_by(&self, counter: u32) -> bool {
        let mut hash = Sha256::new().chain_update(&self.salt).chain_update(&self.nonce).chain_update(counter.to_be_bytes()).finalize();
        for _ in 1..self.cost {
            hash = Sha256::digest(hash);
        }
        let key = hash.iter().take(self.key_length).flat_map(|byte| [byte >> 4, byte & 15]);
        key.take(self.prefix.len()).eq(self.prefix.iter().copied())
    }
}

fn nibbles(hex: &str) -> Option<Vec<u8>> {
    hex.chars().map(|digit| digit.to_digit(16).map(|digit| digit as u8)).collect()
}

fn bytes(hex: &str) -> Option<Vec<u8>> {
    let nibbles = nibbles(hex)?;
    Some(nibbles.chunks(2).map(|pair| pair.iter().fold(0, |byte, nibble| byte << 4 | nibble)).collect())
}
