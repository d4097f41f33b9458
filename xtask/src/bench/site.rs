//! The site the load goes to: an enquiry form as clinics have it, and what a visitor writes into it.

use std::net::SocketAddr;

use serde_json::{Value, json};

use super::wire;

/// Key of the site.
pub const SITE: &str = "bench";

/// Name of its form.
pub const FORM: &str = "enquiry";

/// The definitions file: one site whose only connection goes to `crm`, so many deliveries at a time.
pub fn definitions(crm: SocketAddr, concurrency: u32, challenge: bool) -> Value {
    let say = |en: &str, cn: &str| json!({"en": en, "zh-CN": cn});
    json!({"sites": [{
        "key": SITE,
        "name": say("Riverside Clinic", "河畔诊所"),
        "timeZone": "Asia/Shanghai",
        "languages": ["zh-CN", "en"],
        // The least work that may be asked for. Checking costs the gateway the same, however much it is.
        "challenge": {"enabled": challenge, "bits": 8},
        "limits": {"submissionsPerMinute": 0},
        "forms": [{
            "id": FORM, "title": say("Ask us", "在线咨询"),
            "pages": [{"fields": [
                {"name": "name", "type": "text", "required": true, "label": say("Your name", "您的姓名")},
                {"name": "phone", "type": "phone", "region": "CN", "required": true, "label": say("Telephone", "电话")},
                {"name": "email", "type": "email", "label": say("E-mail", "电子邮箱")},
                {"name": "topic", "type": "select", "label": say("About", "主题"), "options": [
                    {"value": "visit", "label": say("A visit", "就诊")},
                    {"value": "bill", "label": say("A bill", "账单")},
                ]},
                {"name": "message", "type": "long-text", "required": true, "label": say("Your question", "您的问题")},
                {"name": "privacy", "type": "consent", "required": true, "purpose": "contact", "version": "1",
                    "label": say("You may use this to answer me.", "您可以使用这些信息答复我。")},
            ]}],
        }],
        "connections": [{
            "name": "crm", "connector": "webhook", "url": format!("http://{crm}/hook"), "allowPrivate": true,
            "secrets": {"signing": {"env": "CRM_SECRET"}}, "timeoutSeconds": 120, "concurrency": concurrency,
        }],
    }]})
}

/// The whole bytes of a submission that differs from all others by its number, with its solved challenge if there is one.
pub fn submission(number: usize, solution: Option<&str>) -> Vec<u8> {
    let body = json!({
        "form": FORM, "version": 1, "lang": "zh-CN",
        "answers": {
            "name": format!("王小明 {number}"), "phone": format!("138{:08}", number % 100_000_000),
            "email": format!("visitor{number}@example.com"), "topic": "visit", "privacy": "yes",
            "message": "您好，我想预约下周的口腔检查，请问周六上午还有号吗？另外第一次就诊需要带哪些资料？谢谢！",
        },
        "context": {
            "page": "https://www.example.com/zh/contact", "referrer": "https://www.baidu.com/",
            "campaign": {"utm_source": "baidu", "utm_medium": "cpc", "bd_vid": "1234567890"},
            "language": "zh-CN", "timeZone": "Asia/Shanghai",
        },
        "signals": {"elapsed": 41_000},
    });
    let proof = solution.map(|solution| format!("crm-challenge: {solution}\r\n")).unwrap_or_default();
    let headers = format!("idempotency-key: bench-{number:020}\r\n{proof}");
    wire::post(&format!("/v1/sites/{SITE}/submissions"), &headers, &body.to_string())
}
