//! Links: what a CRM calls those it has met before, and who works on which of them now.

use std::collections::BTreeMap;

use super::deliveries::Lease;
use super::{Op, StoreError, Tx};

/// What a link is found by, within a connection.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct LinkKey {
    /// Name of the link, e.g. `person`.
    pub link: String,
    /// SHA-256 of the key's text.
    pub key_sha256: [u8; 32],
}

/// Takes links for a delivery until it is recorded or its lease ends, all of them or none, and renews the lease.
#[derive(Clone, Debug)]
pub struct Reserve {
    /// Who takes them.
    pub lease: Lease,
    /// Which.
    pub keys: Vec<LinkKey>,
}

/// How [`Reserve`] ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reserved {
    /// Taken. What is remembered under them, by name of the link.
    Free(BTreeMap<String, String>),
    /// Another delivery has one of them.
    Busy,
    /// The lease has ended or was taken over.
    LeaseLost,
}

impl Op for Reserve {
    type Out = Reserved;

    async fn run(&self, tx: &mut Tx) -> Result<Reserved, StoreError> {
        if !self.lease.renew(tx).await? {
            return Ok(Reserved::LeaseLost);
        }
        // In one order, so that two deliveries with the same links never wait for each other.
        let mut keys = self.keys.clone();
        keys.sort();
        for key in &keys {
            if !self.take(tx, key).await? {
                tx.undo();
                return Ok(Reserved::Busy);
            }
        }
        let mut remembered = BTreeMap::new();
        for key in keys {
            if let Some(value) = self.find(tx, &key).await? {
                remembered.insert(key.link, value);
            }
        }
        Ok(Reserved::Free(remembered))
    }
}

impl Reserve {
    /// The insert waits for another transaction that takes the same link, and then sees what that one wrote.
    async fn take(&self, tx: &mut Tx, key: &LinkKey) -> Result<bool, StoreError> {
        // No cast of the key: SQLite reads `cast(… as bytea)` as a cast to a number.
        let sql = "insert into reservations (site, connection, link, key_sha256, delivery, until) \
                   select site, connection, cast($1 as text), $2, id, cast($3 as bigint) \
                   from deliveries where id = $4 \
                   on conflict (site, connection, link, key_sha256) do update \
                   set delivery = excluded.delivery, until = excluded.until \
                   where reservations.delivery = excluded.delivery or reservations.until <= $5";
        let args = [
            (&key.link).into(),
            (&key.key_sha256).into(),
            self.lease.until().into(),
            self.lease.delivery.to_string().into(),
            self.lease.now.into(),
        ];
        Ok(tx.execute(sql, &args).await? > 0)
    }

    async fn find(&self, tx: &mut Tx, key: &LinkKey) -> Result<Option<String>, StoreError> {
        let sql = "select l.value from links l join deliveries d on d.site = l.site and d.connection = l.connection \
                   where d.id = $1 and l.link = $2 and l.key_sha256 = $3";
        let args = [self.lease.delivery.to_string().into(), (&key.link).into(), (&key.key_sha256).into()];
        tx.query_one(sql, &args).await?.map(|mut row| row.text(0)).transpose()
    }
}
