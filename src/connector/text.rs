//! An event in words: what a person reads in the CRM.

use std::fmt::Write;

use crm_protocol::catalogue::Catalogue;
use crm_protocol::text::Lang;
use serde_json::{Map, Value};

use super::event::Event;
use crate::texts;

/// What an appointment, a case or a conversation says in members of its own, in this order.
const PARTS: [&str; 13] = [
    "name",
    "email",
    "phone",
    "service",
    "practitioner",
    "place",
    "start",
    "end",
    "kind",
    "rating",
    "text",
    "answer",
    "note",
];

/// One line that says what happened and its code: `Website enquiry K7QM-2F9X`.
pub fn title(event: &Event) -> String {
    let key = format!("crm.title.{}", event.r#type);
    let title = words(event).get(&key);
    let code = [event.text("receipt"), event.text("code")].into_iter().find(|code| !code.is_empty());
    code.map_or_else(|| title.to_owned(), |code| format!("{title} {code}"))
}

/// Everything that was said, a line each, and the event's id in the last: by it a connector finds what it has written.
pub fn text(event: &Event) -> String {
    let mut lines = Lines { words: words(event), text: String::new() };
    lines.answers(&event.data);
    lines.appointment(&event.data);
    lines.messages(&event.data);
    lines.origin(&event.data);
    lines.files(&event.data);
    lines.consents(&event.data);
    let _ = write!(lines.text, "Ref: {}", event.id());
    lines.text
}

struct Lines {
    words: &'static Catalogue,
    text: String,
}

impl Lines {
    fn line(&mut self, label: &str, value: &str) {
        if !value.is_empty() {
            self.text.push_str(&self.words.fill("crm.line", &[("label", label), ("value", value)]));
            self.text.push('\n');
        }
    }

    /// In the order of the form; answers that no field is known for come after.
    fn answers(&mut self, data: &Map<String, Value>) {
        let Some(answers) = data.get("answers").and_then(Value::as_object) else { return };
        let fields = data.get("fields").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
        let name = |field: &Value| field.get("name").and_then(Value::as_str).unwrap_or_default().to_owned();
        for field in fields.iter().filter(|field| !matches!(kind(field), "file" | "consent")) {
            let label = field.get("label").and_then(Value::as_str).filter(|label| !label.is_empty());
            let name = name(field);
            let answer = answers.get(&name).map(|answer| self.value(answer)).unwrap_or_default();
            self.line(label.unwrap_or(&name), &answer);
        }
        let known: Vec<String> = fields.iter().map(name).collect();
        for (name, answer) in answers.iter().filter(|(name, _)| !known.contains(name)) {
            let answer = self.value(answer);
            self.line(name, &answer);
        }
    }

    fn appointment(&mut self, data: &Map<String, Value>) {
        let contact = data.get("contact").and_then(Value::as_object);
        let find = |part: &str| data.get(part).or_else(|| contact?.get(part));
        let zone = data.get("timeZone").and_then(Value::as_str).unwrap_or("UTC");
        let words = self.words;
        for part in PARTS {
            let value = find(part).map(|value| self.value(value)).unwrap_or_default();
            let value = if matches!(part, "start" | "end") { wall_time(&value, zone) } else { value };
            self.line(words.get(&format!("crm.{part}")), &value);
        }
    }

    fn messages(&mut self, data: &Map<String, Value>) {
        for message in data.get("messages").and_then(Value::as_array).into_iter().flatten() {
            let text = |name: &str| message.get(name).and_then(Value::as_str).unwrap_or_default();
            let who = match text("from") {
                _ if !text("name").is_empty() => text("name"),
                "visitor" => self.words.get("crm.visitor"),
                "agent" => self.words.get("crm.agent"),
                other => other,
            };
            let said = self.words.fill("crm.line", &[("label", who), ("value", text("text"))]);
            let _ = writeln!(self.text, "[{}] {said}", text("at"));
        }
    }

    fn origin(&mut self, data: &Map<String, Value>) {
        let Some(context) = data.get("context") else { return };
        self.line(
            self.words.get("crm.page"),
            context.get("page").and_then(Value::as_str).unwrap_or_default(),
        );
        let campaign = context.get("campaign").map(|campaign| self.value(campaign)).unwrap_or_default();
        self.line(self.words.get("crm.campaign"), &campaign);
    }

    fn files(&mut self, data: &Map<String, Value>) {
        for file in data.get("uploads").and_then(Value::as_array).into_iter().flatten() {
            let text = |name: &str| file.get(name).and_then(Value::as_str).unwrap_or_default();
            let line = format!("{} {}", text("name"), text("url"));
            self.line(self.words.get("crm.file"), &line);
        }
    }

    fn consents(&mut self, data: &Map<String, Value>) {
        for consent in data.get("consents").and_then(Value::as_array).into_iter().flatten() {
            let text = |name: &str| consent.get(name).and_then(Value::as_str).unwrap_or_default();
            let granted = consent.get("granted").map(|granted| self.value(granted)).unwrap_or_default();
            let line = format!("{} {} – {granted}", text("purpose"), text("version"));
            self.line(self.words.get("crm.consent"), &line);
        }
    }

    fn value(&self, value: &Value) -> String {
        match value {
            Value::Null => String::new(),
            Value::Bool(yes) => self.words.get(if *yes { "crm.yes" } else { "crm.no" }).to_owned(),
            Value::Number(number) => number.to_string(),
            Value::String(text) => text.clone(),
            Value::Array(values) => {
                values.iter().map(|value| self.value(value)).collect::<Vec<_>>().join(", ")
            }
            Value::Object(members) => members
                .iter()
                .map(|(name, value)| format!("{name} = {}", self.value(value)))
                .collect::<Vec<_>>()
                .join(", "),
        }
    }
}

/// What the clock on the wall shows then: `2026-11-23 10:00 (Asia/Shanghai)`.
fn wall_time(instant: &str, zone: &str) -> String {
    let local = || {
        let local = instant.parse::<jiff::Timestamp>().ok()?.in_tz(zone).ok()?;
        Some(format!("{} ({zone})", local.strftime("%Y-%m-%d %H:%M")))
    };
    local().unwrap_or_else(|| instant.to_owned())
}

fn kind(field: &Value) -> &str {
    field.get("type").and_then(Value::as_str).unwrap_or_default()
}

fn words(event: &Event) -> &'static Catalogue {
    texts::catalogue(&Lang::parse(event.text("lang")).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn event(kind: &str, data: Value) -> Event {
        serde_json::from_value(json!({"type": kind, "timestamp": "2026-11-21T08:15:30Z", "data": data}))
            .unwrap()
    }

    #[test]
    fn an_enquiry_is_told_in_the_order_and_the_language_of_its_form() {
        let enquiry = event(
            "submission.created",
            json!({
                "id": "sub_1", "receipt": "K7QM-2F9X", "lang": "zh-CN",
                "answers": {"name": "王芳", "topics": ["ct", "mri"], "agree": true, "extra": {"a": "1"}},
                "fields": [{"name": "topics", "type": "checkboxes", "label": "项目"}, {"name": "name", "type": "text", "label": "姓名"},
                           {"name": "agree", "type": "consent", "label": "同意"}],
                "context": {"page": "https://www.example.com/", "campaign": {"utm_source": "newsletter"}},
                "consents": [{"purpose": "contact", "version": "1", "granted": true}],
                "uploads": [{"name": "scan.pdf", "url": "https://gateway.example/v1/uploads/upl_1", "token": "hidden"}]
            }),
        );
        let lines = "项目：ct, mri\n姓名：王芳\nextra：a = 1\n页面：https://www.example.com/\n\
                     推广来源：utm_source = newsletter\n附件：scan.pdf https://gateway.example/v1/uploads/upl_1\n\
                     同意：contact 1 – 是\nRef: sub_1";
        assert_eq!(text(&enquiry), lines);
        assert_eq!(title(&enquiry), "网站咨询 K7QM-2F9X");
    }

    #[test]
    fn an_appointment_is_told_in_the_time_of_its_place() {
        let data = json!({"id": "apt_1", "lang": "en", "service": "Dental check", "start": "2026-11-23T02:00:00Z",
                          "timeZone": "Asia/Shanghai", "contact": {"name": "Wang Fang"}});
        let told = text(&event("appointment.booked", data));
        assert_eq!(
            told,
            "Name: Wang Fang\nService: Dental check\nStart: 2026-11-23 10:00 (Asia/Shanghai)\nRef: apt_1-1795248930000"
        );
    }

    #[test]
    fn a_conversation_is_told_message_by_message() {
        let messages = json!([{"at": "2026-11-21T08:15:30Z", "from": "visitor", "text": "Hi"},
                              {"at": "2026-11-21T08:16:00Z", "from": "agent", "name": "Chen", "text": "Hello"}]);
        let told = text(&event("conversation.closed", json!({"id": "conv_1", "messages": messages})));
        assert_eq!(
            told,
            "[2026-11-21T08:15:30Z] Visitor: Hi\n[2026-11-21T08:16:00Z] Chen: Hello\nRef: conv_1"
        );
    }
}
