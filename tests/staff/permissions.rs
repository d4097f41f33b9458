//! Who may call what: every route of staff that the OpenAPI document has, so that none can be forgotten.

use axum::http::Method;
use crm_widgets::store::staff::{Permission, RemoveStaffToken};
use serde_json::{Value, json};

use super::{ALL, Staff, id};
use crate::desk::{Visitor, key, open};
use crate::on_both_engines;
use crate::support::caller::Reply;
use crate::support::database::Database;
use crate::support::gateway::Gateway;

on_both_engines!(every_route_of_staff_asks_for_a_token_its_site_and_its_permission);

const ROOT: &str = "/console/api/sites/{site}/";

/// What each route needs.
fn needed(method: &str, route: &str) -> Permission {
    match (method, route) {
        ("get", "exceptions") | ("post", "exceptions") | ("delete", "exceptions/{id}") => {
            Permission::Schedule
        }
        ("get", "appointments" | "appointments/{id}" | "appointments/{id}/block" | "waitlist") => {
            Permission::Read
        }
        ("post", "appointments") | ("patch", "appointments/{id}") | ("delete", "appointments/{id}/block") => {
            Permission::Book
        }
        other => panic!("say here which permission {other:?} needs"),
    }
}

async fn call(gateway: &Gateway, method: &str, path: &str, token: Option<&str>) -> Reply {
    let token = token.map(|token| format!("Bearer {token}"));
    let headers: Vec<(&str, &str)> = token.iter().map(|token| ("authorization", token.as_str())).collect();
    let method: Method = method.to_ascii_uppercase().parse().expect("a method");
    gateway.send(method, path, &headers, Default::default()).await
}

/// A problem without what differs from one request to the next.
fn bare(reply: &Reply) -> Value {
    let mut problem = reply.json();
    problem.as_object_mut().expect("a problem").remove("instance");
    problem
}

async fn every_route_of_staff_asks_for_a_token_its_site_and_its_permission(database: Database) {
    let gateway = open(database).await;
    let visitor = Visitor(&gateway.caller);
    let slot = visitor.free("li").await.remove(0);
    let booked = visitor.book(&key(1), 1, "li", &slot).await.json();
    let everywhere = Staff::new(&gateway, "everywhere", &[], &ALL).await;
    let elsewhere = Staff::new(&gateway, "elsewhere", &["other"], &ALL).await;
    let removed = Staff::new(&gateway, "removed", &["clinic"], &ALL).await;
    let store = gateway.database.open().await;
    assert!(store.run(RemoveStaffToken { name: "removed".into() }).await.expect("removed"));
    let mut single = Vec::new();
    for permission in ALL {
        single
            .push((permission, Staff::new(&gateway, permission.as_str(), &["clinic"], &[permission]).await));
    }

    let document = gateway.get("/openapi.json", &[]).await.json();
    let paths = document["paths"].as_object().expect("paths");
    let mut tried = 0;
    for (pattern, item) in paths.iter().filter(|(pattern, _)| pattern.starts_with("/console/api")) {
        let route = pattern.strip_prefix(ROOT).unwrap_or_else(|| panic!("{pattern} names no site"));
        let path = pattern.replace("{id}", id(&booked)).replace("{site}", "clinic");
        for (method, operation) in item.as_object().expect("methods") {
            assert_eq!(operation["security"], json!([{"bearer": []}]), "{method} {pattern}");
            let what = format!("{method} {route}");
            let capability = booked["token"].as_str().expect("a token");
            let strangers =
                [None, Some("crm_guessed"), Some(removed.token.as_str()), Some(capability), Some("")];
            for token in strangers {
                let reply = call(&gateway, method, &path, token).await;
                assert_eq!(
                    (reply.status, reply.problem().as_str()),
                    (401, "unauthorized"),
                    "{what} {token:?}"
                );
                assert_eq!(reply.header("www-authenticate"), "Bearer");
            }
            let refused = call(&gateway, method, &path, Some(&elsewhere.token)).await;
            assert_eq!((refused.status, refused.problem().as_str()), (404, "unknown-site"), "{what}");
            let nowhere = path.replace("/clinic/", "/nowhere/");
            let unknown = call(&gateway, method, &nowhere, Some(&everywhere.token)).await;
            assert_eq!(bare(&unknown), bare(&refused), "{what}: nobody learns which sites there are");
            // Those who may not come first: nothing must have happened before.
            let needed = needed(method, route);
            single.sort_by_key(|(permission, _)| *permission == needed);
            for (permission, staff) in &single {
                let reply = call(&gateway, method, &path, Some(&staff.token)).await;
                let case = format!("{what} with {}: {}", permission.as_str(), reply.text());
                match *permission == needed {
                    true => assert!(![401, 403].contains(&reply.status), "{case}"),
                    false => {
                        assert_eq!((reply.status, reply.problem().as_str()), (403, "not-permitted"), "{case}")
                    }
                }
                if reply.status == 404 {
                    assert_eq!(reply.problem(), "not-found", "{case}");
                }
                tried += 1;
            }
            tried += strangers.len() + 2;
        }
    }
    assert_eq!(tried, 10 * (5 + 2 + 3), "ten routes");
    gateway.stop().await;
}
