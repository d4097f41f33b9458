//! A running CRM.

use std::collections::BTreeMap;
use std::io;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::{Duration, Instant};

use axum::body::Body;
use axum::extract::{Extension, RawPathParams, State};
use axum::response::{IntoResponse, Response};
use axum::routing::{MethodFilter, MethodRouter, on};
use axum::{Router, http};
use http_body_util::BodyExt;
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::net::TcpListener;
use tower_service::Service;

use super::Crm;
use super::book::{Book, Fact, Meeting, Note, Person};
use super::exchange::{Complaint, Outcome, Reply, Request};
use super::mishap::{Gate, Mishap, Moment, Script};

/// A CRM at work. It stops with the runtime it was started in.
#[derive(Clone)]
pub struct Fake {
    crm: &'static Crm,
    state: Arc<Shared>,
}

struct Shared {
    book: Mutex<Book>,
    memory: Mutex<Memory>,
    gate: Gate,
}

#[derive(Default)]
struct Memory {
    requests: Vec<Request>,
    complaints: Vec<String>,
    script: Script,
}

impl Fake {
    /// Starts one that has nothing in it.
    pub async fn start(crm: &'static Crm) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let url = format!("http://{}", listener.local_addr().expect("an address"));
        let book = Mutex::new(Book::new(url));
        let fake =
            Self { crm, state: Arc::new(Shared { book, memory: Mutex::default(), gate: Gate::default() }) };
        let serving = fake.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let fake = serving.clone();
                let service = service_fn(move |request| fake.clone().serve(request));
                let connection = hyper::server::conn::http1::Builder::new();
                tokio::spawn(connection.serve_connection(TokioIo::new(stream), service));
            }
        });
        fake
    }

    /// The CRM's name in connector files.
    pub fn name(&self) -> &'static str {
        self.crm.name
    }

    /// Where it is, `http://127.0.0.1:PORT`.
    pub fn url(&self) -> String {
        self.book().url.clone()
    }

    /// What it lets in.
    pub fn secrets(&self) -> BTreeMap<&'static str, String> {
        self.crm.secrets.iter().map(|(name, value)| (*name, (*value).to_owned())).collect()
    }

    /// Its owner adds a field of that name, of any type, to all kinds of records.
    pub fn add_field(&self, name: &str) {
        self.book().custom.insert(name.to_owned());
    }

    /// Records created from now on are hidden from searches for so long, in a CRM whose searches lag: FHIR, HubSpot,
    /// Pipedrive and Zoho. Whoever knows their id, or lists what belongs to a record, sees them everywhere.
    pub fn lag(&self, lag: Duration) {
        self.book().lag = lag;
    }

    /// All tokens that it has made are worth nothing from now on.
    pub fn expire_tokens(&self) {
        self.book().expire_tokens();
    }

    /// This happens to the n-th request from now, counted from 1.
    pub fn at(&self, n: usize, mishap: Mishap) {
        let mut left = n;
        let condition = move |_: &Request| {
            left = left.wrapping_sub(1);
            left == 0
        };
        self.memory().script.add(Box::new(condition), 1, mishap);
    }

    /// This happens to the next `times` requests of this method (any, if empty) to paths that begin so.
    pub fn on(&self, method: &'static str, path: &'static str, times: usize, mishap: Mishap) {
        let condition = move |request: &Request| {
            (method.is_empty() || request.method == method) && request.path.starts_with(path)
        };
        self.memory().script.add(Box::new(condition), times, mishap);
    }

    /// The n-th request from now is held there until it is released.
    pub fn hold_at(&self, n: usize, moment: Moment) {
        self.at(n, Mishap::Hold(moment));
    }

    /// Waits until a request is held.
    pub async fn held(&self) {
        self.state.gate.held().await;
    }

    /// Lets go whoever is held.
    pub fn release(&self) {
        self.state.gate.open();
    }

    /// As if a quarter of an hour had passed: the tokens it has given are not counted any more.
    pub fn forget_tokens_given(&self) {
        self.book().minted.clear();
    }

    /// Nothing more goes wrong.
    pub fn calm(&self) {
        self.memory().script.clear();
        self.release();
    }

    /// Every request so far, in order.
    pub fn requests(&self) -> Vec<Request> {
        self.memory().requests.clone()
    }

    /// Why requests were refused that no well-made client sends.
    pub fn complaints(&self) -> Vec<String> {
        self.memory().complaints.clone()
    }

    /// Who is in it.
    pub fn people(&self) -> Vec<Person> {
        self.facts(|fact| if let Fact::Person(person) = fact { Some(person) } else { None })
    }

    /// What was written about them.
    pub fn notes(&self) -> Vec<Note> {
        self.facts(|fact| if let Fact::Note(note) = fact { Some(note) } else { None })
    }

    /// When they come.
    pub fn meetings(&self) -> Vec<Meeting> {
        self.facts(|fact| if let Fact::Meeting(meeting) = fact { Some(meeting) } else { None })
    }

    fn facts<T>(&self, choose: fn(Fact) -> Option<T>) -> Vec<T> {
        let book = self.book();
        book.records().iter().filter_map(|record| (self.crm.fact)(&book, record)).filter_map(choose).collect()
    }

    /// Everything it knows, for a test to prepare.
    pub fn book(&self) -> MutexGuard<'_, Book> {
        self.state.book.lock().expect("no handler has panicked")
    }

    fn memory(&self) -> MutexGuard<'_, Memory> {
        self.state.memory.lock().expect("no one has panicked")
    }

    /// An error closes the connection.
    async fn serve(self, request: hyper::Request<Incoming>) -> io::Result<Response> {
        let request = read(request).await.map_err(io::Error::other)?;
        let (index, mishap) = {
            let mut memory = self.memory();
            memory.requests.push(request.clone());
            (memory.requests.len() - 1, memory.script.next(&request))
        };
        let response = match mishap {
            None => self.effect(request).await,
            Some(Mishap::Answer(reply)) => reply.expected().into_response(),
            Some(Mishap::Limited) => (self.crm.limited)().expected().into_response(),
            Some(Mishap::TooMany(seconds)) => too_many(seconds).into_response(),
            Some(Mishap::Reset) => return Err(io::ErrorKind::ConnectionReset.into()),
            Some(Mishap::Lose) => {
                self.effect(request).await;
                return Err(io::ErrorKind::ConnectionReset.into());
            }
            Some(Mishap::Fail) => {
                self.effect(request).await;
                (self.crm.fault)(500, "Internal Server Error").expected().into_response()
            }
            Some(Mishap::Hold(Moment::Before)) => {
                self.state.gate.pass().await;
                self.effect(request).await
            }
            Some(Mishap::Hold(Moment::After)) => {
                let response = self.effect(request).await;
                self.state.gate.pass().await;
                response
            }
            Some(Mishap::Delay(time)) => {
                tokio::time::sleep(time).await;
                self.effect(request).await
            }
        };
        self.memory().requests[index].status = Some(response.status().as_u16());
        Ok(response)
    }

    /// What the CRM does and says.
    async fn effect(&self, request: Request) -> Response {
        let said = format!("{} {}", request.method, request.path);
        let open = self.crm.open.iter().any(|path| request.path.starts_with(path));
        let refusal = if open { None } else { (self.crm.auth)(&mut self.book(), &request).err() };
        let response = match refusal {
            Some(reply) => reply.into_response(),
            None => self.route(request).await,
        };
        if let Some(Complaint(reason)) = response.extensions().get() {
            self.memory().complaints.push(format!("{said}: {} {reason}", response.status().as_u16()));
        }
        response
    }

    async fn route(&self, request: Request) -> Response {
        let fault = self.crm.fault;
        let mut router: Router = (self.crm.routes)()
            .fallback(async move || fault(404, "Not Found"))
            .method_not_allowed_fallback(async move || fault(405, "Method Not Allowed"))
            .with_state(self.clone());
        let uri = format!("{}?{}", request.path, request.query);
        let routed = http::Request::builder()
            .method(request.method.as_str())
            .uri(uri)
            .extension(request)
            .body(Body::empty())
            .expect("it came so");
        router.call(routed).await.unwrap_or_else(|never| match never {})
    }
}

/// Does something in the book and says what.
pub type Handler = fn(&mut Book, &Request) -> Outcome;

/// A `GET` of a CRM.
pub fn get(handler: Handler) -> MethodRouter<Fake> {
    route(MethodFilter::GET, handler)
}

/// A `POST` of a CRM.
pub fn post(handler: Handler) -> MethodRouter<Fake> {
    route(MethodFilter::POST, handler)
}

/// A `PUT` of a CRM.
pub fn put(handler: Handler) -> MethodRouter<Fake> {
    route(MethodFilter::PUT, handler)
}

/// A `PATCH` of a CRM.
pub fn patch(handler: Handler) -> MethodRouter<Fake> {
    route(MethodFilter::PATCH, handler)
}

/// A `DELETE` of a CRM.
pub fn delete(handler: Handler) -> MethodRouter<Fake> {
    route(MethodFilter::DELETE, handler)
}

fn route(method: MethodFilter, handler: Handler) -> MethodRouter<Fake> {
    let handle = async move |State(fake): State<Fake>,
                             params: RawPathParams,
                             Extension(request): Extension<Request>| {
        let params = params.iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
        let request = Request { params, ..request };
        handler(&mut fake.book(), &request).unwrap_or_else(|refusal| refusal)
    };
    on(method, handle)
}

fn too_many(seconds: Option<u64>) -> Reply {
    let reply = Reply::text(429, "");
    match seconds {
        Some(seconds) => reply.with("retry-after", seconds.to_string()),
        None => reply,
    }
}

async fn read(request: hyper::Request<Incoming>) -> hyper::Result<Request> {
    let (head, body) = request.into_parts();
    let value = |value: &http::HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
    Ok(Request {
        method: head.method.to_string(),
        path: head.uri.path().to_owned(),
        query: head.uri.query().unwrap_or_default().to_owned(),
        headers: head.headers.iter().map(|(name, given)| (name.to_string(), value(given))).collect(),
        body: body.collect().await?.to_bytes(),
        at: Instant::now(),
        status: None,
        params: BTreeMap::new(),
    })
}
