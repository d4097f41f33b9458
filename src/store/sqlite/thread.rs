//! What the two threads do.

use tokio::sync::mpsc;

use super::{Job, Request, poll_once};
use crate::store::tx::Engine;
use crate::store::{Counters, StoreError, Tx};

/// Operations that share a commit.
const GROUP: usize = 256;

/// The thread that writes.
pub(super) fn write(tx: Tx, requests: mpsc::Receiver<Request>, counters: &Counters) {
    answer(tx, requests, compact, |tx, first, requests| {
        let (group, next) = gather(first, requests);
        run_group(tx, group, counters);
        next
    });
}

/// The thread that reads. One transaction an operation, so that several statements see one state.
pub(super) fn read(tx: Tx, requests: mpsc::Receiver<Request>) {
    let compact = |_: &mut Tx| Ok(());
    answer(tx, requests, compact, |tx, mut job, _| {
        let begun = batch(tx, "begin").and_then(|()| job.run(tx));
        let ended = if is_idle(tx) { Ok(()) } else { batch(tx, "commit") };
        job.answer(begun.and(ended));
        None
    });
}

/// Answers requests, and who asked to close once the connection is closed. `run` may take more out of the queue, and
/// returns what it took too many.
fn answer(
    mut tx: Tx,
    mut requests: mpsc::Receiver<Request>,
    compact: impl Fn(&mut Tx) -> Result<(), StoreError>,
    mut run: impl FnMut(&mut Tx, Box<dyn Job>, &mut mpsc::Receiver<Request>) -> Option<Request>,
) {
    let mut closers = Vec::new();
    let mut next = None;
    while let Some(request) = next.take().or_else(|| requests.blocking_recv()) {
        match request {
            Request::Run(job) => next = run(&mut tx, job, &mut requests),
            Request::Compact(caller) => drop(caller.send(compact(&mut tx))),
            // Not left at once: who has a place in the queue already gets an answer.
            Request::Close(caller) => {
                requests.close();
                closers.push(caller);
            }
        }
    }
    drop(tx);
    for caller in closers {
        let _ = caller.send(());
    }
}

/// The operations that wait right now, and the request after them if it is another one.
fn gather(
    first: Box<dyn Job>,
    requests: &mut mpsc::Receiver<Request>,
) -> (Vec<Box<dyn Job>>, Option<Request>) {
    let mut group = vec![first];
    while group.len() < GROUP {
        match requests.try_recv() {
            Ok(Request::Run(job)) => group.push(job),
            Ok(other) => return (group, Some(other)),
            Err(_) => break,
        }
    }
    (group, None)
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

pub(super) fn begin(tx: &mut Tx) -> Result<(), StoreError> {
    batch(tx, "begin immediate")
}

/// The few statements around operations, prepared once like all others.
pub(super) fn batch(tx: &mut Tx, sql: &str) -> Result<(), StoreError> {
    poll_once(tx.execute(sql, &[])).map(drop)
}

fn is_idle(tx: &Tx) -> bool {
    matches!(&tx.engine, Engine::Sqlite(connection) if connection.is_autocommit())
}
