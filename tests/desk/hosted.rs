//! Booking as a page of its own, as a browser without scripts sends it.

use serde_json::json;

use super::{Visitor, open, patient, site};
use crate::on_both_engines;
use crate::staff::Staff;
use crate::support::caller::Reply;
use crate::support::database::Database;
use crate::support::gateway::Gateway;

on_both_engines!(the_same_page_posted_twice_books_once);

/// A step of the page, with what its form carries besides what is typed.
pub struct Page {
    pub reply: Reply,
    hidden: Vec<(String, String)>,
}

impl Page {
    fn new(reply: Reply) -> Self {
        let part = |tag: &str, name: &str| {
            let (_, rest) = tag.split_once(&format!("{name}=\""))?;
            Some(rest.split('"').next()?.replace("&amp;", "&"))
        };
        let hidden = |tag: &str| {
            let tag = tag.split('>').next().filter(|tag| tag.contains("type=\"hidden\""))?;
            Some((part(tag, "name")?, part(tag, "value").unwrap_or_default()))
        };
        let hidden = reply.text().split("<input").skip(1).filter_map(hidden).collect();
        Self { reply, hidden }
    }

    /// Opens the page at a choice.
    pub async fn open(gateway: &Gateway, query: &str) -> Self {
        let page = Self::new(gateway.get(&format!("/b/clinic{query}"), &[]).await);
        assert_eq!(page.reply.status, 200, "{}", page.reply.text());
        page
    }

    /// What it carries under that name.
    pub fn carried(&self, name: &str) -> &str {
        self.hidden.iter().find(|(known, _)| known == name).map_or("", |(_, value)| value)
    }

    /// Sends its form with these values.
    pub async fn send(&self, gateway: &Gateway, typed: &[(&str, &str)]) -> Self {
        Self::new(posted(gateway, self, typed, &[]).await)
    }
}

/// The answer to a page's form.
pub async fn posted(
    gateway: &Gateway,
    page: &Page,
    typed: &[(&str, &str)],
    headers: &[(&str, &str)],
) -> Reply {
    let mut body = url::form_urlencoded::Serializer::new(String::new());
    body.extend_pairs(&page.hidden).extend_pairs(typed);
    let headers = [headers, &[("content-type", "application/x-www-form-urlencoded")]].concat();
    gateway.post("/b/clinic", &headers, body.finish()).await
}

async fn the_same_page_posted_twice_books_once(database: Database) {
    let gateway = open(database).await;
    let slot = Visitor(&gateway.caller).free("li").await.remove(0);
    let page = Page::open(&gateway, "?service=checkup&practitioner=li").await;
    let mut holds = Vec::new();
    for _ in 0..2 {
        let held = page.send(&gateway, &[("_start", &slot)]).await;
        assert_eq!(held.reply.status, 200, "{}", held.reply.text());
        holds.push(held);
    }
    assert!(holds[0].carried("_hold").starts_with("hold_"), "{}", holds[0].reply.text());
    assert_eq!(holds[0].carried("_hold"), holds[1].carried("_hold"), "it is kept once");
    let answers = patient(1);
    let typed = ["name", "phone"].map(|name| (name, answers[name].as_str().expect("text")));
    let mut booked = Vec::new();
    for _ in 0..2 {
        let page = holds[0].send(&gateway, &typed).await;
        assert_eq!(page.reply.status, 200, "{}", page.reply.text());
        booked.push(page.carried("_appointment").to_owned());
    }
    assert!(booked[0].starts_with("apt_"));
    assert_eq!(booked[0], booked[1]);
    let list = Staff::chief(&gateway).await.get("appointments").await;
    assert_eq!(list["appointments"].as_array().expect("a list").len(), 1, "{list}");
    gateway.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn only_our_own_pages_and_those_of_the_site_may_post() {
    let mut site = site();
    site["origins"] = json!(["https://www.example.com"]);
    let gateway = Gateway::with(Database::sqlite(), Default::default(), site).await;
    let own = format!("http://{}", gateway.address);
    let page = Page::open(&gateway, "?service=checkup").await;
    let post = async |headers: &[(&str, &str)]| posted(&gateway, &page, &[("_step", "show")], headers).await;
    assert_eq!(post(&[]).await.status, 200);
    // A browser sends `null` for a page in a sandbox, or one without a referrer.
    for origin in ["null", "https://www.example.com", &own] {
        assert_eq!(post(&[("origin", origin)]).await.status, 200, "{origin}");
    }
    for origin in
        ["https://elsewhere.example", "https://www.example.com.elsewhere.example", "http://www.example.com"]
    {
        let refused = post(&[("origin", origin)]).await;
        assert_eq!(
            (refused.status, refused.header("content-type")),
            (403, "text/html; charset=utf-8"),
            "{origin}"
        );
        assert!(!refused.text().contains("crm-booking"), "nothing to book on: {}", refused.text());
    }
    gateway.stop().await;
}
