//! SQLite: one thread that writes, one that reads.
//!
//! The writer takes what waits, runs each operation in a savepoint, commits once and then answers all of them. While it
//! waits for the disk the next group gathers, so the cost of syncing is shared exactly when there is much to do.

mod open;
mod thread;

use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use tokio::sync::{mpsc, oneshot};

use super::{Counters, Op, StoreError, Tx};

/// Operations that may wait for a thread.
const QUEUE: usize = 1_024;

/// How long an operation waits for a place in the queue.
const PATIENCE: Duration = Duration::from_millis(500);

/// A database file and the threads that own its connections.
#[derive(Clone, Debug)]
pub(super) struct Sqlite {
    writer: mpsc::Sender<Request>,
    /// None in memory, where a second connection would be a second database.
    reader: Option<mpsc::Sender<Request>>,
}

enum Request {
    Run(Box<dyn Job>),
    Compact(oneshot::Sender<Result<(), StoreError>>),
    Close(oneshot::Sender<()>),
}

/// An operation and the caller who waits for it.
trait Job: Send {
    /// Runs the operation and keeps its outcome.
    fn run(&mut self, tx: &mut Tx) -> Result<(), StoreError>;
    /// Hands the outcome to the caller, or the error that undid it.
    fn answer(self: Box<Self>, committed: Result<(), StoreError>);
}

struct Waiting<O: Op> {
    op: O,
    outcome: Option<Result<O::Out, StoreError>>,
    caller: oneshot::Sender<Result<O::Out, StoreError>>,
}

impl<O: Op> Job for Waiting<O> {
    fn run(&mut self, tx: &mut Tx) -> Result<(), StoreError> {
        // A panic is a mistake in one operation; it must not stop all others.
        let outcome = catch_unwind(AssertUnwindSafe(|| poll_once(self.op.run(tx))))
            .unwrap_or_else(|_| Err(StoreError::statement("an operation panicked")));
        let done = outcome.as_ref().map(drop).map_err(Clone::clone);
        self.outcome = Some(outcome);
        done
    }

    fn answer(self: Box<Self>, committed: Result<(), StoreError>) {
        let outcome = match (self.outcome, committed) {
            (Some(Err(error)), _) | (_, Err(error)) => Err(error),
            (Some(Ok(out)), Ok(())) => Ok(out),
            (None, Ok(())) => Err(StoreError::Busy),
        };
        // The caller may have gone; what was done stays done.
        let _ = self.caller.send(outcome);
    }
}

/// On SQLite every statement has ended when its call returns, so a future has nothing to wait for.
fn poll_once<T>(future: impl Future<Output = Result<T, StoreError>>) -> Result<T, StoreError> {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(outcome) => outcome,
        Poll::Pending => Err(StoreError::statement("an operation awaits something but its transaction")),
    }
}

impl Sqlite {
    pub(super) async fn open(
        path: Option<&Path>,
        synchronous: bool,
        counters: Arc<Counters>,
    ) -> Result<Self, StoreError> {
        let path = path.map(Path::to_path_buf);
        // The file is opened, and perhaps migrated, where waiting for the disk harms no one.
        let opened = tokio::task::spawn_blocking(move || {
            let writer = open::open_writer(path.as_deref(), synchronous)?;
            let reader = path.as_deref().map(open::open_reader).transpose()?;
            Ok::<_, StoreError>((writer, reader))
        });
        let (writer, reader) = opened.await.map_err(|error| StoreError::statement(error.to_string()))??;
        let writer = spawn("store-writer", move |requests| thread::write(writer, requests, &counters))?;
        let reader =
            reader.map(|reader| spawn("store-reader", move |requests| thread::read(reader, requests)));
        Ok(Self { writer, reader: reader.transpose()? })
    }

    pub(super) async fn run<O: Op>(&self, op: O) -> Result<O::Out, StoreError> {
        let thread = self.reader.as_ref().filter(|_| O::READ).unwrap_or(&self.writer);
        let (caller, outcome) = oneshot::channel();
        send(thread, Request::Run(Box::new(Waiting { op, outcome: None, caller }))).await?;
        outcome.await.map_err(|_| closed())?
    }

    pub(super) async fn compact(&self) -> Result<(), StoreError> {
        let (caller, outcome) = oneshot::channel();
        send(&self.writer, Request::Compact(caller)).await?;
        outcome.await.map_err(|_| closed())?
    }

    pub(super) async fn close(&self) {
        // The reader first: the last connection to go empties the log into the file.
        for thread in self.reader.iter().chain([&self.writer]) {
            let (caller, closed) = oneshot::channel();
            if thread.send(Request::Close(caller)).await.is_ok() {
                let _ = closed.await;
            }
        }
    }
}

async fn send(thread: &mpsc::Sender<Request>, request: Request) -> Result<(), StoreError> {
    use mpsc::error::SendTimeoutError::{Closed, Timeout};
    match thread.send_timeout(request, PATIENCE).await {
        Ok(()) => Ok(()),
        Err(Timeout(_)) => Err(StoreError::Busy),
        Err(Closed(_)) => Err(closed()),
    }
}

fn closed() -> StoreError {
    StoreError::Unavailable("it was closed".into())
}

fn spawn(
    name: &str,
    work: impl FnOnce(mpsc::Receiver<Request>) + Send + 'static,
) -> Result<mpsc::Sender<Request>, StoreError> {
    let (sender, requests) = mpsc::channel(QUEUE);
    std::thread::Builder::new()
        .name(name.to_owned())
        .spawn(move || work(requests))
        .map_err(|error| StoreError::Unavailable(error.to_string().into()))?;
    Ok(sender)
}
