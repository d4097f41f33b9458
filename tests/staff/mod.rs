//! The staff's side of booking, through the front door.

mod blocks;
mod counter;
mod exceptions;
mod lists;
mod log;
mod permissions;

use axum::http::Method;
use crm_widgets::store::staff::{AddStaffToken, Permission, StaffToken};
use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::support::caller::Reply;
use crate::support::gateway::Gateway;

/// Every permission.
const ALL: [Permission; 3] = [Permission::Read, Permission::Book, Permission::Schedule];

/// Somebody with a token.
pub struct Staff<'a> {
    gateway: &'a Gateway,
    token: String,
}

impl<'a> Staff<'a> {
    /// With that permission at those sites; at all where none is named. Every name is a token of its own.
    pub async fn new(gateway: &'a Gateway, name: &str, sites: &[&str], permissions: &[Permission]) -> Self {
        let secret = format!("crm_{name}_only-for-tests");
        let token = StaffToken {
            name: name.to_owned(),
            sites: sites.iter().map(|site| (*site).to_owned()).collect(),
            permissions: permissions.to_vec(),
            created_at: 0,
            used_at: None,
        };
        let add = AddStaffToken { token, sha256: Sha256::digest(&secret).into() };
        assert!(gateway.database.open().await.run(add).await.expect("it is stored"));
        Self { gateway, token: secret }
    }

    /// Who may do everything at the clinic.
    pub async fn chief(gateway: &'a Gateway) -> Self {
        Self::new(gateway, "chief", &["clinic"], &ALL).await
    }

    pub async fn get(&self, path: &str) -> Value {
        let reply = self.send("GET", path, None).await;
        assert_eq!(reply.status, 200, "{path}: {}", reply.text());
        reply.json()
    }

    pub async fn patch(&self, path: &str, body: Value) -> Reply {
        self.send("PATCH", path, Some(body)).await
    }

    pub async fn delete(&self, path: &str) -> Reply {
        self.send("DELETE", path, None).await
    }

    /// Under that key.
    pub async fn post(&self, path: &str, key: &str, body: &Value) -> Reply {
        let token = format!("Bearer {}", self.token);
        let headers = [("authorization", token.as_str()), ("idempotency-key", key), JSON];
        self.gateway.post(&at(path), &headers, body.to_string()).await
    }

    async fn send(&self, method: &str, path: &str, body: Option<Value>) -> Reply {
        let token = format!("Bearer {}", self.token);
        let headers = [("authorization", token.as_str()), JSON];
        let method: Method = method.parse().expect("a method");
        let body = body.map(|body| body.to_string()).unwrap_or_default();
        self.gateway.send(method, &at(path), &headers, body.into()).await
    }
}

const JSON: (&str, &str) = ("content-type", "application/json");

fn at(path: &str) -> String {
    format!("/console/api/sites/clinic/{path}")
}

/// The id in an answer.
fn id(reply: &Value) -> &str {
    reply["id"].as_str().unwrap_or_else(|| panic!("{reply}"))
}
