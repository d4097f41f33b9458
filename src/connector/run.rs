//! Runs a connector's steps for one delivery, from where an earlier attempt stopped.

use std::collections::BTreeMap;
use std::time::Duration;

use jiff::Timestamp;
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};
use tokio::time::timeout;

use super::ask::Inquiry;
use super::auth::{AuthError, Identity};
use super::client::{Answer, RequestError};
use super::exchange::Exchange;
use super::file::{ConnectorFile, Failure, Lookup, Request, Step};
use super::ledger::{Ledger, LinkKey, Lost, Reserved, StepState};
use super::render::{self, RenderError};
use super::scope::Scope;
use super::template::{Condition, TemplateError, Tree};
use super::verdict::{Verdict, judge};
use super::{Class, Outcome, show};

/// How soon a delivery comes back whose links another one holds.
const BUSY: Duration = Duration::from_secs(1);

/// One attempt under way.
pub(super) struct Run<'a, L> {
    pub file: &'a ConnectorFile,
    pub event: &'a str,
    pub scope: Scope,
    pub exchange: Exchange<'a>,
    pub identity: Identity<'a>,
    pub ledger: &'a mut L,
    /// The last answer, for the record.
    pub last: Option<Answer>,
}

/// Why an attempt ended before its last step.
pub(super) struct Stop {
    pub outcome: Outcome,
    /// For staff; names the step.
    pub error: String,
}

/// A request, and what its answer may mean.
struct Question<'q> {
    /// For who looks on.
    whose: &'q str,
    request: &'q Request,
    criteria: &'q [Condition],
    failures: &'q [Failure],
    /// Whether something is read from the answer.
    reads: bool,
}

/// An answer, what it means, and the names with it.
struct Judged {
    scope: Scope,
    verdict: Verdict,
}

impl<L: Ledger> Run<'_, L> {
    /// Runs all steps. An error is how the attempt ended, not a failure of the program.
    pub(super) async fn run(&mut self) -> Result<(), Stop> {
        self.reserve().await?;
        let file = self.file;
        for step in file.steps.iter().filter(|step| step.handles(self.event)) {
            let stop = match timeout(self.exchange.step_limit, self.step(step)).await {
                Ok(Ok(())) => continue,
                Ok(Err(stop)) => stop,
                Err(_) => Stop::retry(Class::Timeout, "the CRM and its token server took too long"),
            };
            return Err(Stop { error: format!("step {}: {}", step.step_id, stop.error), ..stop });
        }
        Ok(())
    }

    /// Sends a request of our own. Its answer, whatever the status, is the last one.
    pub(super) async fn inquire(&mut self, inquiry: &Inquiry) -> Result<(), Stop> {
        self.scope.set("question", super::template::value(&inquiry.names()));
        let request = inquiry.request().map_err(|cause| Stop::retry(Class::Settings, cause))?;
        let question =
            Question { whose: "inquiry", request: &request, criteria: &[], failures: &[], reads: false };
        match timeout(self.exchange.step_limit, self.ask(question)).await {
            Ok(judged) => judged.map(drop),
            Err(_) => Err(Stop::retry(Class::Timeout, "the CRM and its token server took too long")),
        }
    }

    /// Takes the links of this event, so that no other delivery makes the same record meanwhile, and reads what is
    /// remembered under them.
    async fn reserve(&mut self) -> Result<(), Stop> {
        let keys = self.link_keys()?;
        let links = match keys.is_empty() {
            true => BTreeMap::new(),
            false => match self.ledger.reserve(&keys).await? {
                Reserved::Free(links) => links,
                Reserved::Busy => {
                    return Err(Stop::later(BUSY, "another delivery for the same person is under way"));
                }
            },
        };
        self.scope.set("link", super::template::value(&json!(links)));
        Ok(())
    }

    fn link_keys(&self) -> Result<Vec<LinkKey>, Stop> {
        let context = self.scope.context()?;
        let mut keys = Vec::new();
        for (link, expression) in &self.file.links {
            if let Some(key) = expression.text(&context)? {
                keys.push(LinkKey { link: link.clone(), key_sha256: Sha256::digest(key).into() });
            }
        }
        Ok(keys)
    }

    /// A word for the record where there was nothing to do: somebody may have expected something to be sent.
    pub(super) fn idle(&self) -> Option<String> {
        let conditions = self.file.steps.iter().filter(|step| step.handles(self.event)).map(|step| {
            let when = step.when.as_ref().map_or("", |when| when.source());
            format!("{} is only for \"{when}\"", step.step_id)
        });
        let why = conditions.collect::<Vec<_>>().join(", ");
        let nothing = self.last.is_none() && self.ledger.steps().is_empty() && !why.is_empty();
        nothing.then(|| format!("nothing was sent: {why}"))
    }

    async fn step(&mut self, step: &Step) -> Result<(), Stop> {
        let state = self.ledger.steps().get(&step.step_id).cloned();
        if let Some(StepState::Done(outputs)) = state.as_ref().filter(|_| !step.is_fresh()) {
            self.scope.set_step(&step.step_id, outputs);
            return Ok(());
        }
        if let Some(when) = &step.when
            && !when.holds(&self.scope.context()?)?
        {
            self.exchange
                .tell(|| format!("\n{}: skipped, `{}` does not hold\n", step.step_id, when.source()));
            return Ok(());
        }
        if let (Some(StepState::Started(at)), Some(lookup)) = (state, step.lookup())
            && let Some(outputs) = self.look_up(&step.step_id, lookup, at).await?
        {
            return self.finish(step, outputs).await;
        }
        if step.lookup().is_some() {
            self.ledger.started(&step.step_id).await?;
        }
        let outputs = self.send(step).await?;
        self.finish(step, outputs).await
    }

    /// Sends the step's request; its outputs, or how the attempt ended.
    async fn send(&mut self, step: &Step) -> Result<Value, Stop> {
        let question = Question {
            whose: &step.step_id,
            request: &step.request,
            criteria: &step.success_criteria,
            failures: &step.on_failure,
            reads: !step.outputs.is_empty(),
        };
        let judged = self.ask(question).await?;
        match judged.verdict {
            Verdict::Success => outputs(&step.outputs, &judged.scope),
            Verdict::Instead(trees) => outputs(&trees, &judged.scope),
            Verdict::Failure { outcome, error } => Err(Stop { outcome, error }),
        }
    }

    /// Asks whether an earlier try took effect; its outputs if it did.
    async fn look_up(&mut self, step: &str, lookup: &Lookup, started_at: i64) -> Result<Option<Value>, Stop> {
        let settled = started_at.saturating_add(i64::from(lookup.settle) * 1000);
        let wait = settled.saturating_sub(Timestamp::now().as_millisecond());
        if let Ok(wait @ 1..) = u64::try_from(wait) {
            return Err(Stop::later(
                Duration::from_millis(wait),
                "the CRM needs time to show what it has taken",
            ));
        }
        let question = Question {
            whose: &format!("{step}, lookup"),
            request: &lookup.request,
            criteria: &lookup.success_criteria,
            failures: &[],
            reads: true,
        };
        let judged = self.ask(question).await?;
        match judged.verdict {
            Verdict::Failure { outcome, error } => {
                Err(Stop { outcome, error: format!("looking for an earlier try: {error}") })
            }
            _ if lookup.found.holds(&judged.scope.context()?)? => {
                outputs(&lookup.outputs, &judged.scope).map(Some)
            }
            _ => Ok(None),
        }
    }

    /// Sends a request, once more with fresh credentials where the first ones were refused.
    async fn ask(&mut self, question: Question<'_>) -> Result<Judged, Stop> {
        let Question { whose, request, criteria, failures, reads } = question;
        let mut refused = false;
        loop {
            let context = self.scope.context()?;
            let credentials = self.identity.prepare(&context, &self.exchange, self.ledger).await?;
            self.scope.set("token", credentials.token());
            let context = self.scope.context()?;
            let mut outgoing = render::outgoing(request, &self.file.server, &self.file.headers, &context)?;
            credentials.apply(&mut outgoing, &context)?;
            self.exchange.tell(|| show::heading(whose));
            let answer = self.exchange.send(outgoing).await?;
            let scope = self.scope.answered(&answer)?;
            let verdict = judge(&answer, &scope.context()?, criteria, [failures, &self.file.errors], reads)?;
            self.exchange.tell(|| show::verdict(whose, answer.status, &verdict));
            self.last = Some(answer);
            if !verdict.is_auth() || !credentials.is_token() || refused {
                return Ok(Judged { scope, verdict });
            }
            credentials.refuse();
            refused = true;
        }
    }

    async fn finish(&mut self, step: &Step, outputs: Value) -> Result<(), Stop> {
        self.scope.set_step(&step.step_id, &outputs);
        let remember = self.remembered(step, &outputs)?;
        // The record of the attempt says that the last step is done, and an answer of the moment is not kept.
        if !remember.is_empty() || !(step.is_fresh() || self.is_last(step)) {
            self.ledger.finished(&step.step_id, &outputs, remember).await?;
        }
        Ok(())
    }

    fn is_last(&self, step: &Step) -> bool {
        let mut handled = self.file.steps.iter().rev().filter(|step| step.handles(self.event));
        handled.next().is_some_and(|last| last.step_id == step.step_id)
    }

    /// What the step wants kept, under the links' keys; nothing where a key or a value is nothing.
    ///
    /// # Errors
    /// The step has made something, and nothing says what the CRM calls it: later steps would not find it.
    fn remembered(&mut self, step: &Step, outputs: &Value) -> Result<Vec<(LinkKey, String)>, Stop> {
        if step.remember.is_empty() {
            return Ok(Vec::new());
        }
        let keys = self.link_keys()?;
        let mut scope = self.scope.clone();
        scope.set("outputs", super::template::value(outputs));
        let context = scope.context()?;
        let mut remember = Vec::new();
        for (link, value) in &step.remember {
            let Some(text) = value.text(&context)? else {
                if self.file.must_remember(step, value) {
                    let why = format!(
                        "it succeeded, but what it remembers as {link}, `{}`, is nothing",
                        value.source()
                    );
                    return Err(Stop::retry(Class::Settings, why));
                }
                continue;
            };
            let key = keys.iter().find(|key| key.link == *link);
            remember.extend(key.map(|key| (key.clone(), text)));
        }
        Ok(remember)
    }
}

fn outputs(trees: &BTreeMap<String, Tree>, scope: &Scope) -> Result<Value, Stop> {
    let context = scope.context()?;
    let mut outputs = Map::new();
    for (name, tree) in trees {
        outputs.extend(tree.render(&context)?.map(|value| (name.clone(), value)));
    }
    Ok(outputs.into())
}

impl Stop {
    fn later(after: Duration, why: &str) -> Self {
        Self { outcome: Outcome::Later { after }, error: why.to_owned() }
    }

    fn retry(class: Class, why: impl ToString) -> Self {
        Self { outcome: Outcome::Retry { class, after: None }, error: why.to_string() }
    }
}

impl From<Lost> for Stop {
    fn from(lost: Lost) -> Self {
        Self { outcome: Outcome::Later { after: BUSY }, error: lost.to_string() }
    }
}

/// A template refuses, for example since an answer is not what the connector's author expected.
impl From<TemplateError> for Stop {
    fn from(cause: TemplateError) -> Self {
        Self::retry(Class::Settings, cause)
    }
}

impl From<RenderError> for Stop {
    fn from(cause: RenderError) -> Self {
        Self::retry(Class::Settings, cause)
    }
}

impl From<RequestError> for Stop {
    fn from(cause: RequestError) -> Self {
        Self::retry(Class::of(&cause), cause)
    }
}

impl From<AuthError> for Stop {
    fn from(cause: AuthError) -> Self {
        Self { outcome: cause.outcome(), error: cause.to_string() }
    }
}

impl Class {
    /// Why no answer came, in a word.
    pub(super) fn of(error: &RequestError) -> Self {
        match error {
            RequestError::Url | RequestError::Plain | RequestError::Host(_) | RequestError::Mail(_) => {
                Self::Settings
            }
            RequestError::Refused(_) => Self::Address,
            RequestError::Timeout => Self::Timeout,
            RequestError::Network(_) => Self::Network,
        }
    }
}
