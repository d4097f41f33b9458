//! PostgreSQL: a pool of connections; one operation is one transaction.

use std::future::poll_fn;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::pin;
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use deadpool_postgres::{Hook, HookError, Manager, ManagerConfig, Object, Pool, RecyclingMethod, Runtime};
use tokio_postgres::NoTls;

use super::tx::Engine;
use super::{Counters, Op, StoreError, Tx, migrations};

/// Connections of one gateway. PostgreSQL shares the cost of syncing between those that commit at the same time.
const CONNECTIONS: usize = 12;

/// How long an operation waits for a free connection, and for a new one.
const PATIENCE: Duration = Duration::from_secs(2);

/// How often an operation is run when the server undoes it because of a deadlock or the like.
const TRIES: u32 = 5;

/// Settings of every connection: what is acknowledged is on disk, and nothing waits for ever.
const SESSION: &str = "set synchronous_commit = on; set statement_timeout = '30s'; set lock_timeout = '10s'; \
                       set idle_in_transaction_session_timeout = '30s'";

/// Any number will do, as long as all gateways lock the same while they change tables.
const MIGRATION_LOCK: i64 = 0x6372_6d77;

#[derive(Clone, Debug)]
pub(super) struct Postgres {
    pool: Pool,
    counters: Arc<Counters>,
}

impl Postgres {
    pub(super) async fn open(
        config: &tokio_postgres::Config,
        counters: Arc<Counters>,
    ) -> Result<Self, StoreError> {
        let mut config = config.clone();
        config.application_name("crm-widgets").connect_timeout(PATIENCE);
        let recycling = ManagerConfig { recycling_method: RecyclingMethod::Fast };
        let prepare = Hook::async_fn(|client: &mut deadpool_postgres::ClientWrapper, _| {
            Box::pin(async move { client.batch_execute(SESSION).await.map_err(HookError::Backend) })
        });
        let pool = Pool::builder(Manager::from_config(config, NoTls, recycling))
            .max_size(CONNECTIONS)
            .runtime(Runtime::Tokio1)
            .wait_timeout(Some(PATIENCE))
            .create_timeout(Some(PATIENCE))
            .post_create(prepare)
            .build()
            .map_err(|error| StoreError::Unavailable(error.to_string().into()))?;
        let postgres = Self { pool, counters };
        postgres.migrate().await?;
        Ok(postgres)
    }

    async fn migrate(&self) -> Result<(), StoreError> {
        let mut tx = Tx::new(Engine::Postgres(self.pool.get().await?));
        let synced = tx.query_one("select current_setting('fsync')", &[]).await?;
        if synced.map(|mut row| row.text(0)).transpose()?.as_deref() != Some("on") {
            tracing::warn!("PostgreSQL runs with fsync=off: what is acknowledged can be lost");
        }
        tx.batch(&format!("begin; select pg_advisory_xact_lock({MIGRATION_LOCK})")).await?;
        let migrated = migrations::migrate(&mut tx).await;
        // A dropped transaction must not stay open on a connection that goes back to the pool.
        tx.batch(if migrated.is_ok() { "commit" } else { "rollback" }).await?;
        migrated
    }

    pub(super) async fn run<O: Op>(&self, op: O) -> Result<O::Out, StoreError> {
        let this = self.clone();
        // On its own, so that a caller who goes away leaves no transaction open.
        let task = tokio::spawn(async move { this.run_with_retries(&op).await });
        task.await.map_err(|error| StoreError::Unavailable(error.to_string().into()))?
    }

    async fn run_with_retries<O: Op>(&self, op: &O) -> Result<O::Out, StoreError> {
        let mut tries = 1;
        loop {
            match self.run_once(op).await {
                Err(Failure::Undone(StoreError::Busy | StoreError::Unavailable(_))) if tries < TRIES => {
                    tokio::time::sleep(Duration::from_millis(u64::from(tries) * 5)).await;
                    tries += 1;
                }
                Err(Failure::Undone(error) | Failure::Final(error)) => return Err(error),
                Ok(out) => return Ok(out),
            }
        }
    }

    async fn run_once<O: Op>(&self, op: &O) -> Result<O::Out, Failure> {
        let client = self.pool.get().await.map_err(|error| Failure::Final(error.into()))?;
        let mut tx = Tx::new(Engine::Postgres(client));
        let done = match tx.batch(begin::<O>()).await {
            Ok(()) => without_panic(op.run(&mut tx)).await,
            Err(error) => Err(error),
        };
        let undone = tx.undone;
        let Engine::Postgres(client) = tx.engine else { return Err(Failure::Final(StoreError::Busy)) };
        match done {
            Ok(out) if !undone => {
                client.batch_execute("commit").await.map_err(|error| unconfirmed(client, error))?;
                if !O::READ {
                    self.counters.committed(1);
                }
                Ok(out)
            }
            done => {
                roll_back(client).await;
                done.map_err(Failure::Undone)
            }
        }
    }

    pub(super) async fn compact(&self) -> Result<(), StoreError> {
        let client = self.pool.get().await?;
        client.batch_execute("set statement_timeout = 0").await?;
        let vacuumed = client.batch_execute("vacuum").await;
        client.batch_execute(SESSION).await?;
        Ok(vacuumed?)
    }

    pub(super) fn close(&self) {
        self.pool.close();
    }
}

/// Why a run of an operation came to nothing.
enum Failure {
    /// Nothing of it is stored: it may be run again if the error is of that kind.
    Undone(StoreError),
    /// It is over; if the connection broke during the commit, nobody knows whether it was stored.
    Final(StoreError),
}

/// A panic is a mistake in one operation; its connection must still be rolled back before it returns to the pool.
async fn without_panic<T>(op: impl Future<Output = Result<T, StoreError>>) -> Result<T, StoreError> {
    let mut op = pin!(op);
    poll_fn(|context| {
        catch_unwind(AssertUnwindSafe(|| op.as_mut().poll(context)))
            .unwrap_or_else(|_| Poll::Ready(Err(StoreError::statement("an operation panicked"))))
    })
    .await
}

fn begin<O: Op>() -> &'static str {
    if O::READ { "begin isolation level repeatable read read only" } else { "begin" }
}

/// An error of `commit` itself: the server's refusal undid the transaction; anything else leaves it open whether it
/// was stored.
fn unconfirmed(client: Object, error: tokio_postgres::Error) -> Failure {
    let refused = error.as_db_error().is_some();
    drop(Object::take(client));
    if refused { Failure::Undone(error.into()) } else { Failure::Final(error.into()) }
}

/// A connection that cannot even roll back does not return to the pool.
async fn roll_back(client: Object) {
    if client.batch_execute("rollback").await.is_err() {
        drop(Object::take(client));
    }
}
