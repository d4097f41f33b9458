//! The part of 微信's platform for Official Accounts that sends template messages. It answers everything with 200 and an
//! `errcode`, gives tokens that it can end, and drops a second message with the same `client_msg_id`.
//!
//! After the documentation of `/cgi-bin/stable_token` and `/cgi-bin/message/template/send` at developers.weixin.qq.com.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard};

use axum::Router;
use axum::extract::{Query, State};
use axum::routing::post;
use serde_json::{Value, json};
use tokio::net::TcpListener;

/// The account.
pub const APPID: &str = "wx3a5f1c7e9b2d4f60";
pub const SECRET: &str = "9f3b6a1c5d7e2f408192a3b4c5d6e7f8";
/// Somebody who follows it.
pub const FOLLOWER: &str = "oKangning0WangFang1985abcde";
/// Its template, with the parts `thing1` and `time2`.
pub const TEMPLATE: &str = "Ngq8pbwh9bUfcSsECmog";

/// The running platform. It stops with the runtime it was started in.
#[derive(Clone)]
pub struct WeChat {
    pub url: String,
    account: Arc<Mutex<Account>>,
}

#[derive(Default)]
struct Account {
    tokens: usize,
    /// The one that is good.
    token: String,
    busy: bool,
    /// By openid and `client_msg_id`.
    messages: BTreeMap<(String, String), Value>,
}

impl WeChat {
    pub async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let url = format!("http://{}", listener.local_addr().unwrap());
        let wechat = Self { url, account: Arc::default() };
        let router = Router::new()
            .route("/cgi-bin/stable_token", post(token))
            .route("/cgi-bin/message/template/send", post(send))
            .with_state(wechat.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        wechat
    }

    /// What its followers have got.
    pub fn messages(&self) -> Vec<Value> {
        self.account().messages.values().cloned().collect()
    }

    /// How many tokens it has given.
    pub fn tokens(&self) -> usize {
        self.account().tokens
    }

    /// The token that it gave is worth nothing any more.
    pub fn end_tokens(&self) {
        self.account().token = "ended".to_owned();
    }

    /// It says of every message that it is too busy.
    pub fn be_busy(&self) {
        self.account().busy = true;
    }

    fn account(&self) -> MutexGuard<'_, Account> {
        self.account.lock().unwrap()
    }
}

fn refused(errcode: i64, errmsg: &str) -> String {
    json!({"errcode": errcode, "errmsg": errmsg}).to_string()
}

async fn token(State(wechat): State<WeChat>, asked: String) -> String {
    let asked: Value = serde_json::from_str(&asked).unwrap_or_default();
    match (asked["grant_type"].as_str(), asked["appid"].as_str(), asked["secret"].as_str()) {
        (Some("client_credential"), Some(APPID), Some(SECRET)) => {}
        (Some("client_credential"), Some(APPID), _) => return refused(40125, "invalid appsecret"),
        (Some("client_credential"), ..) => return refused(40013, "invalid appid"),
        _ => return refused(40002, "invalid grant_type"),
    }
    let mut account = wechat.account();
    account.tokens += 1;
    account.token = format!("87_token-{}-of-the-account", account.tokens);
    json!({"access_token": account.token, "expires_in": 7200}).to_string()
}

async fn send(
    State(wechat): State<WeChat>,
    Query(query): Query<BTreeMap<String, String>>,
    message: String,
) -> String {
    let message: Value = serde_json::from_str(&message).unwrap_or_default();
    let mut account = wechat.account();
    if query.get("access_token") != Some(&account.token) {
        return refused(40001, "invalid credential, access_token is invalid or not latest");
    }
    if account.busy {
        return refused(-1, "system error");
    }
    let text = |name: &str| message[name].as_str().unwrap_or_default().to_owned();
    if text("template_id") != TEMPLATE {
        return refused(40037, "invalid template_id");
    }
    if text("touser") != FOLLOWER {
        return refused(43004, "require subscribe");
    }
    let part = |name: &str, most: usize| {
        let value = message["data"][name]["value"].as_str().unwrap_or_default();
        (1..=most).contains(&value.chars().count())
    };
    if !(part("thing1", 20) && part("time2", 32)) {
        return refused(47003, &format!("argument invalid! {}", message["data"]));
    }
    let messages = &mut account.messages;
    messages.entry((text("touser"), text("client_msg_id"))).or_insert_with(|| message.clone());
    json!({"errcode": 0, "errmsg": "ok", "msgid": 200_228_332 + messages.len()}).to_string()
}
