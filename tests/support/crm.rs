//! A CRM to deliver to, on a free port of 127.0.0.1, that can be told how to behave and remembers every request.
//!
//! Like a CRM should, it takes effect once per `webhook-id` and answers 409 when it sees an id again.

use std::collections::{BTreeMap, VecDeque};
use std::io;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::{Duration, Instant};

use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};

/// The secret its connections sign with.
pub const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

/// How it answers a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// Takes effect and answers this 2xx.
    Accept(u16),
    /// Answers this status, without effect.
    Status(u16),
    /// 429, with `Retry-After` if there is one.
    TooMany(Option<u64>),
    /// 302 to this address, without effect.
    Redirect(String),
    /// Never answers, keeps the connection open.
    Hang,
    /// Closes the connection with a reset, without effect.
    Reset,
    /// Takes effect, then closes the connection without an answer.
    Lose,
    /// Takes effect and answers 200 with a body of so many bytes.
    Huge(usize),
    /// Answers 400 and what it was sent.
    Echo,
}

/// One request as it was received.
#[derive(Clone, Debug)]
pub struct Received {
    /// All headers, names in small letters.
    pub headers: BTreeMap<String, String>,
    /// The body's bytes.
    pub body: Vec<u8>,
    /// When its last byte was here.
    pub at: Instant,
}

impl Received {
    /// `webhook-id`.
    pub fn id(&self) -> &str {
        self.headers.get("webhook-id").map_or("", String::as_str)
    }

    /// The body as JSON.
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.body).expect("a JSON body")
    }

    /// Whether another implementation of Standard Webhooks accepts the signature.
    pub fn is_signed(&self, secret: &str) -> bool {
        let mut headers = hyper::HeaderMap::new();
        for (name, value) in &self.headers {
            headers.insert(hyper::header::HeaderName::try_from(name).unwrap(), value.parse().unwrap());
        }
        standardwebhooks::Webhook::new(secret).unwrap().verify(&self.body, &headers).is_ok()
    }
}

/// The running CRM. It stops with the runtime it was started in.
#[derive(Clone)]
pub struct Crm {
    /// Where it is, `http://127.0.0.1:PORT/hook`.
    pub url: String,
    state: Arc<State>,
}

#[derive(Default)]
struct State {
    connections: AtomicUsize,
    memory: Mutex<Memory>,
}

#[derive(Default)]
struct Memory {
    script: VecDeque<Answer>,
    usual: VecDeque<Answer>,
    received: Vec<Received>,
    effects: BTreeMap<String, usize>,
}

impl Crm {
    /// Starts one that accepts everything with 200.
    pub async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let url = format!("http://{}/hook", listener.local_addr().unwrap());
        let crm = Self { url, state: Arc::default() };
        crm.always(Answer::Accept(200));
        let state = crm.state.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                state.connections.fetch_add(1, Ordering::SeqCst);
                tokio::spawn(serve(stream, state.clone()));
            }
        });
        crm
    }

    /// Answers so from now on.
    pub fn always(&self, answer: Answer) {
        self.mix([answer]);
    }

    /// Answers with these from now on, one after the other, again and again.
    pub fn mix(&self, answers: impl IntoIterator<Item = Answer>) {
        self.memory().usual = answers.into_iter().collect();
    }

    /// Answers the next requests so, before what was said by [`Crm::always`] holds again.
    pub fn next(&self, answers: impl IntoIterator<Item = Answer>) {
        self.memory().script.extend(answers);
    }

    /// Every request so far, in order.
    pub fn received(&self) -> Vec<Received> {
        self.memory().received.clone()
    }

    /// How often each `webhook-id` has taken effect.
    pub fn effects(&self) -> BTreeMap<String, usize> {
        self.memory().effects.clone()
    }

    /// How many connections were opened.
    pub fn connections(&self) -> usize {
        self.state.connections.load(Ordering::SeqCst)
    }

    /// Waits until so many requests have come, and returns them. Panics after ten seconds.
    pub async fn wait_for(&self, requests: usize) -> Vec<Received> {
        let deadline = Instant::now() + Duration::from_secs(10);
        loop {
            let received = self.received();
            if received.len() >= requests {
                return received;
            }
            assert!(Instant::now() < deadline, "{} of {requests} requests came", received.len());
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }

    fn memory(&self) -> MutexGuard<'_, Memory> {
        self.state.memory.lock().unwrap()
    }
}

impl Memory {
    /// Remembers a request and decides what it is answered.
    fn take(&mut self, request: Received) -> Answer {
        let id = request.id().to_owned();
        self.received.push(request);
        let answer = self.script.pop_front().unwrap_or_else(|| {
            self.usual.rotate_left(1);
            self.usual.back().cloned().unwrap_or(Answer::Accept(200))
        });
        let effective = matches!(answer, Answer::Accept(_) | Answer::Lose | Answer::Huge(_));
        if effective && self.effects.contains_key(&id) {
            return Answer::Status(409);
        }
        if effective {
            *self.effects.entry(id).or_default() += 1;
        }
        answer
    }
}

async fn serve(stream: TcpStream, state: Arc<State>) -> io::Result<()> {
    let mut stream = BufReader::new(stream);
    while let Some(request) = read(&mut stream).await? {
        let body = request.body.clone();
        let answer = state.memory.lock().unwrap().take(request);
        match answer {
            Answer::Echo => stream.write_all(&with_body(400, "", &body)).await?,
            Answer::Hang => std::future::pending().await,
            Answer::Lose => return Ok(()),
            Answer::Reset => return stream.get_ref().set_zero_linger(),
            answer => stream.write_all(&bytes(&answer)).await?,
        }
    }
    Ok(())
}

async fn read(stream: &mut BufReader<TcpStream>) -> io::Result<Option<Received>> {
    let mut headers = BTreeMap::new();
    let mut line = String::new();
    while stream.read_line(&mut line).await? > 2 {
        if let Some((name, value)) = line.split_once(": ") {
            headers.insert(name.to_ascii_lowercase(), value.trim_end().to_owned());
        }
        line.clear();
    }
    if headers.is_empty() {
        return Ok(None);
    }
    let length = headers.get("content-length").and_then(|text| text.parse().ok()).unwrap_or(0);
    let mut body = vec![0; length];
    stream.read_exact(&mut body).await?;
    Ok(Some(Received { headers, body, at: Instant::now() }))
}

fn bytes(answer: &Answer) -> Vec<u8> {
    let (status, header, body) = match answer {
        Answer::Accept(status) | Answer::Status(status) => (*status, String::new(), b"{}".to_vec()),
        Answer::TooMany(after) => {
            (429, after.map_or_else(String::new, |seconds| format!("retry-after: {seconds}\r\n")), Vec::new())
        }
        Answer::Redirect(to) => (302, format!("location: {to}\r\n"), Vec::new()),
        Answer::Huge(size) => (200, String::new(), vec![b'x'; *size]),
        Answer::Hang | Answer::Reset | Answer::Lose | Answer::Echo => (500, String::new(), Vec::new()),
    };
    // 204 has no body, and no length either (RFC 9110, 8.6).
    if status == 204 {
        return format!("HTTP/1.1 204 \r\n{header}\r\n").into_bytes();
    }
    with_body(status, &header, &body)
}

fn with_body(status: u16, header: &str, body: &[u8]) -> Vec<u8> {
    let length = body.len();
    [format!("HTTP/1.1 {status} \r\n{header}content-length: {length}\r\n\r\n").as_bytes(), body].concat()
}
