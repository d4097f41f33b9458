//! `POST …/uploads` takes a file before its form is sent; `GET /v1/uploads/{id}` hands it to who has its token.
//!
//! A file is kept under a name of the gateway's, its type is found from its first bytes, and it only ever leaves as an
//! attachment that no browser runs.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use crm_protocol::file_name::FileName;
use crm_protocol::form::{Field, Form, Kind};
use crm_protocol::id::UploadId;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Deserialize;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::http::bearer::bearer;
use crate::http::problem::{Code, Refusal};
use crate::http::routes::{Cors, Operation, Routes};
use crate::http::visitor::Visitor;
use crate::http::{App, body, intake, openapi, sniff};
use crate::sites::LiveSite;
use crate::store::uploads::{GetUpload, Put, PutUpload, Upload};

/// Largest file where the field says nothing, and the most a field may say.
pub const LARGEST: u32 = 10 * 1024 * 1024;
/// Files of one site that wait for their form to be sent: 100 of the largest.
const QUOTA: u64 = 100 * LARGEST as u64;
/// What RFC 8187 lets stand in `filename*` as it is.
const PLAIN: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_');

/// Adds the routes of this file.
pub fn routes(routes: Routes) -> Routes {
    let binary = json!({"application/octet-stream": {"schema": {}}, "*/*": {"schema": {}}});
    let put = Operation::new("upload", "Send a file that a field of the form asks for")
        .cors(Cors::Site)
        .path("site", openapi::name())
        .query("form", true, openapi::name())
        .query("field", true, json!({"type": "string", "pattern": "^[A-Za-z][A-Za-z0-9_-]{0,63}$"}))
        .header(
            "Upload-Name",
            false,
            "The file's name, percent-encoded UTF-8",
            json!({"type": "string", "maxLength": 1000, "pattern": "^[!-~]*$"}),
        )
        .body(binary.clone())
        .answer(201, "Kept for a day; its id is the field's answer", openapi::json("Upload"))
        .refuses(&[
            Code::Malformed,
            Code::UnknownSite,
            Code::UnknownForm,
            Code::Timeout,
            Code::TooLarge,
            Code::UnsupportedType,
            Code::TooMany,
            Code::Internal,
            Code::Unavailable,
        ]);
    let get = Operation::new("download", "A file, for the CRM that was sent its token")
        .path("id", json!({"type": "string", "pattern": "^upl_[0-9a-f]{32}$"}))
        .bearer()
        .answer(200, "The file, as an attachment", json!({"*/*": {"schema": {}}}))
        .refuses(&[Code::Unauthorized, Code::UnknownUpload, Code::Internal, Code::Unavailable]);
    routes.post("/v1/sites/{site}/uploads", upload, put).get("/v1/uploads/{id}", download, get)
}

#[derive(Deserialize)]
struct Place {
    form: String,
    field: String,
}

async fn upload(
    State(app): State<Arc<App>>,
    visitor: Visitor,
    Path(site): Path<String>,
    place: Result<Query<Place>, QueryRejection>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Refusal> {
    let site = app.site(&site)?;
    let Query(place) =
        place.map_err(|_| Refusal::new(Code::Malformed).detail("Name the place: ?form=…&field=…"))?;
    let (_, form) = site.form(&place.form, None).ok_or(Code::UnknownForm)?;
    let field = file_field(&form, &place.field)?;
    app.limits.upload(visitor)?;
    let content =
        body::read(&headers, body, field.max_bytes.unwrap_or(LARGEST).min(LARGEST) as usize).await?;
    let name = headers.get("upload-name").and_then(|name| name.to_str().ok()).unwrap_or_default();
    let upload = keep(&app, &site, &form, field, &FileName::from_header(name), content.to_vec()).await?;
    let document =
        json!({"id": upload.id, "name": upload.name, "size": upload.size, "type": upload.media_type});
    body::private(StatusCode::CREATED, &document)
}

fn file_field<'a>(form: &'a Form, name: &str) -> Result<&'a Field, Refusal> {
    let field = form.field(name).filter(|field| field.kind == Kind::File);
    field.ok_or_else(|| Refusal::new(Code::Malformed).detail("The form has no such field for files."))
}

/// Stores a file for a field, if it is of a type the field takes.
///
/// # Errors
/// 415 when it is not, 429 when the site has too many files waiting, the database's.
pub async fn keep(
    app: &App,
    site: &LiveSite,
    form: &Form,
    field: &Field,
    name: &FileName,
    content: Vec<u8>,
) -> Result<Upload, Refusal> {
    let found = sniff::sniff(&content, &field.accept);
    let found = found.ok_or_else(|| {
        Refusal::new(Code::UnsupportedType).detail(format!("This field takes {}.", field.accept.join(", ")))
    })?;
    let upload = Upload {
        id: UploadId::from_u128(Uuid::new_v4().as_u128()),
        site: site.definition.key.clone(),
        form: form.id.clone(),
        field: field.name.clone(),
        name: with_extension(name, found.extension),
        media_type: found.media_type.to_owned(),
        size: content.len() as u64,
    };
    let token_sha256 = Sha256::digest(app.keys.upload_token(upload.id)).into();
    let put = PutUpload { upload: upload.clone(), token_sha256, content, now: intake::now(), quota: QUOTA };
    match app.store.run(put).await? {
        Put::Stored => Ok(upload),
        Put::QuotaReached => {
            Err(Refusal::too_many(3_600).detail("Too many files of this site wait for their form."))
        }
    }
}

/// The name, with the extension of what the file is where it says something else.
fn with_extension(name: &FileName, extension: &str) -> String {
    let same = match name.extension().as_str() {
        "jpeg" | "jpe" => extension == "jpg",
        "heif" => extension == "heic",
        said => said == extension,
    };
    if same { name.as_str().to_owned() } else { format!("{}.{extension}", name.as_str()) }
}

async fn download(
    State(app): State<Arc<App>>,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    let token = bearer(&headers).ok_or(Code::Unauthorized)?;
    let id: UploadId = id.parse().map_err(|_| Code::UnknownUpload)?;
    let get = GetUpload { id, token_sha256: Sha256::digest(token).into() };
    let (upload, content) = app.store.run(get).await?.ok_or(Code::UnknownUpload)?;
    let name = utf8_percent_encode(&upload.name, PLAIN);
    let disposition = format!("attachment; filename=\"{}\"; filename*=UTF-8''{name}", upload.id);
    let headers = [
        (header::CONTENT_TYPE, value(&upload.media_type)?),
        (header::CONTENT_DISPOSITION, value(&disposition)?),
        (header::CONTENT_SECURITY_POLICY, HeaderValue::from_static("sandbox; default-src 'none'")),
        (header::CACHE_CONTROL, HeaderValue::from_static("private, no-store")),
    ];
    let mut response = (headers, content).into_response();
    response.headers_mut().insert("cross-origin-resource-policy", HeaderValue::from_static("same-origin"));
    Ok(response)
}

fn value(text: &str) -> Result<HeaderValue, Refusal> {
    HeaderValue::from_str(text).map_err(Refusal::internal)
}

/// The JSON Schemas of this file's types.
pub fn schemas() -> Value {
    json!({
        "Upload": {
            "type": "object",
            "required": ["id", "name", "size", "type"],
            "additionalProperties": false,
            "properties": {
                "id": {"type": "string", "pattern": "^upl_[0-9a-f]{32}$"},
                "name": {"type": "string"},
                "size": {"type": "integer"},
                "type": {"type": "string"},
            }
        }
    })
}
