//! Fetches and solves the proof of work, in slices short enough that nobody notices.

use std::cell::RefCell;
use std::rc::Rc;

use crm_element::{json, time};
use sha2::{Digest, Sha256};
use wasm_bindgen::JsValue;
use wasm_bindgen_futures::spawn_local;

use crate::request::{PATIENCE, read, request};

/// Longest time in milliseconds for which the page is kept busy at once.
const SLICE: f64 = 6.0;

/// Seconds before its end at which a solution is no longer used.
const MARGIN: f64 = 20.0;

/// Milliseconds between two looks at whether a solution is there.
const LOOK: u32 = 20;

/// Where challenges come from, with the next solution.
#[derive(Clone)]
pub struct Challenges {
    url: String,
    next: Rc<RefCell<Next>>,
}

/// The next solution.
#[derive(Default)]
enum Next {
    #[default]
    Nothing,
    Solving,
    /// `None` where the gateway did not answer.
    Solved(Option<Solved>),
}

/// A solution for the header `Crm-Challenge`.
struct Solved {
    proof: String,
    /// Unix time in seconds.
    until: f64,
}

impl Challenges {
    /// Challenges for a form of a site at a gateway (its address ends with `/`).
    pub fn new(gateway: &str, site: &str, form: &str) -> Self {
        let url = [gateway, "v1/sites/", site, "/challenge?form=", form].concat();
        Self { url, next: Rc::default() }
    }

    /// Starts solving, so that a solution is there by the time it is needed.
    pub fn prepare(&self) {
        if !matches!(*self.next.borrow(), Next::Nothing) {
            return;
        }
        self.next.replace(Next::Solving);
        let (url, next) = (self.url.clone(), Rc::clone(&self.next));
        spawn_local(async move {
            let solved = solve(&url).await;
            next.replace(Next::Solved(solved));
        });
    }

    /// A fresh solution for the header `Crm-Challenge`. Empty where the gateway did not answer.
    pub async fn take(&self) -> String {
        loop {
            self.prepare();
            time::sleep(LOOK).await;
            match self.next.take() {
                Next::Solved(None) => return String::new(),
                Next::Solved(Some(solved)) if solved.until - MARGIN > time::now() / 1000.0 => {
                    return solved.proof;
                }
                Next::Solved(Some(_)) | Next::Nothing => {}
                Next::Solving => _ = self.next.replace(Next::Solving),
            }
        }
    }
}

async fn solve(url: &str) -> Option<Solved> {
    let response = request(url, "GET", JsValue::UNDEFINED, JsValue::UNDEFINED, PATIENCE).await?;
    let challenge = read(&response).await;
    let parameters = json::get(&challenge, "parameters");
    let until = json::get(&parameters, "expiresAt").as_f64()?;
    let counter = Puzzle::read(&parameters)?.search().await?;
    let solution = json::object(&[("challenge", challenge), ("counter", counter.into())]);
    let proof = json::call(&js_sys::global(), "btoa", &[json::stringify(&solution).into()]).as_string()?;
    Some(Solved { proof, until })
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
        let mut hash = Sha256::new()
            .chain_update(&self.salt)
            .chain_update(&self.nonce)
            .chain_update(counter.to_be_bytes())
            .finalize();
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
