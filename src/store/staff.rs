//! Tokens for the staff's API: who has one may do at some sites what it permits.

use super::{Millis, Op, Row, StoreError, Tx};

/// What a token permits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Permission {
    /// See appointments, with what people wrote, and who waits.
    Read,
    /// Book, confirm, move, cancel and mark appointments.
    Book,
    /// Change schedules.
    Schedule,
}

impl Permission {
    /// Every permission under its word.
    pub const NAMES: [(Self, &str); 3] =
        [(Self::Read, "read"), (Self::Book, "book"), (Self::Schedule, "schedule")];

    /// The word for it.
    pub fn as_str(self) -> &'static str {
        Self::NAMES.iter().find(|(permission, _)| *permission == self).map_or("", |(_, name)| name)
    }

    /// The permission of that word.
    pub fn parse(word: &str) -> Option<Self> {
        Self::NAMES.iter().find(|(_, name)| *name == word).map(|(permission, _)| *permission)
    }
}

/// A token, without itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StaffToken {
    /// Whose it is, e.g. `front-desk`.
    pub name: String,
    /// Keys of the sites at which it holds; all where empty.
    pub sites: Vec<String>,
    /// What it permits.
    pub permissions: Vec<Permission>,
    /// When it was made.
    pub created_at: Millis,
    /// When it was used last, to the hour; never where missing.
    pub used_at: Option<Millis>,
}

impl StaffToken {
    /// Whether it holds at that site.
    pub fn holds_at(&self, site: &str) -> bool {
        self.sites.is_empty() || self.sites.iter().any(|key| key == site)
    }

    /// Whether it permits that, where it holds.
    pub fn permits(&self, permission: Permission) -> bool {
        self.permissions.contains(&permission)
    }

    /// Whether its use is to be noted.
    pub fn is_unnoted(&self, now: Millis) -> bool {
        self.used_at.is_none_or(|used| used + NOTED <= now)
    }
}

const COLUMNS: &str = "name, sites, permissions, created_at, used_at";
/// `used_at` is written at most so often.
const NOTED: Millis = 3_600_000;

/// Stores a token. False where there is one of that name.
#[derive(Clone, Debug)]
pub struct AddStaffToken {
    /// What is known of it; never used.
    pub token: StaffToken,
    /// SHA-256 of it.
    pub sha256: [u8; 32],
}

impl Op for AddStaffToken {
    type Out = bool;

    async fn run(&self, tx: &mut Tx) -> Result<bool, StoreError> {
        let StaffToken { name, sites, permissions, created_at, .. } = &self.token;
        let sites = if sites.is_empty() { "*".to_owned() } else { sites.join(" ") };
        let permissions: Vec<&str> = permissions.iter().map(|permission| permission.as_str()).collect();
        let sql = "insert into staff_tokens (name, token_sha256, sites, permissions, created_at) \
                   values ($1, $2, $3, $4, $5) on conflict (name) do nothing";
        let args = [
            name.into(),
            (&self.sha256).into(),
            sites.into(),
            permissions.join(" ").into(),
            (*created_at).into(),
        ];
        Ok(tx.execute(sql, &args).await? > 0)
    }
}

/// Looks a token up. Beside the writer, so that who tries tokens out keeps nobody from booking.
#[derive(Clone, Debug)]
pub struct FindStaffToken {
    /// SHA-256 of what somebody showed.
    pub sha256: [u8; 32],
}

impl Op for FindStaffToken {
    type Out = Option<StaffToken>;
    const READ: bool = true;

    async fn run(&self, tx: &mut Tx) -> Result<Option<StaffToken>, StoreError> {
        let sql = format!("select {COLUMNS} from staff_tokens where token_sha256 = $1");
        tx.query_one(&sql, &[(&self.sha256).into()]).await?.map(from_row).transpose()
    }
}

/// Notes that a token was used.
#[derive(Clone, Debug)]
pub struct NoteStaffToken {
    /// Its name.
    pub name: String,
    /// The time now.
    pub now: Millis,
}

impl Op for NoteStaffToken {
    type Out = ();

    async fn run(&self, tx: &mut Tx) -> Result<(), StoreError> {
        let sql = "update staff_tokens set used_at = $1 where name = $2";
        tx.execute(sql, &[self.now.into(), (&self.name).into()]).await.map(drop)
    }
}

/// All tokens, by name.
#[derive(Clone, Copy, Debug)]
pub struct StaffTokens;

impl Op for StaffTokens {
    type Out = Vec<StaffToken>;
    const READ: bool = true;

    async fn run(&self, tx: &mut Tx) -> Result<Vec<StaffToken>, StoreError> {
        let sql = format!("select {COLUMNS} from staff_tokens order by name");
        tx.query(&sql, &[]).await?.into_iter().map(from_row).collect()
    }
}

/// Deletes a token: from now on it opens nothing. False where there is none of that name.
#[derive(Clone, Debug)]
pub struct RemoveStaffToken {
    /// Its name.
    pub name: String,
}

impl Op for RemoveStaffToken {
    type Out = bool;

    async fn run(&self, tx: &mut Tx) -> Result<bool, StoreError> {
        Ok(tx.execute("delete from staff_tokens where name = $1", &[(&self.name).into()]).await? > 0)
    }
}

fn from_row(mut row: Row) -> Result<StaffToken, StoreError> {
    let (sites, permissions) = (row.text(1)?, row.text(2)?);
    Ok(StaffToken {
        name: row.text(0)?,
        sites: sites.split(' ').filter(|site| *site != "*").map(str::to_owned).collect(),
        permissions: permissions.split(' ').filter_map(Permission::parse).collect(),
        created_at: row.int(3)?,
        used_at: row.optional_int(4)?,
    })
}
