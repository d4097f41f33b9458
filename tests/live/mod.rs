//! Connectors against the real software, asked afterwards what it has. `cargo xtask test live` installs and runs it.

mod bottlecrm;
mod fhir;
mod his;

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use bytes::Bytes;
use crm_widgets::connector::library::Library;
use crm_widgets::connector::memory::Book;
use crm_widgets::connector::{Connector, Delivery, Outcome, Settings};
use http_body_util::{BodyExt, Empty};
use hyper::Request;
use hyper_util::client::legacy::Client;
use hyper_util::rt::TokioExecutor;
use serde_json::{Value, json};
use tokio::time::sleep;

use crate::connectors::event;
use crate::support::database::Database;
use crate::support::program::{Person, Program};
use crate::support::relay::Relay;

/// How long what is left after a kill may take: the leases of the dead run out first.
const ARRIVAL: Duration = Duration::from_secs(90);

/// The variable that holds the CRM's secret, if it has one.
const SECRET: &str = "CRM_TOKEN";

/// Who comes to the clinic.
const PATIENT: &str = "wang.fang@example.com";

/// Real software, and how to look into it.
trait Crm {
    /// Its connector.
    const CONNECTOR: &'static str;
    /// Where its API begins, below its origin.
    const BASE: &'static str;
    /// How many requests the first enquiry of somebody new takes.
    const REQUESTS: usize;

    /// Its `http://HOST:PORT`.
    fn origin(&self) -> &str;
    /// What its connector calls the secret, and the secret.
    fn secret(&self) -> Option<(&str, &str)>;
    /// Everybody with that e-mail address.
    async fn people(&self, email: &str) -> Vec<Record>;

    /// What is at that path, below its base.
    async fn read(&self, path: &str) -> Value {
        let mut request = Request::get(format!("{}{}{path}", self.origin(), Self::BASE));
        if let Some((_, token)) = self.secret() {
            request = request.header("authorization", format!("Bearer {token}"));
        }
        let request = request.body(Empty::<Bytes>::new()).expect("a request");
        let client = Client::builder(TokioExecutor::new()).build_http();
        let answer = client.request(request).await.expect("an answer");
        let status = answer.status();
        let body = answer.into_body().collect().await.expect("a body").to_bytes();
        assert!(status.is_success(), "{path}: {status}: {}", String::from_utf8_lossy(&body));
        serde_json::from_slice(&body).expect("JSON")
    }

    /// A connection to it, by way of `origin`; `variable` holds its secret.
    fn connection(&self, origin: &str, variable: &str) -> Value {
        let secrets = match self.secret() {
            Some((name, _)) => json!({name: {"env": variable}}),
            None => json!({}),
        };
        json!({
            "name": "crm", "connector": Self::CONNECTOR, "url": format!("{origin}{}", Self::BASE),
            "secrets": secrets, "allowPrivate": true, "timeoutSeconds": 5
        })
    }
}

/// Somebody in the CRM.
#[derive(Debug)]
struct Record {
    name: String,
    phone: String,
    notes: Vec<String>,
    /// When they come, and in which state that is, in the CRM's own words.
    appointments: Vec<(String, String)>,
}

async fn two_enquiries_are_one_person_with_two_notes(crm: impl Crm) {
    let database = Database::sqlite();
    let program = start(&crm, crm.origin(), &database).await;
    let person = Person { name: "Cher".to_owned(), ..Person::new(0) };
    let enquiries = [program.enquire(&person).await, program.enquire(&person).await];
    until_delivered(&program).await;
    assert_once(&crm, &person, &enquiries).await;
}

/// After each of the requests of an enquiry: the CRM has done what it says, and the gateway dies before it hears that.
async fn nothing_is_there_twice_when_the_gateway_dies_before_an_answer<C: Crm>(crm: C) {
    let (database, relay) = (Database::sqlite(), Relay::start(crm.origin()).await);
    let mut program = start(&crm, &relay.url(), &database).await;
    let mut enquiries = Vec::new();
    for n in 1..=C::REQUESTS {
        let person = Person::new(n);
        relay.hold_answer(n);
        let enquiry = program.enquire(&person).await;
        let held = tokio::time::timeout(Duration::from_secs(30), relay.held()).await;
        held.unwrap_or_else(|_| panic!("an enquiry has no request {n}"));
        program.kill();
        relay.calm();
        program.start().await;
        enquiries.push((person, enquiry));
    }
    until_delivered(&program).await;
    for (person, enquiry) in enquiries {
        assert_once(&crm, &person, &[enquiry]).await;
    }
}

/// `expected`: when and in which state it is after it was booked, moved and called off.
async fn an_appointment_is_one_record_until_it_is_cancelled(crm: impl Crm, expected: [(&str, &str); 3]) {
    let settings = Settings {
        public_url: "https://gateway.example".to_owned(),
        allow_private: vec!["127.0.0.1".to_owned()],
        smtp: None,
        // Where the name of a variable would stand is the secret itself: it opens nothing but this test's CRM.
        secret: |variable| Some(variable.to_owned()),
    };
    let library = Library::embedded().expect("connectors without faults");
    let connector = Connector::new(settings, library).expect("a connector");
    let secret = crm.secret().map_or("", |(_, secret)| secret);
    let connection = serde_json::from_value(crm.connection(crm.origin(), secret)).expect("a connection");
    let book = Book::default();
    let changes = [
        appointment("booked", 0, "2026-11-23T02:00:00Z", "2026-11-23T02:30:00Z"),
        appointment("moved", 1, "2026-11-24T06:00:00Z", "2026-11-24T06:45:00Z"),
        appointment("cancelled", 2, "2026-11-24T06:00:00Z", "2026-11-24T06:45:00Z"),
    ];
    for (change, (when, state)) in changes.iter().zip(expected) {
        let report = connector.deliver(&connection, change, &mut book.open(change.id)).await;
        assert!(matches!(report.outcome, Outcome::Delivered { .. }), "{report:?}");
        let people = crm.people(PATIENT).await;
        let [person] = people.as_slice() else { panic!("{people:?}") };
        assert_eq!(person.appointments, [(when.to_owned(), state.to_owned())]);
    }
}

fn appointment(change: &str, sequence: u32, start: &str, end: &str) -> Delivery {
    event(
        &format!("appointment.{change}"),
        json!({
            "id": "apt_0192f1c46a0b7c3e9d1a2b3c4d5e6f70", "code": "B7QM-2F9X", "lang": "zh-CN", "site": "clinic",
            "service": "口腔检查", "practitioner": "李医生", "place": "湖滨诊所二楼", "start": start, "end": end,
            "timeZone": "Asia/Shanghai", "status": "confirmed", "sequence": sequence, "note": "第一次来",
            "contact": {"name": "王芳", "email": PATIENT, "phone": "+8613800138000"}
        }),
    )
}

/// The gateway with a connection to the CRM by way of `origin`.
async fn start<C: Crm>(crm: &C, origin: &str, database: &Database) -> Program {
    let environment = crm.secret().map(|(_, secret)| (SECRET.to_owned(), secret.to_owned()));
    let connections = json!([crm.connection(origin, SECRET)]);
    let mut program = Program::with(&database.url, connections, environment.into_iter().collect());
    program.start().await;
    program
}

async fn until_delivered(program: &Program) {
    let deadline = Instant::now() + ARRIVAL;
    loop {
        let left = program.undelivered();
        if left.is_empty() {
            return;
        }
        assert!(Instant::now() < deadline, "not delivered:\n{left}");
        sleep(Duration::from_millis(200)).await;
    }
}

/// One record of that person, with one note of each enquiry and no other.
async fn assert_once(crm: &impl Crm, person: &Person, enquiries: &[String]) {
    let people = crm.people(&person.email).await;
    let [record] = people.as_slice() else { panic!("one {} was expected: {people:?}", person.name) };
    assert_eq!((&record.name, &record.phone), (&person.name, &person.phone));
    let enquiry = |note: &String| enquiries.iter().find(|id| note.contains(*id) && note.contains("请回电"));
    let told: BTreeSet<_> = record.notes.iter().filter_map(enquiry).collect();
    assert_eq!((told.len(), record.notes.len()), (enquiries.len(), enquiries.len()), "{record:?}");
}
