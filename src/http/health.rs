//! `/healthz`: the process lives. `/readyz`: it can store, so traffic may come.

use std::sync::Arc;

use axum::extract::State;

use serde_json::json;

use crate::http::App;
use crate::http::problem::{Code, Refusal};
use crate::http::routes::{Operation, Routes};
use crate::store::sites::Revision;

/// Adds the routes of this file.
pub fn routes(routes: Routes) -> Routes {
    let text = json!({"text/plain": {"schema": {"type": "string"}}});
    let health =
        Operation::new("getHealth", "Whether the process lives").answer(200, "It does", text.clone());
    let ready = Operation::new("getReadiness", "Whether the database answers")
        .answer(200, "It does", text)
        .refuses(&[Code::Internal, Code::Unavailable]);
    routes.get("/healthz", async || "ok\n", health).get("/readyz", ready_now, ready)
}

async fn ready_now(State(app): State<Arc<App>>) -> Result<&'static str, Refusal> {
    app.store.run(Revision).await?;
    Ok("ready\n")
}
