//! An SMTP server on a free port of 127.0.0.1 that can be told how to behave, keeps to the letter of RFC 5321 and
//! remembers every mail it took.

use std::collections::VecDeque;
use std::io;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};

/// What it does at a step of a conversation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Turn {
    /// Answers this to the command (`EHLO`, `AUTH`, `MAIL`, `RCPT`, `DATA`, or `.` for the content) instead of taking it.
    Say(&'static str, &'static str),
    /// Never answers that command.
    Hang(&'static str),
    /// Takes the content, and looks at it for so long before it says so.
    Ponder(Duration),
    /// Takes the content, then closes the connection without a word.
    Lose,
}

/// A mail as it was taken.
#[derive(Clone, Debug)]
pub struct Received {
    /// The address of `MAIL FROM`.
    pub from: String,
    /// The addresses of `RCPT TO`.
    pub to: Vec<String>,
    /// What came as content, dots undone, lines end in CRLF.
    pub content: String,
}

/// The running server. It stops with the runtime it was started in.
#[derive(Clone)]
pub struct Smtp {
    pub port: u16,
    state: Arc<Mutex<State>>,
}

#[derive(Default)]
struct State {
    turns: VecDeque<Turn>,
    received: Vec<Received>,
    complaints: Vec<String>,
    /// User and password, where it asks for them.
    login: Option<(String, String)>,
}

impl Smtp {
    /// Starts one that takes every mail.
    pub async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let smtp = Self { port: listener.local_addr().unwrap().port(), state: Arc::default() };
        let state = smtp.state.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let state = state.clone();
                tokio::spawn(async move {
                    let _ = Conversation::new(stream, state).run().await;
                });
            }
        });
        smtp
    }

    /// Takes mails only from who logs in so.
    pub fn ask_for(&self, user: &str, password: &str) {
        self.state().login = Some((user.to_owned(), password.to_owned()));
    }

    /// Does these at the next commands they are about, one a conversation.
    pub fn next(&self, turns: impl IntoIterator<Item = Turn>) {
        self.state().turns.extend(turns);
    }

    /// The mails it took. Panics if anything was not as the RFC has it.
    pub fn received(&self) -> Vec<Received> {
        let state = self.state();
        assert_eq!(state.complaints, Vec::<String>::new());
        state.received.clone()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap()
    }
}

impl Received {
    /// The header of that name, unfolded, encoded words decoded (RFC 2047); `None` if it is not there exactly once.
    pub fn header(&self, name: &str) -> Option<String> {
        let head = self.content.split("\r\n\r\n").next()?.replace("\r\n ", " ");
        let named =
            |line: &&str| line.split_once(':').is_some_and(|(known, _)| known.eq_ignore_ascii_case(name));
        let mut found = head.split("\r\n").filter(named);
        let value = found.next()?.split_once(':')?.1.trim().to_owned();
        found.next().is_none().then(|| decode_words(&value))
    }

    /// Names of all headers, in small letters.
    pub fn header_names(&self) -> Vec<String> {
        let head = self.content.split("\r\n\r\n").next().unwrap_or_default();
        let lines = head.split("\r\n").filter(|line| !line.starts_with([' ', '\t']));
        lines.map(|line| line.split(':').next().unwrap_or_default().to_ascii_lowercase()).collect()
    }

    /// The plain text, decoded, lines end in `\n`.
    pub fn text(&self) -> String {
        self.part("text/plain").expect("a plain text")
    }

    /// The first part of that type, decoded, lines end in `\n`.
    pub fn part(&self, kind: &str) -> Option<String> {
        let text = self.file(kind)?.replace("\r\n", "\n");
        Some(text.trim_end().to_owned())
    }

    /// The first part of that type, decoded and otherwise as it was sent.
    pub fn file(&self, kind: &str) -> Option<String> {
        let whole = self.content.as_str();
        let boundary = self
            .header("content-type")
            .and_then(|kind| Some(kind.split_once("boundary=\"")?.1.split('"').next()?.to_owned()));
        let parts: Vec<&str> = match &boundary {
            None => vec![whole],
            Some(boundary) => whole.split(&format!("--{boundary}")).skip(1).collect(),
        };
        let part = parts
            .into_iter()
            .find(|part| part.to_ascii_lowercase().contains(&format!("content-type: {kind}")))?;
        let (head, body) = part.trim_start().split_once("\r\n\r\n")?;
        // The end of the last line is the boundary's (RFC 2046, 5.1.1).
        let body = body.strip_suffix("\r\n").unwrap_or(body);
        let head = head.to_ascii_lowercase();
        let bytes = match () {
            () if head.contains("content-transfer-encoding: base64") => {
                BASE64_STANDARD.decode(body.replace("\r\n", "")).expect("base64")
            }
            () if head.contains("content-transfer-encoding: quoted-printable") => quoted_printable(body),
            () => body.as_bytes().to_vec(),
        };
        Some(String::from_utf8(bytes).expect("UTF-8"))
    }
}

/// One client's conversation.
struct Conversation {
    stream: BufReader<TcpStream>,
    state: Arc<Mutex<State>>,
    /// What it does differently this time.
    turn: Option<Turn>,
    from: Option<String>,
    to: Vec<String>,
    greeted: bool,
    known: bool,
}

impl Conversation {
    fn new(stream: TcpStream, state: Arc<Mutex<State>>) -> Self {
        let turn = state.lock().unwrap().turns.pop_front();
        let known = state.lock().unwrap().login.is_none();
        Self {
            stream: BufReader::new(stream),
            state,
            turn,
            from: None,
            to: Vec::new(),
            greeted: false,
            known,
        }
    }

    async fn run(mut self) -> io::Result<()> {
        self.say("220 mail.example.com ready").await?;
        while let Some(line) = self.line().await? {
            let word = line.split([' ', ':']).next().unwrap_or_default().to_ascii_uppercase();
            match self.turn.clone() {
                Some(Turn::Say(command, answer)) if command == word => {
                    self.say(answer).await?;
                    continue;
                }
                Some(Turn::Hang(command)) if command == word => return self.hang().await,
                _ => {}
            }
            match word.as_str() {
                "EHLO" => self.ehlo(&line).await?,
                "AUTH" => self.auth(&line).await?,
                "MAIL" => self.mail(&line).await?,
                "RCPT" => self.rcpt(&line).await?,
                "DATA" => {
                    if !self.data().await? {
                        return Ok(());
                    }
                }
                "QUIT" => return self.say("221 bye").await,
                _ => self.complain(format!("unknown command {line}"), "500 what?").await?,
            }
        }
        Ok(())
    }

    async fn ehlo(&mut self, line: &str) -> io::Result<()> {
        let name = line.get(5..).unwrap_or_default().to_owned();
        if name.is_empty() || name.contains(' ') {
            self.state.lock().unwrap().complaints.push(format!("not a name: {line}"));
        }
        self.greeted = true;
        self.say("250-mail.example.com").await?;
        if !self.known {
            self.say("250-AUTH PLAIN LOGIN").await?;
        }
        self.say("250 ENHANCEDSTATUSCODES").await
    }

    /// `AUTH PLAIN` with its initial response (RFC 4954).
    async fn auth(&mut self, line: &str) -> io::Result<()> {
        let (user, password) = self.state.lock().unwrap().login.clone().unwrap_or_default();
        let expected = BASE64_STANDARD.encode(format!("\0{user}\0{password}"));
        if line == format!("AUTH PLAIN {expected}") {
            self.known = true;
            return self.say("235 2.7.0 welcome").await;
        }
        self.say("535 5.7.8 authentication credentials invalid").await
    }

    async fn mail(&mut self, line: &str) -> io::Result<()> {
        if !self.greeted || self.from.is_some() {
            return self.complain(format!("out of order: {line}"), "503 5.5.1 not now").await;
        }
        if !self.known {
            return self.say("530 5.7.0 authentication required").await;
        }
        match address(line, "MAIL FROM:") {
            Some(from) => self.from = Some(from),
            None => return self.complain(format!("no address: {line}"), "501 5.1.7 no").await,
        }
        self.say("250 2.1.0 ok").await
    }

    async fn rcpt(&mut self, line: &str) -> io::Result<()> {
        match address(line, "RCPT TO:").filter(|_| self.from.is_some()) {
            Some(to) => self.to.push(to),
            None => return self.complain(format!("no address: {line}"), "501 5.1.3 no").await,
        }
        self.say("250 2.1.5 ok").await
    }

    /// Whether the conversation goes on.
    async fn data(&mut self) -> io::Result<bool> {
        if self.to.is_empty() {
            self.complain("DATA without a recipient".to_owned(), "503 5.5.1 not now").await?;
            return Ok(true);
        }
        self.say("354 go on").await?;
        let mut content = String::new();
        while let Some(line) = self.line().await? {
            if line == "." {
                return self.end(content).await;
            }
            if line.len() > 998 || !line.is_ascii() {
                self.state
                    .lock()
                    .unwrap()
                    .complaints
                    .push(format!("a line of {} bytes, or not ASCII", line.len()));
            }
            content.push_str(line.strip_prefix('.').unwrap_or(&line));
            content.push_str("\r\n");
        }
        Ok(false)
    }

    async fn end(&mut self, content: String) -> io::Result<bool> {
        match self.turn.clone() {
            Some(Turn::Say(".", answer)) => {
                self.say(answer).await?;
                return Ok(true);
            }
            Some(Turn::Hang(".")) => {
                self.hang().await?;
                return Ok(false);
            }
            Some(Turn::Ponder(pause)) => tokio::time::sleep(pause).await,
            _ => {}
        }
        let mail = Received {
            from: self.from.take().unwrap_or_default(),
            to: std::mem::take(&mut self.to),
            content,
        };
        for name in ["from", "to", "date", "subject", "message-id", "mime-version"] {
            if mail.header(name).is_none() {
                self.state.lock().unwrap().complaints.push(format!("not exactly one {name}"));
            }
        }
        self.state.lock().unwrap().received.push(mail);
        if self.turn == Some(Turn::Lose) {
            return Ok(false);
        }
        self.say("250 2.0.0 taken as 4711").await?;
        Ok(true)
    }

    async fn complain(&mut self, complaint: String, answer: &str) -> io::Result<()> {
        self.state.lock().unwrap().complaints.push(complaint);
        self.say(answer).await
    }

    async fn hang(&mut self) -> io::Result<()> {
        while self.line().await?.is_some() {}
        Ok(())
    }

    async fn say(&mut self, line: &str) -> io::Result<()> {
        self.stream.write_all(format!("{line}\r\n").as_bytes()).await
    }

    /// A line without its CRLF; a bare LF or CR in it is a complaint.
    async fn line(&mut self) -> io::Result<Option<String>> {
        let mut line = Vec::new();
        if self.stream.read_until(b'\n', &mut line).await? == 0 {
            return Ok(None);
        }
        let line = String::from_utf8_lossy(&line).into_owned();
        let text = line.strip_suffix("\r\n").map(str::to_owned);
        if text.as_ref().is_none_or(|text| text.contains('\r')) {
            self.state
                .lock()
                .unwrap()
                .complaints
                .push(format!("a line that does not end in CRLF alone: {line:?}"));
        }
        Ok(Some(text.unwrap_or(line)))
    }
}

/// `MAIL FROM:<name@host>` and nothing after it.
fn address(line: &str, command: &str) -> Option<String> {
    let address = line.strip_prefix(command)?.strip_prefix('<')?.strip_suffix('>')?;
    let shaped = address.split('@').count() == 2 && !address.contains(['<', '>', ' ']);
    shaped.then(|| address.to_owned())
}

/// `=?utf-8?b?…?=`; white space between two of them is none.
fn decode_words(value: &str) -> String {
    let mut decoded = String::new();
    let mut rest = value;
    let mut after_word = false;
    while let Some((before, from)) = rest.split_once("=?") {
        let mut parts = from.splitn(3, '?');
        let (charset, encoding) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
        let (word, after) =
            parts.next().and_then(|text| text.split_once("?=")).expect("a whole encoded word");
        assert!(charset.eq_ignore_ascii_case("utf-8") && word.len() + charset.len() + 7 <= 75, "{value}");
        if !(after_word && before.trim().is_empty()) {
            decoded.push_str(before);
        }
        let bytes = match encoding.to_ascii_lowercase().as_str() {
            "b" => BASE64_STANDARD.decode(word).expect("base64"),
            _ => quoted_printable(&word.replace('_', " ")),
        };
        decoded.push_str(std::str::from_utf8(&bytes).expect("whole letters in each word"));
        (rest, after_word) = (after, true);
    }
    decoded + rest
}

/// RFC 2045, 6.7.
fn quoted_printable(text: &str) -> Vec<u8> {
    let joined = text.replace("=\r\n", "");
    let mut bytes = Vec::new();
    let mut rest = joined.as_bytes();
    while let Some((&byte, after)) = rest.split_first() {
        match (byte, after) {
            (b'=', [high, low, after @ ..]) => {
                let hex = std::str::from_utf8(&[*high, *low])
                    .map(|hex| u8::from_str_radix(hex, 16))
                    .expect("ASCII")
                    .expect("hex");
                bytes.push(hex);
                rest = after;
            }
            (byte, after) => {
                bytes.push(byte);
                rest = after;
            }
        }
    }
    bytes
}
