//! From a request to a stored submission: the one way in, for the API and for hosted pages.

use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use crm_protocol::answer::{Answer, Answers};
use crm_protocol::check::{Around, FieldError, check};
use crm_protocol::form::{Field, Form, Kind};
use crm_protocol::id::{SubmissionId, UploadId};
use crm_protocol::submission::{CAMPAIGN, Consent, Context, Receipt, SubmissionRequest};
use crm_protocol::text::Lang;
use serde_json::json;
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::announce;
use crate::connector::event::SUBMISSION;
use crate::hex;
use crate::http::App;
use crate::http::keyed::Keyed;
use crate::http::problem::{Code, Refusal};
use crate::sites::LiveSite;
use crate::store::submissions::{Accept, Accepted, Contact, FindAnswer, Submission};
use crate::store::uploads::{FindUploads, Upload};
use crate::texts;

/// Longest string of the automatic context, in characters.
const CONTEXT: usize = 2_000;
/// Times a receipt code is drawn again when another submission of the site has it: 1 in 10^12 for each stored one.
pub(super) const DRAWS: usize = 5;

/// A form that was filled in and checked, ready to be stored.
#[derive(Clone, Debug)]
pub struct Filled {
    /// As it will be stored; without deliveries, receipt and answer.
    pub accept: Accept,
    /// The form in the visitor's language.
    pub form: Arc<Form>,
    /// The checked answers.
    pub answers: Answers,
    /// A robot filled the trap field.
    pub spam: bool,
}

/// Stores a submission, once for its key, and returns the JSON of its receipt after the commit was synced.
///
/// # Errors
/// As documented for `POST …/submissions`.
pub async fn accept(
    app: &App,
    site: &LiveSite,
    keyed: Keyed<'_, SubmissionRequest>,
) -> Result<String, Refusal> {
    let earlier = keyed.earlier(&site.definition.key);
    match store(app, site, keyed).await {
        Err(refusal) => earlier.or(app, refusal).await,
        stored => stored,
    }
}

/// A request that would be refused may be the repetition of one that was accepted: its challenge has expired, the form
/// has changed, the slot is taken by itself. So the answers given are looked up before it is refused, and not otherwise,
/// which saves the usual request a read.
#[derive(Clone, Debug)]
pub struct Earlier {
    find: FindAnswer,
    body_sha256: [u8; 32],
}

impl Earlier {
    /// What to look for: the key at that site, and SHA-256 of what was sent.
    pub fn new(site: &str, key: &str, body_sha256: [u8; 32]) -> Self {
        Self { find: FindAnswer { site: site.to_owned(), key: key.to_owned() }, body_sha256 }
    }

    /// The answer given before, or the refusal where there was none.
    ///
    /// # Errors
    /// The refusal, or 409 where the key was used with another body.
    pub async fn or(self, app: &App, refusal: Refusal) -> Result<String, Refusal> {
        if !matches!(refusal.code.status(), 403 | 404 | 409 | 422) {
            return Err(refusal);
        }
        match app.store.run(self.find).await? {
            Some((earlier, answer)) if earlier == self.body_sha256 => Ok(answer),
            Some(_) => Err(Code::KeyReused.into()),
            None => Err(refusal),
        }
    }
}

async fn store(app: &App, site: &LiveSite, keyed: Keyed<'_, SubmissionRequest>) -> Result<String, Refusal> {
    let Filled { mut accept, form, answers, spam } = fill(app, site, keyed).await?;
    accept.deliveries = if spam { Vec::new() } else { announce::deliveries(site, &form.id, SUBMISSION) };
    for _ in 0..DRAWS {
        accept.submission.receipt = receipt_code()?;
        accept.answer = receipt(&accept.submission)?;
        match app.store.run(accept.clone()).await? {
            Accepted::Stored => {
                app.metrics.accepted(spam);
                app.bus.wake();
                return Ok(accept.answer);
            }
            Accepted::Repeated { answer } => return Ok(answer),
            Accepted::ReceiptTaken => {}
            refused => return Err(not_accepted(&refused, &form, &answers, &accept.submission.lang)),
        }
    }
    Err(Refusal::internal("no free receipt code"))
}

/// Why the store did not accept a form that was right.
pub(super) fn not_accepted(why: &Accepted, form: &Form, answers: &Answers, lang: &Lang) -> Refusal {
    match why {
        Accepted::KeyReused => Code::KeyReused.into(),
        Accepted::ChallengeSpent => Code::ChallengeSpent.into(),
        Accepted::UploadMissing(id) => missing(form, answers, *id, lang),
        other => Refusal::internal(format!("{other:?}")),
    }
}

/// Checks a filled form and everything that belongs to it.
///
/// # Errors
/// As documented for `POST …/submissions`.
pub async fn fill(
    app: &App,
    site: &LiveSite,
    keyed: Keyed<'_, SubmissionRequest>,
) -> Result<Filled, Refusal> {
    let spent = keyed.proof(site, &app.keys, &keyed.request.form)?;
    let Keyed { request, key, body_sha256, .. } = keyed;
    let (lang, form) = site.form(&request.form, Some(&request.lang)).ok_or(Code::UnknownForm)?;
    let around = Around { today: &site.today(), texts: texts::catalogue(&lang) };
    let answers = check(&form, &request.answers, around).map_err(invalid)?;
    let uploads = uploads(app, site, &form, &answers, &lang).await?;
    let spam = request.signals.trap;
    let accept = Accept {
        consents: consents(&form, &answers),
        contacts: contacts(&form, &answers),
        key: key.to_owned(),
        body_sha256,
        answer: String::new(),
        spent,
        uploads: uploads.iter().map(|file| file.id).collect(),
        deliveries: Vec::new(),
        submission: Submission {
            id: SubmissionId::from_u128(Uuid::now_v7().as_u128()),
            site: site.definition.key.clone(),
            form: form.id.clone(),
            version: request.version.unwrap_or(form.version),
            lang,
            receipt: String::new(),
            body: stored(app, &form, &answers, &uploads, request),
            received_at: now(),
        },
    };
    Ok(Filled { accept, form, answers, spam })
}

/// What is kept beside the columns: answers with the labels they were given under, files, context, signals.
fn stored(
    app: &App,
    form: &Form,
    answers: &Answers,
    uploads: &[Upload],
    request: SubmissionRequest,
) -> String {
    let labelled = |field: &Field| {
        let label = field.label.as_ref().map_or("", |label| label.as_str());
        json!({"name": field.name, "type": field.kind, "label": label})
    };
    let fields: Vec<_> =
        form.fields().filter(|field| answers.contains_key(&field.name)).map(labelled).collect();
    let file = |file: &Upload| {
        let token = app.keys.upload_token(file.id);
        json!({"id": file.id, "name": file.name, "type": file.media_type, "size": file.size, "token": token})
    };
    json!({
        "answers": answers,
        "fields": fields,
        "context": trimmed(request.context),
        "signals": request.signals,
        "spam": request.signals.trap,
        "uploads": uploads.iter().map(file).collect::<Vec<_>>(),
    })
    .to_string()
}

/// The context as promised: nothing longer, no parameters but the campaign's.
fn trimmed(context: Context) -> Context {
    let cut = |text: String| text.chars().take(CONTEXT).collect::<String>();
    let bare = |address: String| {
        let bare = address.split(['?', '#']).next().unwrap_or_default().to_owned();
        cut(bare)
    };
    let campaign = context.campaign.into_iter().filter(|(name, _)| CAMPAIGN.contains(&name.as_str()));
    Context {
        page: context.page.map(bare),
        referrer: context.referrer.map(bare),
        campaign: campaign.map(|(name, value)| (name, cut(value))).collect(),
        language: context.language.map(cut),
        time_zone: context.time_zone.map(cut),
    }
}

/// One consent per purpose, with the hash of the very sentence that was shown.
fn consents(form: &Form, answers: &Answers) -> Vec<Consent> {
    let consent = |field: &Field| {
        let granted = matches!(answers.get(&field.name), Some(Answer::Yes(true)));
        let shown = field.label.as_ref().map_or("", |label| label.as_str());
        Some(Consent {
            purpose: field.purpose.clone()?,
            version: field.version.clone().unwrap_or_default(),
            text_sha256: hex::encode(&Sha256::digest(shown)),
            granted,
        })
    };
    let mut consents: Vec<Consent> =
        form.fields().filter(|field| field.kind == Kind::Consent).filter_map(consent).collect();
    consents.sort_by(|a, b| a.purpose.cmp(&b.purpose).then(b.granted.cmp(&a.granted)));
    consents.dedup_by(|later, first| later.purpose == first.purpose);
    consents
}

fn contacts(form: &Form, answers: &Answers) -> Vec<Contact> {
    let reachable = |field: &&Field| matches!(field.kind, Kind::Email | Kind::Phone);
    let text = |field: &Field| match answers.get(&field.name) {
        Some(Answer::Text(text)) => Some(Contact::new(text)),
        _ => None,
    };
    form.fields().filter(reachable).filter_map(text).collect()
}

/// The files the answers name, if all are there, of this site and form, uploaded for that very field, and not used yet.
async fn uploads(
    app: &App,
    site: &LiveSite,
    form: &Form,
    answers: &Answers,
    lang: &Lang,
) -> Result<Vec<Upload>, Refusal> {
    let mut named = Vec::new();
    for field in form.fields().filter(|field| field.kind == Kind::File) {
        let Some(Answer::Many(ids)) = answers.get(&field.name) else { continue };
        for id in ids {
            let id = id.parse::<UploadId>().map_err(|_| invalid(vec![gone(field, lang)]))?;
            named.push((id, field));
        }
    }
    if named.is_empty() {
        return Ok(Vec::new());
    }
    let ids: Vec<UploadId> = named.iter().map(|(id, _)| *id).collect();
    let find = FindUploads { site: site.definition.key.clone(), form: form.id.clone(), ids };
    let found = app.store.run(find).await?;
    let fits =
        |id: UploadId, field: &Field| found.iter().any(|file| file.id == id && file.field == field.name);
    match named.iter().find(|(id, field)| !fits(*id, field)) {
        Some((_, field)) => Err(invalid(vec![gone(field, lang)])),
        None => Ok(found),
    }
}

fn missing(form: &Form, answers: &Answers, id: UploadId, lang: &Lang) -> Refusal {
    let id = id.to_string();
    let names =
        |field: &&Field| matches!(answers.get(&field.name), Some(Answer::Many(ids)) if ids.contains(&id));
    invalid(form.fields().find(names).map(|field| gone(field, lang)).into_iter().collect())
}

fn gone(field: &Field, lang: &Lang) -> FieldError {
    let label = field.label.as_ref().map_or(field.name.as_str(), |label| label.as_str());
    let message = texts::catalogue(lang).fill("error.file-unknown", &[("label", label)]);
    FieldError { field: field.name.clone(), code: "file-unknown".to_owned(), message }
}

fn invalid(errors: Vec<FieldError>) -> Refusal {
    Refusal { errors, ..Refusal::new(Code::InvalidAnswers) }
}

fn receipt(submission: &Submission) -> Result<String, Refusal> {
    let receipt = Receipt { id: submission.id, receipt: submission.receipt.clone() };
    serde_json::to_string(&receipt).map_err(Refusal::internal)
}

/// Eight digits of Crockford's base 32 (no I, L, O, U), 40 random bits, as `K7QM-2F9X`.
pub(super) fn receipt_code() -> Result<String, Refusal> {
    const DIGITS: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
    let mut random = [0; 8];
    getrandom::fill(&mut random).map_err(Refusal::internal)?;
    let mut digits =
        random.iter().filter_map(|byte| DIGITS.get(usize::from(byte % 32))).map(|digit| char::from(*digit));
    let first: String = digits.by_ref().take(4).collect();
    Ok(format!("{first}-{}", digits.collect::<String>()))
}

/// Unix time in milliseconds.
pub fn now() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
}
