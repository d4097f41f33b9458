//! What a page is told can be booked.

use crm_protocol::booking::Offer;
use crm_protocol::catalogue::Catalogue;
use crm_protocol::text::Lang;
use crm_widgets::booking::offer::{Filter, offer};
use crm_widgets::definitions::Site;
use serde_json::json;

fn site() -> Site {
    let form = |id: &str, kind: &str| {
        let field = json!({"name": "contact", "type": kind, "label": {"en": "Contact", "zh-CN": "联系方式"}});
        json!({"id": id, "title": {"en": "Details", "zh-CN": "资料"}, "pages": [{"fields": [field]}]})
    };
    let service = |key: &str, department: &str, who: &[&str], form: &str| {
        json!({
            "key": key, "department": department, "name": {"en": key, "zh-CN": "检查"}, "minutes": 30,
            "practitioners": who, "form": form, "bring": {"en": "Your card", "zh-CN": "身份证"}, "waitlist": true,
        })
    };
    let booking = json!({
        "departments": [
            {"key": "teeth", "name": {"en": "Dentistry", "zh-CN": "口腔科"}, "intro": "…"},
            {"key": "children", "name": "Paediatrics"},
        ],
        "services": [
            service("checkup", "teeth", &["wang", "li"], "details"), service("filling", "teeth", &["li"], "details"),
            service("vaccination", "children", &["team"], "short"),
        ],
        "practitioners": [
            {"key": "li", "name": {"en": "Dr. Li", "zh-CN": "李医生"}, "title": "Chief physician"},
            {"key": "wang", "name": "Dr. Wang"}, {"key": "team", "name": "The team"}, {"key": "idle", "name": "Nobody"},
        ],
        "places": [{"key": "lakeside", "name": "Lakeside", "address": "1 Lake Road", "map": "https://map.example.com/1"}],
        "schedules": [],
    });
    let site = json!({
        "key": "clinic", "name": "Clinic", "timeZone": "Asia/Shanghai", "languages": ["en", "zh-CN"],
        "forms": [form("enquiry", "email"), form("details", "phone"), form("short", "text")], "booking": booking,
    });
    serde_json::from_value(site).expect("a site")
}

fn texts() -> Catalogue {
    let keys = ["booking.next", "booking.date", "page.title", "error.required", "error.phone", "error.email"];
    keys.map(|key| (key.to_owned(), format!("text of {key}"))).into_iter().collect()
}

fn offered(lang: &str, filter: Filter<'_>) -> Offer {
    offer(&site(), &Lang::parse(lang).expect("a language"), &texts(), filter).expect("a booking")
}

fn keys(offer: &Offer) -> [Vec<&str>; 4] {
    [
        offer.departments.iter().map(|one| one.key.as_str()).collect(),
        offer.services.iter().map(|one| one.key.as_str()).collect(),
        offer.practitioners.iter().map(|one| one.key.as_str()).collect(),
        offer.forms.iter().map(|one| one.id.as_str()).collect(),
    ]
}

#[test]
fn everything_is_offered_in_its_order_and_only_what_services_refer_to() {
    let offer = offered("en", Filter::default());
    assert_eq!(
        keys(&offer),
        [
            vec!["teeth", "children"],
            vec!["checkup", "filling", "vaccination"],
            vec!["li", "wang", "team"],
            vec!["details", "short"],
        ]
    );
    assert_eq!(
        (offer.site.as_str(), offer.time_zone.as_str(), offer.challenge),
        ("clinic", "Asia/Shanghai", true)
    );
    assert_eq!(offer.services[0].practitioners, ["wang", "li"]);
    assert!(offer.services[0].waitlist);
    let place = &offer.places[0];
    assert_eq!((place.address.as_str(), place.map.as_str()), ("1 Lake Road", "https://map.example.com/1"));
}

#[test]
fn it_is_cut_to_one_language() {
    let offer = offered("zh-CN", Filter::default());
    let json = serde_json::to_string(&offer).expect("JSON");
    assert!(!json.contains("Dentistry") && !json.contains("Your card") && !json.contains("Details"));
    assert_eq!(offer.departments[0].name, "口腔科");
    assert_eq!(offer.services[0].bring, "身份证");
    assert_eq!(
        offer.practitioner("li").map(|li| (li.name.as_str(), li.title.as_str())),
        Some(("李医生", "Chief physician"))
    );
    assert_eq!(offer.form("details").map(|form| form.title.as_str()), Some("资料"));
}

#[test]
fn a_page_may_be_about_a_part_of_it() {
    let part = |filter| offered("en", filter);
    let department = part(Filter { department: Some("children"), ..Filter::default() });
    assert_eq!(keys(&department), [vec!["children"], vec!["vaccination"], vec!["team"], vec!["short"]]);
    let service = part(Filter { service: Some("checkup"), ..Filter::default() });
    assert_eq!(keys(&service), [vec!["teeth"], vec!["checkup"], vec!["li", "wang"], vec!["details"]]);
    let practitioner = part(Filter { practitioner: Some("li"), ..Filter::default() });
    assert_eq!(keys(&practitioner), [vec!["teeth"], vec!["checkup", "filling"], vec!["li"], vec!["details"]]);
    assert_eq!(practitioner.services[0].practitioners, ["li"]);
    let nothing = part(Filter { service: Some("unknown"), ..Filter::default() });
    assert!(keys(&nothing).iter().all(Vec::is_empty));
}

#[test]
fn its_texts_are_those_of_booking_and_of_its_forms() {
    let all = offered("en", Filter::default()).texts;
    assert_eq!(
        all.keys().collect::<Vec<_>>(),
        ["booking.date", "booking.next", "error.phone", "error.required"]
    );
    assert_eq!(all.get("booking.date"), "text of booking.date");
    let short = offered("en", Filter { department: Some("children"), ..Filter::default() }).texts;
    assert_eq!(short.keys().collect::<Vec<_>>(), ["booking.date", "booking.next", "error.required"]);
}

#[test]
fn a_site_without_booking_offers_none() {
    let site = Site { booking: None, ..site() };
    assert_eq!(offer(&site, &Lang::default(), &texts(), Filter::default()), None);
}
