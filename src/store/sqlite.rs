//! SQLite: one thread that writes, one that reads.
//!
//! The writer takes what waits, runs each operation in a savepoint, commits once and then answers all of them. While it
//! waits for the disk the next group gathers, so the cost of syncing is shared exactly when there is much to do.

use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use rusqlite::{Connection, OpenFlags};
use tokio::sync::{mpsc, oneshot};

use super::tx::Engine;
use super::{Counters, Op, StoreError, Tx, migrations};

/// Operations that share a commit.
const GROUP: usize = 256;

/// Operations that may wait for a thread.
const QUEUE: usize = 1_024;

/// How long an operation waits for a place in the queue.
const PATIENCE: Duration = Duration::from_millis(500);

/// How long a statement waits for another process, such as `crm-widgets erase` beside a running gateway.
const BUSY: Duration = Duration::from_secs(5);

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
            let writer = open_writer(path.as_deref(), synchronous)?;
            let reader = path.as_deref().map(open_reader).transpose()?;
            Ok::<_, StoreError>((writer, reader))
        });
        let (writer, reader) = opened.await.map_err(|error| StoreError::statement(error.to_string()))??;
        let writer = spawn("store-writer", move |requests| write(writer, requests, &counters))?;
        let reader = reader.map(|reader| spawn("store-reader", move |requests| read(reader, requests)));
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

fn open_writer(path: Option<&Path>, synchronous: bool) -> Result<Tx, StoreError> {
    let connection = match path {
        Some(path) => Connection::open(path)?,
        None => Connection::open_in_memory()?,
    };
    connection.busy_timeout(BUSY)?;
    connection.set_prepared_statement_cache_capacity(64);
    if path.is_some() {
        let mode: String = connection.query_row("pragma journal_mode = wal", [], |row| row.get(0))?;
        expect("journal_mode", &mode, "wal")?;
    }
    let level = if synchronous { 2 } else { 0 };
    // temp_store: what a savepoint may have to take back is kept in memory; in a file it costs more than the rest.
    connection.execute_batch(&format!(
        "pragma synchronous = {level}; pragma foreign_keys = on; pragma secure_delete = on; \
         pragma temp_store = memory; \
         pragma cache_size = -8192; pragma journal_size_limit = 33554432; pragma wal_autocheckpoint = 4000;"
    ))?;
    // Asked for again, because a build or a library may decide otherwise, and then 201 would be a lie.
    for (pragma, expected) in [("synchronous", level), ("foreign_keys", 1), ("secure_delete", 1)] {
        let value: i64 = connection.query_row(&format!("pragma {pragma}"), [], |row| row.get(0))?;
        expect(pragma, &value.to_string(), &expected.to_string())?;
    }
    if !synchronous {
        tracing::warn!("synchronous=off: what is acknowledged can be lost when the machine stops");
    }
    let mut tx = Tx::new(Engine::Sqlite(connection));
    begin(&mut tx)?;
    poll_once(migrations::migrate(&mut tx))?;
    batch(&mut tx, "commit")?;
    Ok(tx)
}

fn open_reader(path: &Path) -> Result<Tx, StoreError> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags)?;
    connection.busy_timeout(BUSY)?;
    connection.set_prepared_statement_cache_capacity(64);
    connection.execute_batch("pragma cache_size = -2048;")?;
    Ok(Tx::new(Engine::Sqlite(connection)))
}

fn expect(pragma: &str, found: &str, expected: &str) -> Result<(), StoreError> {
    if found == expected {
        return Ok(());
    }
    Err(StoreError::Unavailable(format!("pragma {pragma} is {found} and must be {expected}").into()))
}

fn write(mut tx: Tx, mut requests: mpsc::Receiver<Request>, counters: &Counters) {
    let mut next = requests.blocking_recv();
    while let Some(request) = next.take() {
        match request {
            Request::Run(first) => {
                let mut group = vec![first];
                while group.len() < GROUP {
                    match requests.try_recv() {
                        Ok(Request::Run(job)) => group.push(job),
                        Ok(other) => {
                            next = Some(other);
                            break;
                        }
                        Err(_) => break,
                    }
                }
                run_group(&mut tx, group, counters);
            }
            Request::Compact(caller) => drop(caller.send(compact(&mut tx))),
            Request::Close(caller) => {
                drop(tx);
                let _ = caller.send(());
                return;
            }
        }
        if next.is_none() {
            next = requests.blocking_recv();
        }
    }
}

/// Runs a group in one transaction. An operation's own error undoes that operation; an error that ends the transaction,
/// such as a full disk, undoes the group.
fn run_group(tx: &mut Tx, mut group: Vec<Box<dyn Job>>, counters: &Counters) {
    let committed = begin(tx)
        .and_then(|()| group.iter_mut().try_for_each(|job| run_job(tx, job.as_mut())))
        .and_then(|()| batch(tx, "commit"));
    if committed.is_err() && !is_idle(tx) {
        let _ = batch(tx, "rollback");
    }
    if committed.is_ok() {
        counters.committed(group.len());
    }
    for job in group {
        job.answer(committed.clone());
    }
}

fn run_job(tx: &mut Tx, job: &mut dyn Job) -> Result<(), StoreError> {
    batch(tx, "savepoint op")?;
    tx.undone = false;
    let outcome = job.run(tx);
    if let Err(error) = &outcome
        && is_idle(tx)
    {
        // SQLite has rolled the whole transaction back by itself.
        return Err(error.clone());
    }
    if outcome.is_err() || tx.undone {
        batch(tx, "rollback to op")?;
    }
    batch(tx, "release op")
}

fn read(mut tx: Tx, mut requests: mpsc::Receiver<Request>) {
    while let Some(request) = requests.blocking_recv() {
        match request {
            Request::Run(mut job) => {
                // One transaction, so that an operation of several statements reads one state.
                let begun = batch(&mut tx, "begin").and_then(|()| job.run(&mut tx));
                let ended = if is_idle(&tx) { Ok(()) } else { batch(&mut tx, "commit") };
                job.answer(begun.and(ended));
            }
            Request::Compact(caller) => drop(caller.send(Ok(()))),
            Request::Close(caller) => {
                drop(tx);
                let _ = caller.send(());
                return;
            }
        }
    }
}

/// Rewrites the file without what was deleted, then empties the log, which still holds older pages.
fn compact(tx: &mut Tx) -> Result<(), StoreError> {
    // The new copy of the file is not for memory.
    batch(tx, "pragma temp_store = file")?;
    let rewritten = batch(tx, "vacuum");
    batch(tx, "pragma temp_store = memory")?;
    rewritten?;
    let row = poll_once(tx.query_one("pragma wal_checkpoint(truncate)", &[]))?;
    match row.map(|mut row| row.int(0)).transpose()? {
        None | Some(0) => Ok(()),
        Some(_) => Err(StoreError::Busy),
    }
}

fn begin(tx: &mut Tx) -> Result<(), StoreError> {
    batch(tx, "begin immediate")
}

/// The few statements around operations, prepared once like all others.
fn batch(tx: &mut Tx, sql: &str) -> Result<(), StoreError> {
    poll_once(tx.execute(sql, &[])).map(drop)
}

fn is_idle(tx: &Tx) -> bool {
    matches!(&tx.engine, Engine::Sqlite(connection) if connection.is_autocommit())
}
