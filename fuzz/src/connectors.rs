//! What the fuzz targets of connectors do with their bytes. They need the whole gateway, so they are apart from the
//! others; the gateway's tests run them on random bytes.

use std::sync::LazyLock;
use std::time::Duration;

use crm_protocol::id::DeliveryId;
use crm_widgets::connector::client::Answer;
use crm_widgets::connector::file::{ConnectorFile, faults};
use crm_widgets::connector::scope::{Parts, Scope};
use crm_widgets::connector::secret::Secrets;
use crm_widgets::connector::verdict::{Verdict, judge};
use crm_widgets::connector::{Delivery, Outcome, Site};
use hyper::header::{HeaderMap, HeaderName, HeaderValue};

/// A connector whose templates look deep into an answer.
const FILE: &str = include_str!("../../connectors/hubspot.yaml");
const EVENT: &str = include_str!("../../connectors/samples/submission.created.json");

static CONNECTOR: LazyLock<(ConnectorFile, Scope)> = LazyLock::new(|| {
    let file = faults::read(FILE.as_bytes(), None).expect("a connector without faults");
    let connection = serde_json::json!({"name": "crm", "connector": "hubspot"});
    let site = Site { key: "clinic".into(), name: "Clinic".into(), time_zone: "Asia/Shanghai".into() };
    let event = serde_json::from_str(EVENT).expect("an event");
    let parts = Parts {
        file: &file,
        connection: &serde_json::from_value(connection).expect("a connection"),
        secrets: &Secrets::default(),
        delivery: &Delivery { id: DeliveryId::from_u128(1), site, event, message: None },
        public_url: "https://gateway.example.com",
    };
    let scope = Scope::new(&parts).expect("a scope");
    (file, scope)
});

/// A connector's file: it can be used, or everything that is wrong with it is said with a line and a fix.
pub fn connector_file(bytes: &[u8]) {
    let lines = bytes.split(|byte| *byte == b'\n').count();
    if let Err(faults) = faults::read(bytes, None) {
        assert!((1..=200).contains(&faults.len()));
        for fault in faults {
            assert!((1..=lines + 1).contains(&fault.place.line) && fault.place.column > 0, "{fault}");
            assert!(!fault.fault.message.is_empty() && !fault.fault.fix.is_empty(), "{fault}");
        }
    }
}

/// An answer of a CRM: two bytes of status, lines of headers up to an empty one, the body. Whatever it says, there is a
/// verdict, and outputs that can be stored.
pub fn connector_response(bytes: &[u8]) {
    let Some(answer) = answer(bytes) else { return };
    let (file, scope) = &*CONNECTOR;
    let scope = scope.answered(&answer).expect("names");
    let Ok(context) = scope.context() else { return };
    for step in &file.steps {
        let failures = [step.on_failure.as_slice(), file.errors.as_slice()];
        let outputs = match judge(&answer, &context, &step.success_criteria, failures, true) {
            Ok(Verdict::Success) => &step.outputs,
            Ok(Verdict::Instead(outputs)) => &outputs.clone(),
            Ok(Verdict::Failure { outcome: Outcome::Retry { after: Some(after), .. }, .. }) => {
                assert!(after <= Duration::from_secs(86_400 * 366), "{after:?}");
                continue;
            }
            _ => continue,
        };
        for tree in outputs.values() {
            if let Ok(Some(value)) = tree.render(&context) {
                serde_json::to_vec(&value).expect("outputs that can be stored");
            }
        }
    }
}

fn answer(bytes: &[u8]) -> Option<Answer> {
    let (status, rest) = bytes.split_first_chunk::<2>()?;
    let at = rest.windows(2).position(|pair| pair == b"\n\n").unwrap_or(0);
    let (head, body) = rest.split_at(at);
    let mut headers = HeaderMap::new();
    for line in head.split(|byte| *byte == b'\n') {
        let colon = line.iter().position(|byte| *byte == b':').unwrap_or(line.len());
        let (name, value) = line.split_at(colon);
        if let (Ok(name), Ok(value)) =
            (HeaderName::from_bytes(name), HeaderValue::from_bytes(value.get(1..).unwrap_or_default()))
        {
            headers.append(name, value);
        }
    }
    let status = 100 + u16::from_be_bytes(*status) % 500;
    Some(Answer { status, headers, body: body.trim_ascii_start().to_vec().into() })
}
