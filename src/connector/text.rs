//! An event in words: what a person reads in the CRM.

use std::fmt::Write;

use crm_protocol::text::Lang;
use serde_json::{Map, Value};

use super::event::Event;

/// The words of one language.
struct Words {
    tag: &'static str,
    titles: [(&'static str, &'static str); 10],
    page: &'static str,
    campaign: &'static str,
    file: &'static str,
    consent: &'static str,
    visitor: &'static str,
    agent: &'static str,
    yes: &'static str,
    no: &'static str,
    parts: [(&'static str, &'static str); 13],
    colon: &'static str,
}

const ENGLISH: Words = Words {
    tag: "en",
    titles: [
        ("submission.created", "Website enquiry"),
        ("conversation.closed", "Website chat"),
        ("message.created", "Message from the website"),
        ("appointment.booked", "Appointment booked"),
        ("appointment.moved", "Appointment moved"),
        ("appointment.cancelled", "Appointment cancelled"),
        ("appointment.missed", "Appointment missed"),
        ("survey.answered", "Survey answered"),
        ("case.opened", "Case opened"),
        ("case.answered", "Case answered"),
    ],
    page: "Page",
    campaign: "Campaign",
    file: "File",
    consent: "Consent",
    visitor: "Visitor",
    agent: "Staff",
    yes: "yes",
    no: "no",
    parts: [
        ("name", "Name"),
        ("email", "E-mail"),
        ("phone", "Phone"),
        ("service", "Service"),
        ("practitioner", "Practitioner"),
        ("place", "Place"),
        ("start", "Start"),
        ("end", "End"),
        ("kind", "Kind"),
        ("rating", "Rating"),
        ("text", "Text"),
        ("answer", "Answer"),
        ("note", "Note"),
    ],
    colon: ": ",
};

const SIMPLIFIED: Words = Words {
    tag: "zh-CN",
    titles: [
        ("submission.created", "网站咨询"),
        ("conversation.closed", "网站在线咨询"),
        ("message.created", "网站留言"),
        ("appointment.booked", "新预约"),
        ("appointment.moved", "预约改期"),
        ("appointment.cancelled", "预约取消"),
        ("appointment.missed", "预约爽约"),
        ("survey.answered", "问卷答复"),
        ("case.opened", "新工单"),
        ("case.answered", "工单答复"),
    ],
    page: "页面",
    campaign: "推广来源",
    file: "附件",
    consent: "同意",
    visitor: "访客",
    agent: "客服",
    yes: "是",
    no: "否",
    parts: [
        ("name", "姓名"),
        ("email", "邮箱"),
        ("phone", "电话"),
        ("service", "服务"),
        ("practitioner", "医生"),
        ("place", "地点"),
        ("start", "开始"),
        ("end", "结束"),
        ("kind", "类型"),
        ("rating", "评分"),
        ("text", "内容"),
        ("answer", "答复"),
        ("note", "备注"),
    ],
    colon: "：",
};

const TRADITIONAL: Words = Words {
    tag: "zh-TW",
    titles: [
        ("submission.created", "網站諮詢"),
        ("conversation.closed", "網站線上諮詢"),
        ("message.created", "網站留言"),
        ("appointment.booked", "新預約"),
        ("appointment.moved", "預約改期"),
        ("appointment.cancelled", "預約取消"),
        ("appointment.missed", "預約未到"),
        ("survey.answered", "問卷答覆"),
        ("case.opened", "新案件"),
        ("case.answered", "案件答覆"),
    ],
    page: "頁面",
    campaign: "推廣來源",
    file: "附件",
    consent: "同意",
    visitor: "訪客",
    agent: "客服",
    yes: "是",
    no: "否",
    parts: [
        ("name", "姓名"),
        ("email", "電子郵件"),
        ("phone", "電話"),
        ("service", "服務"),
        ("practitioner", "醫師"),
        ("place", "地點"),
        ("start", "開始"),
        ("end", "結束"),
        ("kind", "類型"),
        ("rating", "評分"),
        ("text", "內容"),
        ("answer", "答覆"),
        ("note", "備註"),
    ],
    colon: "：",
};

/// One line that says what happened and its code: `Website enquiry K7QM-2F9X`.
pub fn title(event: &Event) -> String {
    let words = words(event);
    let title = words.titles.iter().find(|(kind, _)| *kind == event.r#type).map_or("", |(_, title)| title);
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
    words: &'static Words,
    text: String,
}

impl Lines {
    fn line(&mut self, label: &str, value: &str) {
        if !value.is_empty() {
            let _ = writeln!(self.text, "{label}{}{value}", self.words.colon);
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
        for (part, label) in self.words.parts {
            let value = find(part).map(|value| self.value(value)).unwrap_or_default();
            let value = if matches!(part, "start" | "end") { wall_time(&value, zone) } else { value };
            self.line(label, &value);
        }
    }

    fn messages(&mut self, data: &Map<String, Value>) {
        for message in data.get("messages").and_then(Value::as_array).into_iter().flatten() {
            let text = |name: &str| message.get(name).and_then(Value::as_str).unwrap_or_default();
            let who = match text("from") {
                _ if !text("name").is_empty() => text("name"),
                "visitor" => self.words.visitor,
                "agent" => self.words.agent,
                other => other,
            };
            let _ = writeln!(self.text, "[{}] {who}{}{}", text("at"), self.words.colon, text("text"));
        }
    }

    fn origin(&mut self, data: &Map<String, Value>) {
        let Some(context) = data.get("context") else { return };
        self.line(self.words.page, context.get("page").and_then(Value::as_str).unwrap_or_default());
        let campaign = context.get("campaign").map(|campaign| self.value(campaign)).unwrap_or_default();
        self.line(self.words.campaign, &campaign);
    }

    fn files(&mut self, data: &Map<String, Value>) {
        for file in data.get("uploads").and_then(Value::as_array).into_iter().flatten() {
            let text = |name: &str| file.get(name).and_then(Value::as_str).unwrap_or_default();
            let line = format!("{} {}", text("name"), text("url"));
            self.line(self.words.file, &line);
        }
    }

    fn consents(&mut self, data: &Map<String, Value>) {
        for consent in data.get("consents").and_then(Value::as_array).into_iter().flatten() {
            let text = |name: &str| consent.get(name).and_then(Value::as_str).unwrap_or_default();
            let granted = consent.get("granted").map(|granted| self.value(granted)).unwrap_or_default();
            let line = format!("{} {} – {granted}", text("purpose"), text("version"));
            self.line(self.words.consent, &line);
        }
    }

    fn value(&self, value: &Value) -> String {
        match value {
            Value::Null => String::new(),
            Value::Bool(yes) => if *yes { self.words.yes } else { self.words.no }.to_owned(),
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

fn words(event: &Event) -> &'static Words {
    let all = [&ENGLISH, &SIMPLIFIED, &TRADITIONAL];
    let lang = Lang::parse(event.text("lang")).unwrap_or_default();
    let tag = lang.best(all.iter().map(|words| words.tag)).unwrap_or(ENGLISH.tag);
    all.into_iter().find(|words| words.tag == tag).unwrap_or(&ENGLISH)
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
