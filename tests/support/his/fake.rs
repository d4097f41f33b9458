//! A FHIR R4 server for schedules and slots, in this process: as strict as the specification, or as careless as told.

use std::sync::{Arc, Mutex, MutexGuard};

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, Method, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::sync::Barrier;
use tokio::time::{Duration, timeout};

use super::Fhir;
use super::memory::{Memory, is_trial};

/// What it does about versions.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Manner {
    /// Refuses what is not of the present version, and all of a transaction with it.
    #[default]
    Sound,
    /// Ignores `If-Match` and `ifMatch`.
    Careless,
    /// Ignores `ifMatch` in transactions.
    CarelessInTransactions,
    /// Does the rest of a transaction of which it refuses a part.
    InPart,
    /// Refuses a transaction of which it refuses a part, and has done what stands before that part.
    Halfway,
    /// Answers this status to whatever is of another version.
    Odd(u16),
}

/// What happens to a transaction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mishap {
    /// This status, without effect.
    Refuse(u16),
    /// It takes effect, and what is answered is this status.
    Lose(u16),
    /// No effect and no answer.
    Hang,
    /// No answer, and the effect comes after the next request for this type was answered.
    Late(&'static str),
}

/// A server that lives as long as the test's runtime.
#[derive(Clone)]
pub struct Hospital {
    pub fhir: Fhir,
    state: Arc<Mutex<Memory>>,
}

impl Hospital {
    pub async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let base = format!("http://{}/fhir", listener.local_addr().expect("an address"));
        let state = Memory { base: base.clone(), page: 100, ..Memory::default() };
        let hospital = Self { fhir: Fhir { base }, state: Arc::new(Mutex::new(state)) };
        let router = Router::new().fallback(serve).with_state(hospital.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        hospital
    }

    pub fn behave(&self, manner: Manner) {
        self.state().manner = manner;
    }

    /// The next transactions, in this order.
    pub fn mishap(&self, mishaps: impl IntoIterator<Item = Mishap>) {
        self.state().mishaps.extend(mishaps);
    }

    /// Gives no more than so many resources at once.
    pub fn page(&self, size: usize) {
        self.state().page = size;
    }

    /// Gives no more than so many, and no link to the rest.
    pub fn end_after(&self, size: usize) {
        let mut state = self.state();
        (state.page, state.ends) = (size, true);
    }

    /// Gives a link to a next page behind every page.
    pub fn never_end(&self) {
        self.state().endless = true;
    }

    /// Gives links to the rest again.
    pub fn go_on(&self) {
        self.state().ends = false;
    }

    /// Does no transaction before so many are there, or a second has passed: all of them have read the same.
    pub fn gather(&self, transactions: usize) {
        self.state().gathering = Some(Arc::new(Barrier::new(transactions)));
    }

    /// Takes so long for every answer.
    pub fn slow(&self, pause: Duration) {
        self.state().slow = pause;
    }

    /// Deletes what is at that path: `Slot/17`.
    pub fn remove(&self, path: &str) {
        let (kind, id) = path.split_once('/').expect("a type and an id");
        assert!(self.state().resources.remove(&(kind.to_owned(), id.to_owned())).is_some(), "{path}");
    }

    /// What it was asked so far: `GET Slot/17`.
    pub fn asked(&self) -> Vec<String> {
        self.state().asked.clone()
    }

    /// How many transactions it was sent.
    pub fn transactions(&self) -> usize {
        self.state().transactions
    }

    /// What was no FHIR in what it was sent.
    pub fn complaints(&self) -> Vec<String> {
        self.state().complaints.clone()
    }

    fn state(&self) -> MutexGuard<'_, Memory> {
        self.state.lock().expect("no test has failed with it")
    }
}

async fn serve(
    State(hospital): State<Hospital>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let path = uri.path().trim_start_matches("/fhir").trim_matches('/').to_owned();
    let body: Value = serde_json::from_slice(&body).unwrap_or_default();
    let parts: Vec<&str> = path.split('/').collect();
    let pause = {
        let mut state = hospital.state();
        state.asked.push(format!("{method} {path}"));
        state.slow
    };
    tokio::time::sleep(pause).await;
    let (status, answer) = match (method.as_str(), parts.as_slice()) {
        ("POST", [""]) => {
            let mishap = {
                let mut state = hospital.state();
                let trial = is_trial(&body);
                state.transactions += usize::from(!trial);
                if trial { None } else { state.mishaps.pop_front() }
            };
            let gathering = hospital.state().gathering.clone();
            if let Some(barrier) = gathering.filter(|_| !is_trial(&body)) {
                _ = timeout(Duration::from_secs(1), barrier.wait()).await;
            }
            match mishap {
                Some(Mishap::Hang) => std::future::pending().await,
                Some(Mishap::Refuse(status)) => (status, json!({})),
                Some(Mishap::Lose(status)) => {
                    hospital.state().transaction(&body);
                    (status, json!({}))
                }
                Some(Mishap::Late(kind)) => {
                    hospital.state().late.push((kind, body));
                    std::future::pending().await
                }
                None => hospital.state().transaction(&body),
            }
        }
        ("GET", [kind]) => {
            let anew = headers.get("cache-control").is_some_and(|value| value == "no-cache");
            hospital.state().find(kind, uri.query().unwrap_or_default(), anew)
        }
        ("GET", [kind, id]) => hospital.state().read(kind, id),
        ("POST", [kind]) => hospital.state().create(kind, body),
        ("PUT", [kind, id]) => {
            let version = headers.get("if-match").and_then(|value| value.to_str().ok()).map(str::to_owned);
            let mut state = hospital.state();
            let version = version.filter(|_| state.manner != Manner::Careless);
            state.update(kind, id, version.as_deref(), body)
        }
        _ => (405, json!({})),
    };
    hospital.state().take_effect(parts[0]);
    let status = StatusCode::from_u16(status).expect("a status");
    (status, [("content-type", "application/fhir+json")], answer.to_string()).into_response()
}
